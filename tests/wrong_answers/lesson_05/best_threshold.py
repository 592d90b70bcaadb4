"""Answers to lesson 05, Exercise 5 · An honest threshold."""

import math

import numpy as np


def totals(doubts, kept, emptied, candidates):
    doubts, kept, emptied = map(np.array, (doubts, kept, emptied))
    return [np.where(doubts > threshold, emptied, kept).mean() for threshold in candidates]


def threshold_for_the_other_side(doubts, kept, emptied):
    candidates = [-math.inf, *sorted(doubts)]
    return candidates[int(np.argmax(totals(doubts, emptied, kept, candidates)))]


def threshold_for_answers(doubts, kept, emptied):
    candidates = [-math.inf, *sorted(doubts)]
    return candidates[int(np.argmax(totals(doubts, kept, np.zeros(len(kept)), candidates)))]


def threshold_that_empties_its_own(doubts, kept, emptied):
    best, best_mean = None, -1
    for threshold in [-math.inf, *sorted(doubts)]:
        rows = zip(doubts, kept, emptied, strict=True)
        mean = sum(k if doubt < threshold else e for doubt, k, e in rows)
        if mean > best_mean:
            best, best_mean = threshold, mean
    return best


def threshold_highest_of_equals(doubts, kept, emptied):
    best, best_mean = None, -1
    for threshold in [-math.inf, *sorted(doubts)]:
        (mean,) = totals(doubts, kept, emptied, [threshold])
        if mean >= best_mean:
            best, best_mean = threshold, mean
    return best


def threshold_among_doubts(doubts, kept, emptied):
    candidates = sorted(doubts)
    return candidates[int(np.argmax(totals(doubts, kept, emptied, candidates)))]


def threshold_first_of_equals(doubts, kept, emptied):
    candidates = [-math.inf, *doubts]
    return candidates[int(np.argmax(totals(doubts, kept, emptied, candidates)))]


def threshold_first_of_the_doubts(doubts, kept, emptied):
    return doubts[int(np.argmax(totals(doubts, kept, emptied, doubts)))]


def threshold_above_zero(doubts, kept, emptied, best=None):
    best_mean = 0
    for threshold in [-math.inf, *sorted(doubts)]:
        (mean,) = totals(doubts, kept, emptied, [threshold])
        if mean > best_mean:
            best, best_mean = threshold, mean
    return best


def threshold_from_zero(doubts, kept, emptied):
    return threshold_above_zero(doubts, kept, emptied, best=0)


def threshold_of_sorted_doubts(doubts, kept, emptied):
    doubts.sort()
    candidates = [-math.inf, *doubts]
    return candidates[int(np.argmax(totals(doubts, kept, emptied, candidates)))]


def place_of_the_threshold(doubts, kept, emptied):
    return np.argmax(totals(doubts, kept, emptied, [-math.inf, *sorted(doubts)]))


def mean_f1_of_the_best(doubts, kept, emptied):
    return max(totals(doubts, kept, emptied, [-math.inf, *sorted(doubts)]))


def threshold_by_running_means(doubts, kept, emptied):
    best, best_mean = None, -1
    for threshold in [-math.inf, *sorted(doubts)]:
        mean = 0.0  # rounded anew at each question
        for place, doubt in enumerate(doubts):
            score = emptied[place] if doubt > threshold else kept[place]
            mean += (score - mean) / (place + 1)
        if mean > best_mean:
            best, best_mean = threshold, mean
    return np.float64(best)


WRONG = {
    "other side": (threshold_for_the_other_side, "the wrong side is emptied"),
    "answers only": (threshold_for_answers, "the kept texts alone"),
    "at least": (threshold_that_empties_its_own, "equals the threshold is emptied"),
    "highest": (threshold_highest_of_equals, "it takes the highest"),
    "first of equals": (threshold_first_of_equals, "takes the first of the list"),
    "first of the doubts": (threshold_first_of_the_doubts, "never empties every text"),
    "above zero": (threshold_above_zero, "where every threshold scores 0"),
    "from zero": (threshold_from_zero, "where every threshold scores 0"),
    "sorted doubts": (threshold_of_sorted_doubts, "sorted without their F1s"),
    "place": (place_of_the_threshold, "the place of the threshold"),
    "doubts only": (threshold_among_doubts, "never empties every text"),
    "the F1": (mean_f1_of_the_best, "returns the F1"),
}

SECOND = threshold_by_running_means
