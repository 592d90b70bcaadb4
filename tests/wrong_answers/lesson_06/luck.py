"""Answers to lesson 06, Exercise 5 · How much of it is luck?"""

from itertools import combinations

import numpy as np


def all_signs(count):
    return np.array(np.meshgrid(*[[1, -1]] * count)).reshape(count, -1).T


def luck_of_one_side(first, second):
    gaps = np.subtract(first, second)
    return float(np.mean(all_signs(len(gaps)) @ gaps >= gaps.sum()))


def luck_above_the_size(first, second):
    gaps = np.subtract(first, second)
    return float(np.mean(all_signs(len(gaps)) @ gaps >= abs(gaps.sum())))


def luck_as_ways(first, second):
    return round(luck_with_numpy(first, second) * 2 ** len(first))


def luck_of_real_swaps(first, second):
    gaps = np.subtract(first, second)
    sums = abs(all_signs(len(gaps)) @ gaps)[1:]
    return float((sums >= abs(gaps.sum())).mean())


def luck_without_the_seen(first, second):
    gaps = np.subtract(first, second)
    return float(np.mean(abs(all_signs(len(gaps)) @ gaps) > abs(gaps.sum())))


def luck_of_signs(first, second):
    gaps = np.sign(np.subtract(first, second))
    return float(np.mean(abs(all_signs(len(gaps)) @ gaps) >= abs(gaps.sum())))


def luck_of_torn_pairs(first, second):
    pool = np.array([*first, *second])
    seen, gaps = abs(np.mean(first) - np.mean(second)), []
    for chosen in combinations(range(len(pool)), len(first)):
        inside = np.isin(np.arange(len(pool)), chosen)
        gaps.append(abs(pool[inside].mean() - pool[~inside].mean()))
    return float(np.mean(np.array(gaps) >= seen - 1e-9))


def luck_with_numpy(first, second):
    gaps = np.subtract(first, second)
    return np.mean(abs(all_signs(len(gaps)) @ gaps) >= abs(gaps.sum()))


WRONG = {
    "one side": (luck_of_one_side, "only one side"),
    "above the size": (luck_above_the_size, "point one way"),
    "ways": (luck_as_ways, "how many ways"),
    "real swaps": (luck_of_real_swaps, "the way without a swap is missing"),
    "strict": (luck_without_the_seen, "the one seen is one of them"),
    "signs": (luck_of_signs, "looks at signs only"),
    "torn": (luck_of_torn_pairs, "the pairs are torn apart"),
}

SECOND = luck_with_numpy
