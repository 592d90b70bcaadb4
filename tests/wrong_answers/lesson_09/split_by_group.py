"""Answers to lesson 09, Exercise 4 · Split by group."""

from collections import Counter

import numpy as np


def first_rows(groups, test_rows):
    return [row for row in range(len(groups)) if row < test_rows]


def so_many_groups(groups, test_rows):
    chosen = []
    for group in groups:
        if group not in chosen and len(chosen) < test_rows:
            chosen.append(group)
    return [row for row in range(len(groups)) if groups[row] in chosen]


def no_row_too_many(groups, test_rows):
    counts, chosen, total = Counter(groups), set(), 0
    for group, count in counts.items():
        if total + count <= test_rows:
            chosen.add(group)
            total += count
    return [row for row, group in enumerate(groups) if group in chosen]


def _chosen(groups, test_rows):
    chosen, total = [], 0
    for group, count in Counter(groups).items():  # in the order of first rows
        if total >= test_rows:
            break
        chosen.append(group)
        total += count
    return chosen


def the_training_rows(groups, test_rows):
    chosen = _chosen(groups, test_rows)
    return [row for row, group in enumerate(groups) if group not in chosen]


def names_of_groups(groups, test_rows):
    return _chosen(groups, test_rows)


def until_the_first_gap(groups, test_rows):
    chosen, found = _chosen(groups, test_rows), []
    for row, group in enumerate(groups):
        if group in chosen:
            found.append(row)
        elif found:
            break
    return found


def groups_of_first_rows(groups, test_rows):
    return [row for row, group in enumerate(groups) if group in groups[:test_rows]]


def _walk(groups, test_rows, order):
    chosen, total = set(), 0
    for group in order:
        if total < test_rows:
            chosen.add(group)
            total += groups.count(group)
    return [row for row, group in enumerate(groups) if group in chosen]


def counted_again(groups, test_rows):
    return _walk(groups, test_rows, groups)


def one_group_more(groups, test_rows):
    chosen, total = [], 0
    for group in dict.fromkeys(groups):
        if total <= test_rows:
            chosen.append(group)
            total += groups.count(group)
    return [row for row, group in enumerate(groups) if group in chosen]


def cut_off(groups, test_rows):
    return list(groups_in_one_walk(groups, test_rows))[:test_rows]


def by_alphabet(groups, test_rows):
    return _walk(groups, test_rows, np.unique(np.array(groups, dtype=str)).tolist())


def by_set(groups, test_rows):
    return _walk(groups, test_rows, set(groups))


def largest_first(groups, test_rows):
    return _walk(groups, test_rows, [group for group, _ in Counter(groups).most_common()])


def stops_before(groups, test_rows):
    chosen, total = [], 0
    for group, count in Counter(groups).items():
        if total + count > test_rows:
            break
        chosen.append(group)
        total += count
    return [row for row, group in enumerate(groups) if group in chosen]


def one_too_many(groups, test_rows):
    return [row + 1 for row in groups_in_one_walk(groups, test_rows)]


def groups_in_one_walk(groups, test_rows):
    taken, total = set(), 0
    for group in groups:
        if group not in taken and total < test_rows:
            taken.add(group)
            total += groups.count(group)
    return tuple(row for row, group in enumerate(groups) if group in taken)


WRONG = {
    "first rows": (first_rows, "takes the first rows"),
    "groups for rows": (so_many_groups, "as many groups as rows"),
    "groups of first rows": (groups_of_first_rows, "stands among the first rows"),
    "counted again": (counted_again, "counted again"),
    "one group more": (one_group_more, "has just enough rows"),
    "cut off": (cut_off, "cut off, and leak"),
    "alphabet": (by_alphabet, "in the order of the alphabet"),
    "a set": (by_set, "in the order of a `set`"),
    "largest first": (largest_first, "the largest groups first"),
    "stops before": (stops_before, "it stops before a group"),
    "one too many": (one_too_many, "of each value that differs: that is one too many"),
    "never over": (no_row_too_many, "a row too many is left out"),
    "training rows": (the_training_rows, "returns the training rows"),
    "names": (names_of_groups, "returns the groups"),
    "a gap": (until_the_first_gap, "first gap"),
}

SECOND = groups_in_one_walk
