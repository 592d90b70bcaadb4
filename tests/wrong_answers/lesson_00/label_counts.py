"""Answers to lesson 00, Exercise 2 · Count the labels."""

from collections import Counter

import numpy as np


def counts_of_what_occurs(labels, names):
    counts = {}
    for label in labels:
        counts[names[label]] = counts.get(names[label], 0) + 1
    return counts


def counts_by_id(labels, names):
    counts = dict.fromkeys(range(len(names)), 0)
    for label in labels:
        counts[label] += 1
    return counts


def counts_by_id_of_what_occurs(labels, names):
    return {label: labels.count(label) for label in set(labels)}


def shares_of_labels(labels, names):
    counts = [0] * len(names)
    for label in labels:
        counts[label] += 1
    return {names[i]: counts[i] / len(labels) for i in range(len(names))}


def shares_of_labels_or_nothing(labels, names):
    total = max(len(labels), 1)
    return {name: sum(label == i for label in labels) / total for i, name in enumerate(names)}


def counts_one_too_far(labels, names):
    return {name: labels.count(number + 1) for number, name in enumerate(names)}


def counts_of_names_among_ids(labels, names):
    counts = Counter(labels)
    return {name: counts[name] for name in names}


def counts_of_the_first_name(labels, names):
    counts = {}
    for number, name in enumerate(names):
        counts[name] = sum(label == number for label in labels)
        return counts


def counts_that_do_not_grow(labels, names):
    counts = dict.fromkeys(names, 0)
    for label in labels:
        counts[names[label]] = +1
    return counts


def count_with_numpy(labels, names):
    counts = np.bincount(np.array(labels, dtype=int), minlength=len(names))
    return Counter(dict(zip(names, counts, strict=True)))


WRONG = {
    "zeros missing": (counts_of_what_occurs, "occur are left out. Go through `names`"),
    "ids as keys": (counts_by_id, "its keys are ids. Use the names"),
    "ids, zeros missing": (counts_by_id_of_what_occurs, "its keys are ids, and labels"),
    "shares": (shares_of_labels, "it gives shares"),
    "shares, none of no labels": (shares_of_labels_or_nothing, "it gives shares"),
    "from one": (counts_one_too_far, "the count of id 1"),
    "names among ids": (counts_of_names_among_ids, "every count is 0"),
    "first name": (counts_of_the_first_name, "it stops after the first name"),
    "does not grow": (counts_that_do_not_grow, "a label counts once"),
}

SECOND = count_with_numpy
