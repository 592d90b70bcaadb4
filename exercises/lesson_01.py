"""Lesson 01's exercises."""

import math

import numpy as np

from exercises.table import exercise


def runs(rng):
    cases = [(32, 16, 1), (33, 16, 2), (10, 16, 3)]
    limits = (1, 500), (1, 33), (1, 6)
    return cases + [tuple(rng.randrange(*limit) for limit in limits) for _ in range(20)]


@exercise(runs)
def training_steps(rows, batch_size, epochs):
    """
    the last, smaller batch of an epoch is left out. It is a step too: round up.
        math.ceil(rows / batch_size) → rows // batch_size
        math.ceil(rows / batch_size) → max(rows // batch_size, 1)
    it rounds once at the end. Each epoch ends with its own smaller batch: round up first, then multiply.
        = math.ceil(rows * epochs / batch_size)
    it counts one epoch. Multiply by `epochs`.
        = math.ceil(rows / batch_size)
    steps are whole. Round up the batches of an epoch.
        = rows / batch_size * epochs
    it counts one step too many if the last batch is full. Round up instead of adding 1.
        math.ceil(rows / batch_size) → (rows // batch_size + 1)
    it rounds down, once at the end. Round up the batches of an epoch, then multiply.
        = rows * epochs // batch_size
    it rounds to the nearest whole number. Even a tiny last batch is a step: round up.
        math.ceil(rows / batch_size) → round(rows / batch_size)
        math.ceil(rows / batch_size) → int(rows / batch_size + 0.5)
    it rounds to the nearest whole number, once at the end. Round up the batches of an epoch, then multiply.
        = round(rows / batch_size * epochs)
    the smaller batch counts once per run, but every epoch ends with one. Add it before you multiply.
        = rows // batch_size * epochs + (rows % batch_size > 0)
    it adds 1 once per run. Round up the batches of an epoch, then multiply.
        = rows // batch_size * epochs + 1
    it counts rows. A step takes a whole batch: divide by `batch_size`, and round up.
        = rows * epochs
    """
    return math.ceil(rows / batch_size) * epochs


def lengths_of_rows(rng):
    cases = [([5, 5, 5], 3), ([2, 4], 2), ([4, 2, 8], 2), ([3], 16)]
    for rows in rng.choices(range(5, 40), k=20):
        cases.append((rng.choices(range(3, 60), k=rows), rng.randrange(2, 9)))
    return cases


@exercise(lengths_of_rows)
def padding_share(lengths, batch_size):
    """
    every batch is as wide as the longest row of all. Take each batch's own longest row.
        max(batch) → max(lengths)
    the last batch counts as full. It holds only the rows that are left.
        len(batch) → batch_size
    it averages the batches' shares. Divide all padding by all positions: wide batches weigh more.
        padding += max(batch) * len(batch) - sum(batch) → padding += right(batch, batch_size) ; positions += max(batch) * len(batch) → positions += 1
    it returns the share of real tokens. Padding is what is left of 1.
        return → return 1 -
    the last, smaller batch is left out. It has padding too.
        len(lengths), → len(lengths) // batch_size * batch_size,
    it sorts the rows first. Take them in the order given.
        = right(sorted(lengths), batch_size)
        = right(sorted(lengths, reverse=True), batch_size)
    it divides by the real tokens. Divide by all positions, padding included.
        / positions → / sum(lengths)
    it counts padded positions. Divide by all positions.
        return padding / positions → return padding
    it divides by the number of rows. Divide by all positions.
        / positions → / len(lengths)
    it stops after the first batch. Is `return` inside the loop?
        = right(lengths[:batch_size], batch_size)
    it gives the share of the last batch. Add up padding and positions of all: `+=`.
        += → =
    the last batch is left out, full or not. Let `range` go up to `len(lengths)`.
        len(lengths), → len(lengths) - batch_size,
    it makes all batches equally large. Each holds `batch_size` rows, and the last one holds the rest.
        batch = lengths[start : start + batch_size] → batch = np.array_split(lengths, math.ceil(len(lengths) / batch_size))[start // batch_size]
    it is rounded. Return the share as it is.
        = round(right(lengths, batch_size), 2)
    if the last batch is full, an empty one follows it. `range(0, len(lengths), batch_size)` makes none.
        len(lengths), → len(lengths) + 1,
    """
    padding = positions = 0
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        padding += max(batch) * len(batch) - sum(batch)
        positions += max(batch) * len(batch)
    return padding / positions


def predicted_rows(rng):
    cases = [([1, 1, 1, 0], [1, 1, 0, 1]), ([1, 1, 0, 0], [1, 0, 0, 0]), ([0], [0])]
    sizes = rng.choices(range(2, 30), k=20)
    return cases + [(rng.choices([0, 1], k=rows), rng.choices([0, 1], k=rows)) for rows in sizes]


