"""The check of lesson 01, Exercise 1 · How many steps?"""

from __future__ import annotations

import math
import random

from exercises.verdict import Verdict, compare


def check_training_steps(function) -> Verdict:
    """Check `training_steps(rows, batch_size, epochs) -> int`: optimiser steps of a Trainer's run."""
    rng = random.Random()
    cases = [(32, 16, 1), (33, 16, 2), (10, 16, 3)]
    cases += [(rng.randrange(1, 500), rng.randrange(1, 33), rng.randrange(1, 6)) for _ in range(20)]
    return compare(
        "training_steps",
        function,
        lambda rows, size, epochs: math.ceil(rows / size) * epochs,
        cases,
        [
            (
                "the last, smaller batch of an epoch is left out. It is a step too: round up.",
                lambda rows, size, epochs: rows // size * epochs,
            ),
            (
                "the last, smaller batch of an epoch is left out. It is a step too: round up.",
                lambda rows, size, epochs: max(rows // size, 1) * epochs,
            ),
            (
                "it rounds once at the end. Each epoch ends with its own smaller batch: round up first, then multiply.",
                lambda rows, size, epochs: math.ceil(rows * epochs / size),
            ),
            (
                "it counts one epoch. Multiply by `epochs`.",
                lambda rows, size, epochs: math.ceil(rows / size),
            ),
            (
                "steps are whole. Round up the batches of an epoch.",
                lambda rows, size, epochs: rows / size * epochs,
            ),
            (
                "where the last batch is full it counts one more. Round up, do not add 1.",
                lambda rows, size, epochs: (rows // size + 1) * epochs,
            ),
            (
                "it rounds down, once at the end. Round up the batches of an epoch, then multiply.",
                lambda rows, size, epochs: rows * epochs // size,
            ),
            (
                "it rounds to the nearest. However small the last batch is, it is a step: round up.",
                lambda rows, size, epochs: round(rows / size) * epochs,
            ),
            (
                "it rounds to the nearest. However small the last batch is, it is a step: round up.",
                lambda rows, size, epochs: int(rows / size + 0.5) * epochs,
            ),
            (
                "it rounds to the nearest, once at the end. Round up the batches of an epoch, then multiply.",
                lambda rows, size, epochs: round(rows / size * epochs),
            ),
            (
                "the smaller batch counts once in all. Each epoch ends with one: add it before you multiply.",
                lambda rows, size, epochs: rows // size * epochs + (rows % size > 0),
            ),
            (
                "it adds 1 in all. Round up the batches of an epoch, then multiply.",
                lambda rows, size, epochs: rows // size * epochs + 1,
            ),
            (
                "it counts rows. A step takes a whole batch: divide by `batch_size`, and round up.",
                lambda rows, size, epochs: rows * epochs,
            ),
        ],
    )
