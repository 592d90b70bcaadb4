"""Answers to lesson 04, Exercise 2 · How many steps?"""

import math

import numpy as np


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


def steps_of_an_epoch(run):
    rounds = math.ceil(run["rows"] / (run["batch_size"] * run["processes"]))
    return math.ceil(rounds / run["accumulation"])


def steps_of_batches(run):
    return math.ceil(run["rows"] / run["batch_size"]) * run["epochs"]


def steps_of_full_rounds(run):
    rounds = run["rows"] // (run["batch_size"] * run["processes"])
    return -(-rounds // run["accumulation"]) * run["epochs"]


def steps_that_are_full(run):
    rounds = math.ceil(run["rows"] / (run["batch_size"] * run["processes"]))
    return rounds // run["accumulation"] * run["epochs"]


def steps_and_one(run):
    rounds = math.ceil(run["rows"] / (run["batch_size"] * run["processes"]))
    return (rounds // run["accumulation"] + 1) * run["epochs"]


def steps_not_rounded(run):
    return run["rows"] / run["batch_size"] / run["processes"] / run["accumulation"] * run["epochs"]


def steps_of_all_rounds(run):
    rounds = math.ceil(run["rows"] / (run["batch_size"] * run["processes"])) * run["epochs"]
    return math.ceil(rounds / run["accumulation"])


def steps_by_counting(run):
    steps = 0
    for _ in range(run["epochs"]):
        left = run["rows"]
        while left > 0:
            left -= run["batch_size"] * run["processes"] * run["accumulation"]
            steps += 1
    return np.int64(steps)


WRONG = {
    "one process": (steps_of_one_process, "the processes are missing"),
    "no accumulation": (steps_without_accumulation, "the accumulation is missing"),
    "rounded down": (steps_rounded_down, "leftovers are dropped"),
    "rounded once": (steps_rounded_at_the_end, "it rounds once"),
    "rounds of all epochs": (steps_of_all_rounds, "it rounds once"),
    "one epoch": (steps_of_an_epoch, "steps of one epoch"),
    "batches": (steps_of_batches, "the processes and the accumulation"),
    "full rounds": (steps_of_full_rounds, "rounds up one division"),
    "full steps": (steps_that_are_full, "rounds up one division"),
    "and one": (steps_and_one, "a step where nothing is left"),
    "not rounded": (steps_not_rounded, "it does not round"),
}

SECOND = steps_by_counting
