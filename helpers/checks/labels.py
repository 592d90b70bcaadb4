"""Checks of lesson 02."""

from __future__ import annotations

import random

from helpers.checks.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX, align_labels

NAMES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]


def some_tokens(rng: random.Random) -> tuple[list[int], list[int | None]]:
    """Return labels of some words and the word ids of their sub-tokens between two specials."""
    labels = [rng.randrange(len(NAMES)) for _ in range(rng.randrange(1, 9))]
    words = [word for word in range(len(labels)) for _ in range(rng.choice([1, 1, 2, 3]))]
    return labels, [None, *words, None]


def check_read_columns(function) -> Verdict:
    """Check `read_columns(row, features) -> list[tuple]`: (word, POS name, chunk name) for each word."""
    from datasets import ClassLabel, Features, List, Value

    pos, chunks = ["DT", "NN", "VBD"], ["O", "B-NP", "I-NP", "B-VP"]
    features = Features(
        {
            "tokens": List(Value("string")),
            "pos_tags": List(ClassLabel(names=pos)),
            "chunk_tags": List(ClassLabel(names=chunks)),
        }
    )
    rng = random.Random()
    cases = []
    for _ in range(20):
        count = rng.randrange(1, 8)
        row = {
            "tokens": [rng.choice(["the", "river", "rose", "court", "fell"]) for _ in range(count)],
            "pos_tags": [rng.randrange(3) for _ in range(count)],
            "chunk_tags": [rng.randrange(4) for _ in range(count)],
        }
        cases.append((row, features))

    def columns(row, first, second):
        return list(zip(row["tokens"], first, second, strict=True))

    def names(row, column, inventory):
        return [inventory[i] for i in row[column]]

    return compare(
        "read_columns",
        function,
        lambda row, features: columns(
            row, names(row, "pos_tags", pos), names(row, "chunk_tags", chunks)
        ),
        cases,
        [
            (
                "it gives ids. Look the names up: `features[column].feature.names[id]`.",
                lambda row, features: columns(row, row["pos_tags"], row["chunk_tags"]),
            ),
            (
                "POS and chunk are swapped: (word, POS, chunk).",
                lambda row, features: columns(
                    row, names(row, "chunk_tags", chunks), names(row, "pos_tags", pos)
                ),
            ),
            (
                "it leaves out the POS names.",
                lambda row, features: list(
                    zip(row["tokens"], names(row, "chunk_tags", chunks), strict=True)
                ),
            ),
            (
                "it leaves out the chunk names.",
                lambda row, features: list(
                    zip(row["tokens"], names(row, "pos_tags", pos), strict=True)
                ),
            ),
            (
                "the chunk ids are looked up among the POS names. Each column has names of its own.",
                lambda row, features: columns(
                    row, names(row, "pos_tags", pos), names(row, "chunk_tags", pos)
                ),
            ),
            (
                "it gives three long lists. Return a tuple for each word: `zip` turns them round.",
                lambda row, features: [
                    row["tokens"],
                    names(row, "pos_tags", pos),
                    names(row, "chunk_tags", chunks),
                ],
            ),
        ],
    )


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
            ("nothing has changed.", lambda labels, word_ids: labels),
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


def check_continue_label(function) -> Verdict:
    """Check `continue_label(label, names) -> int`: the id of I-X for B-X, any other id as it is."""
    rng = random.Random()
    odd = ["O", "B-ORG", "B-MISC", "B-PER", "I-PER", "B-LOC", "I-ORG", "I-MISC", "I-LOC"]
    cases = [(label, odd) for label in range(len(odd))] + [
        (label, NAMES) for label in range(len(NAMES))
    ]
    for _ in range(20):
        shuffled = rng.sample(NAMES, len(NAMES))
        cases.append((rng.randrange(len(NAMES)), shuffled))

    return compare(
        "continue_label",
        function,
        lambda label, names: (
            names.index("I-" + names[label][2:]) if names[label][:2] == "B-" else label
        ),
        cases,
        [
            (
                "it adds 1 to odd ids. That holds for one order of the names only: look for the name.",
                lambda label, names: label + 1 if label % 2 == 1 else label,
            ),
            (
                "it adds 1 to the id of every B- name. The I- name need not come next: look for it.",
                lambda label, names: label + 1 if names[label][:2] == "B-" else label,
            ),
            (
                "it returns the name. Return its id: `names.index(...)`.",
                lambda label, names: (
                    "I-" + names[label][2:] if names[label][:2] == "B-" else names[label]
                ),
            ),
            ("B- labels stay as they are.", lambda label, names: label),
            ("it adds 1 to every id. Look for the I- name.", lambda label, names: label + 1),
            (
                "labels other than B- become 0. They stay as they are.",
                lambda label, names: (
                    names.index("I-" + names[label][2:]) if names[label][:2] == "B-" else 0
                ),
            ),
            (
                "it fails at O, which has no I- name. Labels other than B- stay as they are.",
                lambda label, names: names.index("I-" + names[label][2:]),
            ),
        ],
    )
