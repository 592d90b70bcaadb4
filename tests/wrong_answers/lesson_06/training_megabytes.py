"""Answers to lesson 06, Exercise 2 · How much memory does training hold?"""

import numpy as np


def megabytes_of_all(parts):
    return sum(count for count, _ in parts) * 16 / 1_000_000


def megabytes_of_trained(parts):
    return sum(16 * count for count, trains in parts if trains) / 1e6


def megabytes_without_gradients(parts):
    weights = sum(count for count, _ in parts)
    return (weights + 2 * sum(count for count, trains in parts if trains)) * 4 / 1e6


def megabytes_without_adam(parts):
    return sum(count * 4 * (1 + trains) for count, trains in parts) / 1e6


def megabytes_of_two_to_the_twenty(parts):
    return sum(count * 4 * (1 + 3 * trains) for count, trains in parts) / 1024 / 1024


def megabytes_as_bytes(parts):
    return sum(count * 4 + (count * 12 if trains else 0) for count, trains in parts)


def megabytes_of_numbers(parts):
    return sum(count + (count * 3 if trains else 0) for count, trains in parts) / 1e6


def megabytes_swapped(parts):
    return sum(count * [16, 4][trains] for count, trains in parts) / 1e6


def megabytes_of_the_first(parts):
    total = 0
    for count, trains in parts:
        total += count * 16 if trains else count * 4
        return total / 1e6


def megabytes_with_numpy(parts):
    table = np.array(parts, dtype=float).reshape(-1, 2)
    return (4 * table[:, 0] * (1 + 3 * table[:, 1])).sum() / 1e6


WRONG = {
    "all": (megabytes_of_all, "as if it trained"),
    "trained only": (megabytes_of_trained, "what is frozen is left out"),
    "no gradients": (megabytes_without_gradients, "one of them is missing"),
    "no Adam": (megabytes_without_adam, "Adam's averages are missing"),
    "2 ** 20": (megabytes_of_two_to_the_twenty, "a million bytes here"),
    "bytes": (megabytes_as_bytes, "these are bytes"),
    "numbers": (megabytes_of_numbers, "millions of numbers"),
    "swapped": (megabytes_swapped, "are swapped"),
    "the first": (megabytes_of_the_first, "only the first part"),
}

SECOND = megabytes_with_numpy
