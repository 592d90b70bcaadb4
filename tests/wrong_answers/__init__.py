"""Answers to the exercises, one module a topic; each has WRONG and SECOND, from the name of a check to answers."""

from importlib import import_module
from pkgutil import iter_modules

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]

# check → {label: (wrong answer, fragment of the message it deserves)}
WRONG = {check: cases for module in _MODULES for check, cases in module.WRONG.items()}
# check → a right answer in another style than the solution's
SECOND = {check: answer for module in _MODULES for check, answer in module.SECOND.items()}
