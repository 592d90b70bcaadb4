"""The check of lesson 00, Exercise 2 · Count the labels."""

from __future__ import annotations

import random
from collections import Counter

from exercises.lesson_00.shared import NAMES, some_labels
from exercises.verdict import Verdict, compare


def check_label_counts(function) -> Verdict:
    """Check `label_counts(labels, names) -> dict[str, int]`: a count for every name, zero included."""
    rng = random.Random()
    cases = [([1, 0, 1], NAMES), ([1, 1], NAMES), ([], NAMES)]
    cases += [(some_labels(rng, 3), ["neg", "neutral", "pos"]) for _ in range(20)]

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
            (
                "every count is 0. `labels` holds ids, not names: count the id of each name.",
                lambda labels, names: dict.fromkeys(names, 0),
            ),
            (
                "it stops after the first name. Is `return` inside the loop?",
                lambda labels, names: {names[0]: labels.count(0)},
            ),
            (
                "a label counts once. Count how often it occurs.",
                lambda labels, names: {
                    name: int(index in labels) for index, name in enumerate(names)
                },
            ),
        ],
    )
