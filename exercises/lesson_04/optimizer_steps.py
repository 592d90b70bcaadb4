"""The check of lesson 04, Exercise 2 · How many steps?"""

from __future__ import annotations

import math
import random
from functools import partial

from exercises.verdict import Verdict, compare


def _steps(run, *, processes=None, accumulation=None, rounds=math.ceil, steps=math.ceil):
    processes, accumulation = processes or run["processes"], accumulation or run["accumulation"]
    batches = rounds(run["rows"] / (run["batch_size"] * processes))
    return steps(batches / accumulation) * run["epochs"]


def _steps_rounded_once(run, rounds=float):
    batches = rounds(run["rows"] / (run["batch_size"] * run["processes"])) * run["epochs"]
    return math.ceil(batches / run["accumulation"] - 1e-9)  # a float may lie above its integer


def _and_one(number):
    return math.floor(number) + 1


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
                "the processes and the accumulation are missing. A step takes several batches of each process.",
                partial(_steps, processes=1, accumulation=1),
            ),
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
                lambda run: _steps(run, rounds=math.floor, steps=math.floor),
            ),
            *[
                (
                    "it rounds up one division of the two. Rows that are left make a round, and rounds that are left a step.",
                    partial(_steps, **{division: math.floor}),
                )
                for division in ("rounds", "steps")
            ],
            *[
                (
                    "it adds a step where nothing is left. Round up with `math.ceil`, not with plus one.",
                    partial(_steps, steps=_and_one, rounds=rounds),
                )
                for rounds in (math.ceil, _and_one, float)
            ],
            (
                "it does not round. What is left at the end of an epoch makes a whole step.",
                partial(_steps, rounds=float, steps=float),
            ),
            *[
                (
                    "it rounds once, over the whole run. Leftovers do not wait for the next epoch.",
                    partial(_steps_rounded_once, rounds=rounds),
                )
                for rounds in (float, math.ceil)
            ],
            (
                "those are the steps of one epoch. The run has `epochs`.",
                lambda run: _steps(run) // run["epochs"],
            ),
        ],
    )
