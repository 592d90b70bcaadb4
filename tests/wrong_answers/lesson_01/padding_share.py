"""Answers to lesson 01, Exercise 2 · Count the padding."""

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


def padding_of_the_longest_first(lengths, batch_size):
    return padding_by_batches(sorted(lengths)[::-1], batch_size)


def padding_per_row(lengths, batch_size):
    padding = 0
    for row, length in enumerate(lengths):
        start = row - row % batch_size
        padding += max(lengths[start : start + batch_size]) - length
    return padding / len(lengths)


def padding_of_the_first_batch(lengths, batch_size):
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        return 1 - sum(batch) / (max(batch) * len(batch))


def padding_of_the_last_batch(lengths, batch_size):
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        positions = max(batch) * len(batch)
        padding = positions - sum(batch)
    return padding / positions


def padding_up_to_the_last_batch(lengths, batch_size):
    padding = positions = 0
    for start in range(0, len(lengths) - batch_size, batch_size):
        batch = lengths[start : start + batch_size]
        padding += max(batch) * batch_size - sum(batch)
        positions += max(batch) * batch_size
    return padding / positions if positions else 0


def padding_of_equal_batches(lengths, batch_size):
    batches = np.array_split(lengths, int(np.ceil(len(lengths) / batch_size)))
    return 1 - sum(lengths) / sum(batch.max() * batch.size for batch in batches)


def padding_rounded(lengths, batch_size):
    return round(padding_by_batches(lengths, batch_size), 2)


def padding_with_an_empty_batch(lengths, batch_size):
    positions = 0
    for number in range(len(lengths) // batch_size + 1):
        batch = lengths[number * batch_size : (number + 1) * batch_size]
        positions += max(batch) * len(batch)
    return 1 - sum(lengths) / positions


def padding_by_sorted_batches(lengths, batch_size):
    rows = np.zeros((len(lengths), max(lengths)), dtype=bool)
    for row, length in enumerate(lengths):
        rows[row, :length] = True
    batches = [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    padding = [(~batch[:, batch.any(axis=0)]).sum() for batch in batches]
    return np.sum(padding) / (np.sum(padding) + rows.sum())


WRONG = {
    "longest of all": (padding_to_the_longest_row, "the longest row of all"),
    "full last batch": (padding_with_a_full_last_batch, "the last batch counts as full"),
    "mean of batches": (padding_averaged_over_batches, "averages the batches' shares"),
    "real tokens": (share_of_real_tokens, "the share of real tokens"),
    "full batches": (padding_of_full_batches, "smaller batch is left out"),
    "sorted": (padding_of_sorted_rows, "it sorts the rows first"),
    "by tokens": (padding_by_tokens, "divides by the real tokens"),
    "counted": (padding_counted, "counts padded positions"),
    "longest first": (padding_of_the_longest_first, "it sorts the rows first"),
    "per row": (padding_per_row, "divides by the number of rows"),
    "first batch": (padding_of_the_first_batch, "it stops after the first batch"),
    "last batch": (padding_of_the_last_batch, "the share of the last batch"),
    "up to the last": (padding_up_to_the_last_batch, "left out, full or not"),
    "equal batches": (padding_of_equal_batches, "its batches are equally large"),
    "rounded": (padding_rounded, "it is rounded"),
    "empty batch": (padding_with_an_empty_batch, "an empty one comes after it"),
}

SECOND = padding_by_sorted_batches
