"""Write the tables of docs/teaching.md: what each lesson and each section takes to read, to compute, to solve.

make course JOBS=1 && python -m tools.teaching     `make course` measures the computing, the rest is counted
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat

from helpers import course
from tools import build
from tools.markdown import table, with_block

PAGE = build.ROOT / "docs" / "teaching.md"
MEASURED = build.ROOT / "_build" / "html" / "sections.json"
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

    @property
    def solving(self) -> int:
        """Minutes to solve the exercises."""
        return sum(self.exercises.values())


def split(notebook: nbformat.NotebookNode) -> list[Section]:
    """Return a notebook's sections in order, with the seconds that its cells took where it was executed."""
    found = [Section("Opening")]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            found[-1].lines += sum(bool(line.strip()) for line in cell.source.splitlines())
            if times := cell.metadata.get("execution"):
                start, end = times["iopub.execute_input"], times["shell.execute_reply"]
                took = datetime.fromisoformat(end) - datetime.fromisoformat(start)
                found[-1].seconds += took.total_seconds()
            continue
        for part in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            if heading := HEADING.match(part):
                found.append(Section(heading[1]))
            found[-1].words += len(HEADING.sub("", part).split())
            asked = EXERCISE.findall(part)
            found[-1].exercises |= {int(number): int(minutes) for number, minutes in asked}
    return found


def record(notebook: nbformat.NotebookNode, lesson: str, file: Path, **run) -> None:
    """Write the seconds of a lesson's sections, and what is known of its `run`, into a JSON file beside other lessons'."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    spent = {section.heading: round(section.seconds, 1) for section in split(notebook)}
    known[lesson] = {**run, "sections": spent}
    file.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")


def lesson_sections(path: Path) -> list[Section]:
    """Return the sections of a lesson's source, as a learner gets them; no seconds."""
    return split(build.learner_version(build.read_source(path)))


def measured(file: Path = MEASURED) -> dict[str, dict]:
    """Return what `make course` measured of every lesson: name -> run.

    Raises:
        SystemExit: a lesson was not measured, not on the tiny track, or has changed since.
    """
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for path in build.sources():
        run = known.get(path.stem, {"track": "no", "sections": {}})
        headings = {section.heading for section in lesson_sections(path)}
        if run["track"] != "tiny" or run["sections"].keys() != headings:
            raise SystemExit(
                f"{path.stem}, as it is now, was not measured on the tiny track. Run: make course LESSON={path.name[:2]}"
            )
    return known


def tables(runs: dict[str, dict]) -> dict[str, str]:
    """Return the table with a row a lesson, and the one with a row a section, by the names of their blocks."""
    whole, parts = [], []
    for lesson in course.lessons():
        run, number = runs[lesson["name"]], lesson["number"]
        found = lesson_sections(build.SOURCES / f"{lesson['name']}.py")
        for section in found:
            reading, spent = f"{section.reading:.1f}", f"{run['sections'][section.heading]:.0f}"
            parts.append((number, section.heading, reading, section.solving or "", spent))
        reading = f"{sum(section.reading for section in found):.0f}"
        solving = sum(section.solving for section in found)
        spent = f"{sum(run['sections'].values()):.0f}"
        used = f"{run['peak_mb']:,}", f"{run['disk_mb']:,}"
        whole.append((f"{number} {lesson['title']}", reading, solving, spent, *used))
    cores = " or ".join(sorted({str(run["cores"]) for run in runs.values()}))
    times = "read, minutes | solve, minutes | compute, seconds"
    lessons = table(f"lesson | {times} | peak memory, MB | leaves on disk, MB", whole)
    return {
        "lessons": f"Measured on the tiny track with {cores} cores.\n\n{lessons}",
        "sections": table(f"lesson | section | {times}", parts),
    }


def main() -> None:
    """Write both tables."""
    page = PAGE.read_text(encoding="utf-8")
    for name, block in tables(measured()).items():
        page = with_block(page, name, block)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
