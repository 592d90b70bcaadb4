"""Question answering with a window that is shorter than the passage: windows, best spans, answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch


def question_first(tokenizer) -> bool:
    """Tell the order of a pair: question first, unless the tokenizer pads on the left."""
    return tokenizer.padding_side == "right"


def tokenize_pairs(
    questions: Sequence[str],
    contexts: Sequence[str],
    tokenizer,
    max_length: int = 384,
    doc_stride: int = 120,
):
    """Tokenise each question with its context, which is cut into overlapping windows.

    Windows are not padded, save where the tokenizer pads on the left: there they come padded to
    `max_length`, because padding them later would shift every position.

    Args:
        questions: one a pair; never cut.
        contexts: one a pair; may be empty.
        tokenizer: a fast tokenizer with a CLS token.
        max_length: tokens a window, specials and question included.
        doc_stride: tokens that a window shares with the one before it (an overlap, not a step).

    Returns:
        The tokenizer's BatchEncoding, one row a window, with "offset_mapping" and
        "overflow_to_sample_mapping" (the number of the pair each window comes from).

    Raises:
        ValueError: a slow tokenizer or one without CLS, `max_length` beyond what the model reads, a
            question that leaves no room for the context, `doc_stride` as large as that room or negative.

    Taught in: lesson 05.
    """
    check_room(questions, tokenizer, max_length, doc_stride)
    first = question_first(tokenizer)
    return tokenizer(
        list(questions if first else contexts),
        list(contexts if first else questions),
        truncation="only_second" if first else "only_first",
        max_length=max_length,
        stride=doc_stride,
        padding=False if first else "max_length",
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )


def check_room(questions: Sequence[str], tokenizer, max_length: int, doc_stride: int) -> None:
    """Refuse what `tokenize_pairs` cannot cut into windows; it names the errors."""
    check_tokenizer(tokenizer, max_length)
    if doc_stride < 0:
        raise ValueError(f"doc_stride is {doc_stride}. It counts shared tokens: use 0 or more.")
    specials = tokenizer.num_special_tokens_to_add(pair=True)
    ids = tokenizer(list(questions), add_special_tokens=False)["input_ids"] if questions else []
    for question, tokens in zip(questions, ids, strict=True):
        room = max_length - specials - len(tokens)
        if room < 1:
            raise ValueError(
                f"max_length is {max_length}, but the question {question!r} has {len(tokens)} tokens and "
                f"{specials} are special: no room for context. Use max_length > {len(tokens) + specials}, "
                "or a shorter question."
            )
        if doc_stride >= room:
            raise ValueError(
                f"doc_stride is {doc_stride}, but beside the question {question!r} a window of {max_length} "
                f"tokens has room for {room} of context. Use doc_stride < {room}, or a larger max_length."
            )


def check_tokenizer(tokenizer, max_length: int) -> None:
    """Refuse a tokenizer that cannot make such windows; `tokenize_pairs` names the errors."""
    if not getattr(tokenizer, "is_fast", False) or tokenizer.cls_token_id is None:
        raise ValueError(
            f"{type(tokenizer).__name__} has no offsets or no CLS token, which windows need. "
            "Load a fast tokenizer of an encoder: AutoTokenizer.from_pretrained(...)."
        )
    if max_length > tokenizer.model_max_length:
        raise ValueError(
            f"max_length is {max_length}, but the model reads at most {tokenizer.model_max_length} tokens. "
            "Use a smaller max_length."
        )


def context_tokens(features, row: int, tokenizer) -> tuple[int, int]:
    """Return the window's context as token positions (first, end), end exclusive; 0, 0 if empty."""
    sequence_ids = features.sequence_ids(row)
    context = 1 if question_first(tokenizer) else 0
    if context not in sequence_ids:
        return 0, 0
    first = sequence_ids.index(context)
    return first, first + sequence_ids.count(context)


