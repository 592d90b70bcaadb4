"""Answers to lesson 09, Exercise 1 · Labels that nobody knows."""

import numpy as np


def strange_names(labels, known):
    return list(filter(lambda label: label not in known, labels))


def rows_from_one(labels, known):
    return [row for row, label in enumerate(labels, start=1) if label not in set(known)]


def rows_that_are_fine(labels, known):
    found = []
    for row in range(len(labels)):
        if labels[row] in known:
            found.append(row)
    return found


def first_row_of_each(labels, known):
    seen, found = set(known), []
    for row, label in enumerate(labels):
        if label not in seen:
            seen.add(label)
            found.append(row)
    return found


def number_of_strange_rows(labels, known):
    return sum(label not in known for label in labels)


def by_index(labels, known):
    found = []
    for label in labels:
        if label not in known:
            found.append(labels.index(label))
    return found


def forgiving(labels, known):
    known = [label.lower() for label in known]
    return [row for row, label in enumerate(labels) if label.lower().strip() not in known]


def containing(labels, known):
    return [i for i, label in enumerate(labels) if all(label.find(name) < 0 for name in known)]


def first_one(labels, known):
    for row, label in enumerate(labels):
        if label not in known:
            return [row]
    return []


def set_of_labels(labels, known):
    return list(set(labels) - set(known))


def mask(labels, known):
    return [label not in known for label in labels]


FOUND = []


def kept_between_calls(labels, known):
    for row, label in enumerate(labels):
        if label not in known:
            FOUND.append(row)
    del FOUND[:-1000]  # in the tests it is called without end
    return FOUND


def unknown_with_numpy(labels, known):
    return np.flatnonzero(~np.isin(np.array(labels, dtype=str), np.array(known, dtype=str)))


WRONG = {
    "the labels": (strange_names, "it returns the labels"),
    "from one": (rows_from_one, "counts rows from one"),
    "known rows": (rows_that_are_fine, "whose label is known"),
    "once each": (first_row_of_each, "named once"),
    "by index": (by_index, "gets the number of the first such row"),
    "forgiving": (forgiving, "in another spelling passes"),
    "containing": (containing, "only contains a known one"),
    "the first": (first_one, "only the first such row"),
    "a set of labels": (set_of_labels, "is a text, where a number is expected"),
    "a mask": (mask, "is True or False, where a number is expected"),
    "kept": (kept_between_calls, "given twice, has two answers"),
    "how many": (number_of_strange_rows, "how many there are"),
}

SECOND = unknown_with_numpy
