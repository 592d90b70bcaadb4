"""An exercise as a table: inputs, the right answer, and the usual mistakes as changes of that answer."""

from __future__ import annotations

import inspect
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent


@dataclass(frozen=True)
class Exercise:
    """What a check knows of an exercise, which is named like the learner's function.

    `answer` is the right answer, a function of the exercise's module. `cases` draws the inputs, edge
    cases first: it takes a `random.Random` and returns argument tuples.

    `mistakes` is a text: a message, and below it, indented, a line for each way to make that mistake, the
    most telling mistake first. Such a line is `old → new`, a change of the answer's source (several are
    separated by ` ; `, and each replaces every place where `old` stands), or `= expression`, which is
    returned in place of all of it. Both may use what the module defines, and `right`, the answer itself.
    """

    answer: Callable
    cases: Callable[[random.Random], list[tuple]]
    mistakes: str

    @property
    def name(self) -> str:
        return self.answer.__name__

    @cached_property
    def wrong(self) -> tuple[tuple[str, Callable], ...]:
        """Return (message, function that errs in that way) for each line, in order.

        Raises:
            ValueError: a line that does not fit the answer.
        """
        found, message = [], ""
        for line in filter(str.strip, dedent(self.mistakes).splitlines()):
            if line.startswith(" "):
                found.append((message, self._changed(line.strip())))
            else:
                message = line
        return tuple(found)

    def _changed(self, line: str) -> Callable:
        source = dedent(inspect.getsource(self.answer))
        source = source[re.search(r"^def ", source, re.MULTILINE).start() :]
        if line.startswith("= "):
            source = f"{source.splitlines()[0]}\n    return {line[2:]}"
        else:
            for change in line.split(" ; "):
                old, arrow, new = change.partition(" → ")
                if not arrow or old not in source:
                    raise ValueError(
                        f"{self.name}: {old!r} does not stand in the answer. Change the mistake's line."
                    )
                source = source.replace(old, new)
        namespace = self.answer.__globals__ | {"right": self.answer}
        exec(compile(source, f"<{self.name}: {line}>", "exec", dont_inherit=True), namespace)
        return namespace[self.name]


def exercise(cases: Callable, mistakes: str) -> Callable[[Callable], Exercise]:
    """Make an `Exercise` of the right answer below the decorator."""
    return lambda answer: Exercise(answer, cases, mistakes)
