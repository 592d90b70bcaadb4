"""Checks of lesson 03."""

from __future__ import annotations

import random
import re
from collections import Counter

from helpers.checks.verdict import Verdict, compare

TYPES = ("PER", "ORG", "LOC", "MISC")


def _sentence(rng: random.Random, words: int | None = None) -> list[str]:
    """Return a valid IOB2 sentence; entities touch and reach its end often."""
    names: list[str] = []
    words = words or rng.randrange(1, 12)
    while len(names) < words:
        if rng.random() < 0.45:
            names.append("O")
            continue
        kind = rng.choice(TYPES)
        names += [f"B-{kind}"] + [f"I-{kind}"] * rng.randrange(0, 3)
    return names[:words]


def find_entities(names, *, split_touching=True, keep_last=True, inclusive=False):
    """Return (type, first word, word after the last) of each entity; the switches make the usual mistakes."""
    found, start = [], None
    for i, name in enumerate([*names, "O"]):
        opens = name.startswith("B-") and (
            split_touching or start is None or names[start][2:] != name[2:]
        )
        if start is not None and (name == "O" or opens):
            if i < len(names) or keep_last:
                found.append((names[start][2:], start, i - inclusive))
            start = None
        if opens:
            start = i
    return found


def _up_to_o(names):
    found, start = [], None
    for i, name in enumerate([*names, "O"]):
        if name == "O" and start is not None:
            found.append((names[start][2:], start, i))
            start = None
        elif name != "O" and start is None:
            start = i
    return found


def check_find_entities(function) -> Verdict:
    """Check `find_entities(names) -> list[tuple]`: (type, start, end) with an exclusive end."""
    rng = random.Random()
    cases = [
        (["B-PER", "I-PER", "O"],),
        (["O", "B-LOC"],),
        (["B-PER", "B-PER"],),
        (["O", "O"],),
        (["B-ORG", "I-ORG", "B-LOC", "O", "B-ORG"],),
        *((_sentence(rng),) for _ in range(30)),
    ]
    return compare(
        "find_entities",
        function,
        find_entities,
        cases,
        [
            (
                "an entity that reaches the end of the sentence is lost. Close it after the loop.",
                lambda names: find_entities(names, keep_last=False),
            ),
            (
                "two entities of one type side by side become one. B- always starts a new one.",
                lambda names: find_entities(names, split_touching=False),
            ),
            (
                "the end is the last word. Return the place after it, as Python slices do.",
                lambda names: find_entities(names, inclusive=True),
            ),
            (
                "each word is an entity of its own. I- continues the entity before it.",
                lambda names: [(name[2:], i, i + 1) for i, name in enumerate(names) if name != "O"],
            ),
            (
                "the third number is a length. Return the place after the last word.",
                lambda names: [(kind, a, b - a) for kind, a, b in find_entities(names)],
            ),
            (
                "the type still has its B-. B-PER begins an entity of the type PER.",
                lambda names: [(f"B-{kind}", a, b) for kind, a, b in find_entities(names)],
            ),
            (
                "an entity ends at O only. A B- ends the one before it as well, whatever its type.",
                _up_to_o,
            ),
            (
                "where an entity follows another at once, the first of them is lost. Close it before you open the next.",
                lambda names: [
                    entity for entity in find_entities(names) if [*names, "O"][entity[2]] == "O"
                ],
            ),
        ],
    )


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
    ]
    for _ in range(30):
        reference = _sentence(rng)
        predicted = reference if rng.random() < 0.4 else _sentence(rng, len(reference))
        cases.append((predicted, reference))

    def tokens(names):
        return [(name, i) for i, name in enumerate(names) if name != "O"]

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
                lambda p, r: (
                    _counts(p, r, find_entities)
                    | {"right": sum(_overlaps(e, find_entities(r)) for e in find_entities(p))}
                ),
            ),
            (
                "it compares how many there are of each type. Right means at the same place, too.",
                lambda p, r: (
                    _counts(p, r, find_entities) | {"right": (_types(p) & _types(r)).total()}
                ),
            ),
        ],
    )


def _masked(text, entities, hidden=lambda entity: f"[{entity['entity_group']}]"):
    for entity in sorted(entities, key=lambda entity: -entity["start"]):
        text = text[: entity["start"]] + hidden(entity) + text[entity["end"] :]
    return text


def _by_whole_words(text, entities):
    for entity in entities:
        word = rf"\b{re.escape(entity['word'])}\b"
        text = re.sub(word, f"[{entity['entity_group']}]", text)
    return text


def _by_first_place(text, entities):
    for entity in entities:
        text = text.replace(entity["word"], f"[{entity['entity_group']}]", 1)
    return text


def _unshifted(text, entities):
    for entity in sorted(entities, key=lambda entity: entity["start"]):
        text = f"{text[: entity['start']]}[{entity['entity_group']}]{text[entity['end'] :]}"
    return text


def _by_replace(text, entities):
    for entity in entities:
        text = text.replace(text[entity["start"] : entity["end"]], f"[{entity['entity_group']}]")
    return text


def _by_words(text, entities):
    original = text
    for entity in entities:
        text = text.replace(
            original[entity["start"] : entity["end"]], f"[{entity['entity_group']}]"
        )
    return text


def _one_char_short(text, entities):
    return _masked(text, [{**entity, "end": entity["end"] + 1} for entity in entities])


