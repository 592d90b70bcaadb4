"""The check of lesson 04, Exercise 4 · Gather by hand."""

from __future__ import annotations

import random
from functools import partial
from itertools import chain

from exercises.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX

# Which batches a row is made as wide as; the lesson says those of its round.
_WIDTHS = {
    "round": lambda held, process, turn: [batches[turn] for batches in held],
    "row": lambda held, process, turn: [],
    "batch": lambda held, process, turn: [held[process][turn]],
    "process": lambda held, process, turn: held[process],
    "all": lambda held, process, turn: chain(*held),
}


def _gathered(held, count, pad, *, by_round=True, width="round"):
    places = [(process, turn) for turn in range(len(held[0])) for process in range(len(held))]
    rows = []
    for process, turn in places if by_round else sorted(places):
        beside = chain(*_WIDTHS[width](held, process, turn))
        widest = max(map(len, beside), default=0)
        rows += [[*row, *[pad] * (widest - len(row))] for row in held[process][turn]]
    return rows[:count]


def _gathered_once(held, count, pad):
    rows = _gathered(held, None, pad)
    return [row for place, row in enumerate(rows) if row not in rows[:place]]


def _gathered_by_round(held, count, pad):
    turns = range(len(held[0]))
    return [_gathered([[batches[turn]] for batches in held], None, pad) for turn in turns]


def _dealt(rows, batch_size, processes, pad):
    """Deal rows out as Accelerate does: batches in turn, the first rows again where the last ones are missing."""
    places = list(range(len(rows)))
    while processes > 1 and len(places) % (batch_size * processes):
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
        ([[[[1, 2]], [[3]]], [[[2]], [[1, 2]]]], 3, -1),  # a row that comes again is the widest
        ([[[[5], [1, 2, 3]]], [[[5], [4]]]], 4, 99),  # rows alike, and a batch of two widths
    ]
    for _ in range(20):
        rows = [
            [rng.randrange(1, 50) for _ in range(rng.randrange(1, 6))]
            for _ in range(rng.randrange(3, 12))
        ]
        pad = rng.choice([IGNORE_INDEX, -1, 99])
        held = _dealt(rows, rng.randrange(1, 4), rng.randrange(1, 4), pad)
        cases.append((held, len(rows), pad))
    return compare(
        "gather_rows",
        function,
        _gathered,
        cases,
        [
            *[
                (
                    "one process comes after the other. Go round by round: each process holds a part of a round.",
                    partial(_gathered, by_round=False, width=width),
                )
                for width in _WIDTHS
            ],
            (
                "the repeated rows are still there: the data set has `count` rows, and they come first.",
                lambda h, n, p: _gathered(h, None, p),
            ),
            (
                "0 is a label, and padding must not look like one. Fill up with `pad`.",
                lambda h, n, p: _gathered(h, n, 0),
            ),
            (
                "it always fills up with IGNORE_INDEX. The caller says with what: `pad`.",
                lambda h, n, p: _gathered(h, n, IGNORE_INDEX),
            ),
            (
                "rows are padded to the widest of all. The widest of their round is enough.",
                partial(_gathered, width="all"),
            ),
            *[
                (
                    "rows of a round still differ in width. Fill the short ones up with `pad`.",
                    partial(_gathered, width=width),
                )
                for width in ("row", "batch")
            ],
            (
                "a round is still a list of its own. Put the rows of all rounds into one list.",
                _gathered_by_round,
            ),
            (
                "it drops rows that are alike. The data set may have two such: keep the first `count` rows.",
                _gathered_once,
            ),
        ],
    )
