"""Write the tables of docs/teaching.md: what each lesson and each section takes.

make course && python -m tools.teaching     computing is measured by `make course`, the rest is counted
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from helpers import course
from tools import build
from tools.sections import Section, split

PAGE = build.ROOT / "docs" / "teaching.md"
MEASURED = build.ROOT / "_build" / "html" / "sections.json"


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
        run, command = known.get(path.stem), f"make course LESSON={path.name[:2]}"
        if run is None:
            raise SystemExit(f"{path.stem} was not measured. Run: {command}")
        if run["track"] != "tiny":
            raise SystemExit(
                f"{path.stem} was measured on the {run['track']} track. Run: {command}"
            )
        headings = [section.heading for section in lesson_sections(path)]
        if list(run["sections"]) != headings:
            raise SystemExit(
                f"{path.stem} has other sections than when it was measured. Run: {command}"
            )
    return known


def lesson_table(runs: dict[str, dict]) -> str:
    """Return the table with a row a lesson: minutes, seconds, memory."""
    titles = {
        lesson["name"]: f"{lesson['number']} {lesson['title']}" for lesson in course.lessons()
    }
    lines = [
        "| lesson | read, minutes | solve, minutes | compute, seconds | peak memory, MB | leaves on disk, MB |",
        "|---|---|---|---|---|---|",
    ]
    for path in build.sources():
        found, run = lesson_sections(path), runs[path.stem]
        reading = sum(section.reading for section in found)
        solving = sum(sum(section.exercises.values()) for section in found)
        computing = sum(run["sections"].values())
        lines.append(
            f"| {titles[path.stem]} | {reading:.0f} | {solving} | {computing:.0f} "
            f"| {run['peak_mb']:,} | {run['disk_mb']:,} |"
        )
    cores = " or ".join(sorted({str(run["cores"]) for run in runs.values()}))
    return f"Measured on the tiny track with {cores} cores.\n\n" + "\n".join(lines)


def section_table(runs: dict[str, dict]) -> str:
    """Return the table with a row a section."""
    lines = [
        "| lesson | section | read, minutes | solve, minutes | compute, seconds |",
        "|---|---|---|---|---|",
    ]
    for path in build.sources():
        for section in lesson_sections(path):
            solving = sum(section.exercises.values()) or ""
            seconds = runs[path.stem]["sections"][section.heading]
            lines.append(
                f"| {path.name[:2]} | {section.heading} | {section.reading:.1f} | {solving} | {seconds:.0f} |"
            )
    return "\n".join(lines)


def with_block(page: str, name: str, text: str, maker: str = "tools/teaching.py") -> str:
    """Return a page with a text between the two markers of a name.

    Raises:
        ValueError: the page has no such markers.
    """
    start, end = f"<!-- {name}: made by {maker} -->", f"<!-- end of {name} -->"
    if start not in page or end not in page:
        raise ValueError(f"The page lacks {start} or {end}. Put both on lines of their own.")
    before, _, rest = page.partition(start)
    return f"{before}{start}\n{text}\n{end}{rest.partition(end)[2]}"


def main() -> int:
    """Write both tables."""
    runs, page = measured(), PAGE.read_text(encoding="utf-8")
    page = with_block(page, "lessons", lesson_table(runs))
    page = with_block(page, "sections", section_table(runs))
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
