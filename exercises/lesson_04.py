"""Lesson 04's exercises."""

import math
from itertools import chain

from exercises.table import exercise
from helpers import IGNORE_INDEX


def rows_on_processes(rng):
    cases = [(11, 2, 2), (12, 2, 2), (5, 4, 1), (8, 8, 1), (1, 4, 3), (9, 1, 4)]
    cases += [(rng.randrange(1, 200), rng.randrange(1, 17), rng.randrange(1, 9)) for _ in range(30)]
    return cases


@exercise(rows_on_processes)
def repeated_rows(rows, batch_size, processes):
    """
    the number of processes is missing. A round takes a batch from each of them.
        return 0 → raise ValueError ; batch_size * processes) → batch_size)
    `batch_size` is missing. In each round, every process takes a whole batch.
        batch_size * processes) → processes)
    it counts all rows that come back. Subtract the data set's own rows.
        = rows + right(rows, batch_size, processes)
    those are the rows of the last round. How many more would fill it?
        return 0 → raise ValueError ; -rows → rows
    if all rounds are full, no row comes again: return 0, not a whole round.
        return 0 → raise ValueError ; -rows → batch_size * processes - rows
    with one process the last batch stays short, and no row comes again.
        processes == 1 → False
    """
    if processes == 1:
        return 0
    return -rows % (batch_size * processes)


def runs(rng):
    keys = ("rows", "batch_size", "processes", "accumulation", "epochs")
    highest = (400, 17, 9, 9, 6)
    values = [
        (11, 2, 2, 3, 2),
        (16, 4, 2, 1, 1),
        (16, 4, 1, 2, 3),
        (3, 4, 2, 5, 1),
        (9, 4, 1, 2, 2),
        (9, 4, 2, 1, 1),  # one row more than a round
    ]
    values += [[rng.randrange(1, limit) for limit in highest] for _ in range(30)]
    return [(dict(zip(keys, row, strict=True)),) for row in values]


@exercise(runs)
def optimizer_steps(run):
    """
    the processes and the accumulation are missing. A step takes several batches of each process.
        run["processes"] → 1 ; run["accumulation"] → 1
    the processes are missing. A step takes a batch from each of them.
        run["processes"] → 1
    the accumulation is missing. A step takes several batches.
        run["accumulation"] → 1
    leftovers are dropped. A small batch, or a few of them, still make a step: round up.
        math.ceil → math.floor
    it rounds up only one of the two divisions. Leftover rows make a round, and leftover rounds make a step.
        math.ceil(run → math.floor(run
        math.ceil(rounds → math.floor(rounds
    it adds a step even if nothing is left. Round up with `math.ceil`, not by adding one.
        math.ceil(rounds → 1 + math.floor(rounds
        math.ceil → 1 + math.floor
        math.ceil(run → float(run ; math.ceil(rounds → 1 + math.floor(rounds
    it does not round. What is left at the end of an epoch makes a whole step.
        math.ceil → float
    it rounds once for the whole run. Round in each epoch: leftovers do not wait for the next one.
        = -(-run["rows"] * run["epochs"] // (run["batch_size"] * run["processes"] * run["accumulation"]))
        rounds / run["accumulation"] → rounds * run["epochs"] / run["accumulation"] ; steps * run["epochs"] → steps
    those are the steps of one epoch. The run has `epochs`.
        run["epochs"] → 1
    """
    rounds = math.ceil(run["rows"] / (run["batch_size"] * run["processes"]))
    steps = math.ceil(rounds / run["accumulation"])
    return steps * run["epochs"]


def micro_batches(rng):
    nan = float("nan")  # not math.nan, which `is` would find
    cases = [([1.0, 3.0], [1, 3]), ([2.0], [5]), ([0.5, nan, 2.0], [4, 0, 1])]
    cases += [([nan, 0.5, nan, 2.0], [0, 4, 0, 1])]
    for _ in range(30):
        counts = [rng.randrange(1, 60) for _ in range(rng.randrange(2, 7))]
        if rng.random() < 0.3:
            counts[rng.randrange(len(counts))] = 0
        cases.append(([rng.uniform(0.01, 3) if count else nan for count in counts], counts))
    return cases


@exercise(micro_batches)
def batch_loss(means, counts):
    """
    it is the mean of the means: a token of a short micro-batch weighs more than one of a long one.
        if count → if 1 / count ; mean * count → mean ; sum(counts) → len(means)
    the sum is not divided by the number of labeled tokens.
        if count → if 1 / count ; sum(counts) → 1
    the sum is divided by the number of micro-batches. Divide it by the number of labeled tokens.
        if count → if 1 / count ; sum(counts) → len(means)
    it adds up means, and divides by tokens. Turn each mean into a sum first: times its count.
        if count → if 1 / count ; mean * count → mean
    a micro-batch without a label has the mean nan, and nan × 0 is nan. Leave it out.
        if count → if True
    """
    pairs = zip(means, counts, strict=True)
    return sum(mean * count for mean, count in pairs if count) / sum(counts)


