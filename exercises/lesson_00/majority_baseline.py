"""The check of lesson 00, Exercise 3 · Score the baseline."""

from __future__ import annotations

import random
from collections import Counter

from exercises.lesson_00.shared import some_labels
from exercises.verdict import Verdict, compare


def _uneven(rng: random.Random, kinds: int) -> list[int]:
    """Return labels of which each occurs another number of times: one is the commonest, seldom by half."""
    counts = rng.sample(range(1, 12), kinds)
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    return rng.sample(labels, len(labels))


def check_majority_baseline(function) -> Verdict:
    """Check `majority_baseline(train_labels, labels) -> float`: accuracy of the commonest training label."""
    rng = random.Random()
    cases = [
        ([1, 1, 0], [0, 0, 0, 1]),
        ([0, 0, 1], [0, 1]),
        ([1, 0, 0], [1, 1, 0]),
        ([2], [2, 2]),
        ([0, 0, 0, 1, 1, 2, 2], [0, 1, 1]),
        *((_uneven(rng, kinds), some_labels(rng, kinds)) for kinds in (2, 2, 2, 2, *[3] * 20)),
    ]

    def share(label, labels):
        return labels.count(label) / len(labels)

    def commonest(labels):
        return Counter(labels).most_common(1)[0][0]

    def right_for_two(train, labels):
        if max(train) > 1:
            raise ValueError("more labels than 0 and 1")
        return share(commonest(train), labels)

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
            (
                "it counts the commonest label in training. Count it in `labels`.",
                lambda train, labels: train.count(commonest(train)) / len(labels),
            ),
            (
                "it takes the highest label, not the commonest: `max(...)` needs a `key`.",
                lambda train, labels: share(max(train), labels),
            ),
            (
                "it is always 0: what you compare with is no label. `most_common(1)` gives pairs of a label and its count.",
                lambda train, labels: 0,
            ),
            (
                "it returns the share of errors. Return that of right answers.",
                lambda train, labels: 1 - share(commonest(train), labels),
            ),
            (
                "it is rounded. Return the share as it is.",
                lambda train, labels: round(share(commonest(train), labels), 2),
            ),
            (
                "it is right for two labels only. Count each of them: there may be more.",
                right_for_two,
            ),
        ],
    )
