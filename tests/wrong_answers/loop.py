"""Answers to the exercises of helpers/checks/loop.py, as learners write them: wrong ones, and right ones in another style."""

import math
from itertools import chain

import numpy as np
import torch


def steps_of_one_process(run):
    batches = math.ceil(run["rows"] / run["batch_size"])
    return math.ceil(batches / run["accumulation"]) * run["epochs"]


def steps_without_accumulation(run):
    return math.ceil(run["rows"] / run["batch_size"] / run["processes"]) * run["epochs"]


def steps_rounded_down(run):
    batches = run["rows"] // (run["batch_size"] * run["processes"])
    return batches // run["accumulation"] * run["epochs"]


def steps_rounded_at_the_end(run):
    together = run["batch_size"] * run["processes"] * run["accumulation"]
    return -(-run["rows"] * run["epochs"] // together)


def loss_as_a_mean_of_means(means, counts):
    return float(np.mean(means))


def loss_as_a_sum(means, counts):
    return float(np.dot(means, counts))


def loss_of_means_by_tokens(means, counts):
    total = 0
    for mean in means:
        total += mean
    return total / sum(counts)


def loss_with_nan(means, counts):
    return float(np.average(means, weights=counts))


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


def stop_with_ties(scores, patience):
    best, at = -1.0, 0
    for epoch, score in enumerate(scores, 1):
        if score >= best:
            best, at = score, epoch
        if epoch - at >= patience:
            break
    return at, epoch


def stop_after_falls(scores, patience):
    best, at, falls, last = -1.0, 0, 0, -1.0
    for epoch, score in enumerate(scores, 1):
        falls = falls + 1 if score < last else 0
        last = score
        if score > best:
            best, at = score, epoch
        if falls == patience:
            break
    return at, epoch


def stop_an_epoch_late(scores, patience):
    at = 1
    for epoch, score in enumerate(scores, 1):
        if score > scores[at - 1]:
            at = epoch
        if epoch - at > patience:
            break
    return at, epoch


def stop_at_the_last(scores, patience):
    best, epoch, waited = -1.0, 0, 0
    while epoch < len(scores) and waited < patience:
        best, waited = (scores[epoch], 0) if scores[epoch] > best else (best, waited + 1)
        epoch += 1
    return epoch, epoch


def stop_with_the_future(scores, patience):
    _, epoch = stop_at_the_last(scores, patience)
    return int(np.argmax(scores)) + 1, epoch


def repeats_of_one_process(rows, batch_size, processes):
    return math.ceil(rows / batch_size) * batch_size - rows


def repeats_without_batches(rows, batch_size, processes):
    return (processes - rows % processes) % processes


def rows_gathered(rows, batch_size, processes):
    return (
        math.ceil(rows / (batch_size * processes)) * batch_size * processes
        if processes > 1
        else rows
    )


def rows_left_over(rows, batch_size, processes):
    return rows % (batch_size * processes)


def repeats_of_a_full_round(rows, batch_size, processes):
    return batch_size * processes - rows % (batch_size * processes)


def repeats_of_a_process_alone(rows, batch_size, processes):
    room, places = batch_size * processes, 0
    while places < rows:
        places += room
    return places - rows


# Right answers in another style than the solution's


def steps_by_counting(run):
    steps = 0
    for _ in range(run["epochs"]):
        left = run["rows"]
        while left > 0:
            left -= run["batch_size"] * run["processes"] * run["accumulation"]
            steps += 1
    return np.int64(steps)


def loss_with_torch(means, counts):
    counts = torch.tensor(counts, dtype=torch.double)
    return torch.tensor(means, dtype=torch.double).nan_to_num() @ counts / counts.sum()


def rows_with_torch(held, count, pad):
    rows = []
    for batches in zip(*held, strict=True):
        tensors = [torch.tensor(row) for batch in batches for row in batch]
        rows += torch.nn.utils.rnn.pad_sequence(tensors, True, pad).tolist()
    return tuple(map(tuple, rows[:count]))


def stop_by_search(scores, patience):
    for epoch in range(1, len(scores) + 1):
        best = int(np.argmax(scores[:epoch])) + 1
        if epoch - best >= patience:
            break
    return [best, np.int64(epoch)]


def repeats_by_dealing(rows, batch_size, processes):
    dealt = 0
    while dealt < rows:
        dealt += min(batch_size, rows - dealt) if processes == 1 else batch_size * processes
    return np.int64(dealt - rows)


WRONG = {
    "check_repeated_rows": {
        "one process": (repeats_of_one_process, "the processes are missing"),
        "no batch": (repeats_without_batches, "the batch is missing"),
        "all rows": (rows_gathered, "counts all rows that come back"),
        "left over": (rows_left_over, "the rows of the last round"),
        "whole round": (repeats_of_a_full_round, "not a whole round"),
        "alone": (repeats_of_a_process_alone, "One process alone"),
    },
    "check_optimizer_steps": {
        "one process": (steps_of_one_process, "the processes are missing"),
        "no accumulation": (steps_without_accumulation, "the accumulation is missing"),
        "rounded down": (steps_rounded_down, "leftovers are dropped"),
        "rounded once": (steps_rounded_at_the_end, "it rounds once"),
    },
    "check_batch_loss": {
        "mean of means": (loss_as_a_mean_of_means, "the mean of the means"),
        "sum": (loss_as_a_sum, "not divided"),
        "means by tokens": (loss_of_means_by_tokens, "adds up means"),
        "nan": (loss_with_nan, "nan × 0 is nan"),
    },
    "check_gather_rows": {
        "process by process": (rows_process_by_process, "one process comes after the other"),
        "repeats": (rows_with_repeats, "the repeated rows are still there"),
        "zeros": (rows_padded_with_zero, "0 is a label"),
        "one width": (rows_of_one_width, "the widest of all"),
        "unpadded": (rows_unpadded, "still differ in width"),
    },
    "check_stop_early": {
        "ties": (stop_with_ties, "a score equal to the best"),
        "falls": (stop_after_falls, "counts falls in a row"),
        "late": (stop_an_epoch_late, "an epoch too long"),
        "last": (stop_at_the_last, "returns the last epoch"),
        "future": (stop_with_the_future, "comes after the stop"),
    },
}

SECOND = {
    "check_repeated_rows": repeats_by_dealing,
    "check_optimizer_steps": steps_by_counting,
    "check_batch_loss": loss_with_torch,
    "check_gather_rows": rows_with_torch,
    "check_stop_early": stop_by_search,
}
