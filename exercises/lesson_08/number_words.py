"""The check of lesson 08, Exercise 2 · Number the words."""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX

SPECIAL = ("[CLS]", "[SEP]", "[PAD]", "[UNK]")


def _numbered(
    tokens, special, *, first=0, pieces=False, specials=False, used_up=False, other=-1, late=0
):
    numbers, at = [], first - 1
    for token in tokens:
        if token in special and not specials:
            at += used_up
            numbers.append(other)
            continue
        at += pieces or not token.startswith("##")
        numbers.append(at + late * token.startswith("##"))
    return numbers


def _tokens(rng):
    tokens = ["[CLS]"]
    for _ in range(rng.randrange(1, 9)):
        tokens.append(rng.choice(["film", "un", "a", ".", "[UNK]", "plot"]))
        if tokens[-1] != "[UNK]":
            tokens += rng.choices(["##fat", "##s", "##able"], k=rng.choice([0, 0, 1, 3]))
    return [*tokens, "[SEP]", *["[PAD]"] * rng.randrange(3)]


def check_number_words(function) -> Verdict:
    """Check `number_words(tokens, special) -> list[int]`: each token's word, from 0; -1 for specials."""
    rng = random.Random()
    cases = [
        (["[CLS]", "an", "un", "##fat", "##hom", "##able", "film", "[SEP]"],),
        (["[CLS]", "a", "[UNK]", "film", "##s", "[SEP]", "[PAD]", "[PAD]"],),
        (["[CLS]", "[SEP]"],),
        ([],),
        (["[CLS]", "film", "[", "#", "1", "]", "[SEP]"],),  # a bracket and a hash are words
    ]
    cases += [(_tokens(rng),) for _ in range(30)]
    looks = "specials are known by their looks. They are those in `special`: all of them, and no others."
    return compare(
        "number_words",
        function,
        _numbered,
        [(tokens, list(SPECIAL)) for (tokens,) in cases],
        [
            (
                "pieces count as words of their own. A token that begins with ## belongs to the word before it.",
                lambda tokens, special: _numbered(tokens, special, pieces=True),
            ),
            (
                "specials count as words. Give them -1: nobody may mask them.",
                lambda tokens, special: _numbered(tokens, special, specials=True),
            ),
            (
                "specials get -1, but use up a number. Count words only.",
                lambda tokens, special: _numbered(tokens, special, used_up=True),
            ),
            *(
                (
                    f"specials get {other}. Here they get -1.",
                    lambda *case, other=other: _numbered(*case, other=other),
                )
                for other in (None, IGNORE_INDEX, 0)
            ),
            (
                "specials are left out. Return a number for each token: -1 for these.",
                lambda *case: [number for number in _numbered(*case) if number != -1],
            ),
            *(
                (looks, lambda tokens, _, known=known: _numbered(tokens, known))
                for known in (SPECIAL[:2], SPECIAL[:3])
            ),
            (
                looks,
                lambda tokens, _: _numbered(
                    tokens, [token for token in tokens if token.startswith("[")]
                ),
            ),
            (
                "a piece gets the next word's number. It belongs to the word before it.",
                lambda *case: _numbered(*case, late=1),
            ),
            (
                "pieces get -1. Only specials do: a piece has its word's number.",
                lambda tokens, special: [
                    -1 if token.startswith("##") else number
                    for token, number in zip(tokens, _numbered(tokens, special), strict=True)
                ],
            ),
            (
                "the first word is number 1. Begin with 0.",
                lambda tokens, special: _numbered(tokens, special, first=1),
            ),
        ],
    )
