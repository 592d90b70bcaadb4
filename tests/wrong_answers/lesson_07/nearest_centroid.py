"""Answers to lesson 07, Exercise 4 · The nearest centroid."""

import numpy as np
import torch


def classes_of(labels):
    return list(dict.fromkeys(labels))


def nearest(scores, names):
    return [names[place] for place in np.asarray(scores).argmax(axis=1)]


def length_one(rows):
    return np.array([row / np.sqrt((row**2).sum()) for row in rows])


def means(rows, labels):
    return [
        np.mean([row for row, label in zip(rows, labels, strict=True) if label == name], axis=0)
        for name in classes_of(labels)
    ]


def centroid_by_product(train, labels, new):
    return nearest(
        length_one(new) @ np.array(means(length_one(train), labels)).T, classes_of(labels)
    )


def centroid_of_raw_rows(train, labels, new):
    middle = length_one(means(train, labels))
    return nearest(new @ middle.T, classes_of(labels))


def centroid_all_raw(train, labels, new):
    return nearest(new @ np.array(means(train, labels)).T, classes_of(labels))


def centroid_by_sum(train, labels, new):
    names = classes_of(labels)
    sums = np.zeros((len(names), train.shape[1]))
    for row, label in zip(length_one(train), labels, strict=True):
        sums[names.index(label)] += row
    return nearest(new @ sums.T, names)


def centroid_by_distance(train, labels, new):
    middle = np.array(means(train, labels))
    distances = [np.linalg.norm(middle - row, axis=1) for row in new]
    return nearest(-np.array(distances), classes_of(labels))


def scores_of(train, labels, new):
    return length_one(new) @ length_one(means(length_one(train), labels)).T


def centroid_by_distance_of_units(train, labels, new):
    middle = np.array(means(length_one(train), labels))
    return nearest([-np.linalg.norm(middle - row, axis=1) for row in new], classes_of(labels))


def centroid_least_similar(train, labels, new):
    return nearest(-scores_of(train, labels, new), classes_of(labels))


def centroid_by_columns(train, labels, new):
    train, new = (rows / np.linalg.norm(rows, axis=0) for rows in (train, new))
    middle = np.array(means(train, labels))
    return nearest(new @ (middle / np.linalg.norm(middle, axis=0)).T, classes_of(labels))


def centroid_places(train, labels, new):
    names = sorted(set(labels))
    return [names.index(name) for name in centroid_with_torch(train, labels, new)]


def centroid_with_mixed_names(train, labels, new):
    names = sorted(set(labels))
    right = centroid_with_torch(train, labels, new)
    return [classes_of(labels)[names.index(name)] for name in right]


def centroid_looked_up_in_labels(train, labels, new):
    return [labels[place] for place in centroid_places(train, labels, new)]


def centroid_as_nearest_row(train, labels, new):
    return nearest(length_one(new) @ length_one(train).T, labels)


def centroid_with_torch(train, labels, new):
    names = sorted(set(labels))
    rows = torch.nn.functional.normalize(torch.tensor(train), dim=1)
    which = torch.tensor([names.index(label) for label in labels])
    middle = torch.stack([rows[which == place].mean(0) for place in range(len(names))])
    scores = torch.cosine_similarity(torch.tensor(new)[:, None], middle[None], dim=-1)
    return [names[place] for place in scores.argmax(1)]


WRONG = {
    "product": (centroid_by_product, "the product with the mean"),
    "raw rows": (centroid_of_raw_rows, "long embeddings pull"),
    "all raw": (centroid_all_raw, "keep their length"),
    "sum": (centroid_by_sum, "a sum, not a mean"),
    "distance": (centroid_by_distance, "distance. Cosine"),
    "distance of units": (centroid_by_distance_of_units, "of different lengths"),
    "least": (centroid_least_similar, "the lowest similarity"),
    "columns": (centroid_by_columns, "down the columns"),
    "places": (centroid_places, "places of classes"),
    "mixed names": (centroid_with_mixed_names, "in different orders"),
    "places in labels": (centroid_looked_up_in_labels, "is looked up in `labels`"),
    "nearest row": (centroid_as_nearest_row, "the nearest training row"),
}

SECOND = centroid_with_torch
