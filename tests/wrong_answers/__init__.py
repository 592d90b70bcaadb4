"""Answers to the exercises, lesson_NN/EXERCISE.py as in exercises; each module has WRONG and SECOND."""

from importlib import import_module
from pkgutil import walk_packages

_MODULES = {
    name.rpartition(".")[2]: import_module(name)
    for _, name, is_package in walk_packages(__path__, f"{__name__}.")
    if not is_package and not name.endswith(".shared")
}

# exercise → {label: (wrong answer, fragment of the message it deserves)}
WRONG = {exercise: module.WRONG for exercise, module in _MODULES.items()}
# exercise → a right answer in another style than the solution's
SECOND = {exercise: module.SECOND for exercise, module in _MODULES.items()}
