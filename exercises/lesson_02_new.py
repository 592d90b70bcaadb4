"""Lesson 02's exercises."""

from __future__ import annotations

import random

from exercises.table import exercise
from helpers.ner import IGNORE_INDEX, align_labels

NAMES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]


def some_tokens(rng: random.Random) -> tuple[list[int], list[int | None]]:
    """Return labels of some words and the word ids of their sub-tokens between two specials."""
    labels = [rng.randrange(len(NAMES)) for _ in range(rng.randrange(1, 9))]
    words = [word for word in range(len(labels)) for _ in range(rng.choice([1, 1, 2, 3]))]
    return labels, [None, *words, None]


def labelled_tokens(rng):
    cases = [
        ([IGNORE_INDEX, 3, 3, 0, IGNORE_INDEX], [None, 0, 0, 1, None]),
        ([IGNORE_INDEX, 0, 0, 0, IGNORE_INDEX], [None, 0, 1, 2, None]),
        ([IGNORE_INDEX, 1, 2, 2, 2, IGNORE_INDEX], [None, 0, 1, 1, 2, None]),
    ]
    for _ in range(20):
        labels, word_ids = some_tokens(rng)
        cases.append((align_labels(labels, word_ids, NAMES, "repeat"), word_ids))
    return cases


@exercise(
    labelled_tokens,
    """
    it compares labels. Two words side by side may share a label: compare word ids.
        word is not None and word == word_ids[i - 1] → label == labels[i - 1]
    later sub-tokens get 0, which means O. IGNORE_INDEX leaves them out of the loss.
        IGNORE_INDEX if → 0 if
    it keeps the last sub-token of a word. Keep the first.
        i and word → word ; word_ids[i - 1] → [*word_ids[1:], None][i]
    specials and later sub-tokens are dropped. The result needs one label a token.
        = [label for label in right(labels, word_ids) if label != IGNORE_INDEX]
    specials are dropped. The result needs one label a token.
        = [label for label, word in zip(right(labels, word_ids), word_ids) if word is not None]
    later sub-tokens are dropped: the result needs one label a token.
        = [label for i, label in enumerate(labels) if word_ids[i] is None or word_ids[i] != word_ids[i - 1]]
        = [label for i, label in enumerate(labels) if word_ids[i] != (word_ids[i - 1] if i else None)]
    nothing has changed.
        = labels
    word 0 counts as none: 0 is false in Python. Ask `word is None`.
        word is not None → word
        if later → if later or not word
    no label is left. Compare with the word before, then remember this one.
        if later else label) → )
    it stops after the first token. Is `return` inside the loop?
        = labels[:1]
    the first token is left out. The result needs one label a token.
        return kept → return kept[1:]
    later sub-tokens get None. A label is a number: IGNORE_INDEX.
        IGNORE_INDEX if → None if
    a word of several sub-tokens has no label left. Its first one keeps it.
        word == word_ids[i - 1] → word_ids.count(word) > 1
    it ignores the first sub-token of a word and keeps the others. Turn it round.
        word == word_ids → word != word_ids
    """,
)
def keep_first(labels, word_ids):
    kept = []
    for i, (label, word) in enumerate(zip(labels, word_ids, strict=True)):
        later = i and word is not None and word == word_ids[i - 1]
        kept.append(IGNORE_INDEX if later else label)
    return kept
