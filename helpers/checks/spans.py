"""Checks of lesson 05."""

from __future__ import annotations

import math
import random
from collections import Counter

from helpers.checks.verdict import Verdict, compare
from helpers.squad import normalize


def _windows(rng: random.Random) -> list[dict]:
    """Return windows whose scores and null scores make the rules differ."""
    return [
        {
            "text": f"span {number}",
            "score": rng.randrange(-20, 40) / 4,
            "null_score": rng.randrange(-20, 40) / 4,
        }
        for number in range(rng.randrange(1, 6))
    ]


def _decide(windows, threshold, *, null=None, doubt=None, empty=None):
    """Answer over windows by the rules given; the right ones where none is."""
    best = max(windows, key=lambda window: window["score"])
    null_score = (null or (lambda nulls, best: min(nulls)))(
        [window["null_score"] for window in windows], best
    )
    value = (doubt or (lambda null_score, score: null_score - score))(null_score, best["score"])
    return "" if (empty or (lambda a, b: a > b))(value, threshold) else best["text"]


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
            (
                "it averages the null scores. Take the lowest.",
                lambda w, t: _decide(w, t, null=lambda nulls, best: sum(nulls) / len(nulls)),
            ),
            (
                "the doubt has the wrong sign. It is the null score minus the span's score.",
                lambda w, t: _decide(w, t, doubt=lambda null_score, score: score - null_score),
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
        ],
    )


def _f1(said: list[str], wanted: list[str], shared=None) -> float:
    """Return F1 of two lists of words; two empty ones are equal."""
    if not said and not wanted:
        return 1.0
    shared = (Counter(said) & Counter(wanted)).total() if shared is None else shared
    return 2 * shared / (len(said) + len(wanted))


def _words(text: str) -> list[str]:
    return normalize(text).split()


def _best_f1(said, accepted, *, words=_words, score=_f1, choose=max):
    if not accepted:
        return float(not words(said))
    return float(choose([score(words(said), words(text)) for text in accepted]))


def _of_sets(said, wanted):
    return _f1(sorted(set(said)), sorted(set(wanted)))


def _precision(said, wanted):
    return (Counter(said) & Counter(wanted)).total() / len(said) if said else float(not wanted)


def _recall(said, wanted):
    return (Counter(said) & Counter(wanted)).total() / len(wanted) if wanted else float(not said)


def check_answer_f1(function) -> Verdict:
    """Check `answer_f1(said, accepted) -> float`: best word F1 against any accepted answer."""
    rng = random.Random()
    vocabulary = ["the", "Bay", "of", "Ishan", "a", "bay,", "the", "of", "soup", "ginger.", "two"]
    cases: list[tuple] = [
        ("the Bay of Ishan", ["Bay of Ishan"]),
        ("Ishan", ["the Bay of Ishan", "Ishan"]),
        ("bay bay soup", ["bay soup"]),
        ("", []),
        ("Ishan", []),
        ("", ["Ishan"]),
        ("two two", ["two two", "two"]),
        ("clams", ["ginger soup"]),
    ]
    for _ in range(40):
        texts = [" ".join(rng.choices(vocabulary, k=rng.randrange(1, 7))) for _ in range(4)]
        cases.append((texts[0], [text for text in texts[1:] if _words(text)][: rng.randrange(4)]))
    return compare(
        "answer_f1",
        function,
        _best_f1,
        cases,
        [
            (
                "articles, capitals and punctuation count. Normalise both texts first.",
                lambda s, a: _best_f1(s, a, words=str.split),
            ),
            (
                "it compares sets. A word counts as often as both have it: compare Counters.",
                lambda s, a: _best_f1(s, a, score=_of_sets),
            ),
            (
                "only the first accepted answer is looked at. Take the best of all.",
                lambda s, a: _best_f1(s, a[:1]),
            ),
            (
                "it averages over the accepted answers. Take the best.",
                lambda s, a: _best_f1(s, a, choose=lambda scores: sum(scores) / len(scores)),
            ),
            (
                "that is precision, the share of its words that are right. Divide twice the shared words by those of both.",
                lambda s, a: _best_f1(s, a, score=_precision),
            ),
            (
                "that is recall, the share of the wanted words. Divide twice the shared words by those of both.",
                lambda s, a: _best_f1(s, a, score=_recall),
            ),
            (
                "an unanswerable question scores 0 for silence. With no accepted answer the empty text is right.",
                lambda s, a: _best_f1(s, a) if a else 0.0,
            ),
            (
                "it is all or nothing. F1 gives a share for shared words.",
                lambda s, a: _best_f1(s, a, score=lambda said, wanted: float(said == wanted)),
            ),
        ],
    )


