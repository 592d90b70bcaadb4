"""Answers to lesson 02, Exercise 4 · Count what truncation lost."""

from collections import Counter

import numpy as np


def words_less_tokens(word_ids, words):
    tokens = 0
    for word in word_ids:
        if word is not None:
            tokens += 1
    return words - tokens


def words_less_ids_and_none(word_ids, words):
    return words - len(Counter(word_ids))


def words_kept(word_ids, words):
    return sum(word in word_ids for word in range(words))


def words_less_length(word_ids, words):
    for _ in word_ids:
        words -= 1
    return words


def words_but_the_first(word_ids, words):
    return words - len({word for word in word_ids if word})


def words_never_seen(word_ids, words):
    return np.int64(sum(word not in word_ids for word in range(words)))


WRONG = {
    "tokens": (words_less_tokens, "it counts tokens"),
    "None": (words_less_ids_and_none, "None counts as a word"),
    "words kept": (words_kept, "counts the words that are left"),
    "length": (words_less_length, "specials count as words"),
    "word 0": (words_but_the_first, "word 0 is left out"),
}

SECOND = words_never_seen
