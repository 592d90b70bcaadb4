"""Question answering over texts longer than the model reads: windows, answer positions, answers."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from helpers import expect, whole
from helpers.spans import score_predictions, window_logits


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
    """Tokenize each question with its context, which is cut into overlapping windows.

    A question is never cut; a context may be empty. Windows are not padded, save where the tokenizer pads on
    the left: there they come padded to `max_length`, because padding them later would shift every position.
    `max_length` is in tokens, specials and question included; `doc_stride` are those that a window shares with
    the one before it. Returns the tokenizer's BatchEncoding, one row a window, with "offset_mapping" and
    "overflow_to_sample_mapping" (its pair). Raises ValueError: what `check_room` refuses. Taught in: lesson 05.
    """
    check_room(questions, tokenizer, max_length, doc_stride)
    first = question_first(tokenizer)
    windows = tokenizer(
        list(questions if first else contexts),
        list(contexts if first else questions),
        truncation="only_second" if first else "only_first",
        max_length=max_length,
        stride=doc_stride,
        padding=False if first else "max_length",
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    return without_spaces(windows, contexts, 1 if first else 0)


def without_spaces(windows, contexts: Sequence[str], side: int):
    """Take the spaces in front of a word, which some tokenizers count to it, out of the context's offsets."""
    rows = zip(windows["overflow_to_sample_mapping"], windows["offset_mapping"], strict=True)
    for row, (owner, offsets) in enumerate(rows):
        for place, sequence in enumerate(windows.sequence_ids(row)):
            start, end = offsets[place]
            if sequence == side and (word := contexts[owner][start:end].lstrip()):
                offsets[place] = (end - len(word), end)
    return windows


