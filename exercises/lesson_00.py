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
    it takes the name after. Ids count from zero, as the places of a list do.
        [label] → [label + 1]
    it always answers with neg and pos. Take the name from `names`: other datasets order them otherwise.
        names[label] → NAMES[label]
    it returns the id. Look the name up in `names`.
        names[label] → label
    it knows two names only. Take the one at the place `label`: `names` may be longer.
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
    a label counts once. Count how often it occurs.
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
    it picks the commonest label of the labels it is scored on. A baseline may look at the training labels only.
        = right(labels, labels)
    it scores the baseline on the training labels. Score it on `labels`.
        = right(train_labels, train_labels)
    it returns the label. Return the share of `labels` that equal it.
        labels.count(commonest) / len(labels) → commonest
    it counts hits. Divide by the number of labels.
        (commonest) / len(labels) → (commonest)
    it always gives label 0. Count which label is the commonest in training.
        (commonest) → (0)
    it divides by the number of training labels. The score is a share of `labels`.
        len(labels) → len(train_labels)
    it counts the commonest label in training. Count it in `labels`.
        labels.count(commonest) → train_labels.count(commonest)
    it takes the highest label, not the commonest: `max(...)` needs a `key`.
        , key=train_labels.count) → )
    it is always 0: what you compare with is no label. `most_common(1)` gives pairs of a label and its count.
        = 0
    it returns the share of errors. Return that of right answers.
        return → return 1 -
    it is rounded. Return the share as it is.
        = round(right(train_labels, labels), 2)
    it is right for two labels only. Count each of them: there may be more.
        return → assert max(train_labels) < 2; return
    """
    commonest = max(set(train_labels), key=train_labels.count)
    return labels.count(commonest) / len(labels)
