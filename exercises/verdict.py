"""How every check works: run the learner's function beside the reference, name the usual mistake."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from exercises import habits, progress, strip
from helpers.tables import cut

# Colours to be read on white and on black.
_LOOK = {"undone": ("○", "#967800"), "correct": ("✓", "#2a8a50"), "wrong": ("✗", "#dd3a2b")}
_CODE = re.compile("`([^`]+)`")


@dataclass(frozen=True)
class Verdict:
    """What a check found; a notebook shows it in colour.

    `status` is "undone", "correct" or "wrong"; `first_difference` shows the input of the first
    difference, what the function returned and what was expected. `picture` is the same as HTML, cell by
    cell, where the two can be laid side by side.
    """

    exercise: str
    status: str
    message: str
    first_difference: tuple[tuple[str, str], ...] = ()
    picture: str = field(default="", repr=False, compare=False)

    def __repr__(self) -> str:
        rows = "".join(f"\n  {name}: {value}" for name, value in self.first_difference)
        return f"{_LOOK[self.status][0]} {self.exercise}: {self.message}{rows}"

    def _repr_html_(self) -> str:
        sign, colour = _LOOK[self.status]
        message = _CODE.sub(r"<code>\1</code>", escape(self.message))
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left;white-space:pre-wrap'><code>{escape(value)}</code></td></tr>"
            for name, value in self.first_difference
        )
        return (
            f"<div style='border-left:4px solid {colour};padding:4px 10px'>"
            f"<b style='color:{colour}'>{sign} {escape(self.exercise)}</b> {message}"
            f"{self.picture or (rows and f'<table>{rows}</table>')}</div>"
        )


def same(left, right) -> bool:
    """Compare as a learner means it: floats within rounding, a tuple is a list, a NumPy or torch value its Python one.

    Whole numbers are compared exactly. A Boolean is no number here: True is not 1. Not a number (nan) is
    the same as not a number.
    """
    left, right = (side.tolist() if hasattr(side, "tolist") else side for side in (left, right))
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, float) or isinstance(right, float):
        return _near(left, right)
    return type(left) is type(right) and left == right


def _near(left, right) -> bool:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return False
    try:
        both_nan = math.isnan(left) and math.isnan(right)
        return both_nan or math.isclose(left, right, rel_tol=1e-5, abs_tol=1e-7)  # float32's
    except OverflowError:  # a whole number that no float can hold
        return False


def _yours(result) -> str:
    if isinstance(result, Exception):
        return cut(f"{type(result).__name__}: {result}", 300)
    return strip.shown(result, 300)


def compare(
    exercise: str,
    function: Callable,
    reference: Callable,
    cases: Sequence[tuple],
    mistakes: Sequence[tuple[str, Callable]] = (),
) -> Verdict:
    """Judge a learner's function by its behaviour on `cases`.

    Args:
        exercise: the name shown.
        function: what the learner wrote.
        reference: the reference solution.
        cases: argument tuples, edge cases first.
        mistakes: (message, function that errs in the usual way), the most telling first. The message
            is shown when the learner's results are those of that function on every case.

    Returns:
        The verdict; `exercises.progress` keeps it.
    """
    verdict = _judge(exercise, function, reference, cases, mistakes)
    progress.note(exercise, verdict.status)
    return verdict


def _judge(exercise, function, reference, cases, mistakes) -> Verdict:
    if not callable(function):
        call = (
            f"Give the check the function itself, without brackets: `exercises.check({exercise})`."
        )
        given = (("given", strip.shown(function, 300)),)
        return Verdict(exercise, "wrong", f"that is no function. {call}", given)
    results = []
    for case in cases:
        result = _try(function, case)
        if isinstance(result, NotImplementedError):
            return Verdict(
                exercise,
                "undone",
                "not done yet. Replace the raise with your code, then run this cell again.",
            )
        results.append(result)
    expected = [reference(*copy.deepcopy(case)) for case in cases]
    wrong = [
        i
        for i, (got, want) in enumerate(zip(results, expected, strict=True))
        if not same(got, want)
    ]
    if not wrong:
        return Verdict(
            exercise, "correct", f"correct on {len(cases)} inputs, fresh ones among them."
        )
    first = wrong[0]
    got = results[first]
    difference = (
        ("input", ", ".join(strip.shown(argument, 300) for argument in cases[first])),
        ("yours", _yours(got)),
        ("expected", strip.shown(expected[first], 300)),
    )
    message = (
        habits.before(results, expected)
        or _name(results, cases, mistakes)
        or habits.of_calls(function, cases[first], got, _try, same)
        or habits.after(results, expected, same)
        or _count(results, len(wrong))
    )
    picture = strip.draw(function, cases, expected, first, got, same)
    return Verdict(exercise, "wrong", message, difference, picture)


def _name(results, cases, mistakes) -> str:
    """Return the first mistake of the exercise that explains all results, or nothing."""
    for message, mistaken in mistakes:
        answers = [(got, _try(mistaken, case)) for got, case in zip(results, cases, strict=True)]
        answers = [pair for pair in answers if not isinstance(pair[1], Exception)]
        if answers and all(same(*pair) for pair in answers):
            return message
    return ""


def _count(results, count) -> str:
    if all(isinstance(result, Exception) for result in results):
        return "it fails on every input. The first one:"
    if any(isinstance(result, Exception) for result in results):
        return f"an input makes it fail; {count} of {len(results)} inputs differ."
    return f"{count} of {len(results)} inputs differ. The first one:"


def _try(function, case):
    """Return the answer as it stands now: a later call may change a list that is kept between calls."""
    try:
        result = function(*copy.deepcopy(case))
        settled = strip.plain(result)
    except Exception as error:  # whatever a learner's code may raise, the check says so and goes on
        return error
    return settled if isinstance(result, (list, tuple, dict)) else result