def check_room(questions: Sequence[str], tokenizer, max_length: int, doc_stride: int) -> None:
    """Refuse a slow tokenizer or one without CLS, and sizes or questions that leave no room for a context."""
    right = getattr(tokenizer, "is_fast", False) and tokenizer.cls_token_id is not None
    wanted = "an encoder's, fast and with a CLS token: AutoTokenizer.from_pretrained(...)"
    expect(right, "The tokenizer", type(tokenizer).__name__, wanted)
    expect(whole(max_length, 1), "max_length", max_length, "a number of tokens, 1 or more")
    wanted = f"at most {tokenizer.model_max_length}: the model reads no more tokens"
    expect(max_length <= tokenizer.model_max_length, "max_length", max_length, wanted)
    expect(whole(doc_stride), "doc_stride", doc_stride, "a number of shared tokens, 0 or more")
    specials = tokenizer.num_special_tokens_to_add(pair=True)
    ids = tokenizer(list(questions), add_special_tokens=False)["input_ids"] if questions else []
    for question, tokens in zip(questions, ids, strict=True):
        room = max_length - specials - len(tokens)
        if doc_stride >= room:
            smaller = "a smaller doc_stride, " if room > 0 else ""
            raise ValueError(
                f"max_length is {max_length}, doc_stride is {doc_stride}. The question {question!r} has "
                f"{len(tokens)} tokens and {specials} are special, which leaves {max(0, room)} for context. Use "
                f"max_length > {max_length - room + doc_stride}, {smaller}or a shorter question."
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

    `offsets` holds the characters of each token of the window, `tokens` the positions of its context tokens,
    `answer` characters, (0, 0) for no answer: each (start, end), end exclusive.

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
    """Return each example's first answer as characters (start, end), trimmed to what its tokens cover.

    Tokenizers drop spaces, and some drop accents written as characters of their own: an answer that
    begins or ends with one would never be found whole. (0, 0): no answer, or no token covers it.
    `owners` has each window's example, by number, `offsets` the characters of its context tokens.
    """
    firsts = [zip(row["answer_start"], row["text"], strict=True) for row in answers]
    wanted = [next(((at, at + len(text)) for at, text in row), (0, 0)) for row in firsts]
    held: list[list[tuple[int, int]]] = [[] for _ in answers]
    for owner, spans in zip(owners, offsets, strict=True):
        start, end = wanted[owner]
        held[owner] += [span for span in spans if span[0] < end and start < span[1]]
    return [
        (max(start, min(spans)[0]), min(end, max(last for _, last in spans))) if spans else (0, 0)
        for (start, end), spans in zip(wanted, held, strict=True)
    ]


def check_answers(examples) -> None:
    """Refuse an answer whose text does not stand at its `answer_start`, a character of the context."""
    names = examples["id"] if "id" in examples else range(len(examples["context"]))
    for name, context, row in zip(names, examples["context"], examples["answers"], strict=True):
        right = isinstance(row, dict) and {"text", "answer_start"} <= row.keys()
        expect(right, f"{name!r}: answers", row, 'a dict with the lists "text" and "answer_start"')
        for text, start in zip(row["text"], row["answer_start"], strict=True):
            texts = isinstance(context, str) and isinstance(text, str)
            if texts and whole(start) and context.startswith(text, start):
                continue
            found = context[start : start + len(text)] if texts and whole(start) else ""
            places = [m.start() for m in re.finditer(re.escape(text), context)] if texts else []
            raise ValueError(
                f"{name!r}: the answer {text!r} does not stand at answer_start {start!r}, where "
                f"{found!r} stands. Correct the start; the text stands at {places or 'no place'}."
            )


def prepare_train_features(examples, tokenizer, max_length: int = 384, doc_stride: int = 120):
    """Cut a batch of rows ("question", "context", "answers") into windows and mark the answer in each.

    Returns what `tokenize_pairs` does, with "start_positions" and "end_positions" in place of its mappings: first and
    last token (inclusive) of the first answer, or CLS without it. Errors as in `check_answers`. Taught in: lesson 05.
    """
    check_answers(examples)
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
    """Cut a batch of rows ("id", "question", "context") into windows that remember their row and characters.

    Returns what `tokenize_pairs` does, with "example_id" in place of the number, "context_tokens" (positions
    first, end; end exclusive) and "cls_index". Taught in: lesson 05.
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


class Answer(NamedTuple):
    """An answer and its place in characters: `context[start:end] == text`; empty text and 0, 0 for no answer.

    `score` is the best span's start logit + end logit, `null_score` that of CLS.
    """

    text: str
    score: float
    null_score: float
    start: int
    end: int


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
    """Turn the logits of all windows into one text an example: id -> text, in the order of the examples.

    With `allow_no_answer` (SQuAD 2.0) the text is empty where null score - best span's score >
    `null_threshold`; a higher one answers more often. All else, and the errors, as in `score_predictions`.
    Taught in: lesson 05.
    """
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    best = score_predictions(examples, features, start_logits, end_logits, **options)
    if allow_no_answer:
        best.loc[best["null_score"] - best["score"] > null_threshold, "text"] = ""
    return best["text"].to_dict()


def answer(
    question: str,
    context: str,
    model,
    tokenizer,
    *,
    max_length: int = 384,
    doc_stride: int = 120,
    allow_no_answer: bool = False,
    null_threshold: float = 0.0,
    **search,
) -> Answer:
    """Answer a question from a context of any length; the model's mode is left as it was.

    Options as in `tokenize_pairs`, `postprocess_predictions` and (`search`) `score_predictions`. Taught in: lesson 05.
    """
    examples = {"id": ["0"], "question": [question], "context": [context]}
    features = prepare_validation_features(examples, tokenizer, max_length, doc_stride)
    logits = window_logits(features, model, tokenizer)
    table = score_predictions(examples, features, *logits, **search)
    (best,) = table.to_dict("records")
    if allow_no_answer and best["null_score"] - best["score"] > null_threshold:
        best |= {"text": "", "start": 0, "end": 0}
    return Answer(**best)
