"""Answers to lesson 01, Exercise 3 · What F1 is made of."""

import numpy as np
import torch


def confusions_with_errors_swapped(predictions, references):
    counts = {"tp": 0, "fp": 0, "fn": 0, "tn": 0}
    for predicted, reference in zip(predictions, references, strict=True):
        if predicted == reference:
            counts["tp" if predicted else "tn"] += 1
        else:
            counts["fn" if predicted else "fp"] += 1
    return counts


def confusions_of_class_0(predictions, references):
    predictions, references = np.array(predictions), np.array(references)
    return {
        "tp": int(((predictions == 0) & (references == 0)).sum()),
        "fp": int(((predictions == 0) & (references == 1)).sum()),
        "fn": int(((predictions == 1) & (references == 0)).sum()),
        "tn": int(((predictions == 1) & (references == 1)).sum()),
    }


def confusions_as_shares(predictions, references):
    predictions, references = np.array(predictions), np.array(references)
    return {
        "tp": np.mean(predictions * references),
        "fp": np.mean(predictions * (1 - references)),
        "fn": np.mean((1 - predictions) * references),
        "tn": np.mean((1 - predictions) * (1 - references)),
    }


def confusions_with_trues_swapped(predictions, references):
    counts = dict.fromkeys(("tp", "fp", "fn", "tn"), 0)
    names = {(1, 1): "tn", (0, 0): "tp", (1, 0): "fp", (0, 1): "fn"}
    for pair in zip(predictions, references, strict=True):
        counts[names[pair]] += 1
    return counts


def confusions_with_every_right_one(predictions, references):
    predictions, references = np.array(predictions), np.array(references)
    return {
        "tp": (predictions == references).sum(),
        "fp": (predictions > references).sum(),
        "fn": (predictions < references).sum(),
        "tn": ((predictions + references) == 0).sum(),
    }


def confusions_with_negatives_swapped(predictions, references):
    counts = {"tp": 0, "fp": 0, "fn": 0, "tn": 0}
    for predicted, reference in zip(predictions, references, strict=True):
        if predicted:
            counts["tp" if reference else "fp"] += 1
        else:
            counts["tn" if reference else "fn"] += 1
    return counts


def confusions_without_tn(predictions, references):
    counts = {"tp": 0, "fp": 0, "fn": 0, "tn": 0}
    for predicted, reference in zip(predictions, references, strict=True):
        if predicted == reference:
            counts["tp"] += 1
        elif predicted == 1:
            counts["fp"] += 1
        elif reference == 1:
            counts["fn"] += 1
        else:
            counts["tn"] += 1
    return counts


def confusions_of_all_positives(predictions, references):
    pairs = list(zip(predictions, references, strict=True))
    counts = {"tp": pairs.count((1, 1)), "tn": pairs.count((0, 0))}
    return counts | {"fp": predictions.count(1), "fn": references.count(1)}


def confusions_of_the_first_row(predictions, references):
    counts = {"tp": 0, "fp": 0, "fn": 0, "tn": 0}
    for predicted, reference in zip(predictions, references, strict=True):
        kind = ("t" if predicted == reference else "f") + ("p" if predicted else "n")
        counts[kind] += 1
        return counts


def confusions_with_torch(predictions, references):
    cells = torch.tensor(references) * 2 + torch.tensor(predictions)
    return dict(zip(("tn", "fp", "fn", "tp"), cells.bincount(minlength=4), strict=True))


WRONG = {
    "errors swapped": (confusions_with_errors_swapped, "fp and fn are swapped"),
    "class 0": (confusions_of_class_0, "class 0 counts as positive"),
    "shares": (confusions_as_shares, "it gives shares"),
    "trues swapped": (confusions_with_trues_swapped, "tp and tn are swapped"),
    "every right one": (confusions_with_every_right_one, "every right answer counts as tp"),
    "no tn": (confusions_without_tn, "every right answer counts as tp"),
    "negatives swapped": (confusions_with_negatives_swapped, "fn and tn are swapped"),
    "all positives": (confusions_of_all_positives, "fp counts every predicted 1"),
    "first row": (confusions_of_the_first_row, "it stops after the first row"),
}

SECOND = confusions_with_torch
