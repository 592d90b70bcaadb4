"""The check of lesson 02, Exercise 5 · Back to words."""

from __future__ import annotations

import random
from collections import Counter

from exercises.lesson_02.shared import NAMES
from exercises.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX


def _first_of(votes):
    return Counter(votes).most_common(1)[0][0]  # of equal counts the one met first


def _by_word(labels, word_ids, words, *, choose=_first_of, ignored=False, lost=IGNORE_INDEX):
    """Return a label a word by the rules given; the right ones where none is."""
    found = []
    for word in range(words):
        votes = [
            label
            for label, owner in zip(labels, word_ids, strict=True)
            if owner == word and (ignored or label != IGNORE_INDEX)
        ]
        found.append(choose(votes) if votes else lost)
    return found


def _voted_tokens(rng: random.Random) -> tuple[list[int], list[int | None], int]:
    """Return predicted labels of a sentence's sub-tokens, some ignored, some words cut away."""
    words, labels, word_ids = rng.randrange(1, 7), [IGNORE_INDEX], [None]
    for word in range(words):
        pool = rng.sample(range(len(NAMES)), 3)
        for _ in range(rng.choice([1, 2, 3, 4])):
            labels.append(rng.choice([*pool, IGNORE_INDEX]))
            word_ids.append(word)
    kept = rng.randrange(1, len(labels) + 1)
    return [*labels[:kept], IGNORE_INDEX], [*word_ids[:kept], None], words


def check_labels_of_words(function) -> Verdict:
    """Check `labels_of_words(labels, word_ids, words) -> list[int]`: the majority of each word's sub-tokens."""
    rng = random.Random()
    ignored = IGNORE_INDEX
    cases: list[tuple] = [
        ([ignored, 2, 1, 1, 0, ignored], [None, 0, 0, 0, 1, None], 2),
        ([ignored, 1, 1, 2, ignored], [None, 0, 0, 0, None], 1),
        ([ignored, 5, 3, ignored], [None, 0, 0, None], 1),
        ([ignored, 3, 5, ignored], [None, 0, 0, None], 1),
        ([ignored, 1, 8, ignored], [None, 0, 0, None], 1),  # a set holds 8 before 1
        ([ignored, ignored, 2, 3, 3, ignored], [None, 0, 0, 0, 0, None], 1),
        ([ignored, 4, ignored, ignored, 1, ignored], [None, 0, 0, 0, 1, None], 2),
        ([ignored, ignored, 6, ignored], [None, 0, 1, None], 2),
        ([ignored, 6, ignored], [None, 0, None], 3),
        ([ignored, ignored], [None, None], 1),
        ([ignored, ignored], [None, None], 0),
    ]
    cases += [_voted_tokens(rng) for _ in range(30)]
    return compare(
        "labels_of_words",
        function,
        _by_word,
        cases,
        [
            (
                "IGNORE_INDEX has a vote. Leave those sub-tokens out before you count.",
                lambda *case: _by_word(*case, ignored=True),
            ),
            (
                "it takes the first sub-token's label. Count the votes of all.",
                lambda *case: _by_word(*case, choose=lambda votes: votes[0], ignored=True),
            ),
            (
                "it takes the first label that counts. Count the votes of all.",
                lambda *case: _by_word(*case, choose=lambda votes: votes[0]),
            ),
            (
                "it takes the last sub-token's label. Count the votes of all.",
                lambda *case: _by_word(*case, choose=lambda votes: votes[-1], ignored=True),
            ),
            (
                "it takes the last label that counts. Count the votes of all.",
                lambda *case: _by_word(*case, choose=lambda votes: votes[-1]),
            ),
            (
                "of labels with equally many votes it takes any: a set has no order. Go through the votes themselves.",
                lambda *case: _by_word(
                    *case, choose=lambda votes: max(set(votes), key=votes.count)
                ),
            ),
            (
                "of labels with equally many votes it takes the lowest id. Take the one that comes first in the word.",
                lambda *case: _by_word(*case, choose=lambda votes: _first_of(sorted(votes))),
            ),
            (
                "of labels with equally many votes it takes the one that comes last. Take the first.",
                lambda *case: _by_word(*case, choose=lambda votes: _first_of(votes[::-1])),
            ),
            (
                "words without a label are left out. Return one label a word: IGNORE_INDEX for these.",
                lambda *case: [label for label in _by_word(*case) if label != IGNORE_INDEX],
            ),
            (
                "words without a label get 0, which means O. IGNORE_INDEX says that nobody knows.",
                lambda *case: _by_word(*case, lost=0),
            ),
            (
                "words without a label get None. A label is a number: IGNORE_INDEX.",
                lambda *case: _by_word(*case, lost=None),
            ),
            (
                "word 0 is left out. It is a word, although `if word` is false for it: ask `is not None`.",
                lambda labels, word_ids, words: _by_word(
                    labels, [word or None for word in word_ids], words
                ),
            ),
            (
                "words that were cut away are left out. Return `words` labels: IGNORE_INDEX for these.",
                lambda labels, word_ids, words: [
                    label
                    for word, label in enumerate(_by_word(labels, word_ids, words))
                    if word in word_ids
                ],
            ),
            (
                "it gives a label for each token. Return one for each word.",
                lambda labels, word_ids, words: [
                    IGNORE_INDEX if word is None else _by_word(labels, word_ids, words)[word]
                    for word in word_ids
                ],
            ),
        ],
    )
