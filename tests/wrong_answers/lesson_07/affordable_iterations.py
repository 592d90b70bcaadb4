"""Answers to lesson 07, Exercise 2 · What can you afford?"""

import math

import numpy as np


def iterations_of_one_kind(rows, batch_size, epochs, steps):
    return (steps // epochs) * batch_size // rows


def iterations_of_one_epoch(rows, batch_size, epochs, steps):
    return int(steps * batch_size / (2 * rows))


def iterations_without_batches(rows, batch_size, epochs, steps):
    return steps // epochs // rows // 2


def iterations_rounded(rows, batch_size, epochs, steps):
    return round((steps // epochs) * batch_size / rows / 2)


def iterations_across_epochs(rows, batch_size, epochs, steps):
    return math.floor(steps * batch_size / (2 * rows) / epochs)


def iterations_across_epochs_rounded(rows, batch_size, epochs, steps):
    return round(steps * batch_size / (2 * rows) / epochs)


def iterations_in_parts(rows, batch_size, epochs, steps):
    return (steps // epochs) * batch_size / (2 * rows)


def iterations_without_the_rest(rows, batch_size, epochs, steps):
    number = 0
    while 2 * rows * (number + 1) // batch_size * epochs <= steps:
        number += 1
    return number


def iterations_below(rows, batch_size, epochs, steps):
    number = 0
    while math.ceil(2 * rows * (number + 1) / batch_size) * epochs < steps:
        number += 1
    return number


def iterations_batched_alone(rows, batch_size, epochs, steps):
    return steps // (epochs * math.ceil(2 * rows / batch_size))


def iterations_up_to_a_hundred(rows, batch_size, epochs, steps):
    for number in range(1, 101):
        if math.ceil(2 * rows * number / batch_size) * epochs > steps:
            return number - 1


def iterations_by_trying(rows, batch_size, epochs, steps):
    number = 0
    while math.ceil(2 * rows * (number + 1) / batch_size) * epochs <= steps:
        number += 1
    return np.int64(number)


WRONG = {
    "one kind": (iterations_of_one_kind, "two pairs a row"),
    "one epoch": (iterations_of_one_epoch, "the epochs are missing"),
    "pairs as steps": (iterations_without_batches, "a step is not a pair"),
    "rounded": (iterations_rounded, "rounds to the nearest"),
    "rounded across epochs": (iterations_across_epochs_rounded, "rounds to the nearest"),
    "in parts": (iterations_in_parts, "whole ones"),
    "across epochs": (iterations_across_epochs, "divide the steps by the epochs first"),
    "no rest": (iterations_without_the_rest, "not full is forgotten"),
    "below": (iterations_below, "at most, not less"),
    "alone": (iterations_batched_alone, "each iteration ends"),
    "up to a hundred": (iterations_up_to_a_hundred, "some inputs give nothing"),
}

SECOND = iterations_by_trying
