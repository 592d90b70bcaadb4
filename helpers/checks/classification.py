"""Checks of lesson 01."""

from __future__ import annotations

import math
import random

import numpy as np

from helpers.checks.verdict import Verdict, compare


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

    def reference(lengths, batch_size):
        return share(lengths, [max(batch) * len(batch) for batch in _batches(lengths, batch_size)])

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
                "it divides by the real tokens. Divide by all positions, padding among them.",
                lambda lengths, size: 1 / (1 - reference(lengths, size)) - 1,
            ),
            (
                "it counts padded positions. Divide by all positions.",
                lambda lengths, size: sum(
                    max(batch) * len(batch) - sum(batch) for batch in _batches(lengths, size)
                ),
            ),
        ],
    )


def check_training_steps(function) -> Verdict:
    """Check `training_steps(rows, batch_size, epochs) -> int`: optimiser steps of a Trainer's run."""
    rng = random.Random()
    cases = [(32, 16, 1), (33, 16, 2), (10, 16, 3)]
    cases += [(rng.randrange(1, 500), rng.randrange(1, 33), rng.randrange(1, 6)) for _ in range(20)]
    return compare(
        "training_steps",
        function,
        lambda rows, size, epochs: math.ceil(rows / size) * epochs,
        cases,
        [
            (
                "the last, smaller batch of an epoch is left out. It is a step too: round up.",
                lambda rows, size, epochs: rows // size * epochs,
            ),
            (
                "it rounds once at the end. Each epoch ends with its own smaller batch: round up first, then multiply.",
                lambda rows, size, epochs: math.ceil(rows * epochs / size),
            ),
            (
                "it counts one epoch. Multiply by `epochs`.",
                lambda rows, size, epochs: math.ceil(rows / size),
            ),
            (
                "steps are whole. Round up the batches of an epoch.",
                lambda rows, size, epochs: rows / size * epochs,
            ),
            (
                "where the last batch is full it counts one more. Round up, do not add 1.",
                lambda rows, size, epochs: (rows // size + 1) * epochs,
            ),
            (
                "it rounds down, once at the end. Round up the batches of an epoch, then multiply.",
                lambda rows, size, epochs: rows * epochs // size,
            ),
            (
                "it rounds to the nearest. However small the last batch is, it is a step: round up.",
                lambda rows, size, epochs: round(rows / size) * epochs,
            ),
        ],
    )


def check_confusion_counts(function) -> Verdict:
    """Check `confusion_counts(predictions, references) -> dict` with keys tp, fp, fn, tn; class 1 is positive."""
    rng = random.Random()
    cases = [([1, 1, 1, 0], [1, 1, 0, 1]), ([1, 1, 0, 0], [1, 0, 0, 0]), ([0], [0])]
    for _ in range(20):
        rows = rng.randrange(2, 30)
        cases.append(tuple([rng.randrange(2) for _ in range(rows)] for _ in range(2)))

    def reference(predictions, references):
        pairs = list(zip(predictions, references, strict=True))
        return {
            "tp": pairs.count((1, 1)),
            "fp": pairs.count((1, 0)),
            "fn": pairs.count((0, 1)),
            "tn": pairs.count((0, 0)),
        }

    def renamed(**names):
        def mistaken(predictions, references):
            right = reference(predictions, references)
            return {name: right[names.get(name, name)] for name in right}

        return mistaken

    return compare(
        "confusion_counts",
        function,
        reference,
        cases,
        [
            (
                "fp and fn are swapped. A false positive is predicted 1 where the reference is 0.",
                renamed(fp="fn", fn="fp"),
            ),
            (
                "class 0 counts as positive. Class 1 is the positive one.",
                renamed(tp="tn", tn="tp", fp="fn", fn="fp"),
            ),
            (
                "it gives shares. Count the rows.",
                lambda p, r: {key: value / len(p) for key, value in reference(p, r).items()},
            ),
            (
                "tp and tn are swapped. A true positive is a 1 that was predicted 1.",
                renamed(tp="tn", tn="tp"),
            ),
            (
                "every right answer counts as tp. A 0 that was predicted 0 is a tn.",
                lambda p, r: reference(p, r) | {"tp": sum(map(int.__eq__, p, r))},
            ),
        ],
    )


def _softmax(logits):
    raised = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def check_confident_mistakes(function) -> Verdict:
    """Check `confident_mistakes(logits, references, count) -> list[int]`: rows of wrong predictions, surest first."""
    rng = np.random.default_rng()
    fixed = np.array([[0.0, 3.0], [9.0, 8.0], [2.0, 0.0], [0.0, 1.0]])
    cases = [
        (fixed, np.array([0, 1, 1, 1]), 3),
        (fixed, np.array([1, 0, 0, 1]), 2),
        (fixed, np.array([0, 1, 1, 1]), 1),
    ]
    for _ in range(20):
        rows = int(rng.integers(5, 30))
        cases.append(
            (rng.normal(0, 3, (rows, 2)), rng.integers(0, 2, rows), int(rng.integers(1, 6)))
        )

    def ordered(logits, references, count, score, wrong_only=True, surest_first=True):
        wrong = [
            i for i in range(len(logits)) if not wrong_only or logits[i].argmax() != references[i]
        ]
        return sorted(wrong, key=lambda i: score[i], reverse=surest_first)[:count]

    def by_probability(probabilities, references, count):
        return ordered(probabilities, references, count, probabilities.max(axis=-1))

    def reference(logits, references, count):
        return by_probability(_softmax(logits), references, count)

    return compare(
        "confident_mistakes",
        function,
        reference,
        cases,
        [
            (
                "it sorts by the raw logit. 9 against 8 is a doubtful row: sort by the probability.",
                lambda logits, refs, count: ordered(logits, refs, count, logits.max(axis=-1)),
            ),
            (
                "rows that were predicted right are among them. Keep the wrong ones first, then sort.",
                lambda logits, refs, count: ordered(
                    logits, refs, count, _softmax(logits).max(axis=-1), wrong_only=False
                ),
            ),
            (
                "the least sure rows come first. Reverse the order.",
                lambda logits, refs, count: ordered(
                    logits, refs, count, _softmax(logits).max(axis=-1), surest_first=False
                ),
            ),
            (
                "it returns every mistake. Stop after `count`.",
                lambda logits, refs, count: reference(logits, refs, len(logits)),
            ),
            (
                "those are places among the mistakes. Return row numbers of `logits`.",
                lambda logits, refs, count: [
                    ordered(
                        logits, refs, len(logits), range(len(logits)), surest_first=False
                    ).index(i)
                    for i in reference(logits, refs, count)
                ],
            ),
            (
                "softmax runs over the rows. It compares the logits of one row: take the last axis.",
                lambda logits, refs, count: by_probability(_softmax(logits.T).T, refs, count),
            ),
            (
                "those are the surest right answers. Keep the rows that were predicted wrong.",
                lambda logits, refs, count: ordered(
                    logits, 1 - refs, count, _softmax(logits).max(axis=-1)
                ),
            ),
            (
                "the mistakes come in the order of the rows. Sort them by probability.",
                lambda logits, refs, count: ordered(
                    logits, refs, count, range(len(logits)), surest_first=False
                ),
            ),
        ],
    )
