"""Answers to lesson 04, Exercise 4 · Gather by hand."""

from itertools import chain

import torch


def rows_process_by_process(held, count, pad):
    rows = []
    for batches in held:
        width = max(len(row) for batch in batches for row in batch)
        for batch in batches:
            rows += [row + [pad] * (width - len(row)) for row in batch]
    return rows[:count]


def rounds(held, pad):
    """Return the padded rows of each round, right: what some wrong answers start from."""
    for batches in zip(*held, strict=True):
        together = list(chain(*batches))
        width = max(map(len, together))
        yield [row + [pad] * (width - len(row)) for row in together]


def rows_with_repeats(held, count, pad):
    return list(chain(*rounds(held, pad)))


def rows_padded_with_zero(held, count, pad):
    return list(chain(*rounds(held, 0)))[:count]


def rows_of_one_width(held, count, pad):
    rows = list(chain(*rounds(held, pad)))
    width = max(map(len, rows))
    return [row + [pad] * (width - len(row)) for row in rows][:count]


def rows_unpadded(held, count, pad):
    rows = []
    for place in range(len(held[0])):
        for batches in held:
            rows.extend(batches[place])
    return rows[:count]


def rows_of_a_process_then_padded(held, count, pad):
    rows = [row for batches in held for batch in batches for row in batch]
    width = max(map(len, rows))
    return [row + [pad] * (width - len(row)) for row in rows][:count]


def rows_of_a_process_as_they_are(held, count, pad):
    return list(chain(*chain(*held)))[:count]


def rows_padded_as_in_the_lesson(held, count, pad):
    return list(chain(*rounds(held, -100)))[:count]


def rows_of_one_batch_s_width(held, count, pad):
    rows = []
    for batches in zip(*held, strict=True):
        for batch in batches:
            width = max(map(len, batch))
            rows += [row + [pad] * (width - len(row)) for row in batch]
    return rows[:count]


def rows_by_their_first_width(held, count, pad):
    rows = []
    for batches in zip(*held, strict=True):
        width = max(len(batch[0]) for batch in batches)
        rows += [row + [pad] * (width - len(row)) for batch in batches for row in batch]
    return rows[:count]


def rows_cut_before_they_are_padded(held, count, pad):
    rows = []
    for batches in zip(*held, strict=True):
        together = list(chain(*batches))[: count - len(rows)]
        width = max(map(len, together), default=0)
        rows += [row + [pad] * (width - len(row)) for row in together]
    return rows


def rows_seen_once(held, count, pad):
    rows = []
    for row in chain(*rounds(held, pad)):
        if row not in rows:
            rows.append(row)
    return rows


def rows_in_rounds(held, count, pad):
    return list(rounds(held, pad))


def rows_with_torch(held, count, pad):
    rows = []
    for batches in zip(*held, strict=True):
        tensors = [torch.tensor(row) for batch in batches for row in batch]
        rows += torch.nn.utils.rnn.pad_sequence(tensors, True, pad).tolist()
    return tuple(map(tuple, rows[:count]))


WRONG = {
    "process by process": (rows_process_by_process, "one process comes after the other"),
    "process by process, padded": (
        rows_of_a_process_then_padded,
        "one process comes after the other",
    ),
    "process by process, unpadded": (
        rows_of_a_process_as_they_are,
        "one process comes after the other",
    ),
    "repeats": (rows_with_repeats, "the repeated rows are still there"),
    "zeros": (rows_padded_with_zero, "0 is a label"),
    "one width": (rows_of_one_width, "the widest of all"),
    "unpadded": (rows_unpadded, "still differ in width"),
    "batch": (rows_of_one_batch_s_width, "still differ in width"),
    "the lesson's pad": (rows_padded_as_in_the_lesson, "always fills up with IGNORE_INDEX"),
    "first width": (rows_by_their_first_width, "inputs differ"),
    "cut first": (rows_cut_before_they_are_padded, "inputs differ"),
    "once": (rows_seen_once, "drops rows that are alike"),
    "in rounds": (rows_in_rounds, "still a list of its own"),
}

SECOND = rows_with_torch
