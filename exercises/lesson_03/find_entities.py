"""The check of lesson 03, Exercise 2 · Find the entities."""

from __future__ import annotations

import random
from itertools import groupby

from exercises.lesson_03.shared import find_entities, sentence
from exercises.verdict import Verdict, compare


def _up_to_o(names):
    found, start = [], None
    for i, name in enumerate([*names, "O"]):
        if name == "O" and start is not None:
            found.append((names[start][2:], start, i))
            start = None
        elif name != "O" and start is None:
            start = i
    return found


def _runs_of_names(names):
    found, start = [], 0
    for name, run in groupby(names):
        end = start + len(list(run))
        if name != "O":
            found.append((name[2:], start, end))
        start = end
    return found


def _second_lost(names):
    found = []
    for entity in find_entities(names):
        if not found or found[-1][2] < entity[1]:
            found.append(entity)
    return found


def _right_before_the_end(names):
    if names[-1] != "O":
        raise IndexError("no next word")
    return find_entities(names)


def check_find_entities(function) -> Verdict:
    """Check `find_entities(names) -> list[tuple]`: (type, start, end) with an exclusive end."""
    rng = random.Random()
    cases = [
        (["B-PER", "I-PER", "O"],),
        (["O", "B-LOC"],),
        (["O", "O"],),
        (["B-PER", "B-PER"],),
        (["B-ORG", "I-ORG", "B-LOC", "O", "B-ORG"],),
        (["B-PER", "B-PER", "B-LOC", "I-LOC", "O", "B-PER", "O"],),
        *((sentence(rng),) for _ in range(30)),
    ]
    return compare(
        "find_entities",
        function,
        find_entities,
        cases,
        [
            (
                "an entity that reaches the end of the sentence is lost. Close it after the loop.",
                lambda names: find_entities(names, keep_last=False),
            ),
            (
                "two entities of one type side by side become one. B- always starts a new one.",
                lambda names: find_entities(names, split_touching=False),
            ),
            (
                "the end is the last word. Return the place after it, as Python slices do.",
                lambda names: find_entities(names, inclusive=True),
            ),
            (
                "each word is an entity of its own. I- continues the entity before it.",
                lambda names: [(name[2:], i, i + 1) for i, name in enumerate(names) if name != "O"],
            ),
            (
                "the third number is a length. Return the place after the last word.",
                lambda names: [(kind, a, b - a) for kind, a, b in find_entities(names)],
            ),
            (
                "the type still has its B-. B-PER begins an entity of the type PER.",
                lambda names: [(f"B-{kind}", a, b) for kind, a, b in find_entities(names)],
            ),
            (
                "an entity ends at O only. A B- ends the one before it as well, whatever its type.",
                _up_to_o,
            ),
            (
                "where an entity follows another at once, the first of them is lost. Close it before you open the next.",
                lambda names: [
                    entity for entity in find_entities(names) if [*names, "O"][entity[2]] == "O"
                ],
            ),
            (
                "where an entity follows another at once, the second of them is lost. Its B- closes the first and opens it.",
                _second_lost,
            ),
            (
                "every entity ends after its first word. I- moves the end.",
                lambda names: [(kind, a, a + 1) for kind, a, _ in find_entities(names)],
            ),
            (
                "the end is one too far. It is the place after the last word, no further.",
                lambda names: [(kind, a, b + 1) for kind, a, b in find_entities(names)],
            ),
            (
                "the end is one too far. It is the place after the last word, no further.",
                lambda names: [
                    (kind, a, min(b + 1, len(names))) for kind, a, b in find_entities(names)
                ],
            ),
            (
                "it joins words with the same name. B-PER and the I-PER after it are one entity.",
                _runs_of_names,
            ),
            (
                "it stops after the first entity. Is `return` inside the loop?",
                lambda names: find_entities(names)[:1],
            ),
            (
                "it goes wrong where an entity reaches the end of the sentence: there is no next word to look at.",
                _right_before_the_end,
            ),
        ],
    )
