"""Answers to lesson 00, Exercise 3 · Score the baseline."""

from collections import Counter

import numpy as np
import torch


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


def baseline_of_zeros(train_labels, labels):
    return (np.array(labels) == 0).mean()


def baseline_over_training_rows(train_labels, labels):
    commonest = Counter(train_labels).most_common()[0][0]
    return sum(label == commonest for label in labels) / len(train_labels)


def baseline_of_training_hits(train_labels, labels):
    return Counter(train_labels).most_common(1)[0][1] / len(labels)


def baseline_of_the_highest_label(train_labels, labels):
    return (np.array(labels) == max(train_labels)).mean()


def baseline_of_a_pair(train_labels, labels):
    commonest = Counter(train_labels).most_common(1)[0]
    return labels.count(commonest) / len(labels)


def baseline_error(train_labels, labels):
    commonest = max(set(train_labels), key=train_labels.count)
    return np.mean([label != commonest for label in labels])


def baseline_rounded(train_labels, labels):
    return round(labels.count(max(train_labels, key=train_labels.count)) / len(labels), 2)


def baseline_of_the_median(train_labels, labels):
    return labels.count(sorted(train_labels)[len(train_labels) // 2]) / len(labels)


def baseline_of_zeros_and_ones(train_labels, labels):
    commonest = 1 if train_labels.count(1) > train_labels.count(0) else 0
    return sum(label == commonest for label in labels) / len(labels)


def baseline_with_torch(train_labels, labels):
    commonest = torch.tensor(train_labels).bincount().argmax()
    return (torch.tensor(labels) == commonest).double().mean()


WRONG = {
    "peeks": (baseline_that_peeks, "commonest label of the labels it is scored on"),
    "scored in training": (baseline_on_training_rows, "scores the baseline on the training"),
    "the label": (baseline_label, "returns the label"),
    "hits": (baseline_hits, "counts hits"),
    "zeros": (baseline_of_zeros, "it always gives label 0"),
    "over training rows": (baseline_over_training_rows, "by the number of training labels"),
    "training hits": (baseline_of_training_hits, "Count it in `labels`"),
    "highest label": (baseline_of_the_highest_label, "takes the highest label"),
    "a pair": (baseline_of_a_pair, "it is always 0"),
    "error": (baseline_error, "the share of errors"),
    "rounded": (baseline_rounded, "it is rounded"),
    "median": (baseline_of_the_median, "right for two labels only"),
    "two labels": (baseline_of_zeros_and_ones, "right for two labels only"),
}

SECOND = baseline_with_torch
