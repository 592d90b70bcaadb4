"""The teacher's page: plans that add up and have time for what they name, tables in step with the lessons."""

import json
import math
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

import helpers
from benchmarks import report
from helpers import course
from tools import build, teaching
from tools.markdown import with_block

PAGE = teaching.PAGE.read_text(encoding="utf-8")
NUMBERS = {lesson["number"] for lesson in course.lessons()}
LESSONS = [pytest.param(path, id=path.name[:2]) for path in build.sources()]


def rows(text):
    """Return the body rows of the tables in a text, as lists of cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    bodies = [line for line in lines if not set(line) <= set("|- ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in bodies]


def sections(path):
    """Return the sections of a lesson's source, as a learner gets them; no seconds."""
    return teaching.split(build.learner_version(build.read_source(path)))


def plans():
    """Return heading -> (stated minutes, rows) of each plan that has a table."""
    parts = re.split(r"^##+ (.+)$", PAGE, flags=re.MULTILINE)[1:]
    found = {}
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        stated = re.search(r": (\d+) minutes$", heading)
        if stated and "| start |" in text:
            found[heading] = int(stated[1]), rows(text)[1:]
    return found


def minutes_of_sections():
    """Return (lesson, section) -> minutes to read and compute, as the page's last table says."""
    block = PAGE.partition("<!-- sections:")[2].partition("<!-- end of sections")[0]
    return {
        (lesson, heading): float(read) + int(compute) / 60
        for lesson, heading, read, _, compute in rows(block)[1:]
    }


PLANS = [pytest.param(*plan, id=heading) for heading, plan in plans().items()]


def test_there_is_a_plan_for_half_a_day_and_one_for_two():
    names = [heading.partition(":")[0] for heading in plans()]
    assert names == ["Half a day", "First day", "Second day"]
    whole = int(re.search(r"^## Two days: (\d+) minutes$", PAGE, re.MULTILINE)[1])
    days = [stated for name, (stated, _) in plans().items() if name.startswith(("First", "Second"))]
    assert whole == sum(days)


@pytest.mark.parametrize(("stated", "plan"), PLANS)
def test_a_plan_adds_up(stated, plan):
    clock = 0
    for start, minutes, *_ in plan:
        assert start == f"{clock // 60}:{clock % 60:02d}"
        clock += int(minutes)
    assert clock == stated


@pytest.mark.parametrize(("stated", "plan"), PLANS)
def test_a_row_has_time_for_what_it_names(stated, plan):
    known = minutes_of_sections()
    solving = {
        (path.name[:2], number): minutes
        for path in build.sources()
        for section in sections(path)
        for number, minutes in section.exercises.items()
    }
    for start, minutes, lesson, what in plan:
        assert lesson in {"", *NUMBERS}, start
        named = re.search(r"exercises? ([\d, and]+)", what)
        numbers = map(int, re.findall(r"\d+", named[1])) if named and lesson else []
        headings = re.findall(r"\*([^*]+)\*", what)
        needed = sum(known[lesson, heading] for heading in headings)
        needed += sum(solving[lesson, number] for number in numbers)
        assert needed <= int(minutes), f"{start}: {needed:.1f} minutes in {minutes}"


@pytest.mark.parametrize("path", LESSONS)
def test_the_tables_are_in_step_with_the_lessons(path):
    """Reading may differ by a minute: a changed word is no reason to measure again."""
    block = PAGE.partition("<!-- sections:")[2].partition("<!-- end of sections")[0]
    stored = [row[1:4] for row in rows(block)[1:] if row[0] == path.name[:2]]
    found = sections(path)
    remedy = f"make course LESSON={path.name[:2]} && python -m tools.teaching"
    assert [row[0] for row in stored] == [section.heading for section in found], remedy
    for (_, reading, solving), section in zip(stored, found, strict=True):
        assert float(reading) == pytest.approx(section.reading, abs=1), remedy
        assert int(solving or 0) == sum(section.exercises.values()), remedy


@pytest.mark.parametrize("path", LESSONS)
def test_each_lesson_has_mistakes_and_a_question_for_each(path):
    part = PAGE.partition("## What goes wrong")[2].partition("\n## ")[0]
    asked = [question for lesson, _, question in rows(part)[1:] if lesson == path.name[:2]]
    assert 2 <= len(asked) <= 3
    assert all(question.endswith("?") for question in asked)


def test_modules_that_the_page_runs_exist():
    for module in re.findall(r"-m ([a-z]+\.[a-z]+)", PAGE):
        assert (helpers.ROOT / (module.replace(".", "/") + ".py")).exists()


def test_the_sizes_follow_the_formula():
    part = PAGE.partition("## Many learners")[2].partition("\n## ")[0]
    found = [row for row in rows(part) if row[0].isdecimal()]
    assert len(found) == 4
    for learners, memory, cores, disk in (map(float, row) for row in found):
        assert memory == 2 + 1.5 * learners
        assert cores == math.ceil(learners / 2)
        assert disk == 4 + 2 * learners


def test_the_lessons_fit_the_sizes():
    block = PAGE.partition("<!-- lessons:")[2].partition("<!-- end of lessons")[0]
    memory, disk = zip(*(row[-2:] for row in rows(block)[1:]), strict=True)
    assert max(int(text.replace(",", "")) for text in memory) < 1500
    assert sum(int(text.replace(",", "")) for text in disk) < 2000


def test_the_formula_holds_for_what_was_measured():
    """Seconds of k kernels on c cores, one thread each: 1.5 × k / c of one alone, and at least 1.5."""
    text = report.README.read_text(encoding="utf-8").partition("made by benchmarks/learners.py")[2]
    cores = int(re.search(r"train at once on (\d+) cores", text)[1])
    measured = [row for row in rows(text) if row[1] == "1"]
    assert [row[0] for row in measured] == ["1", "2", "4"]
    for kernels, _, slower, *_ in measured:
        expected = 1.5 * max(1, int(kernels) / cores)
        assert float(slower) == pytest.approx(expected, rel=0.2)


