"""Checks of lesson 04."""

from __future__ import annotations

import math
import random

from helpers.checks.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX


def _steps(run, *, processes=None, accumulation=None, up=math.ceil):
    processes, accumulation = processes or run["processes"], accumulation or run["accumulation"]
    batches = up(run["rows"] / (run["batch_size"] * processes))
    return up(batches / accumulation) * run["epochs"]


def _steps_rounded_once(run):
    rows = run["batch_size"] * run["processes"] * run["accumulation"]
    return math.ceil(run["rows"] * run["epochs"] / rows)


def check_optimizer_steps(function) -> Verdict:
    """Check `optimizer_steps(run: dict) -> int`: steps of a whole run; leftovers of an epoch make a step."""
    rng = random.Random()
    keys = ("rows", "batch_size", "processes", "accumulation", "epochs")
    ranges = ((1, 400), (1, 17), (1, 9), (1, 9), (1, 6))
    values = [
        (11, 2, 2, 3, 2),
        (16, 4, 2, 1, 1),
        (16, 4, 1, 2, 3),
        (3, 4, 2, 5, 1),
        (9, 4, 1, 2, 2),
    ]
    values += [[rng.randrange(*limits) for limits in ranges] for _ in range(30)]
    return compare(
        "optimizer_steps",
        function,
        _steps,
        [(dict(zip(keys, row, strict=True)),) for row in values],
        [
            (
                "the processes are missing. A step takes a batch from each of them.",
                lambda run: _steps(run, processes=1),
            ),
            (
                "the accumulation is missing. A step takes several batches.",
                lambda run: _steps(run, accumulation=1),
            ),
            (
                "leftovers are dropped. A small batch, or a few of them, still make a step: round up.",
                lambda run: _steps(run, up=math.floor),
            ),
            (
                "it rounds once, over the whole run. Leftovers do not wait for the next epoch.",
                _steps_rounded_once,
            ),
        ],
    )


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
    rng = random.Random()
    cases: list[tuple] = [
        ([1.0, 3.0], [1, 3]),
        ([2.0], [5]),
        ([0.5, math.nan, 2.0], [4, 0, 2]),
    ]
    for _ in range(30):
        counts = [rng.randrange(1, 60) for _ in range(rng.randrange(2, 7))]
        cases.append(([rng.uniform(0.01, 3) for _ in counts], counts))
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


def _gathered(held, count, pad, *, by_round=True, trim=True, widest=max):
    rounds = list(zip(*held, strict=True)) if by_round else [tuple(batches) for batches in held]
    widths = [max(len(row) for batch in batches for row in batch) for batches in rounds]
    rows = [
        [*row, *[pad] * (widest([width, *widths]) - len(row))]
        for width, batches in zip(widths, rounds, strict=True)
        for batch in batches
        for row in batch
    ]
    return rows[:count] if trim else rows


def _dealt(rows, batch_size, processes, pad):
    """Deal rows out as Accelerate does: batches in turn, the first rows again where the last ones are missing."""
    places = list(range(len(rows)))
    while len(places) % (batch_size * processes):
        places.append(places[len(places) - len(rows)])
    held: list[list] = [[] for _ in range(processes)]
    for start in range(0, len(places), batch_size):
        batch = [rows[place] for place in places[start : start + batch_size]]
        width = max(map(len, batch))
        held[start // batch_size % processes].append(
            [row + [pad] * (width - len(row)) for row in batch]
        )
    return held


