"""How every check works: run the learner's function beside the reference, name the usual mistake."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from helpers import progress
from helpers.checks import habits, strip

# Colours to be read on white and on black.
_LOOK = {"undone": ("○", "#967800"), "correct": ("✓", "#2a8a50"), "wrong": ("✗", "#dd3a2b")}


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
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'><code>{escape(value)}</code></td></tr>"
            for name, value in self.first_difference
        )
        return (
            f"<div style='border-left:4px solid {colour};padding:4px 10px'>"
            f"<b style='color:{colour}'>{sign} {escape(self.exercise)}</b> {escape(self.message)}"
            f"{self.picture or (rows and f'<table>{rows}</table>')}</div>"
        )


def same(left, right) -> bool:
    """Compare as a learner means it: floats within rounding, a tuple is a list, a NumPy or torch value its Python one.

    A Boolean is no number here: True is not 1. Not a number (nan) is the same as not a number.
    """
    left, right = (side.tolist() if hasattr(side, "tolist") else side for side in (left, right))
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        both_nan = math.isnan(left) and math.isnan(right)
        return both_nan or math.isclose(left, right, rel_tol=1e-5, abs_tol=1e-7)  # float32's
    return type(left) is type(right) and left == right


def _short(value, limit: int = 300) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + " …"


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
        The verdict; `helpers.progress` keeps it.
    """
    verdict = _judge(exercise, function, reference, cases, mistakes)
    progress.note(exercise, verdict.status)
    return verdict


def _judge(exercise, function, reference, cases, mistakes) -> Verdict:
    results = []
    for case in cases:
        try:
            results.append(function(*copy.deepcopy(case)))
        except NotImplementedError:
            return Verdict(
                exercise,
                "undone",
                "not done yet. Replace the raise with your code, then run this cell again.",
            )
        except (
            Exception
        ) as error:  # whatever a learner's code may raise, the check says so and goes on
            results.append(error)
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
        ("input", ", ".join(_short(argument) for argument in cases[first])),
        ("yours", f"{type(got).__name__}: {got}" if isinstance(got, Exception) else _short(got)),
        ("expected", _short(expected[first])),
    )
    message = _name(results, cases, mistakes, expected) or _count(results, len(wrong))
    picture = strip.draw(function, cases, expected, first, got, same)
    return Verdict(exercise, "wrong", message, difference, picture)


def _name(results, cases, mistakes, expected) -> str:
    """Return the first mistake that explains all results, the exercise's before the general ones; or nothing."""
    if message := habits.before(results):
        return message
    for message, mistaken in mistakes:
        answers = [(got, _try(mistaken, case)) for got, case in zip(results, cases, strict=True)]
        answers = [pair for pair in answers if not isinstance(pair[1], Exception)]
        if answers and all(same(*pair) for pair in answers):
            return message
    return habits.after(results, expected, same)


def _count(results, count) -> str:
    if any(isinstance(result, Exception) for result in results):
        return f"an input makes it fail; {count} of {len(results)} inputs differ."
    return f"{count} of {len(results)} inputs differ. The first one:"


def _try(function, case):
    try:
        return function(*copy.deepcopy(case))
    except (
        Exception
    ) as error:  # a mistaken version may fail where the learner's does: no match then
        return error
