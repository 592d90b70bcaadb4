"""A change of the libraries: an old and a new piece of source, what each must show, and a run that proves it."""

import ast
import re
from dataclasses import dataclass
from importlib import metadata

from packaging.version import Version

from labs.old_code.sandbox import listening

# What an old form does -> what is wrong where it no longer shows what the change tells
KINDS = {"error": "the message lacks", "warns": "nothing said contains"}
KINDS["silent"] = "its value lacks"
SIGNS = ("|", "-", "+", " ", "")  # of lines of source: set-up, old, new, both
TOPICS = ("datasets", "metrics", "arguments", "trainer", "collators", "tokenizers", "models")
TOPICS += ("pipelines", "hub", "setfit")


@dataclass(frozen=True)
class Change:
    """One change: what was written, what is written today, and what the old form does.

    `does` is "error" (the old form raises `error`), "warns" (it runs and says that it is deprecated) or
    "silent" (it runs, says nothing, and does something else). `tells` is a part of the error's message,
    of the warning, or of the old form's value; `gives` a part of the new form's value. `setup` is source
    that runs before each of the two. `since` is the library and version from which on all this holds, such
    as "transformers 5.20"; empty where it holds with every version that the course admits.
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


def parse(topic: str, text: str) -> list[Change]:
    """Return the changes of a topic's file, which is written as `labs.old_code.changes` tells.
    Raises ValueError: a line of no kind; a change that tells none of KINDS, more than one, or nothing of it.
    """
    shared, *parts = re.split("^@@ ", text, flags=re.MULTILINE)
    return [_change(topic, shared.splitlines(), *part.splitlines()) for part in parts]


def _change(topic: str, shared: list[str], name: str, *lines: str) -> Change:
    code = [line for line in lines if line[:1] in SIGNS]
    given = dict(line.partition(": ")[::2] for line in lines if line not in code)
    if strange := [word for word in given if word not in (*KINDS, "gives", "note", "since")]:
        raise ValueError(
            f"{name}: {strange[0]!r} begins no line. Use |, - or + before source, two spaces where "
            f"both forms have it, or one of {', '.join(KINDS)}, gives, note, since and a colon."
        )
    told = {kind: given.pop(kind) for kind in KINDS if kind in given}
    if len(told) != 1:
        raise ValueError(f"{name}: {len(told)} of {', '.join(KINDS)} are told. Tell one.")
    ((does, tells),) = told.items()
    error, _, message = tells.partition(": ") if does == "error" else ("", "", tells)
    if not message:
        raise ValueError(
            f"{name}: say what the old form must show, after {does!r}{' and its type' * bool(error)}."
        )
    old, new, setup = _source(code, "- "), _source(code, "+ "), _source([*shared, *code], "|")
    return Change(topic, name, old, new, does, message, error, setup=setup, **given)


def _source(lines: list[str], signs: str) -> str:
    """Return the source of the lines that begin with one of the signs; an empty line has the sign of both."""
    return "\n".join(line[2:] for line in lines if (line[:1] or " ") in signs)


@dataclass(frozen=True)
class Half:
    """What one piece of source did: its value or its error, and what was said meanwhile."""

    value: str
    error: str
    message: str
    said: tuple[str, ...]


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
    `source` are statements; where the last one is no expression, it returns None. `setup` runs before, and must not
    fail. Taught in: lesson 10, section "One change by hand".
    """
    namespace = {}
    exec(setup, namespace)
    try:
        *first, last = ast.parse(source).body
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
    if change.does == "error" and half.error != change.error:
        return f"expected {change.error}, got {half.error or 'no error'}"
    if change.does != "error" and half.error:
        return f"it now fails with {half.error}"
    if change.does == "silent" and half.said:
        return f"it is no longer silent: {half.said[0]}"
    places = {"error": [half.message], "warns": half.said, "silent": [half.value]}
    if any(change.tells in line for line in places[change.does]):
        return ""
    return f"{KINDS[change.does]} {change.tells!r}"


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
