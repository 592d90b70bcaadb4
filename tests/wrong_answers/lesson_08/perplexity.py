"""Answers to lesson 08, Exercise 1 · Perplexity of batches."""

import math

import numpy as np


def perplexity_of_means(losses, counts):
    return math.exp(np.mean(losses))


def perplexity_averaged(losses, counts):
    total = 0
    for loss, count in zip(losses, counts, strict=True):
        total += math.exp(loss) * count
    return total / sum(counts)


def perplexity_of_means_that_count(losses, counts):
    seen = [loss for loss, count in zip(losses, counts, strict=True) if count > 0]
    return math.exp(sum(seen) / len(seen))


def perplexity_of_batches_averaged(losses, counts):
    return np.exp(losses).mean()


def perplexity_below_one(losses, counts):
    return math.exp(-perplexity_without_exponential(losses, counts))


def perplexity_of_the_sum(losses, counts):
    return math.exp(sum(loss * count for loss, count in zip(losses, counts, strict=True)))


def perplexity_of_the_sum_with_numpy(losses, counts):
    with np.errstate(over="ignore"):
        return np.exp(np.dot(losses, counts))


def perplexity_of_summed_means(losses, counts):
    return math.exp(sum(losses))


def perplexity_of_unweighted_sums(losses, counts):
    return math.exp(sum(losses) / sum(counts))


def perplexity_by_batches(losses, counts):
    with np.errstate(over="ignore"):
        return np.exp(np.dot(losses, counts) / len(losses))


def perplexity_without_exponential(losses, counts):
    return float(np.average(losses, weights=counts))


def perplexity_of_two(losses, counts):
    return float(np.exp2(np.average(losses, weights=counts)))


def perplexity_with_numpy(losses, counts):
    return np.exp(np.dot(losses, counts) / np.sum(counts))


WRONG = {
    "mean of means": (perplexity_of_means, "weighs the same. Weigh"),
    "mean of perplexities": (perplexity_averaged, "averages perplexities. Average"),
    "no exponential": (perplexity_without_exponential, "is the mean loss"),
    "two": (perplexity_of_two, "raises 2"),
    "mean of means that count": (perplexity_of_means_that_count, "weighs the same. Weigh"),
    "mean of batches": (perplexity_of_batches_averaged, "weighs the same. e to"),
    "minus": (perplexity_below_one, "minus the loss"),
    "sum": (perplexity_of_the_sum, "sums the losses"),
    "sum with NumPy": (perplexity_of_the_sum_with_numpy, "sums the losses"),
    "summed means": (perplexity_of_summed_means, "sums the means"),
    "unweighted sums": (perplexity_of_unweighted_sums, "without their counts"),
    "by batches": (perplexity_by_batches, "by the number of batches"),
}

SECOND = perplexity_with_numpy
