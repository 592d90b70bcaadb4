"""Which exercises are done: one JSON line a change, beside the ledger, so that it survives a kernel restart."""

import json
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import helpers
from helpers import course, known, runs, tables

SOURCES = helpers.ROOT / "notebooks" / "source"
_HEADING = re.compile(r"^# ### Exercise (\d+) · (.+) \((.+), (\d+) minutes\)$", re.MULTILINE)
_CHECK = re.compile(r"^exercises\.check\((\w+)\)", re.MULTILINE)
_SIGNS = {"correct": "✓ done", "wrong": "✗ tried", None: "○ open"}


class Announced(NamedTuple):
    """An exercise as its lesson announces it; `name` is the learner's function."""

    lesson: str
    number: int
    title: str
    level: str
    minutes: int
    name: str


def path() -> Path:
    """Return the file that holds the progress: `progress.jsonl` beside the ledger."""
    return runs.path().with_name("progress.jsonl")


def exercises(lesson: str | None = None) -> list[Announced]:
    """Return the exercises of one lesson or of all, in order, from the lessons. Raises ValueError: no such lesson."""
    names = {row["number"]: row["name"] for row in course.lessons()}
    if lesson is not None:
        known("lesson", lesson, names)
    found = []
    for number in names if lesson is None else [lesson]:
        text = (SOURCES / f"{names[number]}.py").read_text(encoding="utf-8")
        for heading, name in zip(_HEADING.findall(text), _CHECK.findall(text), strict=True):
            place, title, level, minutes = heading
            found.append(Announced(number, int(place), title, level, int(minutes), name))
    return found


def states() -> dict[str, str]:
    """Return "correct" or "wrong" for each exercise that was tried; once correct, it stays so.

    Lines that a broken write has spoiled are passed over.
    """
    found: dict[str, str] = {}
    try:
        text = path().read_text(encoding="utf-8", errors="replace")
    except OSError:  # no file yet, or none that can be read: then a check warns
        return found
    for line in text.splitlines():
        try:
            row = json.loads(line)
            name, status = row["exercise"], row["status"]
            if status == "open":
                found.pop(name, None)
            elif status in ("correct", "wrong") and found.get(name) != "correct":
                found[name] = status
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return found


def note(name: str, status: str) -> None:
    """Remember the status that a check has found of an exercise; where nothing can be written, warn and go on."""
    try:
        if status != "undone" and states().get(name) not in ("correct", status):
            runs.append({"exercise": name, "status": status}, path())
    except OSError as error:
        warnings.warn(f"Your progress is not kept. {error}", stacklevel=2)


def reset(lesson: str | None = None) -> None:
    """Open the exercises of one lesson again, or of all; the file keeps what was; raises as `exercises`."""
    tried = states()
    for exercise in exercises(lesson):
        if exercise.name in tried:
            runs.append({"exercise": exercise.name, "status": "open"}, path())


def rows(lesson: str | None = None) -> list[dict]:
    """Return what `table` shows: a row for each exercise of a lesson, or for each lesson; raises as `exercises`."""
    tried, items = states(), exercises(lesson)
    if lesson is not None:
        return [
            {"exercise": f"{item.number} · {item.title}", "": _SIGNS[tried.get(item.name)]}
            | {"level": item.level, "minutes": item.minutes}
            for item in items
        ]
    found = []
    for row in course.lessons():
        own = [item for item in items if item.lesson == row["number"]]
        left = [item.minutes for item in own if tried.get(item.name) != "correct"]
        done = len(own) - len(left)
        shown = {"lesson": f"{row['number']} · {row['title']}"}
        shown |= {"exercises": "✓" * done + "○" * len(left), "done": f"{done} of {len(own)}"}
        found.append(shown | {"minutes left": sum(left)})
    return found


def table(lesson: str | None = None):
    """Draw the exercises of one lesson and their states, or a row for each lesson; raises as `exercises`."""
    return tables.table(rows(lesson))
