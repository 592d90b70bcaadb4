"""The exercises' judge: not done yet, correct, or the usual mistake by name.

The inputs, the right answer and the usual mistakes of an exercise are in lesson_NN/EXERCISE.py.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from exercises.verdict import Verdict

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """Return the names of all exercises, lesson by lesson; an exercise is named like the learner's function."""
    files = sorted(HERE.glob("lesson_??/*.py"))
    return [file.stem for file in files if file.stem not in ("__init__", "shared")]


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
    return Verdict("?", "wrong", message, (("given", repr(function)[:300]),))


def judge(name: str, function) -> Verdict:
    """Judge a function, whatever it is called, as the answer to the exercise `name`.

    Raises:
        ValueError: no such exercise.
    """
    for file in HERE.glob(f"lesson_??/{name}.py"):
        module = import_module(f"exercises.{file.parent.name}.{name}")
        return getattr(module, f"check_{name}")(function)
    raise ValueError(f"There is no exercise {name!r}. Use one of {', '.join(names())}.")
