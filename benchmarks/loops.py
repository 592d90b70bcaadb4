"""From logits to answers in plain loops, slow and easy to believe: for tests and benchmarks."""

import math


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
    """Return id -> text as `postprocess_predictions` should, pair of positions after pair."""
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
