"""Checks of lesson 07: how many pairs."""

from __future__ import annotations

import random
from itertools import combinations, combinations_with_replacement, pairwise, product

from helpers.checks.verdict import Verdict, compare


def _pair_counts(labels, pairs=lambda labels: combinations(labels, 2)):
    alike = [one == other for one, other in pairs(labels)]
    return {"alike": sum(alike), "different": len(alike) - sum(alike)}


def check_pair_counts(function) -> Verdict:
    """Check `pair_counts(labels) -> dict`: pairs of two rows with the same label, and with two labels."""
    rng = random.Random()
    cases: list[tuple] = [
        (["pos", "pos", "neg", "neg"],),
        (["pos", "neg", "neg"],),
        (["pos", "pos", "pos"],),
        (["pos"],),
        ([],),
    ]
    for _ in range(30):
        cases.append(([rng.choice("xyz") for _ in range(rng.randrange(2, 20))],))
    return compare(
        "pair_counts",
        function,
        _pair_counts,
        cases,
        [
            (
                "a row with itself counts as a pair. Leave these out.",
                lambda labels: _pair_counts(
                    labels, lambda rows: combinations_with_replacement(rows, 2)
                ),
            ),
            (
                "each pair counts twice: the first with the second, and the second with the first.",
                lambda labels: {kind: 2 * count for kind, count in _pair_counts(labels).items()},
            ),
            (
                "each pair counts twice, and a row with itself too. Every two rows make one pair.",
                lambda labels: _pair_counts(labels, lambda rows: product(rows, rows)),
            ),
            (
                "alike and different are swapped. Alike has the same label.",
                lambda labels: dict(
                    zip(("different", "alike"), _pair_counts(labels).values(), strict=True)
                ),
            ),
            (
                "it looks at neighbours only. Any two rows make a pair.",
                lambda labels: _pair_counts(labels, lambda rows: list(pairwise(rows))),
            ),
            (
                "it gives one number for both kinds. Return a dictionary.",
                lambda labels: sum(_pair_counts(labels).values()),
            ),
        ],
    )


def _affordable(rows, batch_size, epochs, steps, *, kinds=2):
    return steps // epochs * batch_size // (kinds * rows)


def _rounded(rows, batch_size, epochs, steps):
    return round(steps // epochs * batch_size / (2 * rows))


def check_affordable_iterations(function) -> Verdict:
    """Check `affordable_iterations(rows, batch_size, epochs, steps) -> int`: the largest that fits."""
    rng = random.Random()
    cases = [
        (16, 4, 1, 40),
        (16, 4, 1, 39),
        (8, 16, 2, 9),
        (32, 4, 3, 10),
        (5, 4, 1, 5),
        (4, 16, 3, 5),
    ]
    for _ in range(30):
        cases.append(
            (rng.randrange(4, 40), rng.randrange(1, 17), rng.randrange(1, 5), rng.randrange(1, 600))
        )
    return compare(
        "affordable_iterations",
        function,
        _affordable,
        cases,
        [
            (
                "an iteration makes two pairs a row: one alike, one different.",
                lambda rows, batch, epochs, steps: _affordable(rows, batch, epochs, steps, kinds=1),
            ),
            (
                "the epochs are missing: each goes through all pairs again.",
                lambda rows, batch, epochs, steps: _affordable(rows, batch, 1, steps),
            ),
            (
                "a step is not a pair, but a batch of pairs.",
                lambda rows, batch, epochs, steps: _affordable(rows, 1, epochs, steps),
            ),
            (
                "it rounds to the nearest. An iteration that does not fit whole costs too many steps.",
                _rounded,
            ),
            (
                "epochs end with a batch of their own: divide the steps by the epochs first, and round down.",
                lambda rows, batch, epochs, steps: steps * batch // (2 * rows * epochs),
            ),
        ],
    )
