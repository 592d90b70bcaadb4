"""Lesson 00's exercises."""

from exercises.table import exercise

NAMES = ["neg", "pos"]


def some_labels(rng, kinds):
    return [rng.randrange(kinds) for _ in range(rng.randrange(3, 30))]


def ids_and_names(rng):
    points = ["north", "east", "south", "west"]
    cases = [(0, NAMES), (1, NAMES), (0, ["pos", "neg"])]
    return cases + [(rng.randrange(4), rng.sample(points, 4)) for _ in range(20)]


@exercise(ids_and_names)
def decode_label(label, names):
    """
    it counts from one. Ids count from zero.
        [label] → [label - 1]
    it takes the next name. Ids count from zero, and so do Python lists.
        [label] → [label + 1]
    it always answers with neg or pos. Take the name from `names`: other data sets have other names, or another order.
        names[label] → NAMES[label]
    it returns the id. Look the name up in `names`.
        names[label] → label
    it works for two names only. `names` may be longer: take the one at index `label`.
        [label] → [min(label, 1)]
    """
    return names[label]


def labels_and_names(rng):
    cases = [([1, 0, 1], NAMES), ([1, 1], NAMES), ([], NAMES)]
    return cases + [(some_labels(rng, 3), ["neg", "neutral", "pos"]) for _ in range(20)]


@exercise(labels_and_names)
def label_counts(labels, names):
    """
    labels that never occur are left out. Go through `names`, so that they get a 0.
        = {names[label]: labels.count(label) for label in labels}
    its keys are ids. Use the names.
        {name: → {index:
    its keys are ids, and labels that never occur are left out.
        = {label: labels.count(label) for label in labels}
    it gives shares, not counts.
        labels.count(index) → labels.count(index) / len(labels)
    the first name gets the count of id 1. Ids count from zero.
        enumerate(names) → enumerate(names, start=1)
    every count is 0. `labels` holds ids, not names: count the id of each name.
        labels.count(index) → labels.count(name)
    it stops after the first name. Is `return` inside the loop?
        enumerate(names) → enumerate(names[:1])
    every label counts only once. Count how often it occurs.
        labels.count(index) → int(index in labels)
    """
    return {name: labels.count(index) for index, name in enumerate(names)}


def two_splits(rng):
    cases = [([1, 1, 0], [0, 0, 0, 1]), ([0, 0, 1], [0, 1]), ([1, 0, 0], [1, 1, 0]), ([2], [2, 2])]
    cases.append(([0, 0, 0, 1, 1, 2, 2], [0, 1, 1]))
    for kinds in [2] * 4 + [3] * 20:
        counts = rng.sample(range(1, 12), kinds)  # one is the commonest, seldom by half
        train_labels = rng.sample(range(kinds), counts=counts, k=sum(counts))
        cases.append((train_labels, some_labels(rng, kinds)))
    return cases


@exercise(two_splits)
def majority_baseline(train_labels, labels):
    """
    it picks the most common of the labels that it is scored on. A baseline may only look at the training labels.
        = right(labels, labels)
    it scores the baseline on the training labels. Score it on `labels`.
        = right(train_labels, train_labels)
    it returns the label. Return the share of `labels` that equal it.
        labels.count(commonest) / len(labels) → commonest
    it returns the number of right answers. Divide by the number of labels.
        (commonest) / len(labels) → (commonest)
    it always gives label 0. Find out which training label is the most common.
        (commonest) → (0)
    it divides by the number of training labels. The score is a share of `labels`.
        len(labels) → len(train_labels)
    it counts how often the most common label occurs in `train_labels`. Count it in `labels`.
        labels.count(commonest) → train_labels.count(commonest)
    it takes the highest label, not the most common one: `max(...)` needs a `key`.
        , key=train_labels.count) → )
    it is always 0, because you compare labels with something that is not a label. `most_common(1)` gives pairs of a label and its count.
        = 0
    it returns the share of wrong answers. Return the share of right ones.
        return → return 1 -
    it is rounded. Return the share as it is.
        = round(right(train_labels, labels), 2)
    it works for two labels only. There may be more: count each of them.
        return → assert max(train_labels) < 2; return
    """
    commonest = max(set(train_labels), key=train_labels.count)
    return labels.count(commonest) / len(labels)
