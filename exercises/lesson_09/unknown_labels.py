"""The check of lesson 09, Exercise 1 · Labels that nobody knows."""

from __future__ import annotations

import random

from exercises.lesson_09.shared import LABELS
from exercises.verdict import Verdict, compare


def _unknown(labels, known):
    return [row for row, label in enumerate(labels) if label not in known]


def check_unknown_labels(function) -> Verdict:
    """Check `unknown_labels(labels, known) -> list[int]`: the numbers of rows whose label is not known."""
    rng = random.Random()
    cases: list[tuple] = [
        (["order", "refnud", "order", "refnud", "rpair"], LABELS),
        (["Order", "order", "refund ", "reorder", "repairs"], LABELS),
        (["order", "repair"], LABELS),
        ([], LABELS),
    ]
    for _ in range(20):
        known = rng.sample(LABELS, 2)
        cases.append(([rng.choice(LABELS) for _ in range(rng.randrange(4, 20))], known))
    return compare(
        "unknown_labels",
        function,
        _unknown,
        cases,
        [
            (
                "it returns the labels. Return the numbers of their rows, so that they can be found.",
                lambda labels, known: [label for label in labels if label not in known],
            ),
            (
                "it counts rows from one. Row numbers count from zero.",
                lambda labels, known: [row + 1 for row in _unknown(labels, known)],
            ),
            (
                "it returns the rows whose label is known. Return the others.",
                lambda labels, known: [i for i, label in enumerate(labels) if label in known],
            ),
            (
                "each unknown label is named once. Return every row that has one.",
                lambda labels, known: [
                    labels.index(label) for label in dict.fromkeys(labels) if label not in known
                ],
            ),
            (
                "a row that repeats a label gets the number of the first such row: `index` looks from the front. "
                "Use `enumerate`.",
                lambda labels, known: [
                    labels.index(label) for label in labels if label not in known
                ],
            ),
            (
                "a label in another spelling passes for known. Compare the labels as they stand.",
                lambda labels, known: _unknown(
                    [label.strip().casefold() for label in labels], known
                ),
            ),
            (
                "a label that only contains a known one passes for known. Compare whole labels.",
                lambda labels, known: [
                    row
                    for row, label in enumerate(labels)
                    if not any(name in label for name in known)
                ],
            ),
            (
                "only the first such row is returned. Go on to the end.",
                lambda labels, known: _unknown(labels, known)[:1],
            ),
            (
                "it returns how many there are. Return their row numbers.",
                lambda labels, known: len(_unknown(labels, known)),
            ),
        ],
    )