def check_hide_names(function) -> Verdict:
    """Check `hide_names(text, entities) -> str`: every span replaced by its type in square brackets."""
    rng = random.Random()
    vocabulary = ["Ann", "Annual", "Ossel", "report", "in", "Port Lund", "and", "the", "Lund"]
    cases: list[tuple] = [
        ("Ann met Bo.", [_span("Ann", 0, "PER"), _span("Bo", 8, "PER")]),
        ("An Annual in Ann", [_span("Ann", 13, "PER")]),
        ("Nothing here", []),
        ("Lund is in Lund", [_span("Lund", 11, "LOC")]),
        ("", []),
    ]
    for _ in range(20):
        text, entities = "", []
        for word in rng.choices(vocabulary, k=rng.randrange(2, 9)):
            if word[0].isupper() and rng.random() < 0.6:
                entities.append(_span(word, len(text), rng.choice(TYPES)))
            text += word + " "
        cases.append((text, entities))
    return compare(
        "hide_names",
        function,
        _masked,
        cases,
        [
            (
                "offsets shift after the first replacement. Go through the entities from the last to the first.",
                _unshifted,
            ),
            (
                "it replaces the words wherever they stand, inside other words too. Cut at start and end.",
                _by_words,
            ),
            (
                "it looks the words up in a text that has already changed. Cut at start and end, from the last entity to the first.",
                _by_replace,
            ),
            ("`end` is already the place after the last character.", _one_char_short),
            (
                "the brackets are missing: [PER], not PER.",
                lambda text, entities: _masked(
                    text, entities, lambda entity: entity["entity_group"]
                ),
            ),
            (
                "it replaces whole words wherever they stand, entities or not. Cut at start and end.",
                _by_whole_words,
            ),
            (
                "it replaces the first place where the word stands, which need not be the entity. Cut at start and end.",
                _by_first_place,
            ),
        ],
    )


def _span(word: str, start: int, kind: str) -> dict:
    return {"entity_group": kind, "word": word, "start": start, "end": start + len(word)}


def check_label_confusions(function) -> Verdict:
    """Check `label_confusions(predictions, references) -> dict`: (reference, predicted) to count, errors only."""
    rng = random.Random()
    cases: list[tuple] = [
        ([["O", "B-PER"]], [["B-PER", "B-PER"]]),
        ([["O"]], [["O"]]),
        ([], []),
        ([["B-LOC"], ["B-LOC", "O"]], [["B-ORG"], ["B-ORG", "O"]]),
    ]
    for _ in range(20):
        references = [_sentence(rng) for _ in range(rng.randrange(1, 5))]
        predictions = [[rng.choice([name, "O", "B-LOC"]) for name in names] for names in references]
        cases.append((predictions, references))

    def pairs(predictions, references):
        return [
            (truth, guess)
            for predicted, reference in zip(predictions, references, strict=True)
            for guess, truth in zip(predicted, reference, strict=True)
        ]

    return compare(
        "label_confusions",
        function,
        lambda p, r: dict(Counter(pair for pair in pairs(p, r) if pair[0] != pair[1])),
        cases,
        [
            (
                "the key is (predicted, reference). Put the reference first.",
                lambda p, r: dict(
                    Counter(pair[::-1] for pair in pairs(p, r) if pair[0] != pair[1])
                ),
            ),
            (
                "right answers are among them. Keep pairs that differ.",
                lambda p, r: dict(Counter(pairs(p, r))),
            ),
            (
                "each pair counts once. Count how often it happens.",
                lambda p, r: dict.fromkeys((pair for pair in pairs(p, r) if pair[0] != pair[1]), 1),
            ),
            (
                "errors with O are left out. A name missed or invented is an error too.",
                lambda p, r: dict(
                    Counter(pair for pair in pairs(p, r) if pair[0] != pair[1] and "O" not in pair)
                ),
            ),
            (
                "it looks at the first sentence only.",
                lambda p, r: dict(
                    Counter(pair for pair in pairs(p[:1], r[:1]) if pair[0] != pair[1])
                ),
            ),
        ],
    )


def check_count_entities(function) -> Verdict:
    """Check `count_entities(names) -> dict[str, int]`: how many entities of each type a sentence has."""
    rng = random.Random()
    cases = [
        (["B-PER", "I-PER", "O", "B-LOC"],),
        (["B-ORG", "B-ORG", "I-ORG"],),
        (["O", "O"],),
        ([],),
        *((_sentence(rng),) for _ in range(30)),
    ]

    def counted(names, key=lambda name: name[2:], wanted=("B-",)):
        return dict(Counter(key(name) for name in names if name.startswith(wanted)))

    return compare(
        "count_entities",
        function,
        counted,
        cases,
        [
            (
                "it counts words. An entity of three words has one B-, and counts once.",
                lambda names: counted(names, wanted=("B-", "I-")),
            ),
            (
                "its keys are label names. B-PER begins an entity of the type PER.",
                lambda names: counted(names, key=lambda name: name),
            ),
            (
                "it counts words, O among them, by label name. Count B- only, by type.",
                lambda names: dict(Counter(names)),
            ),
            (
                "a type counts once. Count how many entities it has.",
                lambda names: dict.fromkeys(counted(names), 1),
            ),
            (
                "two entities of one type side by side count once. Each B- is an entity.",
                lambda names: dict(
                    Counter(kind for kind, *_ in find_entities(names, split_touching=False))
                ),
            ),
            (
                "it gives one number. Return a dictionary with a count for each type.",
                lambda names: sum(counted(names).values()),
            ),
        ],
    )
