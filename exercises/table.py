"""An exercise as a table: inputs, the right answer, and the usual mistakes as changes of that answer; and how results are compared."""

import ast
import copy
import inspect
import random
import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent

from exercises import habits, progress
from exercises.verdict import Verdict, draw, plain, same, shown

TURN = "your turn"  # what an open exercise raises


@dataclass(frozen=True)
class Exercise:
    """What a check knows of an exercise, which is named like the learner's function.

    `answer` is the right answer, a function of the exercise's module. `cases` draws the inputs, edge
    cases first: it takes a `random.Random` and returns argument tuples.

    The answer's docstring lists the usual mistakes, the most telling first: a message, and below it,
    indented, a line for each way to make that mistake. Such a line is `old → new`, a change of the
    answer's code (several are separated by ` ; `, and each replaces every place where `old` stands), or
    `= expression`, which is returned in place of all of it. Both may use what the module defines, and
    `right`, the answer itself. Inputs where a mistake fails, as by an `assert` or 1 / 0, do not count.

    `wrap` is given the learner's function, the answer and each mistake, and returns what is compared: where
    raising an error is the right answer, it makes a result of the error.
    """

    answer: Callable
    cases: Callable[[random.Random], list[tuple]]
    wrap: Callable

    @property
    def name(self) -> str:
        return self.answer.__name__

    @cached_property
    def wrong(self) -> tuple[tuple[str, Callable], ...]:
        """Return (message, function that errs in that way) a line. Raises ValueError: a line that does not fit."""
        found = []
        for part in re.split(r"\n+(?=\S)", inspect.getdoc(self.answer)):
            message, *lines = filter(None, map(str.strip, part.splitlines()))
            if not lines:
                raise ValueError(f"{self.name}: below {message!r}, indented, a mistake is missing.")
            found += [(message, self.wrap(self._changed(line))) for line in lines]
        return tuple(found)

    def _changed(self, line: str) -> Callable:
        source = dedent(inspect.getsource(self.answer))
        node, lines = ast.parse(source).body[0], source.splitlines(keepends=True)
        source = "".join([lines[node.lineno - 1], *lines[node.body[1].lineno - 1 :]])
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
        exec(compile(source, f"<{self.name}: {line}>", "exec"), namespace)
        return namespace[self.name]


def exercise(
    cases: Callable, wrap: Callable = lambda function: function
) -> Callable[[Callable], Exercise]:
    """Make an `Exercise` of the right answer below the decorator."""
    return lambda answer: Exercise(answer, cases, wrap)


def compare(
    name: str,
    function: Callable,
    reference: Callable,
    cases: Sequence[tuple],
    mistakes: Sequence[tuple[str, Callable]] = (),
) -> Verdict:
    """Judge a learner's function by its behavior on `cases`, argument tuples, edge cases first.

    `name` is the exercise's, `reference` the solution. `mistakes` are (message, function that errs in the
    usual way), the most telling first: the message is shown when the learner's results are those of that function
    on every case. Returns the verdict, which `exercises.progress` keeps.
    """
    verdict = _compared(name, function, reference, cases, mistakes)
    progress.note(name, verdict.status)
    return verdict


def _compared(name, function, reference, cases, mistakes) -> Verdict:
    results = []
    for case in cases:
        result = _try(function, case)
        if place := _undone(result):
            what = "the raise" if place == name else f"the raise in `{place}`"
            message = f"not done yet. Replace {what} with your code, run it, then this cell."
            return Verdict(name, "undone", message)
        results.append(result)
    expected = [reference(*case) for case in cases]  # the right answer changes no argument
    pairs = zip(results, expected, strict=True)
    wrong = [place for place, pair in enumerate(pairs) if not same(*pair)]
    if not wrong:
        message = f"correct on {len(cases)} inputs, fresh ones among them."
        return Verdict(name, "correct", message)
    first = wrong[0]
    got = results[first]
    difference = (
        ("input", ", ".join(shown(argument, 300) for argument in cases[first])),
        ("yours", shown(got, 300)),
        ("expected", shown(expected[first], 300)),
    )
    message = (
        habits.before(results, expected)
        or _mistake(results, cases, mistakes)
        or habits.of_calls(function, cases[first], got, _try)
        or habits.after(results, expected)
        or _count(results, len(wrong), got)
    )
    picture = draw(function, cases, expected, first, got)
    return Verdict(name, "wrong", message, difference, picture)


def _undone(result) -> str:
    """Return the name of the function that is still open, "" where none is: one exercise may use that of another."""
    if not isinstance(result, NotImplementedError) or result.args not in ((), (TURN,)):
        return ""  # torch raises it, too, with a text
    frames = [frame for frame, _ in traceback.walk_tb(result.__traceback__)]
    return frames[-1].f_code.co_name if frames else ""


def _mistake(results, cases, mistakes) -> str:
    """Return the first mistake of the exercise that explains all results, or nothing."""
    explaining = (message for message, one in mistakes if _explains(one, results, cases))
    return next(explaining, "")


def _explains(mistaken, results, cases) -> bool:
    alike = False
    for got, case in zip(results, cases, strict=True):
        answer = _try(mistaken, case)
        if not isinstance(answer, Exception):
            if not same(got, answer):
                return False
            alike = True
    return alike


def _count(results, count, first) -> str:
    if all(isinstance(result, Exception) for result in results):
        return "it fails on every input. The first one:"
    if isinstance(first, Exception):
        return f"an input makes it fail; {count} of {len(results)} inputs differ."
    errors = [shown(result, 100) for result in results if isinstance(result, Exception)]
    failing = f", some with an error ({errors[0]})" if errors else ""
    return f"{count} of {len(results)} inputs differ{failing}. The first one:"


def _try(function, case):
    """Return the answer as it stands now: a later call may change a list that is kept between calls."""
    try:
        result = function(*copy.deepcopy(case))
        settled = plain(result)
    except Exception as error:  # whatever a learner's code may raise, the check says so and goes on
        return error
    return settled if isinstance(result, (list, tuple, dict)) else result
