"""Question answering in plain loops: slow, and simple enough to be believed. Used by tests and benchmarks."""

import math


def whole_tokens(text, tokenizer):
    """Return ids and (start, end) characters of a text on its own, without special tokens."""
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    return encoding["input_ids"], encoding["offset_mapping"]


def windows(question, context, tokenizer, max_length, doc_stride):
    """Return (ids, first context token, end, number of the first in the context) of each window."""
    asked, _ = whole_tokens(question, tokenizer)
    told, _ = whole_tokens(context, tokenizer)
    room = max_length - len(asked) - 3
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    made, at = [], 0
    while True:
        part = told[at : at + room]
        if tokenizer.padding_side == "right":
            ids, first = [cls, *asked, sep, *part, sep], len(asked) + 2
        else:
            ids = [cls, *part, sep, *asked, sep]
            padding = max_length - len(ids)
            ids, first = [tokenizer.pad_token_id] * padding + ids, padding + 1
        made.append((ids, first, first + len(part), at))
        if at + room >= len(told):
            return made
        at += room - doc_stride


def positions(question, context, answers, tokenizer, max_length, doc_stride):
    """Return (first, last) token of the first answer in each window; CLS where it is not whole."""
    _, spans = whole_tokens(context, tokenizer)
    wanted = []
    if answers["text"]:
        start = answers["answer_start"][0]
        end = start + len(answers["text"][0])
        wanted = [n for n, (a, b) in enumerate(spans) if a < end and b > start]
    marked = []
    for ids, first, end, at in windows(question, context, tokenizer, max_length, doc_stride):
        held = range(at, at + end - first)
        if wanted and wanted[0] in held and wanted[-1] in held:
            marked.append((wanted[0] - at + first, wanted[-1] - at + first))
        else:
            marked.append((ids.index(tokenizer.cls_token_id),) * 2)
    return marked


def postprocess(
    examples,
    features,
    start_logits,
    end_logits,
    n_best=20,
    max_answer_length=30,
    allow_no_answer=False,
    null_threshold=0.0,
):
    """Return id -> text as `postprocess_predictions` should, one pair of positions after another."""
    rows_of = {name: [] for name in examples["id"]}
    for row, name in enumerate(features["example_id"]):
        rows_of[name].append(row)
    texts = {}
    for name, context in zip(examples["id"], examples["context"], strict=True):
        best, null = (math.inf, 0, 0), math.inf
        for row in rows_of[name]:
            starts, ends = start_logits[row].tolist(), end_logits[row].tolist()
            offsets, cls = features["offset_mapping"][row], features["cls_index"][row]
            null = min(null, starts[cls] + ends[cls])
            inside = range(*features["context_tokens"][row])
            top_ends = sorted(inside, key=lambda place: -ends[place])[:n_best]
            for first in sorted(inside, key=lambda place: -starts[place])[:n_best]:
                for last in top_ends:
                    if first <= last < first + max_answer_length:
                        score = starts[first] + ends[last]
                        best = min(best, (-score, offsets[first][0], offsets[last][1]))
        score, start, end = -best[0], best[1], best[2]
        empty = allow_no_answer and null - score > null_threshold
        texts[name] = "" if empty else context[start:end]
    return texts
