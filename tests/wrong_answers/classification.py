"""Answers to the exercises of helpers/checks/classification.py, as learners write them: wrong ones, and right ones in another style."""

import numpy as np
import torch


def padding_to_the_longest_row(lengths, batch_size):
    width = max(lengths)
    padding = sum(width - length for length in lengths)
    return padding / (width * len(lengths))


def padding_with_a_full_last_batch(lengths, batch_size):
    padding = positions = 0
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        padding += max(batch) * batch_size - sum(batch)
        positions += max(batch) * batch_size
    return padding / positions


def padding_averaged_over_batches(lengths, batch_size):
    shares = []
    while lengths:
        batch, lengths = lengths[:batch_size], lengths[batch_size:]
        positions = max(batch) * len(batch)
        shares.append((positions - sum(batch)) / positions)
    return sum(shares) / len(shares)


def share_of_real_tokens(lengths, batch_size):
    positions = 0
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        positions += max(batch) * len(batch)
    return sum(lengths) / positions


def steps_of_full_batches(rows, batch_size, epochs):
    steps_per_epoch = int(rows / batch_size)
    return steps_per_epoch * epochs


def steps_rounded_at_the_end(rows, batch_size, epochs):
    seen = rows * epochs
    return seen // batch_size + (1 if seen % batch_size else 0)


def steps_of_one_epoch(rows, batch_size, epochs):
    return len(range(0, rows, batch_size))


def steps_in_fractions(rows, batch_size, epochs):
    return epochs * (rows / batch_size)


def confusions_with_errors_swapped(predictions, references):
    counts = {"tp": 0, "fp": 0, "fn": 0, "tn": 0}
    for predicted, reference in zip(predictions, references, strict=True):
        if predicted == reference:
            counts["tp" if predicted else "tn"] += 1
        else:
            counts["fn" if predicted else "fp"] += 1
    return counts


def confusions_of_class_0(predictions, references):
    predictions, references = np.array(predictions), np.array(references)
    return {
        "tp": int(((predictions == 0) & (references == 0)).sum()),
        "fp": int(((predictions == 0) & (references == 1)).sum()),
        "fn": int(((predictions == 1) & (references == 0)).sum()),
        "tn": int(((predictions == 1) & (references == 1)).sum()),
    }


def confusions_as_shares(predictions, references):
    predictions, references = np.array(predictions), np.array(references)
    return {
        "tp": np.mean(predictions * references),
        "fp": np.mean(predictions * (1 - references)),
        "fn": np.mean((1 - predictions) * references),
        "tn": np.mean((1 - predictions) * (1 - references)),
    }


def mistakes_by_logit(logits, references, count):
    wrong = np.flatnonzero(logits.argmax(-1) != references)
    return wrong[np.argsort(-logits[wrong].max(-1))][:count].tolist()


def confident_rows(logits, references, count):
    confidence = torch.from_numpy(logits).softmax(-1).amax(-1)
    return confidence.argsort(descending=True)[:count].tolist()


def doubtful_mistakes(logits, references, count):
    confidence, predicted = torch.from_numpy(logits).softmax(-1).max(-1)
    wrong = [row for row, guess in enumerate(predicted.tolist()) if guess != references[row]]
    wrong.sort(key=lambda row: confidence[row].item())
    return wrong[:count]


def all_mistakes(logits, references, count):
    margin = abs(logits[:, 0] - logits[:, 1])
    wrong = [row for row in range(len(logits)) if logits[row].argmax() != references[row]]
    return sorted(wrong, key=lambda row: -margin[row])


def padding_of_full_batches(lengths, batch_size):
    full = np.array(lengths[: len(lengths) - len(lengths) % batch_size])
    if not len(full):
        return 0.0
    batches = full.reshape(-1, batch_size)
    return 1 - batches.sum() / (batches.max(axis=1) * batch_size).sum()


def padding_of_sorted_rows(lengths, batch_size):
    lengths.sort()
    return padding_by_batches(lengths, batch_size)


def padding_by_batches(lengths, batch_size):
    """Return the right share: what other answers here start from."""
    batches = [lengths[i : i + batch_size] for i in range(0, len(lengths), batch_size)]
    return 1 - sum(lengths) / sum(max(batch) * len(batch) for batch in batches)


def padding_by_tokens(lengths, batch_size):
    padding = 0
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        padding += sum(max(batch) - length for length in batch)
    return padding / sum(lengths)


def padding_counted(lengths, batch_size):
    batches = torch.tensor(lengths).split(batch_size)
    return sum((batch.max() - batch).sum() for batch in batches)


def steps_with_one_more(rows, batch_size, epochs):
    return epochs * (int(rows / batch_size) + 1)


def steps_rounded_down_at_the_end(rows, batch_size, epochs):
    return int(rows * epochs / batch_size)


def steps_to_the_nearest(rows, batch_size, epochs):
    return epochs * int(np.round(rows / batch_size))


