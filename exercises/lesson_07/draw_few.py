"""The check of lesson 07, Exercise 3 · Draw k a class."""

from __future__ import annotations

import random
from collections import Counter

from exercises.verdict import Verdict, compare


def _drawn(labels, order, per_class, *, grouped=False, strict=True, in_order=True):
    order = order if in_order else range(len(labels))
    taken, seen = [], Counter()
    for row in order:
        if seen[labels[row]] < per_class:
            taken.append(row)
            seen[labels[row]] += 1
    if strict and len(taken) < per_class * len(set(labels)):
        raise ValueError("too few rows of a class")
    return sorted(taken, key=lambda row: labels[row]) if grouped else taken


def _first_of_all(labels, order, per_class):
    return order[: per_class * len(set(labels))]


class _Refusal:
    """A ValueError as a result that can be compared, and that no learner returns by chance."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


_RAISED, _RETURNED = _Refusal("a ValueError"), _Refusal("a ValueError that is not raised")


def _or_refused(function):
    """Return the function with a ValueError as a result that can be compared."""

    def answered(labels, order, per_class):
        try:
            result = function(labels, order, per_class)
        except ValueError:
            return _RAISED
        return _RETURNED if isinstance(result, ValueError) or result is ValueError else result

    return answered


def _if_enough(function, otherwise=None):
    """Return the function as it is where no class is too small; there it refuses, or does otherwise."""

    def answered(labels, order, per_class):
        try:
            _drawn(labels, order, per_class)
        except ValueError:
            if otherwise is None:
                raise
            return otherwise()
        return function(labels, order, per_class)

    return answered


def _by_place(labels, order, per_class):
    """Draw with the label at a row's place in `order`, as `zip(order, labels)` gives it."""
    mixed = [label for _, label in sorted(zip(order, labels, strict=True))]
    return _drawn(mixed, order, per_class)


def _refused_by_total(labels, order, per_class):
    return _drawn(labels, order, per_class, strict=len(labels) < per_class * len(set(labels)))


def _refused_as_two(labels, order, per_class):
    taken = _drawn(labels, order, per_class, strict=False)
    if len(taken) < 2 * per_class:
        raise ValueError("too few rows of a class")
    return taken


def _refused_at_the_last(labels, order, per_class):
    if min(Counter(labels).values()) <= per_class:
        raise ValueError("too few rows of a class")
    return _drawn(labels, order, per_class)


def check_draw_few(function) -> Verdict:
    """Check `draw_few(labels, order, per_class) -> list[int]`: k rows a class, in order, or a ValueError."""
    rng = random.Random()
    cases: list[tuple] = [
        (["neg", "neg", "neg", "pos", "pos"], [4, 1, 0, 3, 2], 2),
        (["neg", "neg", "neg", "pos"], [2, 0, 3, 1], 2),
        (["a", "b", "c"], [2, 0, 1], 1),
        (["a", "b"], [1, 0], 2),
        (["neg", "neg", "neg", "pos", "pos", "pos"], [1, 0, 3, 2, 5, 4], 2),
        (["x", "y", "z", "x", "y"], [3, 2, 0, 4, 1], 2),
    ]
    for _ in range(25):
        labels = [rng.choice("xyz") for _ in range(rng.randrange(8, 30))]
        order = rng.sample(range(len(labels)), len(labels))
        cases.append((labels, order, rng.randrange(1, 5)))

    def without_return(labels, order, per_class):
        _drawn(labels, order, per_class)

    whatever = "it takes the first rows whatever their class. Count each class."
    mistakes = [
        ("the function returns nothing. Did you forget `return`?", without_return),
        (
            "a class has too few rows, and nobody is told. Raise a ValueError.",
            lambda labels, order, k: _drawn(labels, order, k, strict=False),
        ),
        (
            "the ValueError is returned, and nobody notices. Use `raise`.",
            _if_enough(_drawn, ValueError),
        ),
        *(
            (
                "where a class has too few rows, something is returned. Raise a ValueError.",
                _if_enough(_drawn, nothing),
            )
            for nothing in (list, lambda: None)
        ),
        (
            "there may be enough rows in all, and too few of a class. Compare with what you took.",
            _refused_by_total,
        ),
        (
            "it expects two classes. Count those among all labels.",
            _refused_as_two,
        ),
        (
            "a class with just enough rows is refused. Only one with fewer is too small.",
            _refused_at_the_last,
        ),
        (
            "rows come in the order of the data set. Follow `order`: it is the shuffle.",
            lambda labels, order, k: _drawn(labels, order, k, in_order=False),
        ),
        (
            "rows come class by class. Keep the order in which you met them.",
            lambda labels, order, k: _drawn(labels, order, k, grouped=True),
        ),
        (whatever, _first_of_all),
        (whatever, _if_enough(_first_of_all)),
        *(
            (
                "it takes `per_class` rows in all. Take as many of each class.",
                rule(lambda labels, order, k: order[:k]),
            )
            for rule in (_if_enough, lambda taking: taking)
        ),
        (
            "a class has one row too many. Stop at `per_class`: less than, not at most.",
            _if_enough(lambda labels, order, k: _drawn(labels, order, k + 1, strict=False)),
        ),
        (
            "these are labels. Return the numbers of the rows.",
            lambda labels, *case: [labels[row] for row in _drawn(labels, *case)],
        ),
        (
            "these are places in `order`. Return what stands there: the numbers of the rows.",
            lambda labels, order, k: [order.index(row) for row in _drawn(labels, order, k)],
        ),
        (
            "a row gets the label at its place in `order`. Row number r has the label `labels[r]`.",
            _by_place,
        ),
    ]
    return compare(
        "draw_few",
        _or_refused(function),
        _or_refused(_drawn),
        cases,
        [(message, _or_refused(mistaken)) for message, mistaken in mistakes],
    )
