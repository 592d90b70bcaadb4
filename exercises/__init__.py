"""The exercises' judge: not done yet, correct, or the usual mistake by name.

The inputs, the right answer and the usual mistakes of an exercise are in lesson_NN.py.
"""

import random
import re
from functools import cache
from importlib import import_module
from pathlib import Path

from exercises.table import Exercise, compare
from exercises.verdict import Verdict, shown
from helpers import known

_ANSWER = re.compile(r"^@exercise\(.*\)\ndef (\w+)", re.MULTILINE)


@cache
def _modules() -> dict[str, str]:
    """Return exercise -> its module, read off the text: a check loads its own lesson's only."""
    files = sorted(Path(__file__).parent.glob("lesson_??.py"))
    texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
    return {name: stem for stem, text in texts.items() for name in _ANSWER.findall(text)}


def names() -> list[str]:
    """Return the names of all exercises, lesson by lesson; an exercise is named like the learner's function."""
    return list(_modules())


def check(function) -> Verdict:
    """Judge a learner's function; its name tells which exercise it answers.

    Returns the verdict, which a notebook shows: "undone", "correct" or "wrong", with a message.
    """
    name = getattr(function, "__name__", type(function).__name__)
    if name in _modules():
        return judge(name, function)
    if callable(function):
        message = f"no exercise has a function `{name}`. Keep the name that the exercise gives."
        return Verdict(name, "wrong", message)
    message = "that is no function. Give it without brackets and quotes: `exercises.check(your_function)`."
    return Verdict("?", "wrong", message, (("given", shown(function, 300)),))


def find(name: str) -> Exercise:
    """Return an exercise by its name. Raises ValueError: no such exercise."""
    known("exercise", name, _modules())
    return getattr(import_module(f"exercises.{_modules()[name]}"), name)


def judge(name: str, function) -> Verdict:
    """Judge a function, whatever it is called, as the answer to the exercise `name`; errors as in `find`."""
    exercise = find(name)
    function, answer = map(exercise.wrap, (function, exercise.answer))
    return compare(name, function, answer, exercise.cases(random.Random()), exercise.wrong)