@exercise(predicted_rows)
def confusion_counts(predictions, references):
    """
    fp and fn are swapped. A false positive is predicted 1 where the reference is 0.
        = right(references, predictions)
    class 0 counts as positive. Class 1 is the positive one.
        count(pair) → count((1 - pair[0], 1 - pair[1]))
    it gives shares. Count the rows.
        count(pair) → count(pair) / len(pairs)
    tp and tn are swapped. A true positive is a 1 that was predicted 1.
        "tp": (1, 1) → "tp": (0, 0) ; "tn": (0, 0) → "tn": (1, 1)
    fn and tn are swapped. A false negative is predicted 0 where the reference is 1.
        "fn": (0, 1), "tn": (0, 0) → "fn": (0, 0), "tn": (0, 1)
    every right answer counts as tp. A 0 that was predicted 0 is a tn.
        items()} → items()} | {"tp": pairs.count((1, 1)) + pairs.count((0, 0)), "tn": 0}
        items()} → items()} | {"tp": pairs.count((1, 1)) + pairs.count((0, 0))}
    fp counts every predicted 1, and fn every 1 of the references. Leave out those that are right.
        items()} → items()} | {"fp": sum(predictions), "fn": sum(references)}
    it stops after the first row. Is `return` inside the loop?
        = right(predictions[:1], references[:1])
    """
    pairs = list(zip(predictions, references, strict=True))
    kinds = {"tp": (1, 1), "fp": (1, 0), "fn": (0, 1), "tn": (0, 0)}
    return {kind: pairs.count(pair) for kind, pair in kinds.items()}


def softmax(logits, axis=-1):
    raised = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


def some_logits(rng: np.random.Generator, rows: int, classes: int) -> np.ndarray:
    """Return logits whose highest probabilities lie apart, in float32 too; how large they are tells nothing."""
    highest = rng.permutation(np.linspace(0.51, 0.99, rows))
    others = rng.dirichlet(np.ones(classes - 1), rows) * (1 - highest[:, None])
    probabilities = rng.permuted(np.column_stack([highest, others]), axis=1)
    return np.log(probabilities + 1e-4) + rng.normal(0, 3, (rows, 1))


def classified_rows(rng):
    rng = np.random.default_rng(rng.randrange(2**32))
    fixed = np.array([[0.0, 3.0], [9.0, 8.0], [2.0, 0.0], [0.0, 1.0]])
    scored = [([0, 1, 1, 1], 3), ([1, 0, 0, 1], 2), ([0, 1, 1, 1], 1), ([0, 1, 0, 1], 3)]
    cases = [(fixed, np.array(references), count) for references, count in scored]
    cases.append((np.log([[0.5, 0.1, 0.4], [0.25, 0.3, 0.45]]), np.array([1, 0]), 2))
    not_by_entropy = np.log([[0.55, 0.44, 0.01], [0.6, 0.2, 0.2]])
    cases.append((not_by_entropy, np.array([1, 1]), 2))
    for classes in (2, 3) * 10:
        rows = int(rng.integers(5, 30))
        references = rng.integers(0, classes, rows)
        cases.append((some_logits(rng, rows, classes), references, int(rng.integers(1, 6))))
    return [*cases, (fixed, 1 - fixed.argmax(1), 0)]


@exercise(classified_rows)
def confident_mistakes(logits, references, count):
    """
    the order is that of the raw logits. 9 against 8 is a doubtful row: sort by the softmax of the row.
        probabilities.max → logits.max
    some of these rows were predicted right. Keep only the wrong ones, then sort.
        sorted(wrong, → sorted(range(len(logits)),
    it takes the `count` surest rows and keeps the wrong ones among them. Keep the wrong ones first, then take `count`.
        = [row for row in right(logits, -1 - references, count) if logits[row].argmax() != references[row]]
    the least sure rows come first. Reverse the order.
        , reverse=True) → )
    it returns every mistake. Stop after `count`.
        [:count] → [:]
    those are positions in the list of mistakes. Return row numbers of `logits`.
        return → return [wrong.index(row) for row in ; [:count] → [:count]]
    softmax runs over the rows. It compares the logits of one row: take the last axis.
        softmax(logits) → softmax(logits, axis=0)
        softmax(logits) → softmax(logits, axis=0) ; probabilities.argmax → logits.argmax
    those are the surest right answers. Keep the rows that were predicted wrong.
        != → ==
    the mistakes come in the order of the rows. Sort them by probability.
        = sorted(right(logits, references, len(logits)))[:count]
    it sorts by the probability of class 1. Take the highest of the row.
        probabilities.max(axis=-1) → probabilities[:, 1]
    those are probabilities. Return the numbers of their rows.
        return → return [confidence[row] for row in ; [:count] → [:count]]
    fewer than `count` rows may be wrong. Return all of them then.
        return → assert len(wrong) >= count; return
    it works for two classes only. With more of them, sort by the highest probability itself.
        return → assert logits.shape[1] == 2; return
    """
    probabilities = softmax(logits)
    predicted, confidence = probabilities.argmax(axis=-1), probabilities.max(axis=-1)
    wrong = [row for row in range(len(logits)) if predicted[row] != references[row]]
    return sorted(wrong, key=lambda row: confidence[row], reverse=True)[:count]
