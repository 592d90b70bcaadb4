"""The check of lesson 03, Exercise 3 · What precision and recall count."""

from __future__ import annotations

import random
from collections import Counter

from exercises.lesson_03.shared import find_entities, sentence
from exercises.verdict import Verdict, compare


def _counts(predicted, reference, found):
    predicted, reference = set(found(predicted)), set(found(reference))
    return {
        "right": len(predicted & reference),
        "predicted": len(predicted),
        "reference": len(reference),
    }


def _types(names):
    return Counter(kind for kind, _, _ in find_entities(names))


def _overlaps(entity, others):
    kind, start, end = entity
    return any(kind == other and start < e and s < end for other, s, e in others)


def check_entity_counts(function) -> Verdict:
    """Check `entity_counts(predicted, reference) -> dict`: right, predicted, reference, as whole entities."""
    rng = random.Random()
    cases = [
        (["B-PER", "I-PER", "O"], ["B-PER", "I-PER", "O"]),
        (["B-PER", "O", "O"], ["B-PER", "I-PER", "O"]),
        (["B-ORG", "I-ORG"], ["B-LOC", "I-LOC"]),
        (["O", "B-ORG", "O"], ["B-ORG", "I-ORG", "O"]),
        (["B-PER", "O", "B-PER"], ["O", "B-PER", "B-PER"]),
        ([], []),
        (["O", "O"], ["B-LOC", "O"]),
        (["B-PER", "I-PER", "O"], ["B-PER", "O", "O"]),
        (["B-LOC", "O", "B-PER"], ["O", "O", "B-PER"]),
    ]
    for _ in range(30):
        reference = sentence(rng)
        predicted = reference if rng.random() < 0.4 else sentence(rng, len(reference))
        cases.append((predicted, reference))

    def tokens(names):
        return [(name, i) for i, name in enumerate(names) if name != "O"]

    def right(p, r, count):
        return _counts(p, r, find_entities) | {"right": count}

    def same_words(p, r, entities):
        return sum(p[start:end] == r[start:end] for _, start, end in entities)

    return compare(
        "entity_counts",
        function,
        lambda predicted, reference: _counts(predicted, reference, find_entities),
        cases,
        [
            (
                "it counts tokens. An entity is right only as a whole: same type, same first and last word.",
                lambda p, r: _counts(p, r, tokens),
            ),
            (
                "it counts tokens. An entity is right only as a whole: same type, same first and last word.",
                lambda p, r: right(p, r, _counts(p, r, tokens)["right"]),
            ),
            (
                "it compares the first with the first, the second with the second. One missed entity shifts all that follow: look among all.",
                lambda p, r: right(
                    p, r, sum(map(tuple.__eq__, find_entities(p), find_entities(r)))
                ),
            ),
            (
                "an entity that goes on in the other sentence counts as right. Compare its end as well.",
                lambda p, r: right(p, r, same_words(p, r, find_entities(r))),
            ),
            (
                "an entity that goes on in the other sentence counts as right. Compare its end as well.",
                lambda p, r: right(p, r, same_words(p, r, find_entities(p))),
            ),
            (
                "`predicted` and `reference` count words. Count the entities.",
                lambda p, r: (
                    _counts(p, r, find_entities) | {"predicted": len(p), "reference": len(r)}
                ),
            ),
            (
                "those that are right are taken off. `predicted` and `reference` count all entities.",
                lambda p, r: {
                    key: count - (key != "right") * _counts(p, r, find_entities)["right"]
                    for key, count in _counts(p, r, find_entities).items()
                },
            ),
            (
                "the type is not compared. B-ORG in place of B-LOC is wrong.",
                lambda p, r: _counts(
                    p, r, lambda names: [item[1:] for item in find_entities(names)]
                ),
            ),
            (
                "the extent is not compared: half a name counts as right.",
                lambda p, r: _counts(
                    p, r, lambda names: [item[:2] for item in find_entities(names)]
                ),
            ),
            (
                "predicted and reference are swapped.",
                lambda p, r: _counts(r, p, find_entities),
            ),
            (
                "the first word is not compared: an entity that begins too late counts as right.",
                lambda p, r: _counts(
                    p, r, lambda names: [(kind, end) for kind, _, end in find_entities(names)]
                ),
            ),
            (
                "an entity that overlaps a true one counts as right. Same first and last word, no less.",
                lambda p, r: right(
                    p, r, sum(_overlaps(e, find_entities(r)) for e in find_entities(p))
                ),
            ),
            (
                "it compares how many there are of each type. Right means at the same place, too.",
                lambda p, r: right(p, r, (_types(p) & _types(r)).total()),
            ),
        ],
    )
