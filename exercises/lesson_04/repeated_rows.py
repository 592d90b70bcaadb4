"""The check of lesson 04, Exercise 1 · How many rows come twice?"""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare


def _missing(rows, room):
    return -rows % room


def _repeated(rows, batch_size, processes):
    return _missing(rows, batch_size * processes) if processes > 1 else 0


def _on_several(function):
    """Return the function for several processes; it fails for one, and is not compared."""

    def restricted(rows, size, processes):
        if processes == 1:
            raise ValueError("one process alone")
        return function(rows, size, processes)

    return restricted


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
                _on_several(lambda rows, size, processes: _missing(rows, size)),
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
                _on_several(lambda rows, size, processes: rows % (size * processes)),
            ),
            (
                "where all rounds are full nothing comes again: 0, not a whole round.",
                _on_several(
                    lambda rows, size, processes: size * processes - rows % (size * processes)
                ),
            ),
            (
                "One process alone waits for nobody: its last batch stays short, and no row comes again.",
                lambda rows, size, processes: _missing(rows, size * processes),
            ),
        ],
    )
