"""Answers to lesson 06, Exercise 1 · What does a pattern train?"""

import re


def names_without_head(names, pattern):
    return [name for name in names if name.startswith("bert") and re.search(pattern, name)]


def names_that_start(names, pattern):
    kept = []
    for name in names:
        if re.match(pattern, name) or not name.startswith("bert."):
            kept.append(name)
    return kept


def names_in_full(names, pattern):
    return [n for n in names if re.fullmatch(pattern, n) or not n.startswith("bert.")]


def names_by_text(names, pattern):
    return [name for name in names if pattern in name or name[:5] != "bert."]


def names_by_pattern_alone(names, pattern):
    return list(filter(re.compile(pattern).search, names))


def names_with_classifier(names, pattern):
    return [name for name in names if "classifier" in name or re.search(pattern, name)]


def names_head_last(names, pattern):
    encoder = [name for name in names if name.startswith("bert.") and re.search(pattern, name)]
    return encoder + [name for name in names if not name.startswith("bert.")]


def names_with_filter(names, pattern):
    fits = re.compile(pattern).search
    return tuple(filter(lambda name: not name.startswith("bert.") or fits(name), names))


WRONG = {
    "no head": (names_without_head, "the head is missing"),
    "start": (names_that_start, "only tried at the start"),
    "full": (names_in_full, "must be all of the name"),
    "text": (names_by_text, "taken as plain text"),
    "pattern alone": (names_by_pattern_alone, "asked for the pattern too"),
    "classifier": (names_with_classifier, "not always called `classifier`"),
    "head last": (names_head_last, "in another order"),
}

SECOND = names_with_filter
