"""From the logits of windows to the best span of each window, and of each example."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch


def window_logits(features, model, tokenizer, batch_size: int = 16):
    """Run a model, in eval mode meanwhile, over windows; return start and end logits, (windows, width)."""
    inputs = {name: features[name] for name in tokenizer.model_input_names if name in features}
    inputs = tokenizer.pad(inputs, return_tensors="pt").to(model.device)
    training = model.training
    model.eval()
    with torch.no_grad():
        batches = [
            model(**{name: tensor[at : at + batch_size] for name, tensor in inputs.items()})
            for at in range(0, len(inputs["input_ids"]), batch_size)
        ]
    model.train(training)
    return tuple(
        torch.cat([batch[name] for batch in batches]).float().cpu().numpy()
        for name in ("start_logits", "end_logits")
    )


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
        n_best: starts, and ends, of the context to look at in each window; ties: the leftmost.
        max_answer_length: tokens.

    Returns:
        (starts, ends, scores), each (windows,): token positions, both inclusive, and start logit +
        end logit; the score is -inf where a window has no span.
    """
    count, width = start_logits.shape
    place = np.arange(width)
    inside = (context[:, :1] <= place) & (place < context[:, 1:])
    starts, ends = (
        _highest(np.where(inside, x, -np.inf), n_best) for x in (start_logits, end_logits)
    )
    first, last, best = np.zeros(count, int), np.zeros(count, int), np.full(count, -np.inf)
    rows = np.arange(count)
    for more in range(min(max_answer_length, width)):  # tokens after the first
        scores = starts[:, : width - more] + ends[:, more:]
        start = scores.argmax(axis=1)
        score = scores[rows, start]
        better = (score > best) | ((score == best) & (start < first))
        first[better], last[better], best[better] = (
            start[better],
            (start + more)[better],
            score[better],
        )
    return first, last, best


def _highest(scores: np.ndarray, count: int) -> np.ndarray:
    """Return scores in double precision, all but the `count` highest of a row (ties: the leftmost) as -inf."""
    places = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    kept = np.full(scores.shape, -np.inf)
    np.put_along_axis(kept, places, np.take_along_axis(scores, places, axis=1), axis=1)
    return kept


def score_windows(
    features, start_logits, end_logits, *, n_best: int = 20, max_answer_length: int = 30
) -> pd.DataFrame:
    """Return each window's best span, beside the score of no answer.

    Args:
        features: windows as columns, made by `qa.prepare_validation_features`.
        start_logits, end_logits: (windows, width), padded on the right to any width.
        n_best, max_answer_length: as in `best_spans`.

    Returns:
        One row a window: "id" (of its example), "score" (start logit + end logit; -inf without a span),
        "null_score" (the same of CLS), "start", "end" (characters of the context, end exclusive).

    Raises:
        ValueError: logits that do not belong to these features, or are not finite; `n_best` or
            `max_answer_length` below 1.
    """
    for name, value in {"n_best": n_best, "max_answer_length": max_answer_length}.items():
        if value < 1:
            raise ValueError(f"{name} is {value}, which leaves no span. Use 1 or more.")
    start_logits, end_logits = _checked(features, start_logits, end_logits)
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


def _checked(features, start_logits, end_logits) -> list[np.ndarray]:
    lengths = [len(ids) for ids in features["input_ids"]]
    width, arrays = max(lengths, default=0), [np.asarray(start_logits), np.asarray(end_logits)]
    for name, array in zip(("start_logits", "end_logits"), arrays, strict=True):
        if array.ndim != 2 or len(array) != len(lengths) or array.shape[1] < width:
            raise ValueError(
                f"{name} has the shape {array.shape}, but there are {len(lengths)} features of up to "
                f"{width} tokens. Pass one row of logits a feature, in the order of the features."
            )
        if not np.isfinite(array).all():
            row = np.argwhere(~np.isfinite(array))[0, 0]
            raise ValueError(
                f"{name} holds NaN or infinity, in row {row} first. Lower the learning rate, or use float32."
            )
    if arrays[0].shape != arrays[1].shape:
        raise ValueError(
            f"start_logits has the shape {arrays[0].shape}, end_logits {arrays[1].shape}. "
            "Pass both from the same predictions."
        )
    return arrays


def score_predictions(
    examples, features, start_logits, end_logits, *, n_best: int = 20, max_answer_length: int = 30
) -> pd.DataFrame:
    """Return each example's best span over its windows, beside the score of no answer.

    Of spans with equal scores the one that starts first in the context wins, then the shortest: the
    order of the features does not matter.

    Args:
        examples: rows with "id" and "context".
        features: what `prepare_validation_features` made of them, as columns, in any order.
        start_logits, end_logits, n_best, max_answer_length: as in `score_windows`.

    Returns:
        One row an example, in their order, index "id": "text", "score" (start logit + end logit; -inf
        and no text where no span is possible), "null_score" (the LOWEST over its windows: one
        window that sees the answer is enough), "start", "end" (characters, end exclusive).

    Raises:
        ValueError: what `score_windows` refuses, an example without features or features without
            an example, ids that are not unique.

    Taught in: lesson 05.
    """
    check_ids(examples, features)
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    windows = score_windows(features, start_logits, end_logits, **options)
    windows = windows.sort_values(["score", "start", "end"], ascending=[False, True, True])
    best = windows.drop_duplicates("id").set_index("id")
    best["null_score"] = windows.groupby("id")["null_score"].min()
    best = best.loc[list(examples["id"])]
    best.loc[np.isinf(best["score"]), ["start", "end"]] = 0
    places = zip(examples["context"], best["start"], best["end"], strict=True)
    best.insert(0, "text", [context[start:end] for context, start, end in places])
    return best


def check_ids(examples, features) -> None:
    """Refuse examples and features that do not belong together; `score_predictions` names the errors."""
    ids, seen = list(examples["id"]), set(features["example_id"])
    if len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise ValueError(f"The id {twice!r} stands twice. Give each example an id of its own.")
    if lost := [one for one in ids if one not in seen]:
        raise ValueError(
            f"{len(lost)} examples have no features, {lost[0]!r} the first. "
            "Make the features from these examples."
        )
    if strange := seen.difference(ids):
        raise ValueError(
            f"{len(strange)} example ids of the features are no example's, {min(strange)!r} the first. "
            "Make the features from these examples."
        )