def test_a_copy_named_by_pythonpath_comes_before_the_installed_course(tmp_path):
    """Learners share an installation; each one's own copy is what runs, and where results go."""
    shutil.copytree(helpers.ROOT / "helpers", tmp_path / "helpers")
    code = "from helpers import runs; print(runs.path())"
    environment = {k: v for k, v in os.environ.items() if k != "COURSE_LEDGER"}
    environment["PYTHONPATH"] = str(tmp_path)
    command = [sys.executable, "-c", code]
    said = subprocess.check_output(command, cwd="/", env=environment, text=True)
    assert said.strip() == str(tmp_path / "_runs" / "ledger.jsonl")


# How sections are split, measured and written


def executed(source, start, end):
    times = {"iopub.execute_input": start, "shell.execute_reply": end}
    return nbformat.v4.new_code_cell(source, metadata={"execution": times})


@pytest.fixture
def notebook():
    text = "# 99 · Title\n\nThree words here\n\n## First\n\none"
    exercise = "### Exercise 1 · Add (easy, 5 minutes)\n\n## Exercises\n\n### Exercise 2 · Go (a small project, 30 minutes)"
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(text),
            executed(
                "a = 1\n\nb = 2", "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:01.500000Z"
            ),
            nbformat.v4.new_code_cell("c"),
            nbformat.v4.new_markdown_cell(exercise),
            executed("d", "2026-01-01T00:00:59Z", "2026-01-01T00:01:02Z"),
        ]
    )


def test_a_notebook_is_split_at_its_headings(notebook):
    opening, first, last = teaching.split(notebook)
    assert (opening.heading, opening.words, opening.lines) == ("Opening", 7, 0)
    assert (first.heading, first.lines, first.seconds, first.exercises) == ("First", 3, 1.5, {1: 5})
    assert (last.heading, last.lines, last.seconds, last.exercises) == ("Exercises", 1, 3, {2: 30})


def test_reading_takes_a_minute_for_200_words_or_12_lines():
    assert teaching.Section("x", words=100, lines=6).reading == 1


@pytest.fixture
def runs(notebook, tmp_path, monkeypatch):
    """Return a measurement of every lesson, each of the same notebook, as it is kept."""
    file = tmp_path / "new folder" / "sections.json"
    monkeypatch.setattr(teaching, "disk_mb", lambda lesson: 10)
    for path in build.sources():
        teaching.record(notebook, path.stem, 2, 1000.2, file)
    return json.loads(file.read_text())


@pytest.mark.parametrize("track", [None, "full"])
def test_what_was_not_measured_on_the_tiny_track_is_refused(runs, track):
    runs[build.sources()[1].stem] = track and {"track": track}
    with pytest.raises(SystemExit, match="Lesson 01 was not measured.*make course LESSON=01"):
        teaching.tables(runs)


def test_the_tables_say_what_was_measured(runs):
    tables = teaching.tables(runs)
    title = "01 Fine-tune a classifier with Trainer"
    assert rows(tables["lessons"])[2] == [title, "0", "35", "4", "36", "1,000", "10"]
    assert "with 2 cores" in tables["lessons"]
    found = [row for row in rows(tables["sections"])[1:] if row[0] == "01"]
    assert found[1:] == [["01", "First", "0.3", "5", "2"], ["01", "Exercises", "0.1", "30", "3"]]


def test_a_block_is_replaced_between_its_markers():
    page = "a\n<!-- x: made by tools/x.py -->\nold\n<!-- end of x -->\n<!-- y: made by me -->\n"
    assert with_block(page, "x", r"\new") == page.replace("old", r"\new")
    for broken in ("no markers", "<!-- x: made by me -->"):
        with pytest.raises(ValueError, match="lacks"):
            with_block(broken, "x", "new")


@pytest.mark.parametrize("path", LESSONS)
def test_the_core_is_short_and_has_two_exercises(path):
    notebook = build.learner_version(build.read_source(path))
    core = teaching.core(notebook)
    prose = "\n".join(cell.source for cell in core.cells if cell.cell_type == "markdown")
    assert len(prose.split()) <= 2500
    assert teaching.core_minutes(notebook) <= 45
    assert re.findall(r"^### Exercise (\d)", prose, re.MULTILINE) == ["1", "2"]
    assert "Going deeper: " in "\n".join(cell.source for cell in notebook.cells)
    assert "## Recap" in prose


def test_the_core_ends_where_a_section_to_skip_begins_and_goes_on_at_its_level():
    prose, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    cells = [
        prose("# 01 · Title\n\n## One\n\ntext\n\n## Going deeper: Two\n\nmore"),
        code("skipped"),
        prose("### Inside\n\nmore"),
        code("skipped, too"),
        prose("## Exercises\n\n### Exercise 2 · Kept (easy, 5 minutes)"),
        code("kept"),
        prose("### Exercise 3 · Later (easy, 5 minutes)"),
        code("skipped at last"),
        prose("## Recap"),
    ]
    found = teaching.core(nbformat.v4.new_notebook(cells=cells)).cells
    assert [cell.source for cell in found if cell.cell_type == "code"] == ["kept"]
    prose = "".join(cell.source for cell in found if cell.cell_type == "markdown")
    exercise = "### Exercise 2 · Kept (easy, 5 minutes)"
    assert prose == f"# 01 · Title\n\n## One\n\ntext\n\n## Exercises\n\n{exercise}## Recap"
    assert cells[0].source.endswith("more")  # the notebook itself stays whole
