"""The check of lesson 07, Exercise 5 · More words, more templates."""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare


def _templated(words, templates, *, cycle=True, word_first=True, label=lambda name, word: name):
    most = max(map(len, words.values()))
    rows = []
    for name, found in words.items():
        chosen = [found[i % len(found)] for i in range(most)] if cycle else found
        pairs = [(word, template) for word in chosen for template in templates]
        if not word_first:
            pairs = [(word, template) for template in templates for word in chosen]
        rows += [(template.format(word), label(name, word)) for word, template in pairs]
    return rows


def _cut_to_the_fewest(words, templates):
    least = min(map(len, words.values()))
    return _templated({name: found[:least] for name, found in words.items()}, templates)


def _one_word_repeated(words, templates, place):
    most = max(map(len, words.values()))
    filled = {name: found + [found[place]] * (most - len(found)) for name, found in words.items()}
    return _templated(filled, templates)


def check_templated_rows(function) -> Verdict:
    """Check `templated_rows(words, templates) -> list[(text, class)]`: every word, as many rows a class."""
    rng = random.Random()
    films = ["This film is {}", "A {} film", "I found it {}.", "{}!"]
    pool = ["dull", "flat", "poor", "warm", "rich", "fine", "neat", "rare", "loud"]
    cases: list[tuple] = [
        ({"neg": ["dull"], "pos": ["fine"]}, films[:1]),
        ({"neg": ["dull", "flat", "poor"], "pos": ["fine", "warm"]}, films[:2]),
        ({"neg": ["dull"], "pos": ["warm", "fine", "rare"]}, films[:2]),
        ({"neg": ["dull", "flat"], "pos": ["warm", "fine", "rare", "rich"]}, films[:1]),
    ]
    for _ in range(20):
        words = {name: rng.sample(pool, rng.randrange(1, 6)) for name in ("neg", "pos", "mixed")}
        cases.append((words, rng.sample(films, rng.randrange(1, 4))))
    return compare(
        "templated_rows",
        function,
        _templated,
        cases,
        [
            (
                "classes differ in their number of rows. Start again with the first word of the shorter ones.",
                lambda words, templates: _templated(words, templates, cycle=False),
            ),
            (
                "words are lost: the class with most words sets the number, not the one with fewest.",
                _cut_to_the_fewest,
            ),
            (
                "the last word fills up. Start again with the first.",
                lambda words, templates: _one_word_repeated(words, templates, -1),
            ),
            (
                "the first word fills up. After it comes the second again, and so on.",
                lambda words, templates: _one_word_repeated(words, templates, 0),
            ),
            (
                "the class comes before the text. Return (text, class).",
                lambda *case: [row[::-1] for row in _templated(*case)],
            ),
            (
                "the classes are missing. Return (text, class) for each text.",
                lambda *case: [text for text, _ in _templated(*case)],
            ),
            (
                "there is a list for each class. Put all rows into one list.",
                lambda words, templates: [
                    [row for row in _templated(words, templates) if row[1] == name]
                    for name in words
                ],
            ),
            (
                "the word is not the class: `terrible` belongs to `neg`.",
                lambda words, templates: _templated(
                    words, templates, label=lambda name, word: word
                ),
            ),
            (
                "templates come first. Word by word: all templates of a word, then the next word.",
                lambda words, templates: _templated(words, templates, word_first=False),
            ),
        ],
    )
