"""The check of lesson 03, Exercise 1 · Count the entities."""

from __future__ import annotations

import random
from collections import Counter

from exercises.lesson_03.shared import find_entities, sentence
from exercises.verdict import Verdict, compare


def check_count_entities(function) -> Verdict:
    """Check `count_entities(names) -> dict[str, int]`: how many entities of each type a sentence has."""
    rng = random.Random()
    cases = [
        (["B-PER", "I-PER", "O", "B-LOC"],),
        (["B-ORG", "B-ORG", "I-ORG"],),
        (["O", "O"],),
        ([],),
        *((sentence(rng),) for _ in range(30)),
    ]

    def counted(names, key=lambda name: name[2:], wanted=("B-",)):
        return dict(Counter(key(name) for name in names if name.startswith(wanted)))

    return compare(
        "count_entities",
        function,
        counted,
        cases,
        [
            (
                "it counts words. An entity of three words has one B-, and counts once.",
                lambda names: counted(names, wanted=("B-", "I-")),
            ),
            (
                "its keys are label names. B-PER begins an entity of the type PER.",
                lambda names: counted(names, key=lambda name: name),
            ),
            (
                "it counts words, O among them, by label name. Count B- only, by type.",
                lambda names: dict(Counter(names)),
            ),
            (
                "it counts all words, O as well. Count those with B- only.",
                lambda names: counted(names, wanted=""),
            ),
            (
                "it counts all words, O as well. Count those with B- only.",
                lambda names: counted(names, key=lambda name: name.split("-")[-1], wanted=""),
            ),
            (
                "a type counts once. Count how many entities it has.",
                lambda names: dict.fromkeys(counted(names), 1),
            ),
            (
                "two entities of one type side by side count once. Each B- is an entity.",
                lambda names: dict(
                    Counter(kind for kind, *_ in find_entities(names, split_touching=False))
                ),
            ),
            (
                "it gives one number. Return a dictionary with a count for each type.",
                lambda names: sum(counted(names).values()),
            ),
        ],
    )
