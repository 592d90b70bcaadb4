"""Tell two strategies apart by their scores, seed by seed, looking only at numbers of seeds fixed beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import permutation_test

from helpers import expect, listed, whole

LOOKS = (8, 12, 16, 24)  # seeds
WAYS = 2**12  # of swapping scores that are tried; up to 12 seeds that is every one


class Decision(NamedTuple):
    """What came of comparing two strategies.

    `winner` is None where the seeds did not suffice. `looks` has one row per look: "seeds", "gap" (mean score of
    the first strategy minus that of the second), "p" and "needed", the p that this look had to reach.
    """

    pair: tuple[str, str]
    winner: str | None
    looks: pd.DataFrame

    def __str__(self) -> str:
        last, count = self.looks.iloc[-1], len(self.looks)
        looked = f"{last.seeds:.0f} seeds, {count} look{'s' if count > 1 else ''}"
        if self.winner is None:
            return f"Not decided after {looked}: {self.pair[0]} and {self.pair[1]} may be equally good."
        loser = self.pair[self.pair[0] == self.winner]
        return f"{self.winner} is better than {loser} by {abs(last.gap):.3f} on average ({looked})."


def p_value(gaps: Sequence[float]) -> float:
    """Return how often swapping the scores of seeds at random gives a mean gap at least as large, either way.

    `gaps` holds one strategy's score minus the other's, one per seed. A p of 0.01 says: were both equally good,
    luck alone would bring such a gap in one comparison of 100. It is lesson 06's exercise `luck`, for many seeds.
    """
    swaps = {"permutation_type": "samples", "n_resamples": WAYS, "rng": 0}  # of a gap: its sign
    return float(permutation_test([gaps], np.mean, **swaps).pvalue)


def until_decided(scores: Callable, one: str, other: str, level=0.05, looks=LOOKS) -> Decision:
    """Add seeds to two strategies until a paired permutation test tells them apart.

    Looking again and again would find a difference by luck. So the looks are fixed beforehand, and each may err
    with its equal share of `level`: all together err in at most that share of comparisons (Bonferroni).
    `scores`(strategy, count) gives a strategy's scores with its first `count` seeds, the same for both; `level` is how often
    two equally good strategies may be told apart by mistake; `looks` are rising numbers of seeds.
    Raises ValueError: one strategy twice, a level or looks that can never decide.
    """
    if one == other:
        raise ValueError(f"Both strategies are {one!r}. Choose two different ones.")
    expect(0 < level < 1, "level", level, "a number between 0 and 1, such as 0.05")
    counts = listed(looks) and all(whole(seeds, 2) for seeds in looks)
    rising = counts and list(looks) == sorted(set(looks)) != []
    expect(rising, "looks", looks, "rising numbers of seeds, such as (8, 12, 16)")
    needed = level / len(looks)
    if (smallest := max(2.0 ** (1 - looks[-1]), 2 / (WAYS + 1))) > needed:
        raise ValueError(
            f"{looks[-1]} seeds give no p below {smallest:.2g}, and each look needs {needed:.2g}. Use more seeds, or a larger level."
        )
    rows, winner = [], None
    for seeds in looks:
        gaps = np.subtract(scores(one, seeds), scores(other, seeds))
        rows.append({"seeds": seeds, "gap": gaps.mean(), "p": p_value(gaps), "needed": needed})
        if rows[-1]["p"] <= needed:
            winner = one if gaps.mean() > 0 else other
            break
    return Decision((one, other), winner, pd.DataFrame(rows))
