"""The check of lesson 05, Exercise 5 · An honest threshold."""

from __future__ import annotations

import math
import random
from functools import partial

from exercises.verdict import Verdict, compare


def _best_threshold(doubts, kept, emptied, *, score=None, candidates=None, choose=min):
    """Return the best threshold by the rules given; the right ones where none is."""
    score = score or _total
    tried = sorted({*doubts, -math.inf}) if candidates is None else candidates(doubts)
    totals = {threshold: score(threshold, doubts, kept, emptied) for threshold in tried}
    return choose(t for t, total in totals.items() if total == max(totals.values()))


def _best_above_zero(doubts, kept, emptied, *, start):
    """Return the best threshold, or `start` where none scores above 0."""
    best = _best_threshold(doubts, kept, emptied)
    return best if _total(best, doubts, kept, emptied) > 0 else start


def _total(threshold, doubts, kept, emptied):
    return sum(e if d > threshold else k for d, k, e in zip(doubts, kept, emptied, strict=True))


def _total_at_least(threshold, doubts, kept, emptied):
    return sum(e if d >= threshold else k for d, k, e in zip(doubts, kept, emptied, strict=True))


def _questions(rng: random.Random) -> tuple[list[float], list[float], list[float]]:
    """Return doubts, F1 kept and F1 emptied; equally good thresholds are so however one sums."""
    doubts, kept, emptied = [], [], []
    for _ in range(rng.randrange(1, 16)):
        answerable = rng.random() < 0.6
        doubts.append(rng.randrange(-24, 24) / 4 + (0 if answerable else 2))
        kept.append(rng.choice([0.0, 0.5, 1.0, 1.0]) if answerable else 0.0)
        emptied.append(0.0 if answerable else 1.0)
    rows = list(zip(doubts, kept, emptied, strict=True))
    scores = [[e if d > threshold else k for d, k, e in rows] for threshold in {*doubts, -math.inf}]
    best = [row for row in scores if sum(row) == max(map(sum, scores))]
    return (doubts, kept, emptied) if best.count(best[0]) == len(best) else _questions(rng)


def check_best_threshold(function) -> Verdict:
    """Check `best_threshold(doubts, kept, emptied) -> float`: the lowest one with the highest mean F1."""
    rng = random.Random()
    cases: list[tuple] = [
        ([-3.0, 1.0, 4.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]),
        ([-1.0, 2.0], [0.0, 0.0], [1.0, 1.0]),
        ([5.0, -2.0], [1.0, 0.0], [0.0, 1.0]),
        ([-2.0, 0.0, 3.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        ([2.0, 2.0, 1.0], [1.0, 0.5, 1.0], [0.0, 0.0, 0.0]),
        ([-4.0, -1.0, 1.5, 2.5], [1.0, 0.0, 0.5, 0.0], [0.0, 1.0, 0.0, 1.0]),
        ([1.0], [0.0], [0.0]),
        ([3.0, 0.0, -2.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]),
    ]
    cases += [_questions(rng) for _ in range(40)]
    return compare(
        "best_threshold",
        function,
        _best_threshold,
        cases,
        [
            (
                "the wrong side is emptied. A text goes where its doubt is above the threshold.",
                lambda d, k, e: _best_threshold(d, e, k),
            ),
            (
                "it looks at the kept texts alone. Silence earns F1 too, where there is no answer.",
                lambda d, k, e: _best_threshold(d, k, [0.0] * len(e)),
            ),
            (
                "a text whose doubt equals the threshold is emptied. Only above it.",
                lambda d, k, e: _best_threshold(d, k, e, score=_total_at_least),
            ),
            (
                "of equally good thresholds it takes the highest. Take the lowest.",
                lambda d, k, e: _best_threshold(d, k, e, choose=max),
            ),
            *[
                (
                    "of equally good thresholds it takes the first of the list. Take the lowest: sort the candidates.",
                    partial(_best_threshold, candidates=candidates, choose=next),
                )
                for candidates in (lambda doubts: [-math.inf, *doubts], lambda d: [*d, -math.inf])
            ],
            *[
                (
                    "it never empties every text. float('-inf') is a candidate too.",
                    partial(_best_threshold, candidates=lambda doubts: doubts, choose=choose),
                )
                for choose in (min, next)
            ],
            *[
                (
                    "where every threshold scores 0 it takes none of them. Start from less than 0: the lowest is best there.",
                    partial(_best_above_zero, start=start),
                )
                for start in (None, 0.0)
            ],
            (
                "the doubts are sorted without their F1s. Sort the candidates only, in a list of their own.",
                lambda d, k, e: _best_threshold(sorted(d), k, e),
            ),
            (
                "that is the place of the threshold among the candidates. Return the threshold.",
                lambda d, k, e: [-math.inf, *sorted(d)].index(_best_threshold(d, k, e)),
            ),
            (
                "it returns the F1, not the threshold that gives it.",
                lambda d, k, e: _total(_best_threshold(d, k, e), d, k, e) / len(d),
            ),
        ],
    )
