"""The check of lesson 06, Exercise 2 · How much memory does training hold?"""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare


def _megabytes(parts, *, frozen=4, trained=16, unit=1e6):
    return sum(count * (trained if trains else frozen) for count, trains in parts) / unit


def check_training_megabytes(function) -> Verdict:
    """Check `training_megabytes(parts) -> float`: weights, and of what trains gradients and Adam's averages."""
    rng = random.Random()
    cases: list[tuple] = [
        ([(1_000_000, True)],),
        ([(1_000_000, False)],),
        ([(11_918_592, False), (10_646_784, True), (770, True)],),
        ([],),
    ]
    for _ in range(20):
        parts = [
            (rng.randrange(1, 9_000_000), rng.random() < 0.5) for _ in range(rng.randrange(1, 9))
        ]
        cases.append(([(3, True), (5, False), *parts],))
    return compare(
        "training_megabytes",
        function,
        _megabytes,
        cases,
        [
            (
                "what is frozen is counted as if it trained. It has weights, and nothing else.",
                lambda parts: _megabytes(parts, frozen=16),
            ),
            (
                "what is frozen is left out. Its weights are in memory all the same.",
                lambda parts: _megabytes(parts, frozen=0),
            ),
            (
                "a trained parameter has its weight, its gradient and Adam's two averages: one of them is missing.",
                lambda parts: _megabytes(parts, trained=12),
            ),
            (
                "Adam's averages are missing. It keeps two of each trained parameter.",
                lambda parts: _megabytes(parts, trained=8),
            ),
            (
                "a megabyte is a million bytes here, not 2 to the power of 20.",
                lambda parts: _megabytes(parts, unit=2**20),
            ),
            (
                "these are bytes. Divide by a million.",
                lambda parts: _megabytes(parts, unit=1),
            ),
            (
                "these are millions of numbers. Each takes four bytes.",
                lambda parts: _megabytes(parts, frozen=1, trained=4),
            ),
            (
                "what trains and what is frozen are swapped.",
                lambda parts: _megabytes(parts, frozen=16, trained=4),
            ),
            (
                "only the first part is counted. Is the `return` inside the loop?",
                lambda parts: _megabytes(parts[:1]) if parts else None,
            ),
        ],
    )
