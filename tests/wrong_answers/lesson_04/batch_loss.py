"""Answers to lesson 04, Exercise 3 · The mean of a large batch."""

import math

import numpy as np
import torch


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


def loss_of_sums_by_batches(means, counts):
    sums = [mean * count for mean, count in zip(means, counts, strict=True) if count]
    return sum(sums) / len(sums)


def loss_that_looks_for_one_nan(means, counts):
    pairs = zip(means, counts, strict=True)
    return sum(mean * count for mean, count in pairs if mean is not math.nan) / sum(counts)


def loss_with_torch(means, counts):
    counts = torch.tensor(counts, dtype=torch.double)
    return torch.tensor(means, dtype=torch.double).nan_to_num() @ counts / counts.sum()


WRONG = {
    "mean of means": (loss_as_a_mean_of_means, "the mean of the means"),
    "sum": (loss_as_a_sum, "not divided"),
    "means by tokens": (loss_of_means_by_tokens, "adds up means"),
    "nan": (loss_with_nan, "nan × 0 is nan"),
    "one nan": (loss_that_looks_for_one_nan, "nan × 0 is nan"),
    "by batches": (loss_of_sums_by_batches, "by the number of micro-batches"),
}

SECOND = loss_with_torch
