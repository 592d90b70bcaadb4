"""The check of lesson 02, Exercise 1 · Read the other columns."""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare


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
    twice = {"tokens": ["the", "the"], "pos_tags": [0, 0], "chunk_tags": [1, 1]}
    cases = [(twice, features)]
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
                "the POS ids are looked up among the chunk names. Each column has names of its own.",
                lambda row, features: columns(
                    row, names(row, "pos_tags", chunks), names(row, "chunk_tags", chunks)
                ),
            ),
            (
                "where a word occurs twice, the later one gets the tags of the first. Use `zip`, not `index`.",
                lambda row, features: [
                    (word, pos[row["pos_tags"][i]], chunks[row["chunk_tags"][i]])
                    for word in row["tokens"]
                    for i in [row["tokens"].index(word)]
                ],
            ),
            (
                "it stops after the first word. Is `return` inside the loop?",
                lambda row, features: columns(
                    row, names(row, "pos_tags", pos), names(row, "chunk_tags", chunks)
                )[:1],
            ),
            (
                "it stops after the first word. Is `return` inside the loop?",
                lambda row, features: columns(
                    row, names(row, "pos_tags", pos), names(row, "chunk_tags", chunks)
                )[0],
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
