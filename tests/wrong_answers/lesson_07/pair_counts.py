"""Answers to lesson 07, Exercise 1 · Alike or different?"""

import math
from collections import Counter
from itertools import combinations

import numpy as np


def pairs_with_themselves(labels):
    alike = sum(size * (size + 1) // 2 for size in Counter(labels).values())
    return {"alike": alike, "different": len(labels) * (len(labels) + 1) // 2 - alike}


def pairs_in_both_orders(labels):
    counts = {"alike": 0, "different": 0}
    for i in range(len(labels)):
        for j in range(len(labels)):
            if i != j:
                counts["alike" if labels[i] == labels[j] else "different"] += 1
    return counts


def pairs_of_a_whole_table(labels):
    labels = np.array(labels)
    table = labels[:, None] == labels
    return {"alike": table.sum(), "different": (~table).sum()}


def pairs_swapped(labels):
    different = sum(one == other for one, other in combinations(labels, 2))
    return {"different": different, "alike": math.comb(len(labels), 2) - different}


def pairs_of_neighbours(labels):
    counts = {"alike": 0, "different": 0}
    for i in range(1, len(labels)):
        counts["alike" if labels[i] == labels[i - 1] else "different"] += 1
    return counts


def pairs_two_by_two(labels):
    counts = {"alike": 0, "different": 0}
    for i in range(0, len(labels) - 1, 2):
        counts["alike" if labels[i] == labels[i + 1] else "different"] += 1
    return counts


def pairs_all_different(labels):
    alike = sum(math.comb(size, 2) for size in Counter(labels).values())
    return {"alike": alike, "different": math.comb(len(labels), 2)}


def pairs_together(labels):
    return len(list(combinations(labels, 2)))


def pairs_with_numpy(labels):
    _, owner = np.unique(labels, return_inverse=True)
    above = np.triu(np.ones((len(labels), len(labels)), dtype=bool), k=1)
    same = owner[:, None] == owner
    return {"different": (above & ~same).sum(), "alike": (above & same).sum()}


WRONG = {
    "with itself": (pairs_with_themselves, "a row with itself counts"),
    "both orders": (pairs_in_both_orders, "the second with the first"),
    "whole table": (pairs_of_a_whole_table, "twice, and a row with itself"),
    "swapped": (pairs_swapped, "alike and different are swapped"),
    "neighbours": (pairs_of_neighbours, "looks at neighbours only"),
    "two by two": (pairs_two_by_two, "every second row's neighbour"),
    "all different": (pairs_all_different, "holds the alike pairs too"),
    "one number": (pairs_together, "one number for both"),
}

SECOND = pairs_with_numpy
