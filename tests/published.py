"""Scores as their authors publish them, in plain loops: the CoNLL scorer (conlleval), SQuAD's evaluation scripts."""

import re
import string
from collections import Counter


def chunks(tags):
    """Return (type, first, end) of each chunk, as conlleval cuts any tags; an I- that continues nothing begins one."""
    found, begun = [], None
    before, kind_before = "O", ""
    for place, tag in enumerate([*tags, "O"]):
        letter, _, kind = tag.partition("-")
        other = kind != kind_before
        ends = before in "BI" and (letter in "BO" or other)
        starts = letter == "B" or (letter == "I" and (before == "O" or other))
        if ends:
            found.append((kind_before, begun, place))
        if starts:
            begun = place
        before, kind_before = letter, kind
    return found


def conll_scores(predictions, references):
    """Return type -> (precision, recall, F1, number in the reference), and "" -> those of all types."""
    said, true, right = Counter(), Counter(), Counter()
    for predicted, reference in zip(predictions, references, strict=True):
        both = set(chunks(predicted)) & set(chunks(reference))
        for counts, held in ((said, chunks(predicted)), (true, chunks(reference)), (right, both)):
            for kind, _, _ in held:
                counts[kind] += 1
                counts[""] += 1
    return {kind: scores(right[kind], said[kind], true[kind]) for kind in {"", *said, *true}}


def scores(right, said, true):
    precision, recall = right / said if said else 0.0, right / true if true else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0, true


def plain(text):
    """SQuAD's `normalize_answer`."""
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad_f1(text, answer, empty_counts=False):
    """SQuAD's F1 of two texts; version 2.0 also scores two empty ones as equal."""
    said, true = plain(text).split(), plain(answer).split()
    if empty_counts and not (said and true):
        return float(said == true)
    _, _, f1, _ = scores((Counter(said) & Counter(true)).total(), len(said), len(true))
    return f1


def squad(texts, answers):
    """Return exact match and F1, in per cent, of version 1.1."""
    pairs = list(zip(texts, answers, strict=True))
    exact = sum(max(plain(text) == plain(one) for one in accepted) for text, accepted in pairs)
    f1 = sum(max(squad_f1(text, one) for one in accepted) for text, accepted in pairs)
    return {"exact_match": 100 * exact / len(pairs), "f1": 100 * f1 / len(pairs)}


def squad_v2(texts, answers, doubts, threshold):
    """Return exact match and F1, in per cent, of version 2.0, and the best that any threshold gives."""
    raw = {"exact": [], "f1": []}
    for text, accepted in zip(texts, answers, strict=True):
        gold = [one for one in accepted if plain(one)] or [""]
        raw["exact"].append(max(float(plain(text) == plain(one)) for one in gold))
        raw["f1"].append(max(squad_f1(text, one, empty_counts=True) for one in gold))
    found = {}
    for name, held in raw.items():
        rows = list(zip(held, doubts, answers, strict=True))
        kept = [float(not accepted) if doubt > threshold else s for s, doubt, accepted in rows]
        found[name] = 100 * sum(kept) / len(kept)
        found[f"best_{name}"], found[f"best_{name}_thresh"] = best(held, texts, answers, doubts)
    return found


def best(held, texts, answers, doubts):
    """SQuAD's `find_best_thresh`: questions are answered one by one, the surest first."""
    now = top = sum(not accepted for accepted in answers)
    threshold = 0.0
    for place in sorted(range(len(doubts)), key=lambda place: doubts[place]):
        if answers[place]:
            now += held[place]
        elif texts[place]:
            now -= 1
        if now > top:
            top, threshold = now, doubts[place]
    return 100 * top / len(held), threshold
