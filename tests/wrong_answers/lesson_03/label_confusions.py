"""Answers to lesson 03, Exercise 5 · Count the confusions."""

import itertools
from collections import Counter

import numpy as np


def confusions_predicted_first(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        for pair in zip(predicted, reference, strict=True):
            if pair[0] != pair[1]:
                counts[pair] = counts.get(pair, 0) + 1
    return counts


def confusions_with_right_answers(predictions, references):
    counts = Counter()
    for predicted, reference in zip(predictions, references, strict=True):
        counts.update(zip(reference, predicted, strict=True))
    return counts


def confusions_counted_once(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        for guess, truth in zip(predicted, reference, strict=True):
            if guess != truth:
                counts[truth, guess] = 1
    return counts


def confusions_without_o(predictions, references):
    counts = Counter()
    for predicted, reference in zip(predictions, references, strict=True):
        for guess, truth in zip(predicted, reference, strict=True):
            if guess != truth and guess != "O" and truth != "O":
                counts[truth, guess] += 1
    return counts


def confusions_of_one_sentence(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        for guess, truth in zip(predicted, reference, strict=True):
            if guess != truth:
                counts[truth, guess] = counts.get((truth, guess), 0) + 1
        return counts
    return counts


def confusions_of_the_last_sentence(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        counts = {}
        for guess, truth in zip(predicted, reference, strict=True):
            if guess != truth:
                counts[truth, guess] = counts.get((truth, guess), 0) + 1
    return counts


def confusions_returned_in_the_loop(predictions, references):
    for predicted, reference in zip(predictions, references, strict=True):
        pairs = zip(reference, predicted, strict=True)
        return Counter((truth, guess) for truth, guess in pairs if guess != truth)


def confusions_as_a_counter(predictions, references):
    truths, guesses = map(itertools.chain.from_iterable, (references, predictions))
    counts = Counter(zip(truths, guesses, strict=True))
    return Counter({pair: np.int64(n) for pair, n in counts.items() if pair[0] != pair[1]})


WRONG = {
    "predicted first": (confusions_predicted_first, "the key is (predicted, reference)"),
    "right answers": (confusions_with_right_answers, "right answers are among them"),
    "once": (confusions_counted_once, "each pair counts once"),
    "no O": (confusions_without_o, "errors with O are left out"),
    "one sentence": (confusions_of_one_sentence, "the first sentence only"),
    "in the loop": (confusions_returned_in_the_loop, "the first sentence only"),
    "last sentence": (confusions_of_the_last_sentence, "the last sentence only"),
}

SECOND = confusions_as_a_counter
