"""Extractive question answering: from logits to answers.

Windows are made in `helpers.windows` and scored in `helpers.spans`; what a lesson imports of them is
offered here too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from helpers.spans import best_spans, score_windows, top_positions
from helpers.windows import prepare_train_features, prepare_validation_features

__all__ = [
    "Answer",
    "answer",
    "best_spans",
    "postprocess_predictions",
    "prepare_train_features",
    "prepare_validation_features",
    "score_predictions",
    "score_windows",
    "top_positions",
    "window_logits",
]


class Answer(NamedTuple):
    """An answer and its place: `context[start:end] == text`; empty text and 0, 0 for no answer.

    `score` is the best span's start logit + end logit, `null_score` that of CLS.
    """

    text: str
    score: float
    null_score: float
    start: int
    end: int


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


def postprocess_predictions(
    examples,
    features,
    start_logits,
    end_logits,
    *,
    n_best: int = 20,
    max_answer_length: int = 30,
    allow_no_answer: bool = False,
    null_threshold: float = 0.0,
) -> dict[str, str]:
    """Turn the logits of all windows into one text an example.

    Args:
        examples, features, start_logits, end_logits, n_best, max_answer_length: as in `score_predictions`.
        allow_no_answer: let the text be empty (SQuAD 2.0).
        null_threshold: the text is empty where null score - best span's score > `null_threshold`; a
            higher threshold answers more often.

    Returns:
        id -> text, in the order of the examples.

    Raises:
        ValueError: what `score_predictions` refuses.

    Taught in: lesson 05.
    """
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    best = score_predictions(examples, features, start_logits, end_logits, **options)
    if allow_no_answer:
        best.loc[best["null_score"] - best["score"] > null_threshold, "text"] = ""
    return best["text"].to_dict()


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


def window_logits(features, model, tokenizer, batch_size: int = 16):
    """Run a model over windows; return start and end logits, (windows, width), as arrays.

    The model is in eval mode meanwhile.
    """
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


def answer(
    question: str,
    context: str,
    model,
    tokenizer,
    *,
    max_length: int = 384,
    doc_stride: int = 120,
    n_best: int = 20,
    max_answer_length: int = 30,
    allow_no_answer: bool = False,
    null_threshold: float = 0.0,
) -> Answer:
    """Answer a question from a context of any length.

    Args:
        question, context: text.
        model: a question-answering model; its mode is left as it was.
        tokenizer, max_length, doc_stride: as in `tokenize_pairs`.
        n_best, max_answer_length: as in `best_spans`.
        allow_no_answer, null_threshold: as in `postprocess_predictions`.

    Returns:
        An `Answer`: text, score, null_score, start, end (characters, end exclusive).

    Raises:
        ValueError: what `tokenize_pairs` and `score_predictions` refuse.

    Taught in: lesson 05.
    """
    examples = {"id": ["0"], "question": [question], "context": [context]}
    features = prepare_validation_features(examples, tokenizer, max_length, doc_stride)
    logits = window_logits(features, model, tokenizer)
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    (best,) = score_predictions(examples, features, *logits, **options).to_dict("records")
    if allow_no_answer and best["null_score"] - best["score"] > null_threshold:
        best |= {"text": "", "start": 0, "end": 0}
    return Answer(**best)
