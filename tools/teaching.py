"""Write the tables of docs/teaching.md: what each lesson and each section takes to read, to compute, to solve.

make course JOBS=1 && python -m tools.teaching     one lesson at a time, on all cores; `make build` measures too
"""

import copy
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode

import helpers
from helpers import course
from tools.execution import Result
from tools.markdown import table, write, write_block

PAGE = helpers.ROOT / "docs" / "teaching.md"
MEASURED = helpers.ROOT / "_build" / "sections.json"
WORDS, LINES = 200, 12  # read in a minute: words of prose, lines of code
TIMES = ("reading", "solving", "seconds")  # of a section
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
LATER = re.compile(r"#+ (Going deeper: |Exercise [3-9])")  # what a first reading leaves out
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


def split(notebook: NotebookNode) -> list[Section]:
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


def core(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook's core: without sections called "Going deeper: …" and without exercises after the second."""
    notebook, kept = copy.deepcopy(notebook), []
    skipped = 0  # the level of a heading that is left out
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts = re.split(r"^(?=##+ )", cell.source, flags=re.MULTILINE)
            cell.source = ""
            for part in parts:
                level = len(re.match("#*", part)[0])
                if 0 < level <= (skipped or level):
                    skipped = level if LATER.match(part) else 0
                cell.source += "" if skipped else part
            kept += [cell] if cell.source else []
        elif not skipped:
            kept.append(cell)
    notebook.cells = kept
    return notebook


def core_minutes(notebook: NotebookNode) -> float:
    """Return the minutes to read, compute and solve a notebook's core; the computing counts where it was executed."""
    return sum(one.reading + one.solving + one.seconds / 60 for one in split(core(notebook)))


def record(notebook: NotebookNode, lesson: str, cores: int, result: Result, file: Path = MEASURED):
    """Write what a lesson that has just run takes, by sections and as a whole, into a JSON file beside other lessons."""
    file.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    keys = ("heading", *TIMES)
    known[lesson] = {
        "track": helpers.track(),
        "cores": cores,
        "peak_mb": round(result.peak_mb),
        "disk_mb": round(result.disk_mb),
        "core": core_minutes(notebook),
        "sections": [{key: getattr(part, key) for key in keys} for part in split(notebook)],
    }
    write(file, json.dumps(known, indent=1))


def tables(runs: dict[str, dict]) -> dict[str, str]:
    """Return the table with a row a lesson, and the one with a row a section, by the names of their blocks.

    Raises SystemExit: `make course` has not measured a lesson, or not on the tiny track.
    """
    whole, parts = [], []
    for lesson in course.lessons():
        number, run = lesson["number"], runs.get(lesson["name"])
        if run is None or run["track"] != "tiny":
            remedy = f"Run: make course LESSON={number}"
            raise SystemExit(f"Lesson {number} was not measured on the tiny track. {remedy}")
        for one in run["sections"]:
            times = f"{one['reading']:.1f}", one["solving"] or "", f"{one['seconds']:.0f}"
            parts.append((number, one["heading"], *times))
        totals = [f"{sum(one[key] for one in run['sections']):.0f}" for key in TIMES]
        used = f"{run['core']:.0f}", f"{run['peak_mb']:,}", f"{run['disk_mb']:,}"
        whole.append((f"{number} {lesson['title']}", *totals, *used))
    cores = " or ".join(sorted({str(run["cores"]) for run in runs.values()}))
    times = "read, minutes | solve, minutes | compute, seconds"
    head = f"lesson | {times} | core with computing, minutes | peak memory, MB | leaves on disk, MB"
    return {
        "lessons": f"Measured on the tiny track with {cores} cores.\n\n{table(head, whole)}",
        "sections": table(f"lesson | section | {times}", parts),
    }


def main() -> None:
    """Write both tables."""
    for name, block in tables(json.loads(MEASURED.read_text(encoding="utf-8"))).items():
        write_block(PAGE, name, block)


if __name__ == "__main__":
    main()
