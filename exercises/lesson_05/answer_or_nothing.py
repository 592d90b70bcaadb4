"""The check of lesson 05, Exercise 3 · Answer, or say nothing."""

from __future__ import annotations

import math
import random
from functools import partial

from exercises.verdict import Verdict, compare

OWN_DOUBT = "each window is judged for its own doubt. There is one for all: the lowest null score less the best score."


def _windows(rng: random.Random) -> list[dict]:
    """Return windows whose scores and null scores make the rules differ; no two have the same score."""
    scores = rng.sample(range(-20, 40), rng.randrange(1, 6))
    more = rng.randrange(0, 50)  # else a null score is below the best score nearly always
    return [
        {
            "text": f"span {number}",
            "score": score / 4,
            "null_score": (more + rng.randrange(-20, 40)) / 4,
        }
        for number, score in enumerate(scores)
    ]


def _decide(windows, threshold, *, null=None, doubt=None, empty=None):
    """Answer over windows by the rules given; the right ones where none is."""
    best = max(windows, key=lambda window: window["score"])
    null_score = (null or (lambda nulls, best: min(nulls)))(
        [window["null_score"] for window in windows], best
    )
    value = (doubt or (lambda null_score, score: null_score - score))(null_score, best["score"])
    return "" if (empty or (lambda a, b: a > b))(value, threshold) else best["text"]


def _decide_from_zero(windows, threshold, *, score=True, null=True):
    """Answer with a best score, or a lowest null score, that was 0 before the first window."""
    zero = {
        "text": "",
        "score": 0.0 if score else -math.inf,
        "null_score": 0.0 if null else math.inf,
    }
    return _decide([zero, *windows], threshold)


def _decide_by_window(windows, threshold, *, key):
    """Answer with the best of the windows that have little doubt of their own."""
    own = [window for window in windows if window["null_score"] - window["score"] <= threshold]
    return max(own, key=key)["text"] if own else ""


def check_answer_or_nothing(function) -> Verdict:
    """Check `answer_or_nothing(windows, threshold) -> str`: best span, or empty where the doubt is too high."""
    rng = random.Random()

    def window(text, score, null_score):
        return {"text": text, "score": score, "null_score": null_score}

    cases = [
        ([window("Jan Mayer", 9.0, 1.0), window("June", -2.0, 8.0)], 0.0),
        ([window("June", -2.0, 9.0), window("1672", 2.0, 9.5), window("map", 4.0, 10.0)], 0.0),
        ([window("Jan Mayer", 3.0, 12.0), window("June", 2.0, 1.0), window("Anna", 1.0, 9.0)], 0.0),
        ([window("Anna", 6.0, 9.0), window("June", 1.0, 1.0)], 0.0),  # the mean is another mistake
        ([window("Anna", 4.0, 6.0)], 2.0),
        ([window("Anna", 4.0, 6.5)], 2.0),
        ([window("Anna", 4.0, 3.0)], -2.0),
        ([window("Anna", 4.0, 3.0)], 2.0),  # no doubt at all, and a little
        ([window("Anna", 4.0, 5.0)], 2.0),
        ([window("Anna", 4.0, 2.0), window("June", 1.0, 3.0)], 0.0),
        ([window("Anna", -2.0, -5.0), window("June", -3.0, -4.0)], 0.0),
        ([window("Anna", -2.0, 5.0)], 1.0),
        ([window("Anna", 5.0, 9.0), window("June", -3.0, 4.0)], 0.0),  # each window is in doubt
    ]
    cases += [(_windows(rng), rng.randrange(-12, 12) / 4) for _ in range(40)]
    return compare(
        "answer_or_nothing",
        function,
        _decide,
        cases,
        [
            (
                "it keeps the highest null score. One window that sees the answer is enough: keep the lowest.",
                lambda w, t: _decide(w, t, null=lambda nulls, best: max(nulls)),
            ),
            (
                "it looks at the null score of the best span's window only. Take the lowest over all windows.",
                lambda w, t: _decide(w, t, null=lambda nulls, best: best["null_score"]),
            ),
            *[
                (
                    "it looks at the null score of the first window, or of the last, only. Take the lowest over all windows.",
                    partial(_decide, null=lambda nulls, best, place=place: nulls[place]),
                )
                for place in (0, -1)
            ],
            *[
                (OWN_DOUBT, partial(_decide_by_window, key=key))
                for key in (
                    lambda window: window["score"],
                    lambda window: window["score"] - window["null_score"],
                    lambda window: 0,  # the first
                )
            ],
            (
                OWN_DOUBT,
                lambda w, t: _decide(
                    w,
                    t,
                    doubt=lambda null_score, score: min(x["null_score"] - x["score"] for x in w),
                ),
            ),
            (
                "it averages the null scores. Take the lowest.",
                lambda w, t: _decide(w, t, null=lambda nulls, best: sum(nulls) / len(nulls)),
            ),
            (
                "the doubt has the wrong sign. It is the null score minus the span's score.",
                lambda w, t: _decide(w, t, doubt=lambda null_score, score: score - null_score),
            ),
            (
                "the doubt has the wrong sign. It is the null score minus the span's score.",
                lambda w, t: _decide(
                    w,
                    t,
                    doubt=lambda null_score, score: score - null_score,
                    empty=lambda doubt, threshold: doubt < threshold,
                ),
            ),
            (
                "the null score alone is compared. The doubt is that minus the best span's score.",
                lambda w, t: _decide(w, t, doubt=lambda null_score, score: null_score),
            ),
            (
                "it answers where it should be silent. The text is empty where the doubt is above the threshold.",
                lambda w, t: _decide(w, t, empty=lambda doubt, threshold: doubt <= threshold),
            ),
            (
                "at the threshold itself the text is still kept: empty only above it.",
                lambda w, t: _decide(w, t, empty=lambda doubt, threshold: doubt >= threshold),
            ),
            (
                "the threshold is not used. Compare the doubt with it.",
                lambda w, t: _decide(w, 0.0),
            ),
            (
                "it always answers. The text is empty where the doubt is above the threshold.",
                lambda w, t: _decide(w, math.inf),
            ),
            *[
                (
                    "a score is compared with 0 first. All may be below it: start from the first window, or from `float('-inf')`.",
                    partial(_decide_from_zero, score=score, null=null),
                )
                for score, null in ((True, False), (False, True), (True, True))
            ],
            (
                "where it says nothing it returns None. Return the empty text.",
                lambda w, t: _decide(w, t) or None,
            ),
            (
                "it returns a whole window. Return its text.",
                lambda w, t: _decide(w, t) and max(w, key=lambda window: window["score"]),
            ),
        ],
    )
