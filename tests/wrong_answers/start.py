"""Answers to the exercises of helpers/checks/start.py, as learners write them: wrong ones, and right ones in another style."""

from collections import Counter

import numpy as np
import torch


def names_from_one(label, names):
    numbered = dict(enumerate(names, start=1))
    return numbered.get(label, names[-1])


def names_by_heart(label, names):
    if label == 1:
        return "pos"
    return "neg"


def names_in_a_list_of_my_own(label, names):
    answers = ("neg", "pos")
    return answers[label]


def id_of_the_name(label, names):
    found = 0
    while names[found] != names[label]:
        found += 1
    return found


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


def baseline_that_peeks(train_labels, labels):
    return max(labels.count(label) for label in labels) / len(labels)


def baseline_on_training_rows(train_labels, labels):
    return max(Counter(train_labels).values()) / len(train_labels)


def baseline_label(train_labels, labels):
    return sorted(set(train_labels), key=train_labels.count)[-1]


def baseline_hits(train_labels, labels):
    commonest = max(set(train_labels), key=train_labels.count)
    hits = 0
    for label in labels:
        if label == commonest:
            hits += 1
    return hits


def counts_one_too_far(labels, names):
    return {name: labels.count(number + 1) for number, name in enumerate(names)}


def baseline_of_zeros(train_labels, labels):
    return (np.array(labels) == 0).mean()


def baseline_over_training_rows(train_labels, labels):
    commonest = Counter(train_labels).most_common()[0][0]
    return sum(label == commonest for label in labels) / len(train_labels)


# Right answers in another style than the solution's


def decode_with_numpy(label, names):
    return np.array(names)[label]


def count_with_numpy(labels, names):
    counts = np.bincount(np.array(labels, dtype=int), minlength=len(names))
    return Counter(dict(zip(names, counts, strict=True)))


def baseline_with_torch(train_labels, labels):
    commonest = torch.tensor(train_labels).bincount().argmax()
    return (torch.tensor(labels) == commonest).double().mean()


WRONG = {
    "check_decode_label": {
        "from one": (names_from_one, "counts from one"),
        "by heart": (names_by_heart, "always answers with neg and pos"),
        "own list": (names_in_a_list_of_my_own, "always answers with neg and pos"),
        "the id": (id_of_the_name, "returns the id"),
    },
    "check_label_counts": {
        "zeros missing": (counts_of_what_occurs, "occur are left out. Go through `names`"),
        "ids as keys": (counts_by_id, "its keys are ids. Use the names"),
        "ids, zeros missing": (counts_by_id_of_what_occurs, "its keys are ids, and labels"),
        "shares": (shares_of_labels, "it gives shares"),
        "shares, none of no labels": (shares_of_labels_or_nothing, "it gives shares"),
        "from one": (counts_one_too_far, "the count of id 1"),
    },
    "check_majority_baseline": {
        "peeks": (baseline_that_peeks, "commonest label of the labels it is scored on"),
        "scored in training": (baseline_on_training_rows, "scores the baseline on the training"),
        "the label": (baseline_label, "returns the label"),
        "hits": (baseline_hits, "counts hits"),
        "zeros": (baseline_of_zeros, "it always gives label 0"),
        "over training rows": (baseline_over_training_rows, "by the number of training labels"),
    },
}

SECOND = {
    "check_decode_label": decode_with_numpy,
    "check_label_counts": count_with_numpy,
    "check_majority_baseline": baseline_with_torch,
}
