"""The check of lesson 02, Exercise 2 · Keep the first."""

from __future__ import annotations

import random

from exercises.lesson_02.shared import NAMES, some_tokens
from exercises.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX, align_labels


def check_keep_first(function) -> Verdict:
    """Check `keep_first(labels, word_ids) -> list[int]`: later sub-tokens of a word get IGNORE_INDEX."""
    rng = random.Random()
    cases = [
        ([IGNORE_INDEX, 3, 3, 0, IGNORE_INDEX], [None, 0, 0, 1, None]),
        ([IGNORE_INDEX, 0, 0, 0, IGNORE_INDEX], [None, 0, 1, 2, None]),
        ([IGNORE_INDEX, 1, 2, 2, 2, IGNORE_INDEX], [None, 0, 1, 1, 2, None]),
    ]
    for _ in range(20):
        labels, word_ids = some_tokens(rng)
        cases.append((align_labels(labels, word_ids, NAMES, "repeat"), word_ids))

    def keep(labels, word_ids, repeated):
        return [IGNORE_INDEX if i and repeated(i) else label for i, label in enumerate(labels)]

    def reference(labels, word_ids):
        return keep(
            labels, word_ids, lambda i: word_ids[i] is not None and word_ids[i] == word_ids[i - 1]
        )

    def keep_or(value, labels, word_ids):
        return [
            value if new == IGNORE_INDEX and word is not None else new
            for new, word in zip(reference(labels, word_ids), word_ids, strict=True)
        ]

    return compare(
        "keep_first",
        function,
        reference,
        cases,
        [
            (
                "it compares labels. Two words side by side may share a label: compare word ids.",
                lambda labels, word_ids: keep(
                    labels, word_ids, lambda i: labels[i] == labels[i - 1]
                ),
            ),
            (
                "later sub-tokens get 0, which means O. IGNORE_INDEX leaves them out of the loss.",
                lambda labels, word_ids: keep_or(0, labels, word_ids),
            ),
            (
                "it keeps the last sub-token of a word. Keep the first.",
                lambda labels, word_ids: [
                    IGNORE_INDEX if word is not None and word == after else label
                    for label, word, after in zip(
                        labels, word_ids, [*word_ids[1:], None], strict=True
                    )
                ],
            ),
            (
                "specials and later sub-tokens are dropped. The result needs one label a token.",
                lambda labels, word_ids: [
                    label for label in reference(labels, word_ids) if label != IGNORE_INDEX
                ],
            ),
            (
                "specials are dropped. The result needs one label a token.",
                lambda labels, word_ids: [
                    label
                    for label, word in zip(reference(labels, word_ids), word_ids, strict=True)
                    if word is not None
                ],
            ),
            (
                "later sub-tokens are dropped: the result needs one label a token.",
                lambda labels, word_ids: [
                    label
                    for i, label in enumerate(labels)
                    if word_ids[i] is None or word_ids[i] != word_ids[i - 1]
                ],
            ),
            (
                "later sub-tokens are dropped: the result needs one label a token.",
                lambda labels, word_ids: [
                    label
                    for i, label in enumerate(labels)
                    if word_ids[i] != (word_ids[i - 1] if i else None)
                ],
            ),
            ("nothing has changed.", lambda labels, word_ids: labels),
            (
                "word 0 counts as none: 0 is false in Python. Ask `word is None`.",
                lambda labels, word_ids: keep(
                    labels, word_ids, lambda i: word_ids[i] and word_ids[i] == word_ids[i - 1]
                ),
            ),
            (
                "word 0 counts as none: 0 is false in Python. Ask `word is None`.",
                lambda labels, word_ids: [
                    label if word else IGNORE_INDEX
                    for label, word in zip(reference(labels, word_ids), word_ids, strict=True)
                ],
            ),
            (
                "no label is left. Compare with the word before, then remember this one.",
                lambda labels, word_ids: [IGNORE_INDEX] * len(labels),
            ),
            (
                "it stops after the first token. Is `return` inside the loop?",
                lambda labels, word_ids: labels[:1],
            ),
            (
                "the first token is left out. The result needs one label a token.",
                lambda labels, word_ids: reference(labels, word_ids)[1:],
            ),
            (
                "later sub-tokens get None. A label is a number: IGNORE_INDEX.",
                lambda labels, word_ids: keep_or(None, labels, word_ids),
            ),
            (
                "a word of several sub-tokens has no label left. Its first one keeps it.",
                lambda labels, word_ids: keep(
                    labels,
                    word_ids,
                    lambda i: word_ids[i] is not None and word_ids.count(word_ids[i]) > 1,
                ),
            ),
            (
                "it ignores the first sub-token of a word and keeps the others. Turn it round.",
                lambda labels, word_ids: keep(
                    labels,
                    word_ids,
                    lambda i: word_ids[i] is not None and word_ids[i] != word_ids[i - 1],
                ),
            ),
        ],
    )
