"""Answers to lesson 03, Exercise 3 · What precision and recall count."""

from collections import Counter

import numpy as np

from wrong_answers.lesson_03.find_entities import spans


def counts_of_tokens(predicted, reference):
    right = 0
    for guess, truth in zip(predicted, reference, strict=True):
        if guess == truth and guess != "O":
            right += 1
    return {
        "right": right,
        "predicted": len(predicted) - predicted.count("O"),
        "reference": len(reference) - reference.count("O"),
    }


def counts_without_types(predicted, reference):
    found, true = spans(predicted), spans(reference)
    places = [(start, end) for _, start, end in true]
    right = sum((start, end) in places for _, start, end in found)
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_by_first_word(predicted, reference):
    right = 0
    for guess, truth in zip(predicted, reference, strict=True):
        if guess.startswith("B-") and guess == truth:
            right += 1
    found, true = spans(predicted), spans(reference)
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_of_the_other(predicted, reference):
    found, true = spans(reference), spans(predicted)
    right = len([entity for entity in found if entity in true])
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_by_last_word(predicted, reference):
    found, true = (
        {(kind, end) for kind, _, end in spans(names)} for names in (predicted, reference)
    )
    return {"right": len(found & true), "predicted": len(found), "reference": len(true)}


def counts_of_overlaps(predicted, reference):
    found, true = spans(predicted), spans(reference)
    right = 0
    for kind, start, end in found:
        places = set(range(start, end))
        right += any(kind == k and places & set(range(s, e)) for k, s, e in true)
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_by_type(predicted, reference):
    found, true = (Counter(kind for kind, *_ in spans(names)) for names in (predicted, reference))
    right = sum(min(found[kind], true[kind]) for kind in found)
    return {"right": right, "predicted": sum(found.values()), "reference": sum(true.values())}


def counts_of_right_tokens(predicted, reference):
    counts = counts_with_numpy(predicted, reference)
    pairs = zip(predicted, reference, strict=True)
    return counts | {"right": sum(guess == truth != "O" for guess, truth in pairs)}


def counts_pair_by_pair(predicted, reference):
    found, true = spans(predicted), spans(reference)
    right = sum(guess == truth for guess, truth in zip(found, true, strict=False))
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_by_the_words_of_the_reference(predicted, reference):
    found, true = spans(predicted), spans(reference)
    right = [predicted[start:end] == reference[start:end] for _, start, end in true]
    return {"right": sum(right), "predicted": len(found), "reference": len(true)}


def counts_by_the_words_of_the_prediction(predicted, reference):
    found, true = spans(predicted), spans(reference)
    right = [predicted[start:end] == reference[start:end] for _, start, end in found]
    return {"right": sum(right), "predicted": len(found), "reference": len(true)}


def counts_of_words(predicted, reference):
    right = set(spans(predicted)) & set(spans(reference))
    return {"right": len(right), "predicted": len(predicted), "reference": len(reference)}


def counts_of_the_rest(predicted, reference):
    found, true = set(spans(predicted)), set(spans(reference))
    return {
        "right": len(found & true),
        "predicted": len(found - true),
        "reference": len(true - found),
    }


def counts_with_numpy(predicted, reference):
    found, true = spans(predicted), spans(reference)
    right = np.sum([entity in true for entity in found], dtype=int)
    return {"reference": len(true), "predicted": len(found), "right": right}


WRONG = {
    "tokens": (counts_of_tokens, "it counts tokens"),
    "no types": (counts_without_types, "the type is not compared"),
    "first word": (counts_by_first_word, "the extent is not compared"),
    "swapped": (counts_of_the_other, "predicted and reference are swapped"),
    "last word": (counts_by_last_word, "the first word is not compared"),
    "overlaps": (counts_of_overlaps, "overlaps a true one"),
    "by type": (counts_by_type, "how many there are of each type"),
    "right tokens": (counts_of_right_tokens, "it counts tokens"),
    "pair by pair": (counts_pair_by_pair, "the first with the first"),
    "words of the reference": (counts_by_the_words_of_the_reference, "goes on in the other"),
    "words of the prediction": (counts_by_the_words_of_the_prediction, "goes on in the other"),
    "words": (counts_of_words, "count words"),
    "the rest": (counts_of_the_rest, "those that are right are taken off"),
}

SECOND = counts_with_numpy