def answer_positions(
    offsets: Sequence[tuple[int, int]],
    tokens: tuple[int, int],
    answer: tuple[int, int],
    cls_index: int,
) -> tuple[int, int]:
    """Return the first and last token (inclusive) of an answer; CLS twice if the window lacks or cuts it.

    Args:
        offsets: (start, end) characters of each token of the window, end exclusive.
        tokens: positions of the window's context tokens (first, end), end exclusive.
        answer: characters (start, end), end exclusive; (0, 0) for no answer.
        cls_index: position of CLS.

    >>> answer_positions([(0, 0), (0, 2), (3, 7), (0, 0)], (1, 3), (3, 7), 0)
    (2, 2)

    Taught in: lesson 05.
    """
    start, end = answer
    held = [t for t in range(*tokens) if offsets[t][0] < end and start < offsets[t][1]]
    if not held or start < offsets[held[0]][0] or offsets[held[-1]][1] < end:
        return cls_index, cls_index
    return held[0], held[-1]


def answer_spans(
    answers: Sequence[dict], owners: Sequence[int], offsets: Sequence[Sequence[tuple[int, int]]]
) -> list[tuple[int, int]]:
    """Return each example's first answer as characters, trimmed to what its tokens cover.

    Tokenizers drop spaces, and some drop accents written as characters of their own: an answer that
    begins or ends with one would never be found whole.

    Args:
        answers: one an example, with lists "text" and "answer_start"; empty lists for no answer.
        owners: for each window the number of its example.
        offsets: for each window the characters of its context tokens.

    Returns:
        (start, end) an example, end exclusive; (0, 0) if it has no answer, or no token covers it.
    """
    held: list[list[tuple[int, int]]] = [[] for _ in answers]
    wanted = [
        (row["answer_start"][0], row["answer_start"][0] + len(row["text"][0]))
        if row["text"]
        else (0, 0)
        for row in answers
    ]
    for owner, spans in zip(owners, offsets, strict=True):
        start, end = wanted[owner]
        held[owner] += [span for span in spans if span[0] < end and start < span[1]]
    return [
        (max(start, min(spans)[0]), min(end, max(last for _, last in spans))) if spans else (0, 0)
        for (start, end), spans in zip(wanted, held, strict=True)
    ]


def prepare_train_features(examples, tokenizer, max_length: int = 384, doc_stride: int = 120):
    """Cut a batch of examples into windows and mark where each window holds the answer.

    Args:
        examples: a batch of rows in SQuAD's schema: "question", "context", "answers".
        tokenizer, max_length, doc_stride: as in `tokenize_pairs`.

    Returns:
        The tokenizer's BatchEncoding, one row a window, with "start_positions" and "end_positions"
        (first and last token of the first answer, inclusive; CLS where the window lacks it).

    Raises:
        ValueError: what `tokenize_pairs` refuses.

    Taught in: lesson 05.
    """
    features = tokenize_pairs(
        examples["question"], examples["context"], tokenizer, max_length, doc_stride
    )
    owners = features.pop("overflow_to_sample_mapping")
    offsets = features.pop("offset_mapping")
    tokens = [context_tokens(features, row, tokenizer) for row in range(len(owners))]
    context = [spans[slice(*where)] for spans, where in zip(offsets, tokens, strict=True)]
    answers = answer_spans(examples["answers"], owners, context)
    features["start_positions"], features["end_positions"] = [], []
    for row, owner in enumerate(owners):
        cls = features["input_ids"][row].index(tokenizer.cls_token_id)
        start, end = answer_positions(offsets[row], tokens[row], answers[owner], cls)
        features["start_positions"].append(start)
        features["end_positions"].append(end)
    return features


def prepare_validation_features(examples, tokenizer, max_length: int = 384, doc_stride: int = 120):
    """Cut a batch of examples into windows that remember their example and their characters.

    Args:
        examples: a batch of rows in SQuAD's schema: "id", "question", "context".
        tokenizer, max_length, doc_stride: as in `tokenize_pairs`.

    Returns:
        The tokenizer's BatchEncoding, one row a window, with "offset_mapping" (characters of each
        token, end exclusive), "example_id", "context_tokens" (positions first, end) and "cls_index".

    Raises:
        ValueError: what `tokenize_pairs` refuses.

    Taught in: lesson 05.
    """
    features = tokenize_pairs(
        examples["question"], examples["context"], tokenizer, max_length, doc_stride
    )
    owners = features.pop("overflow_to_sample_mapping")
    features["example_id"] = [examples["id"][owner] for owner in owners]
    features["context_tokens"] = [
        context_tokens(features, row, tokenizer) for row in range(len(owners))
    ]
    features["cls_index"] = [ids.index(tokenizer.cls_token_id) for ids in features["input_ids"]]
    return features


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
