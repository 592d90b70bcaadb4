"""Answers to lesson 02, Exercise 2 · Keep the first."""

from collections import Counter

import numpy as np

from helpers.ner import IGNORE_INDEX


def first_of_each_run_of_labels(labels, word_ids):
    kept, previous = [], None
    for label in labels:
        kept.append(IGNORE_INDEX if label == previous else label)
        previous = label
    return kept


def later_ones_as_o(labels, word_ids):
    kept, seen = [], set()
    for label, word in zip(labels, word_ids, strict=True):
        kept.append(0 if word in seen else label)
        if word is not None:
            seen.add(word)
    return kept


def last_of_each_word(labels, word_ids):
    kept = list(labels)
    for i in range(len(word_ids) - 1):
        if word_ids[i] is not None and word_ids[i] == word_ids[i + 1]:
            kept[i] = IGNORE_INDEX
    return kept


def firsts_only(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and word != previous:
            kept.append(label)
        previous = word
    return kept


def labels_as_they_were(labels, word_ids):
    return [
        IGNORE_INDEX if word is None else label
        for label, word in zip(labels, word_ids, strict=True)
    ]


def later_ones_as_none(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        kept.append(None if word is not None and word == previous else label)
        previous = word
    return kept


def whole_words_only(labels, word_ids):
    counts = Counter(word for word in word_ids if word is not None)
    return [
        IGNORE_INDEX if counts[word] > 1 else label
        for label, word in zip(labels, word_ids, strict=True)
    ]


def all_but_the_first(labels, word_ids):
    kept, seen = [], {None}
    for label, word in zip(labels, word_ids, strict=True):
        kept.append(label if word in seen else IGNORE_INDEX)
        seen.add(word)
    return kept


def specials_dropped(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        if word is None:
            continue
        kept.append(IGNORE_INDEX if word == previous else label)
        previous = word
    return kept


def later_ones_dropped(labels, word_ids):
    pairs = enumerate(zip(labels, word_ids, strict=True))
    return [label for i, (label, word) in pairs if word is None or word_ids.index(word) == i]


def changes_only(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        if word != previous:
            kept.append(label)
        previous = word
    return kept


def word_0_as_none(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        kept.append(IGNORE_INDEX if word and word == previous else label)
        previous = word
    return kept


def word_0_ignored(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        if not word or word == previous:
            kept.append(IGNORE_INDEX)
        else:
            kept.append(label)
        previous = word
    return kept


def compared_too_late(labels, word_ids):
    kept, seen = [], set()
    for label, word in zip(labels, word_ids, strict=True):
        seen.add(word)
        kept.append(IGNORE_INDEX if word in seen else label)
    return kept


def first_token_only(labels, word_ids):
    kept = []
    for label in labels:
        kept.append(label)
        return kept


def all_tokens_but_one(labels, word_ids):
    kept = []
    for i in range(1, len(labels)):
        later = word_ids[i] is not None and word_ids[i] == word_ids[i - 1]
        kept.append(IGNORE_INDEX if later else labels[i])
    return kept


def firsts_with_numpy(labels, word_ids):
    words = np.array([-1 if word is None else word for word in word_ids])
    later = np.append(False, (words[1:] == words[:-1]) & (words[1:] >= 0))
    return np.where(later, IGNORE_INDEX, labels)


WRONG = {
    "by label": (first_of_each_run_of_labels, "it compares labels"),
    "zero": (later_ones_as_o, "later sub-tokens get 0"),
    "last kept": (last_of_each_word, "keeps the last sub-token"),
    "dropped": (firsts_only, "specials and later sub-tokens are dropped"),
    "specials dropped": (specials_dropped, "specials are dropped"),
    "later dropped": (later_ones_dropped, "later sub-tokens are dropped:"),
    "changes only": (changes_only, "later sub-tokens are dropped:"),
    "word 0 as none": (word_0_as_none, "0 is false in Python"),
    "word 0 ignored": (word_0_ignored, "0 is false in Python"),
    "too late": (compared_too_late, "no label is left"),
    "first token": (first_token_only, "it stops after the first token"),
    "all but one": (all_tokens_but_one, "the first token is left out"),
    "specials only": (labels_as_they_were, "nothing has changed"),
    "none": (later_ones_as_none, "later sub-tokens get None"),
    "whole words": (whole_words_only, "has no label left"),
    "others": (all_but_the_first, "ignores the first sub-token"),
}

SECOND = firsts_with_numpy
