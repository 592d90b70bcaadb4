"""Answers to lesson 02, Exercise 5 · Back to words."""

from collections import Counter, defaultdict

import numpy as np

from helpers.ner import IGNORE_INDEX


def labels_with_ignored_votes(labels, word_ids, words):
    found = [IGNORE_INDEX] * words
    for word in range(words):
        votes = [labels[i] for i in range(len(labels)) if word_ids[i] == word]
        if votes:
            found[word] = Counter(votes).most_common(1)[0][0]
    return found


def labels_of_first_tokens(labels, word_ids, words):
    return [labels[word_ids.index(i)] if i in word_ids else IGNORE_INDEX for i in range(words)]


def labels_of_first_votes(labels, word_ids, words):
    found = [IGNORE_INDEX] * words
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and found[word] == IGNORE_INDEX:
            found[word] = label
    return found


def labels_of_last_tokens(labels, word_ids, words):
    last = dict(zip(word_ids, labels, strict=True))
    return [last.get(word, IGNORE_INDEX) for word in range(words)]


def labels_of_last_votes(labels, word_ids, words):
    found = [IGNORE_INDEX] * words
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and label != IGNORE_INDEX:
            found[word] = label
    return found


def labels_by_bincount(labels, word_ids, words):
    labels, owners = np.array(labels), np.array([-1 if w is None else w for w in word_ids])
    found = []
    for word in range(words):
        votes = labels[(owners == word) & (labels >= 0)]
        found.append(np.bincount(votes).argmax() if len(votes) else IGNORE_INDEX)
    return found


def labels_with_the_later_of_equals(labels, word_ids, words):
    votes = defaultdict(list)
    for label, word in zip(reversed(labels), reversed(word_ids), strict=True):
        if label != IGNORE_INDEX:
            votes[word].append(label)
    return [
        max(votes[word], key=votes[word].count) if votes[word] else IGNORE_INDEX
        for word in range(words)
    ]


def labels_of_words_that_have_one(labels, word_ids, words):
    votes = {}
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and label != IGNORE_INDEX:
            votes.setdefault(word, Counter())[label] += 1
    return [counts.most_common(1)[0][0] for counts in votes.values()]


def labels_or_o(labels, word_ids, words):
    found = []
    for i in range(words):
        votes = [
            label for label, word in zip(labels, word_ids, strict=True) if word == i and label >= 0
        ]
        found.append(max(votes, key=votes.count) if votes else 0)
    return found


def labels_by_a_set(labels, word_ids, words):
    found = []
    for word in range(words):
        votes = [labels[i] for i in range(len(labels)) if word_ids[i] == word and labels[i] >= 0]
        found.append(max(set(votes), key=votes.count) if votes else IGNORE_INDEX)
    return found


def labels_or_none(labels, word_ids, words):
    return [None if label < 0 else label for label in labels_with_numpy(labels, word_ids, words)]


def labels_of_words_that_are_left(labels, word_ids, words):
    found = labels_with_numpy(labels, word_ids, words)
    return [found[word] for word in sorted({word for word in word_ids if word is not None})]


def labels_for_every_token(labels, word_ids, words):
    found = [*labels_with_numpy(labels, word_ids, words), IGNORE_INDEX]
    return [found[-1 if word is None else word] for word in word_ids]


def labels_of_words_but_the_first(labels, word_ids, words):
    votes = [[] for _ in range(words)]
    for label, word in zip(labels, word_ids, strict=True):
        if word and label != IGNORE_INDEX:
            votes[word].append(label)
    return [max(found, key=found.count, default=IGNORE_INDEX) for found in votes]


def labels_with_numpy(labels, word_ids, words):
    labels = np.array(labels)
    owners = np.array([-1 if word is None else word for word in word_ids])
    found = np.full(words, IGNORE_INDEX)
    for word in range(words):
        votes = labels[(owners == word) & (labels != IGNORE_INDEX)]
        kinds, first, counts = np.unique(votes, return_index=True, return_counts=True)
        if len(kinds):
            found[word] = kinds[np.lexsort((first, -counts))[0]]
    return found


WRONG = {
    "ignored vote": (labels_with_ignored_votes, "IGNORE_INDEX has a vote"),
    "first token": (labels_of_first_tokens, "takes the first sub-token's label"),
    "first vote": (labels_of_first_votes, "takes the first label that counts"),
    "last token": (labels_of_last_tokens, "takes the last sub-token's label"),
    "last vote": (labels_of_last_votes, "takes the last label that counts"),
    "lowest id": (labels_by_bincount, "it takes the lowest id"),
    "later one": (labels_with_the_later_of_equals, "the one that comes last"),
    "left out": (labels_of_words_that_have_one, "without a label are left out"),
    "O": (labels_or_o, "get 0, which means O"),
    "a set": (labels_by_a_set, "a set has no order"),
    "None": (labels_or_none, "get None"),
    "cut away": (labels_of_words_that_are_left, "cut away are left out"),
    "tokens": (labels_for_every_token, "a label for each token"),
    "word 0": (labels_of_words_but_the_first, "word 0 is left out"),
}

SECOND = labels_with_numpy