def check_gather_rows(function) -> Verdict:
    """Check `gather_rows(held, count, pad) -> list`: rounds in order, padded, without the repeated rows."""
    rng = random.Random()
    cases: list[tuple] = [
        ([[[[1, 2]]], [[[3]]]], 2, IGNORE_INDEX),
        ([[[[1]], [[3, 4, 5]]], [[[2, 2]], [[1]]]], 3, IGNORE_INDEX),
        ([[[[1], [2]], [[3], [4]]]], 4, IGNORE_INDEX),
    ]
    for _ in range(20):
        rows = [
            [rng.randrange(1, 50) for _ in range(rng.randrange(1, 6))]
            for _ in range(rng.randrange(3, 12))
        ]
        held = _dealt(rows, rng.randrange(1, 4), rng.randrange(1, 4), IGNORE_INDEX)
        cases.append((held, len(rows), IGNORE_INDEX))
    return compare(
        "gather_rows",
        function,
        lambda held, count, pad: _gathered(held, count, pad, widest=lambda widths: widths[0]),
        cases,
        [
            (
                "one process comes after the other. Go round by round: each process holds a part of a round.",
                lambda h, n, p: _gathered(h, n, p, by_round=False, widest=lambda widths: widths[0]),
            ),
            (
                "the repeated rows are still there: the data set has `count` rows, and they come first.",
                lambda h, n, p: _gathered(h, n, p, trim=False, widest=lambda widths: widths[0]),
            ),
            (
                "0 is a label, and padding must not look like one. Fill up with `pad`.",
                lambda h, n, p: _gathered(h, n, 0, widest=lambda widths: widths[0]),
            ),
            (
                "rows are padded to the widest of all. The widest of their round is enough.",
                _gathered,
            ),
            (
                "rows of a round still differ in width. Fill the short ones up with `pad`.",
                lambda h, n, p: [
                    row for batches in zip(*h, strict=True) for b in batches for row in b
                ][:n],
            ),
        ],
    )


def _stopped(scores, patience, *, ties=False, falls=False, late=0):
    best, at, since, last = -math.inf, 0, 0, -math.inf
    for epoch, score in enumerate(scores, start=1):
        better = score >= best if ties else score > best
        since = 0 if better or (falls and score >= last) else since + 1
        best, at, last = (score, epoch, score) if better else (best, at, score)
        if since >= patience + late:
            break
    return at, epoch


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
    ]
    for _ in range(30):
        scores = [rng.randrange(0, 10) / 10 for _ in range(rng.randrange(1, 12))]
        cases.append((scores, rng.randrange(1, 4)))

    def last_epoch(scores, patience):
        return (_stopped(scores, patience)[1],) * 2

    def best_of_all(scores, patience):
        return scores.index(max(scores)) + 1, _stopped(scores, patience)[1]

    return compare(
        "stop_early",
        function,
        _stopped,
        cases,
        [
            (
                "a score equal to the best counts as better. Only a new best does.",
                lambda scores, patience: _stopped(scores, patience, ties=True),
            ),
            (
                "it counts falls in a row. Count epochs since the best: a score may rise again and stay below.",
                lambda scores, patience: _stopped(scores, patience, falls=True),
            ),
            (
                "it waits an epoch too long. Stop after `patience` epochs without a new best.",
                lambda scores, patience: _stopped(scores, patience, late=1),
            ),
            ("it returns the last epoch as the best one.", last_epoch),
            ("the best epoch comes after the stop: nobody has trained it.", best_of_all),
        ],
    )


def _missing(rows, room):
    return -rows % room


def _repeated(rows, batch_size, processes):
    return _missing(rows, batch_size * processes) if processes > 1 else 0


def check_repeated_rows(function) -> Verdict:
    """Check `repeated_rows(rows, batch_size, processes) -> int`: rows that come again to fill the last round."""
    rng = random.Random()
    cases = [(11, 2, 2), (12, 2, 2), (5, 4, 1), (8, 8, 1), (1, 4, 3), (9, 1, 4)]
    cases += [(rng.randrange(1, 200), rng.randrange(1, 17), rng.randrange(1, 9)) for _ in range(30)]
    return compare(
        "repeated_rows",
        function,
        _repeated,
        cases,
        [
            (
                "the processes are missing. A round takes a batch from each of them.",
                lambda rows, size, processes: _missing(rows, size),
            ),
            (
                "the batch is missing. Each process takes a whole one.",
                lambda rows, size, processes: _missing(rows, processes),
            ),
            (
                "it counts all rows that come back. How many are more than the data set has?",
                lambda rows, size, processes: rows + _repeated(rows, size, processes),
            ),
            (
                "those are the rows of the last round. How many more would fill it?",
                lambda rows, size, processes: rows % (size * processes),
            ),
            (
                "where all rounds are full nothing comes again: 0, not a whole round.",
                lambda rows, size, processes: size * processes - rows % (size * processes),
            ),
            (
                "One process alone waits for nobody: its last batch stays short, and no row comes again.",
                lambda rows, size, processes: _missing(rows, size * processes),
            ),
        ],
    )