def confusions_with_trues_swapped(predictions, references):
    counts = dict.fromkeys(("tp", "fp", "fn", "tn"), 0)
    names = {(1, 1): "tn", (0, 0): "tp", (1, 0): "fp", (0, 1): "fn"}
    for pair in zip(predictions, references, strict=True):
        counts[names[pair]] += 1
    return counts


def confusions_with_every_right_one(predictions, references):
    predictions, references = np.array(predictions), np.array(references)
    return {
        "tp": (predictions == references).sum(),
        "fp": (predictions > references).sum(),
        "fn": (predictions < references).sum(),
        "tn": ((predictions + references) == 0).sum(),
    }


def places_of_mistakes(logits, references, count):
    confidence, predicted = torch.from_numpy(logits).softmax(-1).max(-1)
    wrong = (predicted != torch.from_numpy(references)).nonzero().flatten()
    return confidence[wrong].argsort(descending=True)[:count].tolist()


def mistakes_of_columns(logits, references, count):
    confidence, predicted = torch.from_numpy(logits).softmax(dim=0).max(-1)
    wrong = (predicted != torch.from_numpy(references)).nonzero().flatten()
    return wrong[confidence[wrong].argsort(descending=True)][:count].tolist()


def confident_successes(logits, references, count):
    margin = np.abs(logits[:, 0] - logits[:, 1])
    right = [row for row in range(len(logits)) if logits[row].argmax() == references[row]]
    return sorted(right, key=lambda row: margin[row], reverse=True)[:count]


def first_mistakes(logits, references, count):
    return np.flatnonzero(logits.argmax(-1) != references)[:count]


# Right answers in another style than the solution's


def padding_by_sorted_batches(lengths, batch_size):
    rows = np.zeros((len(lengths), max(lengths)), dtype=bool)
    for row, length in enumerate(lengths):
        rows[row, :length] = True
    batches = [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    padding = [(~batch[:, batch.any(axis=0)]).sum() for batch in batches]
    return np.sum(padding) / (np.sum(padding) + rows.sum())


def steps_with_numpy(rows, batch_size, epochs):
    return np.ceil(np.float64(rows) / batch_size).astype(np.int64) * epochs


def confusions_with_torch(predictions, references):
    cells = torch.tensor(references) * 2 + torch.tensor(predictions)
    return dict(zip(("tn", "fp", "fn", "tp"), cells.bincount(minlength=4), strict=True))


def mistakes_with_numpy(logits, references, count):
    exponents = np.exp(logits)
    probabilities = exponents / exponents.sum(axis=1, keepdims=True)
    rows = np.argsort(-probabilities.max(axis=1))
    return rows[(probabilities.argmax(axis=1) != references)[rows]][:count]


WRONG = {
    "check_padding_share": {
        "longest of all": (padding_to_the_longest_row, "the longest row of all"),
        "full last batch": (padding_with_a_full_last_batch, "the last batch counts as full"),
        "mean of batches": (padding_averaged_over_batches, "averages the batches' shares"),
        "real tokens": (share_of_real_tokens, "the share of real tokens"),
        "full batches": (padding_of_full_batches, "smaller batch is left out"),
        "sorted": (padding_of_sorted_rows, "it sorts the rows first"),
        "by tokens": (padding_by_tokens, "divides by the real tokens"),
        "counted": (padding_counted, "counts padded positions"),
    },
    "check_training_steps": {
        "full batches": (steps_of_full_batches, "smaller batch of an epoch is left out"),
        "rounded once": (steps_rounded_at_the_end, "rounds once at the end"),
        "one epoch": (steps_of_one_epoch, "counts one epoch"),
        "fractions": (steps_in_fractions, "steps are whole"),
        "one more": (steps_with_one_more, "do not add 1"),
        "down at the end": (steps_rounded_down_at_the_end, "rounds down, once"),
        "nearest": (steps_to_the_nearest, "rounds to the nearest"),
    },
    "check_confusion_counts": {
        "errors swapped": (confusions_with_errors_swapped, "fp and fn are swapped"),
        "class 0": (confusions_of_class_0, "class 0 counts as positive"),
        "shares": (confusions_as_shares, "it gives shares"),
        "trues swapped": (confusions_with_trues_swapped, "tp and tn are swapped"),
        "every right one": (confusions_with_every_right_one, "every right answer counts as tp"),
    },
    "check_confident_mistakes": {
        "by logit": (mistakes_by_logit, "sorts by the raw logit"),
        "right rows too": (confident_rows, "predicted right are among them"),
        "doubtful first": (doubtful_mistakes, "least sure rows come first"),
        "all of them": (all_mistakes, "returns every mistake"),
        "places": (places_of_mistakes, "places among the mistakes"),
        "columns": (mistakes_of_columns, "softmax runs over the rows"),
        "successes": (confident_successes, "the surest right answers"),
        "first ones": (first_mistakes, "in the order of the rows"),
    },
}

SECOND = {
    "check_padding_share": padding_by_sorted_batches,
    "check_training_steps": steps_with_numpy,
    "check_confusion_counts": confusions_with_torch,
    "check_confident_mistakes": mistakes_with_numpy,
}
