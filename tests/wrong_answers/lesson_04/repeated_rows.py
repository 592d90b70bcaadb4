"""Answers to lesson 04, Exercise 1 · How many rows come twice?"""

import math

import numpy as np


def repeats_of_one_process(rows, batch_size, processes):
    return math.ceil(rows / batch_size) * batch_size - rows


def repeats_of_one_of_several(rows, batch_size, processes):
    return 0 if processes == 1 else -rows % batch_size


def left_over_on_several(rows, batch_size, processes):
    return 0 if processes == 1 else rows % (batch_size * processes)


def repeats_of_a_full_round_on_several(rows, batch_size, processes):
    return 0 if processes == 1 else repeats_of_a_full_round(rows, batch_size, processes)


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


def repeats_by_dealing(rows, batch_size, processes):
    dealt = 0
    while dealt < rows:
        dealt += min(batch_size, rows - dealt) if processes == 1 else batch_size * processes
    return np.int64(dealt - rows)


WRONG = {
    "one process": (repeats_of_one_process, "the processes are missing"),
    "one of several": (repeats_of_one_of_several, "the processes are missing"),
    "no batch": (repeats_without_batches, "the batch is missing"),
    "all rows": (rows_gathered, "counts all rows that come back"),
    "left over": (rows_left_over, "the rows of the last round"),
    "left over on several": (left_over_on_several, "the rows of the last round"),
    "whole round": (repeats_of_a_full_round, "not a whole round"),
    "whole round on several": (repeats_of_a_full_round_on_several, "not a whole round"),
    "alone": (repeats_of_a_process_alone, "One process alone"),
}

SECOND = repeats_by_dealing
