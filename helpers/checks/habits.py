"""Mistakes that any exercise may meet: what is returned is of the wrong kind, order, sign or scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from helpers.checks.strip import plain

_KINDS = {
    "True or False": bool,
    "a number": (int, float),
    "a text": str,
    "bytes": bytes,
    "a list": (list, tuple),
    "a dictionary": dict,
    "a set": (set, frozenset),
    "nothing": type(None),
}


def before(results: Sequence) -> str:
    """Name what makes every comparison idle; empty where nothing does."""
    if all(result is None for result in results):
        return "the function returns nothing. Did you forget `return`?"
    if all(isinstance(result, Iterator) for result in results):
        return (
            "it returns an iterator, which can be read only once. Make a list of it: `list(...)`."
        )
    return ""


def after(results: Sequence, expected: Sequence, same: Callable) -> str:
    """Name a habit that explains every difference; empty where none does.

    Args:
        results: what the learner's function returned, exceptions among them.
        expected: the right answers.
        same: whether two values count as equal.
    """
    if any(isinstance(result, Exception) for result in results):
        return ""
    pairs = [(plain(got), plain(want)) for got, want in zip(results, expected, strict=True)]
    pairs = [pair for pair in pairs if not same(*pair)]
    if any(got is None and want is not None for got, want in pairs):
        return "some inputs give nothing. Is there a way through the function without `return`?"
    kinds = {(_kind(got), _kind(want)) for got, want in pairs}
    if len(kinds) > 1:
        return ""
    ((got, want),) = kinds
    if got != want:
        return f"it returns {got}. Return {want}." if len(pairs) == len(results) else ""
    return {"a list": _order, "a dictionary": _keys, "a number": _scale}.get(want, _no)(pairs, same)


def _kind(value) -> str:
    return next((name for name, kind in _KINDS.items() if isinstance(value, kind)), "an object")


def _no(pairs, same) -> str:
    return ""


def _order(pairs, same) -> str:
    shuffled = all(sorted(map(repr, got)) == sorted(map(repr, want)) for got, want in pairs)
    return "these are the right values, in another order." if shuffled else ""


def _keys(pairs, same) -> str:
    missing = [want.keys() - got.keys() for got, want in pairs]
    more = [got.keys() - want.keys() for got, want in pairs]
    if all(missing) and not any(more):
        return f"keys are missing, such as {min(missing[0], key=repr)!r}."
    if all(more) and not any(missing):
        return f"there are keys too many, such as {min(more[0], key=repr)!r}."
    if all(more) and all(missing):
        return (
            f"a key is {min(more[0], key=repr)!r}, where {min(missing[0], key=repr)!r} is expected."
        )
    return ""


def _scale(pairs, same) -> str:
    pairs = [pair for pair in pairs if all(map(math.isfinite, pair))]
    habits = {
        "that is per cent. Return a share, of 1 in all.": lambda want: 100 * want,
        "the sign is the wrong way round.": lambda want: -want,
        "that is one too many.": lambda want: want + 1,
        "that is one too few.": lambda want: want - 1,
    }
    for message, habit in habits.items():
        if pairs and all(same(got, habit(want)) for got, want in pairs):
            return message
    return ""
