"""From the logits of windows to each window's best span, for all windows at once."""

from __future__ import annotations

import numpy as np
import pandas as pd


def top_positions(scores: np.ndarray, n_best: int) -> np.ndarray:
    """Return the columns of the `n_best` highest scores of each row, left to right; ties: the leftmost.

    >>> top_positions(np.array([[1.0, 3.0, 3.0, 2.0, 3.0]]), 2)
    array([[1, 2]])
    """
    n_best = min(n_best, scores.shape[1])
    nth = np.partition(scores, -n_best, axis=1)[:, [-n_best]]
    chosen = scores >= nth
    for row in np.flatnonzero(chosen.sum(axis=1) > n_best):  # equal scores at the n-th place
        equal = np.flatnonzero(scores[row] == nth[row])
        chosen[row, equal[n_best - chosen[row].sum() :]] = False
    return (np.flatnonzero(chosen) % scores.shape[1]).reshape(-1, n_best)


def best_spans(
    start_logits: np.ndarray,
    end_logits: np.ndarray,
    context: np.ndarray,
    n_best: int = 20,
    max_answer_length: int = 30,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the best span of each window, among its `n_best` starts and `n_best` ends.

    Of spans with equal scores the earliest start wins, then the shortest.

    Args:
        start_logits, end_logits: (windows, width).
        context: (windows, 2), token positions of the context: first, end (exclusive).
        n_best: starts, and ends, of the context to look at in each window.
        max_answer_length: tokens.

    Returns:
        (starts, ends, scores), each (windows,): token positions, both inclusive, and start logit +
        end logit; the score is -inf where a window has no span.
    """
    place = np.arange(start_logits.shape[1])
    inside = (context[:, :1] <= place) & (place < context[:, 1:])
    start_scores = np.where(inside, start_logits, -np.inf)
    end_scores = np.where(inside, end_logits, -np.inf)
    starts, ends = top_positions(start_scores, n_best), top_positions(end_scores, n_best)
    from_starts = np.take_along_axis(start_scores, starts, axis=1).astype(np.float64)
    pairs = from_starts[:, :, None] + np.take_along_axis(end_scores, ends, axis=1)[:, None, :]
    lengths = ends[:, None, :] - starts[:, :, None] + 1
    pairs[(lengths < 1) | (lengths > max_answer_length)] = -np.inf
    pairs = pairs.reshape(len(pairs), starts.shape[1] * ends.shape[1])
    best, rows = pairs.argmax(axis=1), np.arange(len(pairs))
    start, end = np.divmod(best, ends.shape[1])
    return starts[rows, start], ends[rows, end], pairs[rows, best]


def score_windows(
    features, start_logits, end_logits, *, n_best: int = 20, max_answer_length: int = 30
) -> pd.DataFrame:
    """Return each window's best span, beside the score of no answer.

    Args:
        features: windows as columns, made by `prepare_validation_features`.
        start_logits, end_logits: (windows, width), padded on the right to any width.
        n_best, max_answer_length: as in `best_spans`.

    Returns:
        One row a window: "id" (of its example), "score" (start logit + end logit; -inf without a span),
        "null_score" (the same of CLS), "start", "end" (characters of the context, end exclusive).

    Raises:
        ValueError: logits that do not belong to these features, or are not finite; `n_best` or
            `max_answer_length` below 1.
    """
    check_limits(n_best, max_answer_length)
    start_logits, end_logits = check_logits(features, start_logits, end_logits)
    context = np.array(features["context_tokens"][:], dtype=int).reshape(-1, 2)
    starts, ends, scores = best_spans(start_logits, end_logits, context, n_best, max_answer_length)
    spans = zip(features["offset_mapping"], starts, ends, strict=True)
    places = [(offsets[start][0], offsets[end][1]) for offsets, start, end in spans]
    cls = np.arange(len(scores)), np.array(features["cls_index"][:], dtype=int)
    return pd.DataFrame(
        {
            "id": features["example_id"][:],
            "score": scores,
            "null_score": start_logits[cls].astype(np.float64) + end_logits[cls],
            "start": [start for start, _ in places],
            "end": [end for _, end in places],
        }
    )


def check_limits(n_best: int, max_answer_length: int) -> None:
    """Refuse limits that leave no span; `score_windows` names the errors."""
    for name, value in {"n_best": n_best, "max_answer_length": max_answer_length}.items():
        if value < 1:
            raise ValueError(f"{name} is {value}, which leaves no span. Use 1 or more.")


def check_logits(features, start_logits, end_logits) -> tuple[np.ndarray, np.ndarray]:
    """Return both logits as arrays; `score_windows` names the errors."""
    lengths = [len(ids) for ids in features["input_ids"]]
    arrays = []
    for name, logits in {"start_logits": start_logits, "end_logits": end_logits}.items():
        array = np.asarray(logits)
        width = max(lengths, default=0)
        if array.ndim != 2 or len(array) != len(lengths) or array.shape[1] < width:
            raise ValueError(
                f"{name} has the shape {array.shape}, but there are {len(lengths)} features of up to "
                f"{width} tokens. Pass one row of logits a feature, in the order of the features."
            )
        if not np.isfinite(array).all():
            raise ValueError(
                f"{name} holds NaN or infinity, in row {np.argwhere(~np.isfinite(array))[0, 0]} first. "
                "Lower the learning rate, or use float32."
            )
        arrays.append(array)
    if arrays[0].shape != arrays[1].shape:
        raise ValueError(
            f"start_logits has the shape {arrays[0].shape}, end_logits {arrays[1].shape}. "
            "Pass both from the same predictions."
        )
    return arrays[0], arrays[1]
