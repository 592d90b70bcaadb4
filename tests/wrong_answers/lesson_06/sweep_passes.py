"""Answers to lesson 06, Exercise 4 · What does a sweep cost?"""

import numpy as np


def passes(layers, boundaries, epochs, seeds, backward=2):
    """Return plain and cached passes without any caching pass."""
    plain = cached = 0
    for boundary in boundaries:
        left = layers if boundary is None else layers - boundary
        plain += (layers + backward * left) * epochs * seeds
        cached += (left + backward * left) * epochs * seeds
    return plain, cached


def highest(boundaries):
    return max([0, *filter(None, boundaries)])


def passes_each_caching(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return plain, cached + sum(filter(None, boundaries))


def passes_caching_by_seed(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return plain, cached + seeds * highest(boundaries)


def passes_back_to_the_start(layers, boundaries, epochs, seeds):
    _, cached = passes(layers, boundaries, epochs, seeds)
    return 3 * layers * len(boundaries) * epochs * seeds, cached + highest(boundaries)


def passes_with_light_backward(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds, backward=1)
    return plain, cached + highest(boundaries)


def passes_each_up_to_the_highest(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return plain, cached + len(boundaries) * highest(boundaries)


def passes_caching_by_epoch(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return plain, cached + epochs * highest(boundaries)


def passes_caching_by_run(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, 1, 1)
    return plain * epochs * seeds, (cached + highest(boundaries)) * epochs * seeds


def passes_caching_backward(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return plain, cached + 3 * highest(boundaries)


def passes_caching_to_the_top(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return plain, cached + (layers if highest(boundaries) else 0)


def passes_forward_in_part(layers, boundaries, epochs, seeds):
    _, cached = passes(layers, boundaries, epochs, seeds)
    return cached, cached + highest(boundaries)


def passes_with_one_seed(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds=1)
    return plain, cached + highest(boundaries)


def passes_of_one_epoch(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, 1, seeds)
    return plain, cached + highest(boundaries)


def passes_without_none(layers, boundaries, epochs, seeds):
    known = [boundary for boundary in boundaries if boundary is not None]
    plain, cached = passes(layers, known, epochs, seeds)
    return plain, cached + highest(known)


def passes_with_a_formula(layers, boundaries, epochs, seeds):
    plain, cached = passes(layers, boundaries, epochs, seeds)
    return [np.int64(plain), np.int64(cached + highest(boundaries))]


WRONG = {
    "no caching": (passes, "the caching pass is missing"),
    "each": (passes_each_caching, "each strategy caches for itself"),
    "each up to the highest": (
        passes_each_up_to_the_highest,
        "each strategy caches for itself",
    ),
    "each seed": (passes_caching_by_seed, "again with every seed"),
    "each epoch": (passes_caching_by_epoch, "again with every epoch"),
    "each run": (passes_caching_by_run, "again with every run"),
    "caching backward": (passes_caching_backward, "it has no backward pass"),
    "caching to the top": (passes_caching_to_the_top, "goes on to the top"),
    "forward in part": (passes_forward_in_part, "leaves out frozen layers"),
    "one seed": (passes_with_one_seed, "the seeds are missing"),
    "one epoch": (passes_of_one_epoch, "the epochs are missing"),
    "without None": (passes_without_none, "`None` are left out"),
    "to the start": (passes_back_to_the_start, "goes through frozen layers"),
    "light": (passes_with_light_backward, "costs two passes"),
}

SECOND = passes_with_a_formula
