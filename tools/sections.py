"""The sections of a lesson: how long to read, to compute, to solve."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat

WORDS, LINES = 200, 12  # read in a minute: words of prose, lines of code
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
EXERCISE = re.compile(r"^### Exercise (\d+) · .+?, (\d+) minutes\)$", re.MULTILINE)


@dataclass
class Section:
    """A part of a lesson under one `##` heading; the part before the first one is named by the title."""

    heading: str
    words: int = 0
    lines: int = 0
    seconds: float = 0.0
    exercises: dict[int, int] = field(default_factory=dict)  # number -> minutes

    @property
    def reading(self) -> float:
        """Minutes to read the prose and the code."""
        return self.words / WORDS + self.lines / LINES


def split(notebook: nbformat.NotebookNode) -> list[Section]:
    """Return a notebook's sections in order, with the seconds that its cells took where it was executed."""
    found = [Section("Opening")]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            before, *rest = HEADING.split(cell.source)
            _read(found[-1], before)
            for heading, text in zip(rest[::2], rest[1::2], strict=True):
                found.append(Section(heading))
                _read(found[-1], text)
        elif cell.cell_type == "code":
            found[-1].lines += sum(bool(line.strip()) for line in cell.source.splitlines())
            found[-1].seconds += seconds(cell)
    return found


def _read(section: Section, text: str) -> None:
    section.words += len(text.split())
    section.exercises |= {int(number): int(minutes) for number, minutes in EXERCISE.findall(text)}


def seconds(cell: nbformat.NotebookNode) -> float:
    """Return how long the kernel worked on a cell, 0 where no one measured it."""
    times = cell.metadata.get("execution", {})
    ends = [times.get(name) for name in ("iopub.execute_input", "shell.execute_reply")]
    if None in ends:
        return 0.0
    start, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in ends)
    return (end - start).total_seconds()


def record(notebook: nbformat.NotebookNode, lesson: str, file: Path, **run) -> None:
    """Write the seconds of a lesson's sections into a JSON file, beside those of other lessons.

    Args:
        notebook: just executed.
        lesson: its name.
        file: lesson -> {"sections": {heading: seconds}, and what `run` says}.
        run: what else is known of this run: track, cores, peak memory.
    """
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    spent = {section.heading: round(section.seconds, 1) for section in split(notebook)}
    known[lesson] = {**run, "sections": spent}
    file.write_text(json.dumps(dict(sorted(known.items())), indent=1), encoding="utf-8")
