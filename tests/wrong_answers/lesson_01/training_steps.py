"""Answers to lesson 01, Exercise 1 · How many steps?"""

import numpy as np


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


def steps_with_one_more(rows, batch_size, epochs):
    return epochs * (int(rows / batch_size) + 1)


def steps_rounded_down_at_the_end(rows, batch_size, epochs):
    return int(rows * epochs / batch_size)


def steps_to_the_nearest(rows, batch_size, epochs):
    return epochs * int(np.round(rows / batch_size))


def steps_of_at_least_one_batch(rows, batch_size, epochs):
    return epochs * (rows // batch_size or 1)


def steps_with_a_half_added(rows, batch_size, epochs):
    return int(rows / batch_size + 0.5) * epochs


def steps_to_the_nearest_at_the_end(rows, batch_size, epochs):
    return round(rows * epochs / batch_size)


def steps_with_the_rest_once(rows, batch_size, epochs):
    full, rest = divmod(rows, batch_size)
    steps = full * epochs
    if rest:
        steps += 1
    return steps


def steps_with_one_at_the_end(rows, batch_size, epochs):
    return rows // batch_size * epochs + 1


def steps_of_rows(rows, batch_size, epochs):
    return len([row for _ in range(epochs) for row in range(rows)])


def steps_with_numpy(rows, batch_size, epochs):
    return np.ceil(np.float64(rows) / batch_size).astype(np.int64) * epochs


WRONG = {
    "full batches": (steps_of_full_batches, "smaller batch of an epoch is left out"),
    "rounded once": (steps_rounded_at_the_end, "rounds once at the end"),
    "one epoch": (steps_of_one_epoch, "counts one epoch"),
    "fractions": (steps_in_fractions, "steps are whole"),
    "one more": (steps_with_one_more, "do not add 1"),
    "down at the end": (steps_rounded_down_at_the_end, "rounds down, once"),
    "nearest": (steps_to_the_nearest, "rounds to the nearest. However"),
    "a half added": (steps_with_a_half_added, "rounds to the nearest. However"),
    "nearest at the end": (steps_to_the_nearest_at_the_end, "the nearest, once at the end"),
    "at least one": (steps_of_at_least_one_batch, "smaller batch of an epoch is left out"),
    "the rest once": (steps_with_the_rest_once, "counts once in all"),
    "one at the end": (steps_with_one_at_the_end, "it adds 1 in all"),
    "rows": (steps_of_rows, "it counts rows"),
}

SECOND = steps_with_numpy
