"""Answers to the exercises of helpers/checks/pairs.py, as learners write them: wrong ones, and right ones in another style."""

import math
from collections import Counter
from itertools import combinations

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


def pairs_together(labels):
    return len(list(combinations(labels, 2)))


# Right answers in another style than the solution's


def iterations_by_trying(rows, batch_size, epochs, steps):
    number = 0
    while math.ceil(2 * rows * (number + 1) / batch_size) * epochs <= steps:
        number += 1
    return np.int64(number)


def pairs_with_numpy(labels):
    _, owner = np.unique(labels, return_inverse=True)
    above = np.triu(np.ones((len(labels), len(labels)), dtype=bool), k=1)
    same = owner[:, None] == owner
    return {"different": (above & ~same).sum(), "alike": (above & same).sum()}


WRONG = {
    "check_affordable_iterations": {
        "one kind": (iterations_of_one_kind, "two pairs a row"),
        "one epoch": (iterations_of_one_epoch, "the epochs are missing"),
        "pairs as steps": (iterations_without_batches, "a step is not a pair"),
        "rounded": (iterations_rounded, "rounds to the nearest"),
        "across epochs": (iterations_across_epochs, "a batch of their own"),
    },
    "check_pair_counts": {
        "with itself": (pairs_with_themselves, "a row with itself counts"),
        "both orders": (pairs_in_both_orders, "the second with the first"),
        "whole table": (pairs_of_a_whole_table, "twice, and a row with itself"),
        "swapped": (pairs_swapped, "alike and different are swapped"),
        "neighbours": (pairs_of_neighbours, "looks at neighbours only"),
        "one number": (pairs_together, "one number for both"),
    },
}

SECOND = {
    "check_affordable_iterations": iterations_by_trying,
    "check_pair_counts": pairs_with_numpy,
}
