"""Answers to lesson 03, Exercise 1 · Count the entities."""

from collections import Counter

import numpy as np

from wrong_answers.lesson_03.find_entities import entities_by_runs_of_a_type


def types_by_word(names):
    counts = {}
    for name in names:
        if name != "O":
            kind = name.split("-")[1]
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def types_with_their_b(names):
    return Counter(name for name in names if name[0] == "B")


def label_counts(names):
    return {name: names.count(name) for name in set(names)}


def types_seen(names):
    return {name[2:]: 1 for name in names if name.startswith("B-")}


def types_of_runs(names):
    return Counter(kind for kind, _, _ in entities_by_runs_of_a_type(names))


def entities_together(names):
    return len([name for name in names if name.startswith("B-")])


def types_of_all_words(names):
    counts = {}
    for name in names:
        counts[name[2:]] = counts.get(name[2:], 0) + 1
    return counts


def types_of_all_words_by_split(names):
    return Counter(name.split("-")[-1] for name in names)


def types_with_numpy(names):
    firsts = [name[2:] for name in names if name.startswith("B-")]
    kinds, counts = np.unique(firsts, return_counts=True)
    return dict(zip(kinds.tolist(), counts, strict=True))


WRONG = {
    "words": (types_by_word, "it counts words. An entity"),
    "with B-": (types_with_their_b, "its keys are label names"),
    "labels": (label_counts, "O among them"),
    "once": (types_seen, "a type counts once"),
    "runs": (types_of_runs, "of one type side by side"),
    "one number": (entities_together, "it gives one number"),
    "all words": (types_of_all_words, "O as well"),
    "all words, split": (types_of_all_words_by_split, "O as well"),
}

SECOND = types_with_numpy
