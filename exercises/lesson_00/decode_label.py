"""The check of lesson 00, Exercise 1 · Decode a label."""

from __future__ import annotations

import random

from exercises.lesson_00.shared import NAMES
from exercises.verdict import Verdict, compare


def check_decode_label(function) -> Verdict:
    """Check `decode_label(label, names) -> str`."""
    rng = random.Random()
    cases = [(0, NAMES), (1, NAMES), (0, ["pos", "neg"])]
    cases += [
        (rng.randrange(4), rng.sample(["north", "east", "south", "west"], 4)) for _ in range(20)
    ]
    return compare(
        "decode_label",
        function,
        lambda label, names: names[label],
        cases,
        [
            ("it counts from one. Ids count from zero.", lambda label, names: names[label - 1]),
            (
                "it takes the name after. Ids count from zero, as the places of a list do.",
                lambda label, names: names[label + 1],
            ),
            (
                "it always answers with neg and pos. Take the name from `names`: other datasets order them otherwise.",
                lambda label, names: NAMES[label],
            ),
            ("it returns the id. Look the name up in `names`.", lambda label, names: label),
            (
                "it knows two names only. Take the one at the place `label`: `names` may be longer.",
                lambda label, names: names[min(label, 1)],
            ),
        ],
    )
