"""The check of lesson 07, Exercise 2 · What can you afford?"""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare


def _affordable(rows, batch_size, epochs, steps, *, kinds=2):
    return steps // epochs * batch_size // (kinds * rows)


def _unrounded(rows, batch_size, epochs, steps):
    return steps // epochs * batch_size / (2 * rows)


def _across_epochs(rows, batch_size, epochs, steps):
    return steps * batch_size / (2 * rows * epochs)


def _part_left_out(rows, batch_size, epochs, steps):
    """Return the largest number of one to whom a last batch that is not full is no step."""
    return ((steps // epochs + 1) * batch_size - 1) // (2 * rows)


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
        (4, 16, 1, 5),
        (4, 16, 1, 600),
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
            *(
                (
                    "it rounds to the nearest. An iteration that does not fit whole costs too many steps.",
                    lambda *case, iterations=iterations: round(iterations(*case)),
                )
                for iterations in (_unrounded, _across_epochs)
            ),
            *(
                ("iterations are whole ones. Round down.", iterations)
                for iterations in (_unrounded, _across_epochs)
            ),
            (
                "epochs end with a batch of their own: divide the steps by the epochs first, and round down.",
                lambda *case: int(_across_epochs(*case)),
            ),
            (
                "a last batch that is not full is forgotten. It is a step too.",
                _part_left_out,
            ),
            (
                "a run of exactly `steps` steps is within the time: at most, not less.",
                lambda rows, batch, epochs, steps: _affordable(rows, batch, epochs, steps - 1),
            ),
            (
                "each iteration ends with a batch of its own. An epoch's pairs are all batched together.",
                lambda rows, batch, epochs, steps: steps // epochs // -(-2 * rows // batch),
            ),
        ],
    )
