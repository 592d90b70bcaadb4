"""Answers to lesson 03, Exercise 2 · Find the entities."""

import itertools

import numpy as np


def entities_closed_by_the_next_word(names):
    entities, start = [], None
    for i, name in enumerate(names):
        if start is not None and not name.startswith("I-"):
            entities.append((names[start][2:], start, i))
            start = None
        if name.startswith("B-"):
            start = i
    return entities


def entities_by_runs_of_a_type(names):
    entities = []
    for i, name in enumerate(names):
        if name == "O":
            continue
        if entities and entities[-1][0] == name[2:] and entities[-1][2] == i:
            entities[-1] = (name[2:], entities[-1][1], i + 1)
        else:
            entities.append((name[2:], i, i + 1))
    return entities


def entities_to_the_last_word(names):
    entities = []
    for i, name in enumerate(names):
        if name.startswith("B-"):
            entities.append([name[2:], i, i])
        elif name.startswith("I-"):
            entities[-1][2] = i
    return [tuple(entity) for entity in entities]


def entities_word_by_word(names):
    entities = []
    for i, name in enumerate(names):
        if name.startswith(("B-", "I-")):
            _, kind = name.split("-")
            entities.append((kind, i, i + 1))
    return entities


def spans(names):
    """Return (type, start, end) of each entity, right: what the wrong counts below start from."""
    starts = [i for i, name in enumerate(names) if name.startswith("B-")]
    ends = [
        next((i for i in range(start + 1, len(names)) if names[i][0] != "I"), len(names))
        for start in starts
    ]
    return [(names[start][2:], start, end) for start, end in zip(starts, ends, strict=True)]


def entities_with_their_length(names):
    return [(kind, start, len(range(start, end))) for kind, start, end in spans(names)]


def entities_with_their_b(names):
    return [(names[start], start, end) for _, start, end in spans(names)]


def entities_up_to_o(names):
    runs = itertools.groupby(enumerate(names), key=lambda pair: pair[1] == "O")
    found = [list(run) for outside, run in runs if not outside]
    return [(run[0][1][2:], run[0][0], run[-1][0] + 1) for run in found]


def entities_reopened(names):
    entities, start = [], None
    for i, name in enumerate([*names, "O"]):
        if name.startswith("B-"):
            start = i
        elif name == "O" and start is not None:
            entities.append((names[start][2:], start, i))
            start = None
    return entities


def entities_without_the_second(names):
    entities, start = [], None
    for i, name in enumerate([*names, "O"]):
        if name.startswith("B-") and start is None:
            start = i
        elif not name.startswith("I-") and start is not None:
            entities.append((names[start][2:], start, i))
            start = None
    return entities


def entities_of_one_word(names):
    return [(name[2:], i, i + 1) for i, name in enumerate(names) if name.startswith("B-")]


def entities_one_too_far(names):
    return [(kind, start, end + 1) for kind, start, end in spans(names)]


def entities_closed_one_too_far(names):
    entities, start = [], None
    for i, name in enumerate(names):
        if start is not None and not name.startswith("I-"):
            entities.append((names[start][2:], start, i + 1))
            start = None
        if name.startswith("B-"):
            start = i
    return [*entities, (names[start][2:], start, len(names))] if start is not None else entities


def entities_by_runs_of_a_name(names):
    entities, place = [], 0
    for name, run in itertools.groupby(names):
        length = len(list(run))
        if name != "O":
            entities.append((name[2:], place, place + length))
        place += length
    return entities


def the_first_entity(names):
    for kind, start, end in spans(names):
        return [(kind, start, end)]
    return []


def entities_by_the_word_after(names):
    entities = []
    for start, name in enumerate(names):
        if name.startswith("B-"):
            end = start + 1
            while names[end].startswith("I-"):
                end += 1
            entities.append((name[2:], start, end))
    return entities


def entities_as_lists(names):
    return tuple([kind, np.int64(start), np.int64(end)] for kind, start, end in spans(names))


WRONG = {
    "end lost": (entities_closed_by_the_next_word, "reaches the end of the sentence is lost"),
    "touching": (entities_by_runs_of_a_type, "side by side become one"),
    "last word": (entities_to_the_last_word, "the end is the last word"),
    "word by word": (entities_word_by_word, "an entity of its own"),
    "length": (entities_with_their_length, "the third number is a length"),
    "with B-": (entities_with_their_b, "the type still has its B-"),
    "up to O": (entities_up_to_o, "an entity ends at O only"),
    "reopened": (entities_reopened, "the first of them is lost"),
    "second lost": (entities_without_the_second, "the second of them is lost"),
    "one word": (entities_of_one_word, "ends after its first word"),
    "too far": (entities_one_too_far, "the end is one too far"),
    "closed too far": (entities_closed_one_too_far, "the end is one too far"),
    "runs of a name": (entities_by_runs_of_a_name, "words with the same name"),
    "first one": (the_first_entity, "it stops after the first entity"),
    "word after": (entities_by_the_word_after, "no next word to look at"),
}

SECOND = entities_as_lists
