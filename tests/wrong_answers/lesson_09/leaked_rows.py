"""Answers to lesson 09, Exercise 3 · Count the leaked rows."""

import re
from collections import Counter

import numpy as np


def letter_by_letter(train, test):
    return sum(text in train for text in test)


def spaces_forgotten(train, test):
    lowered = [text.lower() for text in train]
    return sum(text.lower() in lowered for text in test)


def _single(text):
    return " ".join(text.split())


def capitals_forgotten(train, test):
    return sum(_single(text) in map(_single, train) for text in test)


def _plain(text):
    return _single(text).lower()


def texts_in_common(train, test):
    return len(set(map(_plain, train)) & set(map(_plain, test)))


def training_rows(train, test):
    return sum(_plain(text) in [_plain(other) for other in test] for text in train)


def share_of_the_test(train, test):
    held = [_plain(text) for text in train]
    return float(np.mean([_plain(text) in held for text in test])) if test else 0.0


def common_letters(train, test):
    return len(set(train).intersection(test))


def outer_spaces(train, test):
    held = {text.lower().strip() for text in train}
    return sum(text.lower().strip() in held for text in test)


def plain_train(train, test):
    held = [_plain(text) for text in train]
    return len([text for text in test if text in held])


def plain_test(train, test):
    return len([text for text in test if _plain(text) in train])


def pairs(train, test):
    count = 0
    for text in test:
        for other in train:
            if _plain(text) == _plain(other):
                count += 1
    return count


def parts(train, test):
    return sum(any(_plain(text) in _plain(other) for other in train) for text in test)


def parts_of_all(train, test):
    everything = " ".join(map(_plain, train))
    return sum(_plain(text) in everything for text in test)


def letters_only(train, test):
    held = [re.sub(r"\W+", " ", text.lower()).strip() for text in train]
    return sum(re.sub(r"\W+", " ", text.lower()).strip() in held for text in test)


def unguarded_share(train, test):
    return training_hits(train, test) / len(test)


def training_hits(train, test):
    return sum(_plain(text) in map(_plain, train) for text in test)


def leaks_by_a_counter(train, test):
    rows = Counter(map(_plain, test))
    return sum(rows[text] for text in set(map(_plain, train)))


WRONG = {
    "letter by letter": (letter_by_letter, "differ in capitals or spaces"),
    "spaces": (spaces_forgotten, "differ in spaces"),
    "capitals": (capitals_forgotten, "differ in capitals. Use"),
    "distinct texts": (texts_in_common, "leaked twice counts once"),
    "rows of train": (training_rows, "counts rows of train"),
    "letters and sets": (common_letters, "it compares letter by letter, and counts"),
    "outer spaces": (outer_spaces, "spaces inside a text"),
    "plain train": (plain_train, "only the texts of train are"),
    "plain test": (plain_test, "only the texts of test are"),
    "pairs": (pairs, "stands in train several times"),
    "parts": (parts, "only a part of a training text"),
    "parts of all": (parts_of_all, "inputs differ"),
    "letters only": (letters_only, "inputs differ"),
    "a share, unguarded": (unguarded_share, "returns a share"),
    "a share": (share_of_the_test, "returns a share"),
}

SECOND = leaks_by_a_counter
