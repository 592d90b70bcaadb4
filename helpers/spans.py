"""From the logits of windows to the best span of each window, and of each example."""

import numpy as np
import pandas as pd
import torch
from tqdm.auto import tqdm

from helpers import expect, whole


def window_logits(features, model, tokenizer, batch_size: int = 16):
    """Run a model, in eval mode meanwhile, over windows; return start and end logits, (windows, width).

    Windows of like length share a batch, padded to its longest; beyond that the logits are 0.
    """
    held = getattr(features, "column_names", features)
    inputs = {name: features[name] for name in tokenizer.model_input_names if name in held}
    lengths = [len(ids) for ids in inputs["input_ids"]]
    order, training = np.argsort(lengths, kind="stable").tolist(), model.training
    logits = np.zeros((2, len(lengths), max(lengths, default=0)), dtype=np.float32)
    model.eval()
    starts = range(0, len(order), batch_size)
    for at in tqdm(starts, "windows", leave=False, disable=len(starts) < 20):
        rows = order[at : at + batch_size]
        batch = {name: [column[row] for row in rows] for name, column in inputs.items()}
        batch = tokenizer.pad(batch, return_tensors="pt").to(model.device)
        with torch.no_grad():
            found = model(**batch)
        for place, scores in enumerate((found.start_logits, found.end_logits)):
            logits[place, rows, : scores.shape[1]] = scores.float().cpu()
    model.train(training)
    return tuple(logits)


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
    n_best: int,
    max_answer_length: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the best span of each window, among the `n_best` starts and ends of its context.

    Of spans with equal scores the earliest start wins, then the shortest. Logits are (windows, width), `context`
    (windows, 2) has the token positions of the context: first, end (exclusive); `max_answer_length` is in tokens.
    Returns (starts, ends, scores), each (windows,): token positions, both inclusive, and start logit + end logit,
    -inf where a window has no span.
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
    """Return each window's best span, as `best_spans` finds it, beside the score of no answer.

    `features` are windows as columns, of `qa.prepare_validation_features`; logits are (windows, width), padded on the
    right to any width. Returns one row a window: "id" (of its example), "score" (start logit + end logit; -inf without
    a span), "null_score" (the same of CLS), "start", "end" (characters of the context, end exclusive).
    Raises ValueError: logits that do not belong to these features, or are not finite; a limit below 1.
    """
    for name, value in {"n_best": n_best, "max_answer_length": max_answer_length}.items():
        expect(whole(value, 1), name, value, "a whole number, 1 or more: fewer leave no span")
    start_logits, end_logits = _checked(features, start_logits, end_logits)
    context = np.array(features["context_tokens"][:], dtype=int).reshape(-1, 2)
    starts, ends, scores = best_spans(start_logits, end_logits, context, n_best, max_answer_length)
    spans = zip(features["offset_mapping"], starts, ends, strict=True)
    places = [(offsets[start][0], offsets[end][1]) for offsets, start, end in spans]
    cls = np.arange(len(scores)), np.array(features["cls_index"][:], dtype=int)
    null_scores = start_logits[cls].astype(np.float64) + end_logits[cls]
    columns = {"id": features["example_id"][:], "score": scores, "null_score": null_scores}
    return pd.DataFrame(columns).join(pd.DataFrame(places, columns=["start", "end"]))


def _checked(features, start_logits, end_logits) -> list[np.ndarray]:
    lengths = [len(ids) for ids in features["input_ids"]]
    width, arrays = max(lengths, default=0), [np.asarray(start_logits), np.asarray(end_logits)]
    start, end = [array.shape for array in arrays]
    if start != end or start[:1] != (len(lengths),) or len(start) != 2 or start[1] < width:
        raise ValueError(
            f"start_logits has the shape {start}, end_logits {end}, but there are {len(lengths)} features "
            f"of up to {width} tokens. Pass both from the same predictions, one row of logits a feature, in the "
            "order of the features."
        )
    for name, array in zip(("start_logits", "end_logits"), arrays, strict=True):
        if not np.isfinite(array).all():
            row = np.argwhere(~np.isfinite(array))[0, 0]
            raise ValueError(
                f"{name} holds NaN or infinity, in row {row} first. Lower the learning rate, or use float32."
            )
    return arrays


def score_predictions(
    examples, features, start_logits, end_logits, *, n_best: int = 20, max_answer_length: int = 30
) -> pd.DataFrame:
    """Return each example's best span over its windows, beside the score of no answer.

    `examples` are rows with "id" and "context"; all else is as in `score_windows`. Equal scores are decided as in
    `best_spans`, in whatever order the features are. Returns one row an example, in their order, index "id": "text"
    (empty without a span), then as in `score_windows`, "null_score" being the LOWEST: one window that sees the answer
    is enough. Raises ValueError: what `score_windows` and `check_ids` refuse. Taught in: lesson 05.
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
    """Refuse ids that are not unique, an example without features, features without an example."""
    ids, seen = list(examples["id"]), set(features["example_id"])
    if len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise ValueError(f"The id {twice!r} stands twice. Give each example an id of its own.")
    remedy = "Make the features from these examples."
    if lost := [one for one in ids if one not in seen]:
        raise ValueError(f"{len(lost)} examples have no features, {lost[0]!r} the first. {remedy}")
    if strange := seen.difference(ids):
        raise ValueError(
            f"{len(strange)} example ids of the features are no example's, {min(strange)!r} the first. {remedy}"
        )
