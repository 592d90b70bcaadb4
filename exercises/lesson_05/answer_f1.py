"""The check of lesson 05, Exercise 4 · F1 of one answer."""

from __future__ import annotations

import random
from collections import Counter

from exercises.verdict import Verdict, compare
from helpers.metrics import normalize


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


def _shared_words(said, wanted):
    return len(set(said) & set(wanted))


def _words_found(said, wanted):
    return sum(word in wanted for word in said)


def _of_union(said, wanted):
    said, wanted = Counter(said), Counter(wanted)
    return 2 * (said & wanted).total() / max(1, (said | wanted).total())


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
        said, *texts = [" ".join(rng.choices(vocabulary, k=rng.randrange(1, 7))) for _ in range(4)]
        accepted = [text for text in texts if _words(text)][: rng.randrange(4)]
        if accepted or _words(said):  # whether "the" alone says nothing, the lesson leaves open
            cases.append((said, accepted))
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
            *[
                (
                    "only one of the two texts is normalised. Normalise the other too.",
                    one_normalised,
                )
                for one_normalised in (
                    lambda s, a: _best_f1(normalize(s), a, words=str.split),
                    lambda s, a: _best_f1(s, [*map(normalize, a)], words=str.split),
                )
            ],
            (
                "it counts characters. `split()` the texts into words first.",
                lambda s, a: _best_f1(s, a, words=normalize),
            ),
            (
                "it compares sets. A word counts as often as both have it: compare Counters.",
                lambda s, a: _best_f1(s, a, score=_of_sets),
            ),
            (
                "the shared words are a set. A word counts as often as both have it: compare Counters.",
                lambda s, a: _best_f1(s, a, score=lambda x, y: _f1(x, y, _shared_words(x, y))),
            ),
            (
                "a word that is said twice is found twice, even if the answer has it once. Compare Counters.",
                lambda s, a: _best_f1(s, a, score=lambda x, y: _f1(x, y, _words_found(x, y))),
            ),
            (
                "it divides by the words that one or the other has. Add up the words of both.",
                lambda s, a: _best_f1(s, a, score=_of_union),
            ),
            (
                "that is half of it, at most 0.5. Count the shared words twice: both have them.",
                lambda s, a: _best_f1(s, a, score=lambda x, y: _f1(x, y) / 2),
            ),
            (
                "only the first accepted answer is looked at. Take the best of all.",
                lambda s, a: _best_f1(s, a[:1]),
            ),
            (
                "only the last accepted answer counts. Take the best of all.",
                lambda s, a: _best_f1(s, a[-1:]),
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
                "with no accepted answer any text scores 1. Only the empty one does.",
                lambda s, a: _best_f1(s, a) if a else 1.0,
            ),
            (
                "silence scores 1 where there is an answer. It does so only where none is accepted.",
                lambda s, a: _best_f1(s, a) if s else 1.0,
            ),
            (
                "with no accepted answer it returns True or False. Return a number: `float(...)`.",
                lambda s, a: _best_f1(s, a) if a else not s,
            ),
            (
                "it is all or nothing. F1 gives a share for shared words.",
                lambda s, a: _best_f1(s, a, score=lambda said, wanted: float(said == wanted)),
            ),
        ],
    )
