"""The check of lesson 06, Exercise 5 · How much of it is luck?"""

from __future__ import annotations

import random
from itertools import combinations, product

from exercises.verdict import Verdict, compare


def _luck(first, second, *, size=abs, seen_size=None, strict=False, left_out=0):
    gaps = [one - other for one, other in zip(first, second, strict=True)]
    seen = (seen_size or size)(sum(gaps))
    flips = [
        size(sum(sign * gap for sign, gap in zip(signs, gaps, strict=True)))
        for signs in product((1, -1), repeat=len(gaps))
    ]
    found = sum(flip > seen if strict else flip >= seen for flip in flips)
    return (found - left_out) / (len(flips) - left_out)


def _luck_unpaired(first, second):
    pool, count = [*first, *second], len(first)
    seen, total = abs(sum(first) - sum(second)), sum(pool)
    chosen = [abs(2 * sum(part) - total) for part in combinations(pool, count)]
    return sum(gap >= seen for gap in chosen) / len(chosen)


def _signs_only(first, second):
    def sign(gap):
        return (gap > 0) - (gap < 0)

    gaps = [sign(one - other) for one, other in zip(first, second, strict=True)]
    return _luck(gaps, [0] * len(gaps))


def check_luck(function) -> Verdict:
    """Check `luck(first, second) -> float`: the share of sign flips with a gap as large as the one seen."""
    rng = random.Random()
    cases: list[tuple] = [
        ([74, 71, 70], [70, 68, 69]),
        ([70, 70], [70, 70]),
        ([71, 74, 68], [70, 70, 72]),
        ([60, 62, 61, 63, 60, 64], [70, 69, 71, 66, 75, 68]),
        ([80, 62, 71, 75], [70, 64, 61, 60]),
    ]
    for _ in range(20):
        count = rng.randrange(2, 8)
        first = [rng.randrange(60, 80) for _ in range(count)]
        cases.append((first, [score + rng.randrange(-9, 6) for score in first]))
    return compare(
        "luck",
        function,
        _luck,
        cases,
        [
            (
                "only one side is counted. A gap of the same size the other way is as much luck.",
                lambda first, second: _luck(first, second, size=int),
            ),
            (
                "only gaps that point one way are counted. Take the size of every way's gap: abs.",
                lambda first, second: _luck(first, second, size=int, seen_size=abs),
            ),
            (
                "gaps as large as the one seen are not counted. At least as large: the one seen is one of them.",
                lambda first, second: _luck(first, second, strict=True),
            ),
            (
                "the way without a swap is missing. It is one of the ways, and its gap is the one seen.",
                lambda first, second: _luck(first, second, left_out=1),
            ),
            (
                "that is how many ways there are. Divide by the number of all.",
                lambda first, second: _luck(first, second) * 2 ** len(first),
            ),
            (
                "the pairs are torn apart. A seed's two scores belong together: swap them, or not.",
                _luck_unpaired,
            ),
            ("it looks at signs only. How far apart the scores are matters too.", _signs_only),
        ],
    )
