"""Answers to lesson 00, Exercise 1 · Decode a label."""

import numpy as np


def names_from_one(label, names):
    numbered = dict(enumerate(names, start=1))
    return numbered.get(label, names[-1])


def names_by_heart(label, names):
    if label == 1:
        return "pos"
    return "neg"


def names_in_a_list_of_my_own(label, names):
    answers = ("neg", "pos")
    return answers[label]


def id_of_the_name(label, names):
    found = 0
    while names[found] != names[label]:
        found += 1
    return found


def names_one_further(label, names):
    return names[label + 1]


def one_of_two_names(label, names):
    negative, positive = names[:2]
    return positive if label else negative


def decode_with_numpy(label, names):
    return np.array(names)[label]


WRONG = {
    "from one": (names_from_one, "counts from one"),
    "by heart": (names_by_heart, "always answers with neg and pos"),
    "own list": (names_in_a_list_of_my_own, "always answers with neg and pos"),
    "the id": (id_of_the_name, "returns the id"),
    "one further": (names_one_further, "takes the name after"),
    "one of two": (one_of_two_names, "knows two names only"),
}

SECOND = decode_with_numpy
