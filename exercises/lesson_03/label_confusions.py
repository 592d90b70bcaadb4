"""The check of lesson 03, Exercise 5 · Count the confusions."""

from __future__ import annotations

import random
from collections import Counter

from exercises.lesson_03.shared import sentence
from exercises.verdict import Verdict, compare


def check_label_confusions(function) -> Verdict:
    """Check `label_confusions(predictions, references) -> dict`: (reference, predicted) to count, errors only."""
    rng = random.Random()
    cases: list[tuple] = [
        ([["O", "B-PER"]], [["B-PER", "B-PER"]]),
        ([["O"]], [["O"]]),
        ([], []),
        ([["B-LOC"], ["B-LOC", "O"]], [["B-ORG"], ["B-ORG", "O"]]),
    ]
    for _ in range(20):
        references = [sentence(rng) for _ in range(rng.randrange(1, 5))]
        predictions = [[rng.choice([name, "O", "B-LOC"]) for name in names] for names in references]
        cases.append((predictions, references))

    def pairs(predictions, references):
        return [
            (truth, guess)
            for predicted, reference in zip(predictions, references, strict=True)
            for guess, truth in zip(predicted, reference, strict=True)
        ]

    return compare(
        "label_confusions",
        function,
        lambda p, r: dict(Counter(pair for pair in pairs(p, r) if pair[0] != pair[1])),
        cases,
        [
            (
                "the key is (predicted, reference). Put the reference first.",
                lambda p, r: dict(
                    Counter(pair[::-1] for pair in pairs(p, r) if pair[0] != pair[1])
                ),
            ),
            (
                "right answers are among them. Keep pairs that differ.",
                lambda p, r: dict(Counter(pairs(p, r))),
            ),
            (
                "each pair counts once. Count how often it happens.",
                lambda p, r: dict.fromkeys((pair for pair in pairs(p, r) if pair[0] != pair[1]), 1),
            ),
            (
                "errors with O are left out. A name missed or invented is an error too.",
                lambda p, r: dict(
                    Counter(pair for pair in pairs(p, r) if pair[0] != pair[1] and "O" not in pair)
                ),
            ),
            (
                "it looks at the first sentence only. Is `return` inside the loop?",
                lambda p, r: dict(
                    Counter(pair for pair in pairs([p[0]], [r[0]]) if pair[0] != pair[1])
                ),
            ),
            (
                "it gives the last sentence only. Make the dictionary before the loop.",
                lambda p, r: dict(
                    Counter(pair for pair in pairs([p[-1]], [r[-1]]) if pair[0] != pair[1])
                ),
            ),
        ],
    )