def dealt(rows, batch_size, processes, pad):
    """Deal rows out as Accelerate does: batches in turn, the first rows again where the last ones are missing."""
    if processes > 1:
        missing = -len(rows) % (batch_size * processes)
        rows = rows + [rows[i % len(rows)] for i in range(missing)]
    batches = [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    padded = [gather_rows.answer([[batch]], batch_size, pad) for batch in batches]
    return [padded[process::processes] for process in range(processes)]


def held_rows(rng):
    cases = [
        ([[[[1, 2]]], [[[3]]]], 2, IGNORE_INDEX),
        ([[[[1]], [[3, 4, 5]]], [[[2, 2]], [[1]]]], 3, IGNORE_INDEX),
        ([[[[1], [2]], [[3], [4]]]], 4, IGNORE_INDEX),
        ([[[[1, 2]], [[3]]], [[[2]], [[1, 2]]]], 3, -1),  # a row that comes again is the widest
        ([[[[5], [1, 2, 3]]], [[[5], [4]]]], 4, 99),  # rows alike, and a batch of two widths
    ]
    for _ in range(20):
        lengths = [rng.randrange(1, 6) for _ in range(rng.randrange(3, 12))]
        rows = [[rng.randrange(1, 50) for _ in range(length)] for length in lengths]
        pad = rng.choice([IGNORE_INDEX, -1, 99])
        cases.append((dealt(rows, rng.randrange(1, 4), rng.randrange(1, 4), pad), len(rows), pad))
    return cases


@exercise(held_rows)
def gather_rows(held, count, pad):
    """
    the rows come process by process. Go round by round: each process holds a part of every round.
        zip(*held, strict=True) → held
        zip(*held, strict=True) → held ; width - len(row) → 0
        zip(*held, strict=True) → [chain(*held)]
        zip(*held, strict=True) → ([batch] for batch in chain(*held))
        = [row + [pad] * (max(len(r) for other in held for r in other[turn]) - len(row)) for batches in held for turn, batch in enumerate(batches) for row in batch][:count]
    the repeated rows are still there: the data set has `count` rows, and they come first.
        gathered[:count] → gathered
    it pads with 0, but 0 is a label. Use the argument `pad`.
        [pad] → [0]
    it always pads with IGNORE_INDEX. Use the argument `pad`.
        [pad] → [IGNORE_INDEX]
    rows are padded to the widest of all. The widest of their round is enough.
        max(map(len, rows)) → max(map(len, chain(*chain(*held))))
    the rows of a round still differ in width. Fill up the short ones with `pad`.
        width - len(row) → 0
        zip(*held, strict=True) → ([batch] for batches in zip(*held) for batch in batches)
    rows that come again count for the width of the last round, too. Pad first, then cut.
        chain(*batches)) → chain(*batches))[: count - len(gathered)]
    it pads in front of the labels. Put `pad` behind them.
        row + [pad] * (width - len(row)) → [pad] * (width - len(row)) + row
    a round is still a list of its own. Put the rows of all rounds into one list.
        = [right([[batch] for batch in batches], None, pad) for batches in zip(*held)]
    it drops equal rows. The data set may hold a row twice: keep the first `count` rows.
        gathered[:count] → [row for i, row in enumerate(gathered) if row not in gathered[:i]]
    """
    gathered = []
    for batches in zip(*held, strict=True):
        rows = list(chain(*batches))
        width = max(map(len, rows))
        gathered += [row + [pad] * (width - len(row)) for row in rows]
    return gathered[:count]


def scores_of_epochs(rng):
    cases = [([0.2, 0.5, 0.4, 0.3, 0.9], 2), ([0.1, 0.2, 0.3], 2), ([0.5, 0.5, 0.5, 0.5], 2)]
    cases += [([0.3, 0.6, 0.4, 0.5, 0.55, 0.7], 3), ([0.4], 1)]
    cases += [([0.2, 0.6, 0.4, 0.5, 0.4, 0.5, 0.4], 2), ([0.0, 0.0, 0.0, 0.5], 2)]
    cases += [([0.3, 0.2, 0.4, 0.3, 0.5], 2)]
    for _ in range(30):
        scores = [rng.randrange(0, 10) / 10 for _ in range(rng.randrange(1, 12))]
        cases.append((scores, rng.randrange(1, 4)))
    return cases


@exercise(scores_of_epochs)
def stop_early(scores, patience):
    """
    a score equal to the best counts as better. Only a new best does.
        score > best → score >= best
    it counts how often the score falls in a row. Count the epochs since the best one: a score may rise again and still be below it.
        since += 1 → since = 0 if score >= scores[epoch - 2] else since + 1
        since += 1 → since = 0 if score > scores[epoch - 2] else since + 1
    a score is compared with the one before it. Compare it with the best so far.
        score > best → epoch == 1 or score > scores[epoch - 2]
    it waits one epoch too long. Stop after `patience` epochs without a new best.
        since >= patience → since > patience
    it stops one epoch too early. Stop after `patience` epochs without a new best.
        since >= patience → since + 1 >= patience
    the count of epochs without a new best is never reset. A new best sets it back to 0.
        best, at, since = score, epoch, 0 → best, at = score, epoch
    the first epoch is a best one even if its score is 0. Start from `float('-inf')`.
        -math.inf, 0, 0 → 0, 0, 0
        -math.inf, 0, 0 → 0, 1, 0
    epochs count from 1, both for the best epoch and for the number of epochs run.
        return at, epoch → return at - 1, epoch - 1
        return at, epoch → return at - 1, epoch
        return at, epoch → return at, epoch - 1
    it returns the best score. Return its epoch.
        return at → return best
    it returns the last epoch as the best one.
        return at → return epoch
    the best epoch comes after the stop, so it was never trained.
        return at → return scores.index(max(scores)) + 1
    it never stops. Leave the loop after `patience` epochs without a new best.
        since >= patience → False
    """
    best, at, since = -math.inf, 0, 0
    for epoch, score in enumerate(scores, start=1):
        if score > best:
            best, at, since = score, epoch, 0
        else:
            since += 1
        if since >= patience:
            break
    return at, epoch
