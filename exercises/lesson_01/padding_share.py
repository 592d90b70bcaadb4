"""The check of lesson 01, Exercise 2 · Count the padding."""

from __future__ import annotations

import random

import numpy as np

from exercises.verdict import Verdict, compare


def _batches(lengths, batch_size):
    return [lengths[start : start + batch_size] for start in range(0, len(lengths), batch_size)]


def check_padding_share(function) -> Verdict:
    """Check `padding_share(lengths, batch_size) -> float`: padding where each batch is as wide as its longest row."""
    rng = random.Random()
    cases = [([5, 5, 5], 3), ([2, 4], 2), ([4, 2, 8], 2), ([3], 16)]
    cases += [
        ([rng.randrange(3, 60) for _ in range(rng.randrange(5, 40))], rng.randrange(2, 9))
        for _ in range(20)
    ]

    def share(lengths, widths):
        return 1 - sum(lengths) / sum(widths)

    def of(batches):
        lengths = [length for batch in batches for length in batch]
        return share(lengths, [max(batch) * len(batch) for batch in batches])

    def reference(lengths, batch_size):
        return of(_batches(lengths, batch_size))

    def of_even_batches(lengths, batch_size):
        return of(
            [part.tolist() for part in np.array_split(lengths, -(-len(lengths) // batch_size))]
        )

    def with_an_empty_batch(lengths, batch_size):
        if len(lengths) % batch_size == 0:
            raise ValueError("max() of an empty batch")
        return reference(lengths, batch_size)

    return compare(
        "padding_share",
        function,
        reference,
        cases,
        [
            (
                "every batch is as wide as the longest row of all. Take each batch's own longest row.",
                lambda lengths, size: share(lengths, [max(lengths) * len(lengths)]),
            ),
            (
                "the last batch counts as full. It holds only the rows that are left.",
                lambda lengths, size: share(
                    lengths, [max(batch) * size for batch in _batches(lengths, size)]
                ),
            ),
            (
                "it averages the batches' shares. Divide all padding by all positions: wide batches weigh more.",
                lambda lengths, size: float(
                    np.mean(
                        [
                            1 - sum(batch) / (max(batch) * len(batch))
                            for batch in _batches(lengths, size)
                        ]
                    )
                ),
            ),
            (
                "it returns the share of real tokens. Padding is what is left of 1.",
                lambda lengths, size: 1 - reference(lengths, size),
            ),
            (
                "the last, smaller batch is left out. It has padding too.",
                lambda lengths, size: reference(lengths[: len(lengths) // size * size], size),
            ),
            (
                "it sorts the rows first. Take them in the order given.",
                lambda lengths, size: reference(sorted(lengths), size),
            ),
            (
                "it sorts the rows first. Take them in the order given.",
                lambda lengths, size: reference(sorted(lengths, reverse=True), size),
            ),
            (
                "it divides by the real tokens. Divide by all positions, padding among them.",
                lambda lengths, size: 1 / (1 - reference(lengths, size)) - 1,
            ),
            (
                "it counts padded positions. Divide by all positions.",
                lambda lengths, size: sum(
                    max(batch) * len(batch) - sum(batch) for batch in _batches(lengths, size)
                ),
            ),
            (
                "it divides by the number of rows. Divide by all positions.",
                lambda lengths, size: (
                    (sum(lengths) / (1 - reference(lengths, size)) - sum(lengths)) / len(lengths)
                ),
            ),
            (
                "it stops after the first batch. Is `return` inside the loop?",
                lambda lengths, size: reference(lengths[:size], size),
            ),
            (
                "it gives the share of the last batch. Add up padding and positions of all: `+=`.",
                lambda lengths, size: of(_batches(lengths, size)[-1:]),
            ),
            (
                "the last batch is left out, full or not. Let `range` go up to `len(lengths)`.",
                lambda lengths, size: of(_batches(lengths, size)[:-1]),
            ),
            (
                "its batches are equally large. Each holds `batch_size` rows, the last one those that are left.",
                of_even_batches,
            ),
            (
                "it is rounded. Return the share as it is.",
                lambda lengths, size: round(reference(lengths, size), 2),
            ),
            (
                "where the last batch is full, an empty one comes after it. `range(0, len(lengths), batch_size)` makes none.",
                with_an_empty_batch,
            ),
        ],
    )
