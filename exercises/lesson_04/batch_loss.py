"""The check of lesson 04, Exercise 3 · The mean of a large batch."""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare


def _labelled(means, counts):
    return [(mean, count) for mean, count in zip(means, counts, strict=True) if count]


def _batch_loss(means, counts):
    return sum(mean * count for mean, count in _labelled(means, counts)) / sum(counts)


def _where_all_labelled(function):
    """Return the function for inputs without an empty micro-batch; it fails on others, and is not compared."""

    def restricted(means, counts):
        if 0 in counts:
            raise ValueError("a micro-batch without labels")
        return function(means, counts)

    return restricted


def check_batch_loss(function) -> Verdict:
    """Check `batch_loss(means, counts) -> float`: the mean over all labelled tokens of several micro-batches."""
    rng, nan = random.Random(), float("nan")  # not math.nan, which `is` would find
    cases: list[tuple] = [
        ([1.0, 3.0], [1, 3]),
        ([2.0], [5]),
        ([0.5, nan, 2.0], [4, 0, 1]),
        ([nan, 0.5, nan, 2.0], [0, 4, 0, 1]),
    ]
    for _ in range(30):
        counts = [rng.randrange(1, 60) for _ in range(rng.randrange(2, 7))]
        if rng.random() < 0.3:
            counts[rng.randrange(len(counts))] = 0
        cases.append(([rng.uniform(0.01, 3) if count else nan for count in counts], counts))
    return compare(
        "batch_loss",
        function,
        _batch_loss,
        cases,
        [
            (
                "it is the mean of the means: a token of a short micro-batch weighs more than one of a long one.",
                _where_all_labelled(lambda means, counts: sum(means) / len(means)),
            ),
            (
                "the sum is not divided by the number of labelled tokens.",
                _where_all_labelled(
                    lambda means, counts: sum(
                        mean * count for mean, count in zip(means, counts, strict=True)
                    )
                ),
            ),
            (
                "the sum is divided by the number of micro-batches. Divide it by the labelled tokens.",
                _where_all_labelled(
                    lambda means, counts: _batch_loss(means, counts) * sum(counts) / len(means)
                ),
            ),
            (
                "it adds up means, and divides by tokens. Turn each mean into a sum first: times its count.",
                _where_all_labelled(lambda means, counts: sum(means) / sum(counts)),
            ),
            (
                "a micro-batch without a label has the mean nan, and nan × 0 is nan. Leave it out.",
                lambda means, counts: (
                    sum(mean * count for mean, count in zip(means, counts, strict=True))
                    / sum(counts)
                ),
            ),
        ],
    )
