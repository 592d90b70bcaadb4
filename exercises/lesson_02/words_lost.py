"""The check of lesson 02, Exercise 4 · Count what truncation lost."""

from __future__ import annotations

import random

from exercises.lesson_02.shared import some_tokens
from exercises.verdict import Verdict, compare


def check_words_lost(function) -> Verdict:
    """Check `words_lost(word_ids, words) -> int`: words that truncation cut away whole."""
    rng = random.Random()
    cases = [
        ([None, 0, 1, 2, None], 3),
        ([None, 0, 1, 1, None], 4),
        ([None, None], 2),
        ([None, 0, 0, 0, None], 1),
    ]
    for _ in range(20):
        labels, word_ids = some_tokens(rng)
        kept = rng.randrange(0, len(word_ids) - 1)
        cases.append(([None, *word_ids[1 : 1 + kept], None], len(labels)))

    def distinct(word_ids):
        return len({word for word in word_ids if word is not None})

    return compare(
        "words_lost",
        function,
        lambda word_ids, words: words - distinct(word_ids),
        cases,
        [
            (
                "it counts tokens. A word may have several: count different word ids.",
                lambda word_ids, words: (
                    words - len([word for word in word_ids if word is not None])
                ),
            ),
            (
                "the special tokens' None counts as a word.",
                lambda word_ids, words: words - len(set(word_ids)),
            ),
            (
                "word 0 is left out. It is a word, although `if word` is false for it: ask `is not None`.",
                lambda word_ids, words: words - len({word for word in word_ids if word}),
            ),
            ("it counts the words that are left.", lambda word_ids, words: distinct(word_ids)),
            (
                "specials count as words.",
                lambda word_ids, words: words - len(word_ids),
            ),
        ],
    )
