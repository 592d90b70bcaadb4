"""The check of lesson 07, Exercise 1 · Alike or different?"""

from __future__ import annotations

import random
from itertools import combinations, combinations_with_replacement, pairwise, product

from exercises.verdict import Verdict, compare


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
                "it looks at every second row's neighbour only. Any two rows make a pair.",
                lambda labels: _pair_counts(
                    labels, lambda rows: list(zip(rows[::2], rows[1::2], strict=False))
                ),
            ),
            (
                "`different` holds the alike pairs too. A pair is of one kind.",
                lambda labels: (
                    _pair_counts(labels) | {"different": len(list(combinations(labels, 2)))}
                ),
            ),
            (
                "it gives one number for both kinds. Return a dictionary.",
                lambda labels: sum(_pair_counts(labels).values()),
            ),
        ],
    )
