"""The check of lesson 01, Exercise 3 · What F1 is made of."""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare


def check_confusion_counts(function) -> Verdict:
    """Check `confusion_counts(predictions, references) -> dict` with keys tp, fp, fn, tn; class 1 is positive."""
    rng = random.Random()
    cases = [([1, 1, 1, 0], [1, 1, 0, 1]), ([1, 1, 0, 0], [1, 0, 0, 0]), ([0], [0])]
    for _ in range(20):
        rows = rng.randrange(2, 30)
        cases.append(tuple([rng.randrange(2) for _ in range(rows)] for _ in range(2)))

    def reference(predictions, references):
        pairs = list(zip(predictions, references, strict=True))
        return {
            "tp": pairs.count((1, 1)),
            "fp": pairs.count((1, 0)),
            "fn": pairs.count((0, 1)),
            "tn": pairs.count((0, 0)),
        }

    def renamed(**names):
        def mistaken(predictions, references):
            right = reference(predictions, references)
            return {name: right[names.get(name, name)] for name in right}

        return mistaken

    return compare(
        "confusion_counts",
        function,
        reference,
        cases,
        [
            (
                "fp and fn are swapped. A false positive is predicted 1 where the reference is 0.",
                renamed(fp="fn", fn="fp"),
            ),
            (
                "class 0 counts as positive. Class 1 is the positive one.",
                renamed(tp="tn", tn="tp", fp="fn", fn="fp"),
            ),
            (
                "it gives shares. Count the rows.",
                lambda p, r: {key: value / len(p) for key, value in reference(p, r).items()},
            ),
            (
                "tp and tn are swapped. A true positive is a 1 that was predicted 1.",
                renamed(tp="tn", tn="tp"),
            ),
            (
                "fn and tn are swapped. A false negative is predicted 0 where the reference is 1.",
                renamed(fn="tn", tn="fn"),
            ),
            (
                "every right answer counts as tp. A 0 that was predicted 0 is a tn.",
                lambda p, r: reference(p, r) | {"tp": sum(map(int.__eq__, p, r)), "tn": 0},
            ),
            (
                "fp counts every predicted 1, and fn every 1 of the references. Leave out those that are right.",
                lambda p, r: reference(p, r) | {"fp": sum(p), "fn": sum(r)},
            ),
            (
                "it stops after the first row. Is `return` inside the loop?",
                lambda p, r: reference(p[:1], r[:1]),
            ),
            (
                "every right answer counts as tp. A 0 that was predicted 0 is a tn.",
                lambda p, r: reference(p, r) | {"tp": sum(map(int.__eq__, p, r))},
            ),
        ],
    )
