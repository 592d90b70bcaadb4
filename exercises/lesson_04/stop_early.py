"""The check of lesson 04, Exercise 5 · Stop early."""

from __future__ import annotations

import math
import operator
import random
from functools import partial

from exercises.verdict import Verdict, compare


def _stopped(scores, patience, *, ties=False, rises=None, late=0, start=(-math.inf, 0), reset=True):
    (best, at), since, last = start, 0, -math.inf
    for epoch, score in enumerate(scores, start=1):
        better = score >= best if ties else score > best
        since += not better
        if (better and reset) or (rises and rises(score, last)):
            since = 0
        best, at, last = (score, epoch, score) if better else (best, at, score)
        if since >= patience + late:
            break
    return at, epoch


def _compared_with_the_last(scores, patience):
    at, since = 1, 0
    for epoch in range(2, len(scores) + 1):
        rises = scores[epoch - 1] > scores[epoch - 2]
        at, since = (epoch, 0) if rises else (at, since + 1)
        if since == patience:
            return at, epoch
    return at, len(scores)


def check_stop_early(function) -> Verdict:
    """Check `stop_early(scores, patience) -> (best epoch, epochs run)`, epochs counted from 1."""
    rng = random.Random()
    cases: list[tuple] = [
        ([0.2, 0.5, 0.4, 0.3, 0.9], 2),
        ([0.1, 0.2, 0.3], 2),
        ([0.5, 0.5, 0.5, 0.5], 2),
        ([0.3, 0.6, 0.4, 0.5, 0.55, 0.7], 3),
        ([0.4], 1),
        ([0.2, 0.6, 0.4, 0.5, 0.4, 0.5, 0.4], 2),
        ([0.0, 0.0, 0.0, 0.5], 2),
        ([0.3, 0.2, 0.4, 0.3, 0.5], 2),
    ]
    for _ in range(30):
        scores = [rng.randrange(0, 10) / 10 for _ in range(rng.randrange(1, 12))]
        cases.append((scores, rng.randrange(1, 4)))

    def changed(change):
        return lambda scores, patience: change(scores, *_stopped(scores, patience))

    return compare(
        "stop_early",
        function,
        _stopped,
        cases,
        [
            (
                "a score equal to the best counts as better. Only a new best does.",
                partial(_stopped, ties=True),
            ),
            *[
                (
                    "it counts falls in a row. Count epochs since the best: a score may rise again and stay below.",
                    partial(_stopped, rises=rises),
                )
                for rises in (operator.ge, operator.gt)
            ],
            (
                "a score is compared with the one before it. Compare it with the best so far.",
                _compared_with_the_last,
            ),
            (
                "it waits an epoch too long. Stop after `patience` epochs without a new best.",
                partial(_stopped, late=1),
            ),
            (
                "it stops an epoch too early. Stop after `patience` epochs without a new best.",
                partial(_stopped, late=-1),
            ),
            (
                "the count of epochs without a new best goes on. A new best sets it back to 0.",
                partial(_stopped, reset=False),
            ),
            *[
                (
                    "the first epoch is a best one even if its score is 0. Start from `float('-inf')`.",
                    partial(_stopped, start=(0, at)),
                )
                for at in (0, 1)
            ],
            *[
                (
                    "epochs count from 1, the best one and those that are run.",
                    changed(lambda scores, at, epoch, less=less: (at - less[0], epoch - less[1])),
                )
                for less in ((1, 1), (1, 0), (0, 1))
            ],
            (
                "it returns the best score. Return its epoch.",
                changed(lambda scores, at, epoch: (scores[at - 1], epoch)),
            ),
            (
                "it returns the last epoch as the best one.",
                changed(lambda scores, at, epoch: (epoch, epoch)),
            ),
            (
                "the best epoch comes after the stop: nobody has trained it.",
                changed(lambda scores, at, epoch: (scores.index(max(scores)) + 1, epoch)),
            ),
            (
                "it never stops. Leave the loop after `patience` epochs without a new best.",
                lambda scores, patience: (scores.index(max(scores)) + 1, len(scores)),
            ),
        ],
    )