def _best_threshold(doubts, kept, emptied, *, score=None, candidates=None, choose=min):
    """Return the best threshold by the rules given; the right ones where none is."""
    score = score or _total
    tried = sorted({*doubts, -math.inf}) if candidates is None else candidates(doubts)
    totals = {threshold: score(threshold, doubts, kept, emptied) for threshold in tried}
    return choose(t for t, total in totals.items() if total == max(totals.values()))


def _total(threshold, doubts, kept, emptied):
    return sum(e if d > threshold else k for d, k, e in zip(doubts, kept, emptied, strict=True))


def _total_at_least(threshold, doubts, kept, emptied):
    return sum(e if d >= threshold else k for d, k, e in zip(doubts, kept, emptied, strict=True))


def _questions(rng: random.Random) -> tuple[list[float], list[float], list[float]]:
    """Return doubts, F1 kept and F1 emptied; shares of two, so that sums are exact."""
    doubts, kept, emptied = [], [], []
    for _ in range(rng.randrange(1, 16)):
        answerable = rng.random() < 0.6
        doubts.append(rng.randrange(-24, 24) / 4 + (0 if answerable else 2))
        kept.append(rng.choice([0.0, 0.5, 1.0, 1.0]) if answerable else 0.0)
        emptied.append(0.0 if answerable else 1.0)
    return doubts, kept, emptied


def check_best_threshold(function) -> Verdict:
    """Check `best_threshold(doubts, kept, emptied) -> float`: the lowest one with the highest mean F1."""
    rng = random.Random()
    cases: list[tuple] = [
        ([-3.0, 1.0, 4.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]),
        ([-1.0, 2.0], [0.0, 0.0], [1.0, 1.0]),
        ([5.0, -2.0], [1.0, 0.0], [0.0, 1.0]),
        ([-2.0, 0.0, 3.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        ([2.0, 2.0, 1.0], [1.0, 0.5, 1.0], [0.0, 0.0, 0.0]),
        ([-4.0, -1.0, 1.5, 2.5], [1.0, 0.0, 0.5, 0.0], [0.0, 1.0, 0.0, 1.0]),
    ]
    cases += [_questions(rng) for _ in range(40)]
    return compare(
        "best_threshold",
        function,
        _best_threshold,
        cases,
        [
            (
                "the wrong side is emptied. A text goes where its doubt is above the threshold.",
                lambda d, k, e: _best_threshold(d, e, k),
            ),
            (
                "it looks at the kept texts alone. Silence earns F1 too, where there is no answer.",
                lambda d, k, e: _best_threshold(d, k, [0.0] * len(e)),
            ),
            (
                "a text whose doubt equals the threshold is emptied. Only above it.",
                lambda d, k, e: _best_threshold(d, k, e, score=_total_at_least),
            ),
            (
                "of equally good thresholds it takes the highest. Take the lowest.",
                lambda d, k, e: _best_threshold(d, k, e, choose=max),
            ),
            (
                "it never empties every text. float('-inf') is a candidate too.",
                lambda d, k, e: _best_threshold(d, k, e, candidates=lambda doubts: doubts),
            ),
            (
                "it returns the F1, not the threshold that gives it.",
                lambda d, k, e: _total(_best_threshold(d, k, e), d, k, e) / len(d),
            ),
        ],
    )
