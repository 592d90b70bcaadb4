"""Checks of lesson 00."""

from __future__ import annotations

import random
from collections import Counter

from helpers.checks.verdict import Verdict, compare

NAMES = ["neg", "pos"]


def _labels(rng: random.Random, kinds: int) -> list[int]:
    return [rng.randrange(kinds) for _ in range(rng.randrange(3, 30))]


def check_decode_label(function) -> Verdict:
    """Check `decode_label(label, names) -> str`."""
    rng = random.Random()
    cases = [(0, NAMES), (1, NAMES), (0, ["pos", "neg"])]
    cases += [
        (rng.randrange(4), rng.sample(["north", "east", "south", "west"], 4)) for _ in range(20)
    ]
    return compare(
        "decode_label",
        function,
        lambda label, names: names[label],
        cases,
        [
            ("it counts from one. Ids count from zero.", lambda label, names: names[label - 1]),
            (
                "it always answers with neg and pos. Take the name from `names`: other datasets order them otherwise.",
                lambda label, names: NAMES[label],
            ),
            ("it returns the id. Look the name up in `names`.", lambda label, names: label),
            (
                "it returns the place of the label, not its name.",
                lambda label, names: names.index(names[label]),
            ),
        ],
    )


def check_label_counts(function) -> Verdict:
    """Check `label_counts(labels, names) -> dict[str, int]`: a count for every name, zero included."""
    rng = random.Random()
    cases = [([1, 0, 1], NAMES), ([1, 1], NAMES), ([], NAMES)]
    cases += [(_labels(rng, 3), ["neg", "neutral", "pos"]) for _ in range(20)]

    def reference(labels, names):
        return {name: labels.count(index) for index, name in enumerate(names)}

    return compare(
        "label_counts",
        function,
        reference,
        cases,
        [
            (
                "labels that never occur are left out. Go through `names`, so that they get a 0.",
                lambda labels, names: {
                    names[label]: count for label, count in Counter(labels).items()
                },
            ),
            (
                "its keys are ids. Use the names.",
                lambda labels, names: {i: labels.count(i) for i in range(len(names))},
            ),
            (
                "its keys are ids, and labels that never occur are left out.",
                lambda labels, names: dict(Counter(labels)),
            ),
            (
                "it gives shares, not counts.",
                lambda labels, names: {
                    name: labels.count(index) / len(labels) for index, name in enumerate(names)
                },
            ),
            (
                "the first name gets the count of id 1. Ids count from zero.",
                lambda labels, names: {
                    name: labels.count(index) for index, name in enumerate(names, start=1)
                },
            ),
        ],
    )


def check_majority_baseline(function) -> Verdict:
    """Check `majority_baseline(train_labels, labels) -> float`: accuracy of the commonest training label."""
    rng = random.Random()
    cases = [([1, 1, 0], [0, 0, 0, 1]), ([0, 0, 1], [0, 1]), ([2], [2, 2])]
    for _ in range(20):
        train = _labels(rng, 3)
        train += [rng.randrange(3)] * (len(train) + 1)  # no ties
        cases.append((train, _labels(rng, 3)))

    def share(label, labels):
        return labels.count(label) / len(labels)

    def commonest(labels):
        return Counter(labels).most_common(1)[0][0]

    return compare(
        "majority_baseline",
        function,
        lambda train, labels: share(commonest(train), labels),
        cases,
        [
            (
                "it picks the commonest label of the labels it is scored on. A baseline may look at the training labels only.",
                lambda train, labels: share(commonest(labels), labels),
            ),
            (
                "it scores the baseline on the training labels. Score it on `labels`.",
                lambda train, labels: share(commonest(train), train),
            ),
            (
                "it returns the label. Return the share of `labels` that equal it.",
                lambda train, labels: commonest(train),
            ),
            (
                "it counts hits. Divide by the number of labels.",
                lambda train, labels: labels.count(commonest(train)),
            ),
            (
                "it always gives label 0. Count which label is the commonest in training.",
                lambda train, labels: share(0, labels),
            ),
            (
                "it divides by the number of training labels. The score is a share of `labels`.",
                lambda train, labels: labels.count(commonest(train)) / len(train),
            ),
        ],
    )
