"""Answers to lesson 05, Exercise 3 · Answer, or say nothing."""

import numpy as np


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


def silent_by_less_certainty(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    certainty = best["score"] - min(window["null_score"] for window in windows)
    return "" if certainty < threshold else best["text"]


def silent_by_the_first(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    return "" if windows[0]["null_score"] - best["score"] > threshold else best["text"]


def silent_by_the_last(windows, threshold):
    best = windows[0]
    for window in windows:
        null_score = window["null_score"]
        if window["score"] > best["score"]:
            best = window
    return "" if null_score - best["score"] > threshold else best["text"]


def silent_window_by_window(windows, threshold):
    sure = [w for w in windows if w["null_score"] - w["score"] <= threshold]
    return max(sure, key=lambda window: window["score"])["text"] if sure else ""


def silent_by_the_surest(windows, threshold):
    surest = min(windows, key=lambda window: window["null_score"] - window["score"])
    return "" if surest["null_score"] - surest["score"] > threshold else surest["text"]


def silent_until_one_is_sure(windows, threshold):
    for window in windows:
        if window["null_score"] - window["score"] <= threshold:
            return window["text"]
    return ""


def silent_if_all_are_in_doubt(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    doubts = [window["null_score"] - window["score"] for window in windows]
    return "" if min(doubts) > threshold else best["text"]


def silent_by_the_null_score(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    return "" if min(w["null_score"] for w in windows) > threshold else best["text"]


def never_silent(windows, threshold):
    return sorted(windows, key=lambda window: window["score"])[-1]["text"]


def silent_from_zero(windows, threshold, score=0, null_score=float("inf")):
    text = ""
    for window in windows:
        if window["score"] > score:
            score, text = window["score"], window["text"]
        null_score = min(null_score, window["null_score"])
    return "" if null_score - score > threshold else text


def silent_from_zero_null(windows, threshold):
    return silent_from_zero(windows, threshold, score=float("-inf"), null_score=0)


def silent_from_zeros(windows, threshold):
    return silent_from_zero(windows, threshold, null_score=0)


def silent_with_none(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    if min(window["null_score"] for window in windows) - best["score"] <= threshold:
        return best["text"]
    return None


def silent_or_a_window(windows, threshold):
    best = max(windows, key=lambda window: window["score"])
    doubt = min(window["null_score"] for window in windows) - best["score"]
    return "" if doubt > threshold else best


def silent_with_numpy(windows, threshold):
    order = np.argsort([window["score"] for window in windows])  # of equals, the last
    best = windows[order[-1]]
    doubt = np.min([window["null_score"] for window in windows]) - best["score"]
    return best["text"] if doubt <= threshold else ""


WRONG = {
    "highest": (silent_by_the_highest, "it keeps the highest null score"),
    "best window": (silent_by_the_best_window, "the best span's window only"),
    "mean": (silent_by_the_mean, "it averages the null scores"),
    "sign": (silent_by_certainty, "the doubt has the wrong sign"),
    "less certainty": (silent_by_less_certainty, "the doubt has the wrong sign"),
    "first": (silent_by_the_first, "of the first window, or of the last"),
    "last": (silent_by_the_last, "of the first window, or of the last"),
    "window by window": (silent_window_by_window, "for its own doubt"),
    "surest": (silent_by_the_surest, "for its own doubt"),
    "until one is sure": (silent_until_one_is_sure, "for its own doubt"),
    "all in doubt": (silent_if_all_are_in_doubt, "for its own doubt"),
    "null score": (silent_by_the_null_score, "the null score alone"),
    "never": (never_silent, "it always answers"),
    "from zero": (silent_from_zero, "compared with 0 first"),
    "from zero, null score": (silent_from_zero_null, "compared with 0 first"),
    "from zero, both": (silent_from_zeros, "compared with 0 first"),
    "None": (silent_with_none, "it returns None"),
    "window": (silent_or_a_window, "a whole window"),
    "wrong way round": (silent_the_wrong_way_round, "answers where it should be silent"),
    "at the threshold": (silent_at_the_threshold, "at the threshold itself"),
    "zero": (silent_at_zero, "the threshold is not used"),
}

SECOND = silent_with_numpy
