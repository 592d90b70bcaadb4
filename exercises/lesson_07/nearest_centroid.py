"""The check of lesson 07, Exercise 4 · The nearest centroid."""

from __future__ import annotations

import numpy as np

from exercises.verdict import Verdict, compare


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _as_is(rows):
    return rows


def _by_column(rows):
    return rows / np.linalg.norm(rows, axis=0, keepdims=True)


def _product(new, centroids):
    return new @ centroids.T


def _nearness(new, centroids):
    return -((new[:, None] - centroids) ** 2).sum(axis=-1)


def _centroid(
    train, labels, new, *, rows=_unit, centroids=_unit, fresh=_unit, pool="mean", score=_product
):
    classes = sorted(set(labels))
    owner = np.array(labels)
    middles = [getattr(rows(train)[owner == name], pool)(axis=0) for name in classes]
    best = score(fresh(new), centroids(np.stack(middles))).argmax(axis=1)
    return [classes[place] for place in best]


def _nearest_row(train, labels, new):
    return [labels[row] for row in (_unit(new) @ _unit(train).T).argmax(axis=1)]


def check_nearest_centroid(function) -> Verdict:
    """Check `nearest_centroid(train, labels, new) -> list[str]`: classes by cosine to their centroids."""
    rng = np.random.default_rng()
    cases: list[tuple] = [
        (np.array([[1.0, 0.0], [0.0, 1.0]]), ["neg", "pos"], np.array([[3.0, 1.0], [1.0, 3.0]])),
        (np.array([[0.0, 9.0], [1.0, 0.2]]), ["b", "a"], np.array([[2.0, 1.0], [0.1, 0.2]])),
        (np.array([[4.0, 0.0], [1.0, 1.0]]), ["pos", "neg"], np.array([[1.0, 0.9], [0.1, 0.0]])),
    ]
    for _ in range(8):
        labels = rng.permutation(list("aaaaaabbbccc")).tolist()
        length = rng.uniform(0.2, 5, size=(len(labels), 1))  # embeddings are not of one length
        train, new = rng.normal(size=(len(labels), 3)) * length, rng.normal(size=(25, 3))
        cases.append((train, labels, new))

    def mistaken(**options):
        return lambda *case: _centroid(*case, **options)

    distance = "that is the smallest distance. Cosine compares directions."
    short = "that is the smallest distance to centroids of different lengths. Bring them to length 1, too."
    return compare(
        "nearest_centroid",
        function,
        _centroid,
        cases,
        [
            (
                "it is the product with the mean, not the cosine: a class with close rows has a longer centroid, and wins.",
                mistaken(centroids=_as_is),
            ),
            (
                "long embeddings pull the centroid towards them. Bring each training row to length 1 first.",
                mistaken(rows=_as_is),
            ),
            (
                "rows and centroids keep their length: that is a product, not a cosine.",
                mistaken(rows=_as_is, centroids=_as_is),
            ),
            (
                "it is a sum, not a mean, without length 1 after it: the largest class wins.",
                mistaken(centroids=_as_is, pool="sum"),
            ),
            (
                distance,
                mistaken(rows=_as_is, centroids=_as_is, fresh=_as_is, score=_nearness),
            ),
            (distance, mistaken(rows=_as_is, centroids=_as_is, score=_nearness)),
            (short, mistaken(centroids=_as_is, score=_nearness)),
            (short, mistaken(centroids=_as_is, fresh=_as_is, score=_nearness)),
            (
                "that is the class with the lowest similarity. Take the highest: `argmax`.",
                mistaken(score=lambda *sides: -_product(*sides)),
            ),
            (
                "lengths are taken down the columns. Each row is an embedding: `axis=1, keepdims=True`.",
                mistaken(rows=_by_column, centroids=_by_column, fresh=_by_column),
            ),
            (
                "these are places of classes. Return their names.",
                lambda train, labels, new: [
                    sorted(set(labels)).index(name) for name in _centroid(train, labels, new)
                ],
            ),
            (
                "names and centroids are in different orders. Use one list of classes for both.",
                lambda train, labels, new: [
                    dict(zip(sorted(set(labels)), dict.fromkeys(labels), strict=True))[name]
                    for name in _centroid(train, labels, new)
                ],
            ),
            (
                "a place among the classes is looked up in `labels`. Look it up in the list of classes.",
                lambda train, labels, new: [
                    labels[sorted(set(labels)).index(name)]
                    for name in _centroid(train, labels, new)
                ],
            ),
            (
                "that is the nearest training row. Take the mean of each class.",
                _nearest_row,
            ),
        ],
    )
