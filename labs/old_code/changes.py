"""Run changes of the libraries, both halves of each, and judge them by what they tell."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from labs.old_code.change import TOPICS, Change
from labs.old_code.listening import listening
from labs.old_code.rows import ROWS


@dataclass(frozen=True)
class Half:
    """What one piece of source did: its value or its error, and what was said meanwhile."""

    value: str
    error: str
    message: str
    said: tuple[str, ...]

    def __str__(self) -> str:
        text = f"{self.error}: {self.message}" if self.error else self.value
        return " · ".join([text, *self.said])


@dataclass(frozen=True)
class Outcome:
    """Both halves of a change as they ran here, and what is not as the change tells.

    Where the installed library is older than the change, nothing ran: there are no halves and no problems.
    """

    change: Change
    old: Half | None = None
    new: Half | None = None
    old_problem: str = ""
    new_problem: str = ""

    @property
    def holds(self) -> bool:
        return not (self.old_problem or self.new_problem)


def attempt(source, setup=""):
    """Run source in a fresh namespace; return the value of its last line, or the exception it raised.

    Args:
        source: statements; where the last one is an expression, its value is returned, else None.
        setup: source that runs before, and must not fail.

    Taught in: lesson 10, section "One change by hand".
    """
    namespace = {}
    exec(setup, namespace)
    *first, last = ast.parse(source).body
    try:
        exec(compile(ast.Module(first, []), "<row>", "exec"), namespace)
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), "<row>", "eval"), namespace)
        exec(compile(ast.Module([last], []), "<row>", "exec"), namespace)
    except Exception as error:
        return error


def _half(source: str, setup: str) -> Half:
    with listening() as said:
        result = attempt(source, setup)
    failed = isinstance(result, Exception)
    return Half(
        value="" if failed else repr(result),
        error=type(result).__name__ if failed else "",
        message=str(result) if failed else "",
        said=tuple(said),
    )


def _old_problem(change: Change, half: Half) -> str:
    if change.does == "error":
        if half.error != change.error:
            return f"expected {change.error}, got {half.error or 'no error'}"
        return "" if change.tells in half.message else f"the message lacks {change.tells!r}"
    if half.error:
        return f"it now fails with {half.error}"
    if change.does == "warns":
        spoken = any(change.tells in line for line in half.said)
        return "" if spoken else f"nothing said contains {change.tells!r}"
    if half.said:
        return f"it is no longer silent: {half.said[0]}"
    return "" if change.tells in half.value else f"its value lacks {change.tells!r}"


def _new_problem(change: Change, half: Half) -> str:
    if half.error:
        return f"it fails with {half.error}: {half.message}"
    return "" if change.gives in half.value else f"its value lacks {change.gives!r}"


def run(change: Change) -> Outcome:
    """Run both halves of a change, each in a fresh namespace, and compare them with what it tells.

    A change of a later version than the installed one is not run.
    """
    if change.not_yet:
        return Outcome(change)
    old, new = _half(change.old, change.setup), _half(change.new, change.setup)
    return Outcome(change, old, new, _old_problem(change, old), _new_problem(change, new))


def rows(topic: str | None = None) -> list[Change]:
    """Return the changes of a topic, or all of them in the order of TOPICS.

    Raises:
        ValueError: no such topic.
    """
    if topic is not None and topic not in TOPICS:
        raise ValueError(f"There is no topic {topic!r}. Use one of {', '.join(TOPICS)}.")
    wanted = TOPICS if topic is None else (topic,)
    return [change for name in wanted for change in ROWS if change.topic == name]


def find(name: str) -> Change:
    """Return the change of that name.

    Raises:
        ValueError: no such change.
    """
    for change in rows():
        if change.name == name:
            return change
    raise ValueError(f"There is no change {name!r}. `[row.name for row in rows()]` lists them.")
