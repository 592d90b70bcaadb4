"""A change of the libraries: an old and a new piece of source, what each must show, and a run that proves it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from packaging.version import Version

from labs.old_code.sandbox import listening

KINDS = ("error", "warns", "silent")
TOPICS = (
    "datasets",
    "metrics",
    "arguments",
    "trainer",
    "collators",
    "tokenizers",
    "models",
    "pipelines",
    "hub",
    "setfit",
)


@dataclass(frozen=True)
class Change:
    """One change: what was written, what is written today, and what the old form does.

    `does` is "error" (the old form raises `error`), "warns" (it runs and says that it is deprecated) or
    "silent" (it runs, says nothing, and does something else). `tells` is a part of the error's message,
    of the warning, or of the old form's value; `gives` a part of the new form's value. `setup` is source
    that runs before each of the two. `since` is the library and version from which on all this holds, such
    as "transformers 5.20"; empty where it holds with every version that the course admits.

    Raises:
        ValueError: `does` is none of the three, `error` does not belong to it, or `since` is no such pair.
    """

    topic: str
    name: str
    old: str
    new: str
    does: str
    tells: str
    error: str = ""
    gives: str = ""
    setup: str = ""
    note: str = ""
    since: str = ""

    def __post_init__(self):
        if self.since and len(self.since.split()) != 2:
            raise ValueError(
                f"{self.name}: since is {self.since!r}. Write library and version: 'transformers 5.20'."
            )
        if self.does not in KINDS:
            raise ValueError(f"{self.name}: does is {self.does!r}. Use one of {', '.join(KINDS)}.")
        if bool(self.error) != (self.does == "error"):
            raise ValueError(
                f"{self.name}: does is {self.does!r} and error is {self.error!r}. "
                "Name the exception where the old form raises one, and nowhere else."
            )
        if not self.tells:
            raise ValueError(f"{self.name}: tells is empty. Say what the old form must show.")

    @property
    def not_yet(self) -> str:
        """Say from which version on this holds, where the installed one is older; else an empty text."""
        if not self.since:
            return ""
        library, first = self.since.split()
        installed = metadata.version(library)
        if Version(installed) >= Version(first):
            return ""
        return f"from {self.since} on; this is {installed}"


def row(name: str, *, error: str = "", warns: str = "", silent: str = "", **fields) -> dict:
    """Return the fields of a change, the topic left out: `rows_of` adds it.

    Args:
        name: of the change.
        error, warns, silent: one of them, as `does`: "Type: a part of the message", a part of the warning,
            or a part of the old form's value.
        **fields: old, new, gives, setup, note, since.

    Raises:
        ValueError: none of the three is given, or more than one.
    """
    error, _, message = error.partition(": ")
    tells = {"error": message, "warns": warns, "silent": silent}
    given = [kind for kind in KINDS if tells[kind]]
    if len(given) != 1:
        raise ValueError(f"{name}: {len(given)} of {', '.join(KINDS)} are told. Tell one.")
    return {"name": name, "does": given[0], "tells": tells[given[0]], "error": error, **fields}


def gone(name: str, new: str, gives: str = "", *, where="transformers", **fields) -> dict:
    """Return the row of a name that can no longer be imported."""
    old, error = f"from {where} import {name}", f"ImportError: cannot import name '{name}'"
    return row(name, old=old, error=error, new=new, gives=gives, **{"setup": "", **fields})


def cells(table: str, make: Callable[..., dict]) -> list[dict]:
    """Return `make(*cells)` of each line of a table: " | " parts its cells, ⏎ is a line break within one."""
    lines = (line.replace("⏎", "\n").split(" | ") for line in table.split("\n") if line)
    return [make(*(cell.strip() for cell in line)) for line in lines]


def rows_of(topic: str, *rows: dict, setup: str = "") -> tuple[Change, ...]:
    """Return the changes of a topic; `setup` is that of the rows that name none."""
    return tuple(Change(topic=topic, **{"setup": setup, **fields}) for fields in rows)


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
    if isinstance(result, Exception):
        return Half("", type(result).__name__, str(result), tuple(said))
    return Half(repr(result), "", "", tuple(said))


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
