"""Answers to the exercises of helpers/checks/spans.py, as learners write them: wrong ones, and right ones in another style."""

import math
from collections import Counter

import numpy as np

from helpers.squad import normalize


def silent_by_the_highest(windows, threshold):
    minimum, best = None, None
    for window in windows:
        if minimum is None or minimum < window["null_score"]:
            minimum = window["null_score"]
        if best is None or best["score"] < window["score"]:
            best = window
    return best["text"] if minimum - best["score"] <= threshold else ""


def silent_by_the_best_window(windows, threshold):
    best = sorted(windows, key=lambda window: -window["score"])[0]
    return "" if best["null_score"] - best["score"] > threshold else best["text"]


def silent_by_the_mean(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    doubt = np.mean([window["null_score"] for window in windows]) - best["score"]
    return "" if doubt > threshold else best["text"]


def silent_by_certainty(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    certainty = best["score"] - min(window["null_score"] for window in windows)
    return "" if certainty > threshold else best["text"]


def silent_the_wrong_way_round(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    doubt = min(window["null_score"] for window in windows) - best["score"]
    return best["text"] if doubt > threshold else ""


def silent_at_the_threshold(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    doubt = min(window["null_score"] for window in windows) - best["score"]
    return best["text"] if doubt < threshold else ""


def silent_at_zero(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    lowest = min(window["null_score"] for window in windows)
    return best["text"] if best["score"] >= lowest else ""


def f1_of_words(words, wanted):
    shared = sum((Counter(words) & Counter(wanted)).values())
    if not words or not wanted:
        return float(words == wanted)
    precision, recall = shared / len(words), shared / len(wanted)
    return 2 * precision * recall / (precision + recall) if shared else 0.0


def f1_as_written(said, accepted):
    return max(f1_of_words(said.split(), text.split()) for text in accepted or [""])


def f1_of_sets(said, accepted):
    words = set(normalize(said).split())
    wanted = [set(normalize(text).split()) for text in accepted or [""]]
    return max(f1_of_words(sorted(words), sorted(text)) for text in wanted)


def f1_of_the_first(said, accepted):
    wanted = accepted[0] if accepted else ""
    return f1_of_words(normalize(said).split(), normalize(wanted).split())


def f1_on_average(said, accepted):
    words = normalize(said).split()
    return np.mean([f1_of_words(words, normalize(text).split()) for text in accepted or [""]])


def f1_without_silence(said, accepted):
    words = normalize(said).split()
    return max((f1_of_words(words, normalize(text).split()) for text in accepted), default=0.0)


def f1_all_or_nothing(said, accepted):
    return float(normalize(said) in [normalize(text) for text in accepted or [""]])


def share_of(said, accepted, precision):
    scores = []
    for text in accepted or [""]:
        words, wanted = normalize(said).split(), normalize(text).split()
        shared = (Counter(words) & Counter(wanted)).total()
        whole = words if precision else wanted
        scores.append(shared / len(whole) if whole else float(words == wanted))
    return max(scores)


def precision_of_words(said, accepted):
    return share_of(said, accepted, precision=True)


def recall_of_words(said, accepted):
    return share_of(said, accepted, precision=False)


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


def mean_f1_of_the_best(doubts, kept, emptied):
    return max(totals(doubts, kept, emptied, [-math.inf, *sorted(doubts)]))


# Right answers in another style than the solution's


def silent_with_numpy(windows, threshold):
    scores = np.array([window["score"] for window in windows])
    doubt = np.min([window["null_score"] for window in windows]) - scores.max()
    return windows[scores.argmax()]["text"] if doubt <= threshold else ""


def f1_by_precision_and_recall(said, accepted):
    words = normalize(said).split()
    return np.max([f1_of_words(words, normalize(text).split()) for text in accepted or [""]])


def threshold_by_sorting(doubts, kept, emptied):
    order = np.argsort(doubts, kind="stable")
    gains = (np.array(kept) - np.array(emptied))[order].cumsum()
    best, best_gain = -np.inf, 0.0
    for place, question in enumerate(order):
        last = place + 1 == len(order) or doubts[order[place + 1]] > doubts[question]
        if last and gains[place] > best_gain:
            best, best_gain = doubts[question], gains[place]
    return np.float64(best)


WRONG = {
    "check_answer_or_nothing": {
        "highest": (silent_by_the_highest, "it keeps the highest null score"),
        "best window": (silent_by_the_best_window, "the best span's window only"),
        "mean": (silent_by_the_mean, "it averages the null scores"),
        "sign": (silent_by_certainty, "the doubt has the wrong sign"),
        "wrong way round": (silent_the_wrong_way_round, "answers where it should be silent"),
        "at the threshold": (silent_at_the_threshold, "at the threshold itself"),
        "zero": (silent_at_zero, "the threshold is not used"),
    },
    "check_answer_f1": {
        "as written": (f1_as_written, "articles, capitals and punctuation count"),
        "sets": (f1_of_sets, "it compares sets"),
        "first": (f1_of_the_first, "only the first accepted answer"),
        "mean": (f1_on_average, "it averages over the accepted answers"),
        "precision": (precision_of_words, "that is precision"),
        "recall": (recall_of_words, "that is recall"),
        "silence": (f1_without_silence, "scores 0 for silence"),
        "all or nothing": (f1_all_or_nothing, "all or nothing"),
    },
    "check_best_threshold": {
        "other side": (threshold_for_the_other_side, "the wrong side is emptied"),
        "answers only": (threshold_for_answers, "the kept texts alone"),
        "at least": (threshold_that_empties_its_own, "equals the threshold is emptied"),
        "highest": (threshold_highest_of_equals, "it takes the highest"),
        "doubts only": (threshold_among_doubts, "never empties every text"),
        "the F1": (mean_f1_of_the_best, "returns the F1"),
    },
}

SECOND = {
    "check_answer_or_nothing": silent_with_numpy,
    "check_answer_f1": f1_by_precision_and_recall,
    "check_best_threshold": threshold_by_sorting,
}
