"""The check of lesson 01, Exercise 4 · The surest mistakes."""

from __future__ import annotations

import operator

import numpy as np

from exercises.verdict import Verdict, compare


def _softmax(logits):
    raised = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _logits(rng: np.random.Generator, rows: int, classes: int) -> np.ndarray:
    """Return logits whose highest probabilities lie apart, in float32 too; how large they are tells nothing."""
    highest = rng.permutation(np.linspace(0.51, 0.99, rows))
    others = rng.dirichlet(np.ones(classes - 1), rows) * (1 - highest[:, None])
    probabilities = rng.permuted(np.column_stack([highest, others]), axis=1)
    return np.log(probabilities + 1e-4) + rng.normal(0, 3, (rows, 1))


def _any(guess, truth) -> bool:
    return True


def check_confident_mistakes(function) -> Verdict:
    """Check `confident_mistakes(logits, references, count) -> list[int]`: rows of wrong predictions, surest first."""
    rng = np.random.default_rng()
    fixed = np.array([[0.0, 3.0], [9.0, 8.0], [2.0, 0.0], [0.0, 1.0]])
    cases = [
        (fixed, np.array([0, 1, 1, 1]), 3),
        (fixed, np.array([1, 0, 0, 1]), 2),
        (fixed, np.array([0, 1, 1, 1]), 1),
        (fixed, np.array([0, 1, 0, 1]), 3),
        (np.log([[0.5, 0.1, 0.4], [0.25, 0.3, 0.45]]), np.array([1, 0]), 2),
    ]
    for classes in (2, 3) * 10:
        rows = int(rng.integers(5, 30))
        references = rng.integers(0, classes, rows)
        cases.append((_logits(rng, rows, classes), references, int(rng.integers(1, 6))))

    def ordered(logits, references, count, score=None, keep=operator.ne, surest_first=True):
        score = _softmax(logits).max(axis=-1) if score is None else score
        kept = [i for i in range(len(logits)) if keep(logits[i].argmax(), references[i])]
        return sorted(kept, key=lambda i: score[i], reverse=surest_first)[:count]

    def among_mistakes(logits, refs, count):
        rows = np.flatnonzero(logits.argmax(axis=-1) != refs).tolist()
        return [rows.index(row) for row in ordered(logits, refs, count)]

    def by_columns(logits, refs, count, predict):
        columns = _softmax(logits.T).T
        return ordered(columns if predict else logits, refs, count, columns.max(axis=-1))

    def cut_too_early(logits, refs, count):
        surest = ordered(logits, refs, count, keep=_any)
        return [row for row in surest if logits[row].argmax() != refs[row]]

    def of_two_classes(logits, refs, count):
        if logits.shape[1] > 2:
            raise ValueError("more than two classes")
        return ordered(logits, refs, count)

    def where_enough_are_wrong(logits, refs, count):
        if len(ordered(logits, refs, len(logits))) < count:
            raise ValueError("too few mistakes")
        return ordered(logits, refs, count)

    return compare(
        "confident_mistakes",
        function,
        ordered,
        cases,
        [
            (
                "it sorts by the raw logit. 9 against 8 is a doubtful row: sort by the probability.",
                lambda logits, refs, count: ordered(logits, refs, count, logits.max(axis=-1)),
            ),
            (
                "rows that were predicted right are among them. Keep the wrong ones first, then sort.",
                lambda logits, refs, count: ordered(logits, refs, count, keep=_any),
            ),
            (
                "it takes the `count` surest rows, and then the wrong ones of these. Keep the wrong ones first.",
                cut_too_early,
            ),
            (
                "the least sure rows come first. Reverse the order.",
                lambda logits, refs, count: ordered(logits, refs, count, surest_first=False),
            ),
            (
                "it returns every mistake. Stop after `count`.",
                lambda logits, refs, count: ordered(logits, refs, len(logits)),
            ),
            (
                "those are places among the mistakes. Return row numbers of `logits`.",
                among_mistakes,
            ),
            (
                "softmax runs over the rows. It compares the logits of one row: take the last axis.",
                lambda *case: by_columns(*case, predict=True),
            ),
            (
                "softmax runs over the rows. It compares the logits of one row: take the last axis.",
                lambda *case: by_columns(*case, predict=False),
            ),
            (
                "those are the surest right answers. Keep the rows that were predicted wrong.",
                lambda logits, refs, count: ordered(logits, refs, count, keep=operator.eq),
            ),
            (
                "the mistakes come in the order of the rows. Sort them by probability.",
                lambda logits, refs, count: ordered(
                    logits, refs, count, range(len(logits)), surest_first=False
                ),
            ),
            (
                "it sorts by the probability of class 1. Take the highest of the row.",
                lambda logits, refs, count: ordered(logits, refs, count, _softmax(logits)[:, 1]),
            ),
            (
                "those are probabilities. Return the numbers of their rows.",
                lambda logits, refs, count: [
                    _softmax(logits)[row].max() for row in ordered(logits, refs, count)
                ],
            ),
            (
                "it goes wrong where fewer than `count` rows are wrong. Return those there are.",
                where_enough_are_wrong,
            ),
            (
                "it is right for two classes only. With more, the others share what the highest leaves: sort by the highest itself.",
                of_two_classes,
            ),
        ],
    )
