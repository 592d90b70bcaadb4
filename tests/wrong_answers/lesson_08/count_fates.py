"""Answers to lesson 08, Exercise 3 · What became of each token?"""

import numpy as np

from helpers.ner import IGNORE_INDEX


def fates_by_ids(before, after, labels, mask_id):
    hidden = sum(new == mask_id != old for old, new in zip(before, after, strict=True))
    same = sum(old == new for old, new in zip(before, after, strict=True))
    return {"hidden": hidden, "random": len(before) - same - hidden, "kept": 0, "untouched": same}


def fates_of_all_masks(before, after, labels, mask_id):
    counts = {"hidden": 0, "random": 0, "kept": 0, "untouched": 0}
    for old, new, label in zip(before, after, labels, strict=True):
        if new == mask_id:
            counts["hidden"] += 1
        elif label == IGNORE_INDEX:
            counts["untouched"] += 1
        elif new != old:
            counts["random"] += 1
        else:
            counts["kept"] += 1
    return counts


def fates_overlapping(before, after, labels, mask_id):
    rows = list(zip(before, after, labels, strict=True))
    return {
        "hidden": sum(new == mask_id for _, new, label in rows if label != IGNORE_INDEX),
        "random": sum(new != old for old, new, label in rows if label != IGNORE_INDEX),
        "kept": sum(new == old for old, new, label in rows if label != IGNORE_INDEX),
        "untouched": labels.count(IGNORE_INDEX),
    }


def fates_without_labels(before, after, labels, mask_id):
    counts = {"hidden": 0, "random": 0, "kept": 0, "untouched": 0}
    for old, new in zip(before, after, strict=True):
        if new == mask_id:
            counts["hidden"] += 1
        else:
            counts["untouched" if new == old else "random"] += 1
    return counts


def fates_swapped(before, after, labels, mask_id):
    counts = {"hidden": 0, "random": 0, "kept": 0, "untouched": 0}
    for old, new, label in zip(before, after, labels, strict=True):
        if label != IGNORE_INDEX:
            counts["untouched"] += 1
        elif new == mask_id:
            counts["hidden"] += 1
        else:
            counts["kept" if new == old else "random"] += 1
    return counts


def fates_of_103(before, after, labels, mask_id):
    return fates_with_numpy(before, after, labels, 103)


def fates_as_shares_of_the_chosen(before, after, labels, mask_id):
    chosen = sum(label != IGNORE_INDEX for label in labels)
    counts = fates_with_numpy(before, after, labels, mask_id)
    return {name: int(count) / max(chosen, 1) for name, count in counts.items()}


def fates_as_shares(before, after, labels, mask_id):
    counts = fates_with_numpy(before, after, labels, mask_id)
    return {name: float(count) / len(before) for name, count in counts.items()}


def fates_with_numpy(before, after, labels, mask_id):
    before, after, labels = map(np.array, (before, after, labels))
    chosen = labels != IGNORE_INDEX
    return {
        "untouched": (~chosen).sum(),
        "hidden": (chosen & (after == mask_id)).sum(),
        "kept": (chosen & (after == before)).sum(),
        "random": (chosen & (after != before) & (after != mask_id)).sum(),
    }


WRONG = {
    "ids": (fates_by_ids, "compares the ids"),
    "every mask": (fates_of_all_masks, "every mask token as hidden"),
    "twice": (fates_overlapping, "count as random too"),
    "shares": (fates_as_shares, "gives shares"),
    "shares of the chosen": (fates_as_shares_of_the_chosen, "gives shares"),
    "no labels": (fates_without_labels, "labels are not looked at"),
    "swapped": (fates_swapped, "are swapped"),
    "103": (fates_of_103, "fixed at 103"),
}

SECOND = fates_with_numpy
