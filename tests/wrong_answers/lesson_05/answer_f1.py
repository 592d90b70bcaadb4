"""Answers to lesson 05, Exercise 4 · F1 of one answer."""

from collections import Counter

import numpy as np

from helpers.metrics import normalize


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


def f1_by(score, said, accepted, words=lambda text: normalize(text).split()):
    """Return the best score by `score(words said, words wanted)`: what some wrong answers start from."""
    if not accepted:
        return 0.0 if said else 1.0
    return max(score(words(said), words(text)) for text in accepted)


def f1_with_the_accepted_as_written(said, accepted):
    return f1_by(f1_of_words, normalize(said), accepted, str.split)


def f1_with_the_said_as_written(said, accepted):
    return f1_by(f1_of_words, said, [normalize(text) for text in accepted], str.split)


def f1_of_characters(said, accepted):
    return f1_by(f1_of_words, said, accepted, normalize)


def f1_of_a_shared_set(said, accepted):
    def score(words, wanted):
        return 2 * len(set(words) & set(wanted)) / (len(words) + len(wanted))

    return f1_by(score, said, accepted)


def f1_of_words_found(said, accepted):
    def score(words, wanted):
        return 2 * len([word for word in words if word in wanted]) / (len(words) + len(wanted))

    return f1_by(score, said, accepted)


def f1_by_the_union(said, accepted):
    def score(words, wanted):
        words, wanted = Counter(words), Counter(wanted)
        return 2 * (words & wanted).total() / (words | wanted).total()

    return f1_by(score, said, accepted)


def f1_shared_once(said, accepted):
    return f1_by(lambda words, wanted: f1_of_words(words, wanted) / 2, said, accepted)


def f1_of_the_last(said, accepted):
    score = float(not said)
    for text in accepted:
        score = f1_of_words(normalize(said).split(), normalize(text).split())
    return score


def f1_of_anything(said, accepted):
    return f1_by(f1_of_words, said, accepted) if accepted else 1.0


def f1_of_silence(said, accepted):
    return f1_by(f1_of_words, said, accepted) if said else 1.0


def f1_or_true(said, accepted):
    return f1_by(f1_of_words, said, accepted) if accepted else said == ""


def f1_or_no_words(said, accepted):
    return f1_by(f1_of_words, said, accepted) if accepted else not normalize(said).split()


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


def f1_by_precision_and_recall(said, accepted):
    if not accepted:
        return int(said == "")  # the empty text, not one of articles
    words = normalize(said).split()
    return np.max([f1_of_words(words, normalize(text).split()) for text in accepted])


WRONG = {
    "as written": (f1_as_written, "articles, capitals and punctuation count"),
    "accepted as written": (f1_with_the_accepted_as_written, "only one of the two texts"),
    "said as written": (f1_with_the_said_as_written, "only one of the two texts"),
    "characters": (f1_of_characters, "it counts characters"),
    "shared set": (f1_of_a_shared_set, "the shared words are a set"),
    "words found": (f1_of_words_found, "is found twice"),
    "union": (f1_by_the_union, "one or the other has"),
    "half": (f1_shared_once, "half of it"),
    "last": (f1_of_the_last, "only the last accepted answer"),
    "anything": (f1_of_anything, "any text scores 1"),
    "silence everywhere": (f1_of_silence, "silence scores 1 where"),
    "True": (f1_or_true, "True or False"),
    "True, of words": (f1_or_no_words, "True or False"),
    "sets": (f1_of_sets, "it compares sets"),
    "first": (f1_of_the_first, "only the first accepted answer"),
    "mean": (f1_on_average, "it averages over the accepted answers"),
    "precision": (precision_of_words, "that is precision"),
    "recall": (recall_of_words, "that is recall"),
    "silence": (f1_without_silence, "scores 0 for silence"),
    "all or nothing": (f1_all_or_nothing, "all or nothing"),
}

SECOND = f1_by_precision_and_recall
