"""The exercises' judge: not done yet, correct, or the usual mistake by name.

The inputs, the right answer and the usual mistakes of an exercise are in lesson_NN.py.
"""

from __future__ import annotations

import random
from functools import cache
from importlib import import_module
from pathlib import Path

from exercises import strip
from exercises.table import Exercise
from exercises.verdict import Verdict, compare

_HERE = Path(__file__).resolve().parent


@cache
def _known() -> dict[str, Exercise]:
    modules = [import_module(f"exercises.{file.stem}") for file in sorted(_HERE.glob("lesson_??.py"))]
    found = [value for module in modules for value in vars(module).values()]
    return {one.name: one for one in found if isinstance(one, Exercise)}


def _old() -> dict[str, Path]:
    files = sorted(_HERE.glob("lesson_??/*.py"))
    return {file.stem: file for file in files if file.stem not in ("__init__", "shared")}


def names() -> list[str]:
    """Return the names of all exercises, lesson by lesson; an exercise is named like the learner's function."""
    return [*_old(), *_known()]


def check(function) -> Verdict:
    """Judge a learner's function; its name tells which exercise it answers.

    Returns:
        The verdict, which a notebook shows: "undone", "correct" or "wrong", with a message.
    """
    name = getattr(function, "__name__", "")
    if name in names():
        return judge(name, function)
    if callable(function):
        message = f"no exercise has a function `{name}`. Keep the name that the exercise gives."
        return Verdict(name or "?", "wrong", message)
    message = "that is no function. Give it without brackets: `exercises.check(your_function)`."
    return Verdict("?", "wrong", message, (("given", strip.shown(function, 300)),))


def judge(name: str, function) -> Verdict:
    """Judge a function, whatever it is called, as the answer to the exercise `name`.

    Raises:
        ValueError: no such exercise.
    """
    if name in _old():
        module = import_module(f"exercises.{_old()[name].parent.name}.{name}")
        return getattr(module, f"check_{name}")(function)
    if name not in _known():
        raise ValueError(f"There is no exercise {name!r}. Use one of {', '.join(names())}.")
    exercise = _known()[name]
    return compare(name, function, exercise.answer, exercise.cases(random.Random()), exercise.wrong)
