"""The check of lesson 03, Exercise 4 · Hide the names."""

from __future__ import annotations

import random
import re

from exercises.lesson_03.shared import TYPES
from exercises.verdict import Verdict, compare


def _masked(text, entities, hidden=lambda entity: f"[{entity['entity_group']}]"):
    for entity in sorted(entities, key=lambda entity: -entity["start"]):
        text = text[: entity["start"]] + hidden(entity) + text[entity["end"] :]
    return text


def _by_lookup(replace):
    """Return two mistakes: `replace` with the pipeline's word, and with the word as the text has it."""

    def by(word):
        def mistaken(text, entities):
            new = text
            if any(word(text, entity) not in text for entity in entities):
                raise ValueError("what a look-up does then, depends on how it is written")
            for entity in entities:
                new = replace(new, word(text, entity), f"[{entity['entity_group']}]")
            return new

        return mistaken

    return (
        by(lambda text, entity: entity["word"]),
        by(lambda text, entity: text[entity["start"] : entity["end"]]),
    )


def _whole_word(text, word, hidden):
    return re.sub(rf"\b{re.escape(word)}\b", hidden, text)


def _unshifted(text, entities):
    for entity in sorted(entities, key=lambda entity: entity["start"]):
        text = f"{text[: entity['start']]}[{entity['entity_group']}]{text[entity['end'] :]}"
    return text


def _by_replace(text, entities):
    for entity in entities:
        text = text.replace(text[entity["start"] : entity["end"]], f"[{entity['entity_group']}]")
    return text


def _one_char_short(text, entities):
    return _masked(text, [{**entity, "end": entity["end"] + 1} for entity in entities])


def _by_length_of_word(text, entities):
    return _masked(text, [{**e, "end": e["start"] + len(e["word"])} for e in entities])


def _without_the_rest(text, entities):
    return _masked(text, entities)[: len(_masked(text, entities)) - len(_rest(text, entities))]


def _rest(text, entities):
    return text[max((entity["end"] for entity in entities), default=0) :]


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
        ("Aix-les-Bains won.", [_span("Aix-les-Bains", 0, "LOC", "aix - les - bains")]),
        (
            "Ann, Bo, Ossel.",
            [_span("Ann", 0, "PER"), _span("Bo", 5, "PER"), _span("Ossel", 9, "LOC")],
        ),
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
            *(
                (
                    "it replaces the words wherever they stand, inside other words too. Cut at start and end.",
                    mistaken,
                )
                for mistaken in _by_lookup(str.replace)
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
            *(
                (
                    "it replaces whole words wherever they stand, entities or not. Cut at start and end.",
                    mistaken,
                )
                for mistaken in _by_lookup(_whole_word)
            ),
            *(
                (
                    "it replaces the first place where the word stands, which need not be the entity. Cut at start and end.",
                    mistaken,
                )
                for mistaken in _by_lookup(lambda text, *pair: text.replace(*pair, 1))
            ),
            (
                "it takes the length of `word`, which the pipeline may write with other spaces. `end` says where the entity ends.",
                _by_length_of_word,
            ),
            (
                "the text comes back as it was. `replace` and slices make a new text: assign it to `text`.",
                lambda text, entities: text,
            ),
            (
                "it replaces one entity only. Assign each new text to `text`, and `return` it behind the loop.",
                lambda text, entities: _masked(text, [entities[0]]),
            ),
            (
                "it replaces one entity only. Assign each new text to `text`, and `return` it behind the loop.",
                lambda text, entities: _masked(text, [entities[-1]]),
            ),
            ("the text after the last entity is lost.", _without_the_rest),
        ],
    )


def _span(name: str, start: int, kind: str, word: str = "") -> dict:
    """Return an entity as a pipeline does, which joins the tokens of a name to a `word` in its own way."""
    return {
        "entity_group": kind,
        "word": word or name,
        "start": start,
        "end": start + len(name),
    }
