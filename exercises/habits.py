"""Mistakes that any exercise may meet: what is returned is of the wrong kind, order, sign or scale."""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from exercises.verdict import plain, same, shown

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
_OTHER = "an object"


def before(results: Sequence, expected: Sequence) -> str:
    """Name what makes every result useless; empty where nothing does."""
    if all(result is None for result in results):
        return "the function returns nothing. Did you forget `return`?"
    if all(isinstance(result, Iterator) for result in results):
        want = _kind(plain(expected[0]))
        cure = "Make a list of it: `list(...)`." if want == "a list" else f"Return {want}."
        return f"it returns an iterator, which can be read only once. {cure}"
    return ""


def of_calls(function: Callable, case: tuple, result, again: Callable) -> str:
    """Name what is wrong with the calls themselves; empty where nothing is.

    `case` holds the arguments of a call of the learner's function, `result` what that returned; `again` calls
    a function once more with such arguments.
    """
    try:
        inspect.signature(function).bind(*case)
    except TypeError:
        many = "1 argument" if len(case) == 1 else f"{len(case)} arguments"
        return f"it is called with {many}. Keep the parameters that the exercise gives it."
    except ValueError:  # some built-in functions tell no signature
        return ""
    first, second = plain(result), plain(again(function, case))
    if _known(first) and _known(second) and not same(first, second):
        return (
            "the same input, given twice, has two answers. Use nothing random, and make lists and counts "
            "inside the function, so that each call starts afresh."
        )
    return ""


def after(results: Sequence, expected: Sequence) -> str:
    """Name a habit that explains every difference; empty where none does.

    `results` are what the learner's function returned, exceptions among them; `expected` the right answers.
    """
    if any(isinstance(result, Exception) for result in results):
        return ""
    wrong = [
        (result, plain(result), plain(want))
        for result, want in zip(results, expected, strict=True)
        if not same(result, want)
    ]
    pairs = [(got, want) for _, got, want in wrong]
    if any(got is None for got, _ in pairs) and all(want is not None for want in expected):
        return "some inputs give nothing. Is there a way through the function without `return`?"
    kinds = {(_kind(got), _kind(want)) for got, want in pairs}
    if len(kinds) > 1:
        return ""
    ((got, want),) = kinds
    if got != want:
        want = _called([want for _, want in pairs])
        return _of_kind(wrong[0][0], want) if len(pairs) == len(results) else ""
    habits = {"a list": _list, "a dictionary": _dictionary, "a number": _scale}
    return habits[want](pairs) if want in habits else ""


def _kind(value) -> str:
    return next((name for name, kind in _KINDS.items() if isinstance(value, kind)), _OTHER)


def _called(values: Sequence) -> str:
    """Return what plain values of one kind are called: a tuple counts as a list, but keeps its name."""
    return "a tuple" if all(type(value) is tuple for value in values) else _kind(values[0])


def _known(value) -> bool:
    """Tell whether a plain value, and all in it, is of the kinds that can be compared."""
    if isinstance(value, (list, tuple, dict)):
        return all(map(_known, value.values() if isinstance(value, dict) else value))
    return _kind(value) != _OTHER


def _of_kind(value, want: str) -> str:
    if inspect.isroutine(value):
        return (
            "it returns a function, not what that gives. Call it: write brackets behind its name."
        )
    got, holds = _called([value]), _kind(plain(value))
    if got == _OTHER:
        strange = holds in (_OTHER, "a list")  # a range, a Series, an array; a scalar is none
        got = f"a value of the type {type(value).__name__}" if strange else holds
    return f"it returns {got}. Return {want}."


def _list(pairs) -> str:
    if all(_sorted(got) == _sorted(want) for got, want in pairs):
        return "these are the right values, in another order."
    inner = [pair for got, want in pairs for pair in zip(got, want, strict=False)]
    if all(len(got) == len(want) for got, want in pairs):
        wrong = [pair for pair in inner if not same(*pair)]
        numbers = all(_kind(value) == "a number" for pair in wrong for value in pair)
        if message := _scale(wrong) if numbers else "":
            return f"of each value that differs: {message}"
    return _inner(pairs, "list")


def _sorted(values) -> list[str]:
    return sorted(shown(value, 1000) for value in values)


def _dictionary(pairs) -> str:
    missing = [want.keys() - got.keys() for got, want in pairs]
    more = [got.keys() - want.keys() for got, want in pairs]
    lacks, has = (min(map(repr, sides[0]), default="") for sides in (missing, more))
    if all(missing) and not any(more):
        return f"keys are missing, such as {lacks}."
    if all(more) and not any(missing):
        return f"there are keys too many, such as {has}."
    if all(more) and all(missing):
        return f"a key is {has}, where {lacks} is expected."
    return _inner([(list(got.values()), list(want.values())) for got, want in pairs], "dictionary")


def _inner(pairs, name: str) -> str:
    """Name the kind of the values of lists, where all are of one kind, and all expected ones of another."""
    sides = [[value for pair in pairs for value in pair[side]] for side in (0, 1)]
    gots, wants = (set(map(_kind, values)) for values in sides)
    if len(gots) != 1 or len(wants) != 1 or gots == wants or _OTHER in gots | wants:
        return ""
    got, want = map(_called, sides)
    return f"each value of its {name} is {got}, where {want} is expected."


def _scale(pairs) -> str:
    pairs = [pair for pair in pairs if all(map(_finite, pair))]
    habits = {
        "that is per cent. Return a share, of 1 in all.": lambda want: 100 * want,
        "the sign is the wrong way round.": lambda want: -want,
    }
    if all(isinstance(want, int) for _, want in pairs):
        habits["that is one too many."] = lambda want: want + 1
        habits["that is one too few."] = lambda want: want - 1
    for places in range(1, 5):
        message = f"it is rounded, as by `round(…, {places})`. Return the number as it is."
        habits[message] = partial(round, ndigits=places)
    for message, habit in habits.items():
        if len(pairs) > 1 and all(same(got, habit(want)) for got, want in pairs):
            return message
    return ""


def _finite(number) -> bool:
    return isinstance(number, int) or math.isfinite(number)
