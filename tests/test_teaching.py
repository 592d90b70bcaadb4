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
from tools import build, teaching
from tools.execution import Result

PAGE = teaching.PAGE.read_text(encoding="utf-8")
LESSONS = [pytest.param(path, id=path.name[:2]) for path in build.sources()]


def rows(text):
    """Return the body rows of the tables in a text, as lists of cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    bodies = [line for line in lines if not set(line) <= set("|- ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in bodies]


def part(start, end, text=PAGE):
    """Return the body rows of the tables between two places of a page."""
    return rows(text.partition(start)[2].partition(end)[0])


def sections(path):
    """Return the sections of a lesson's source, as a learner gets them; no seconds."""
    return teaching.split(build.learner_version(build.read_source(path)))


SECTIONS = part("<!-- sections:", "<!-- end of sections")[1:]
HEADED = re.findall(r"^##+ ([^\n]+): (\d+) minutes$(.+?)(?=^##|\Z)", PAGE, re.M | re.S)
# name -> (stated minutes, rows) of each plan that has a table
PLANS = {plan: (int(m), rows(text)[1:]) for plan, m, text in HEADED if "| start |" in text}


def test_there_is_a_plan_for_half_a_day_and_one_for_two():
    stated = {plan: minutes for plan, (minutes, _) in PLANS.items()}
    assert list(stated) == ["Half a day", "First day", "Second day"]
    whole = int(re.search(r"^## Two days: (\d+) minutes$", PAGE, re.MULTILINE)[1])
    assert whole == stated["First day"] + stated["Second day"]


@pytest.fixture(scope="module")
def known():
    """Minutes that each section takes to read and compute, by the page's last table, and each exercise to solve."""
    found = {
        (lesson, heading): float(read) + int(compute) / 60
        for lesson, heading, read, _, compute in SECTIONS
    }
    for path in build.sources():
        for section in sections(path):
            for number, minutes in section.exercises.items():
                found[path.name[:2], str(number)] = minutes
    return found


@pytest.mark.parametrize(("stated", "plan"), PLANS.values(), ids=PLANS)
def test_a_plan_adds_up_and_each_row_has_time_for_what_it_names(stated, plan, known):
    clock = 0
    for start, minutes, lesson, what in plan:
        assert start == f"{clock // 60}:{clock % 60:02d}"
        clock += int(minutes)
        assert lesson in {"", *(number for number, _ in known)}, start
        named = re.search(r"exercises? ([\d, and]+)", what)
        numbers = re.findall(r"\d+", named[1]) if named and lesson else []
        headings = re.findall(r"\*([^*]+)\*", what)
        needed = sum(known[lesson, name] for name in (*headings, *numbers))
        assert needed <= int(minutes), f"{start}: {needed:.1f} minutes in {minutes}"
    assert clock == stated


@pytest.mark.parametrize("path", LESSONS)
def test_the_tables_are_in_step_with_the_lessons(path):
    """Reading may differ by a minute: a changed word is no reason to measure again."""
    stored = [row[1:4] for row in SECTIONS if row[0] == path.name[:2]]
    found = sections(path)
    remedy = "make course JOBS=1 && .venv/bin/python -m tools.teaching"
    assert [row[0] for row in stored] == [section.heading for section in found], remedy
    for (_, reading, solving), section in zip(stored, found, strict=True):
        assert float(reading) == pytest.approx(section.reading, abs=1), remedy
        assert int(solving or 0) == sum(section.exercises.values()), remedy


@pytest.mark.parametrize("path", LESSONS)
def test_each_lesson_has_mistakes_and_a_question_for_each(path):
    mistakes = part("## What goes wrong", "\n## ")[1:]
    asked = [question for lesson, _, question in mistakes if lesson == path.name[:2]]
    assert 2 <= len(asked) <= 3
    assert all(question.endswith("?") for question in asked)


def test_modules_that_the_page_runs_exist():
    for module in re.findall(r"-m ([a-z]+\.[a-z]+)", PAGE):
        assert (helpers.ROOT / (module.replace(".", "/") + ".py")).exists()


def test_the_sizes_follow_the_formula_and_the_lessons_fit_them():
    found = [row for row in part("## Many learners", "\n## ") if row[0].isdecimal()]
    assert len(found) == 4
    for learners, memory, cores, disk in (map(float, row) for row in found):
        assert (memory, disk) == (2 + 1.5 * learners, 4 + 2 * learners)
        assert cores == math.ceil(learners / 2)
    used = part("<!-- lessons:", "<!-- end of lessons")[1:]
    memory, disk = zip(*(row[-2:] for row in used), strict=True)
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


def prose(text):
    return nbformat.v4.new_markdown_cell(text)


def code(source, start="", end=""):
    """Return a cell of code, executed on one day from a time to another."""
    times = {
        "iopub.execute_input": f"2026-01-01T{start}",
        "shell.execute_reply": f"2026-01-01T{end}",
    }
    return nbformat.v4.new_code_cell(source, metadata={"execution": times} if start else {})


@pytest.fixture
def notebook():
    cells = [
        prose("# 99 · Title\n\nThree words here\n\n## First\n\none"),
        code("a = 1\n\nb = 2", "00:00:00.000000Z", "00:00:01.500000Z"),
        code("c"),
        prose("### Exercise 1 · Add (easy, 5 minutes)\n\n## Exercises"),
        prose("### Exercise 2 · Go (a small project, 30 minutes)"),
        code("d", "00:00:59Z", "00:01:02Z"),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_a_notebook_is_split_at_its_headings_and_read_at_200_words_or_12_lines_a_minute(notebook):
    opening, first, last = teaching.split(notebook)
    assert (opening.heading, opening.words, opening.lines) == ("Opening", 7, 0)
    assert (first.heading, first.lines, first.seconds, first.exercises) == ("First", 3, 1.5, {1: 5})
    assert (last.heading, last.lines, last.seconds, last.exercises) == ("Exercises", 1, 3, {2: 30})
    assert teaching.Section("x", words=100, lines=6).reading == 1


@pytest.fixture
def runs(notebook, tmp_path):
    """Return a measurement of every lesson, each of the same notebook, as it is kept."""
    file = tmp_path / "new folder" / "sections.json"
    for path in build.sources():
        teaching.record(notebook, path.stem, 2, Result("", 1.0, 1000.2, disk_mb=10.4), file)
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


def sources(notebook, kind):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == kind)


@pytest.mark.parametrize("path", LESSONS)
def test_the_core_is_short_has_two_exercises_and_all_but_the_sections_to_skip(path):
    notebook = build.learner_version(build.read_source(path))
    core = teaching.core(notebook)
    text, whole = sources(core, "markdown"), sources(notebook, "markdown")
    for later in (
        r"^## Going deeper: .*?(?=^## )",
        r"^### (?:Going deeper: |Exercise [3-9]).*?(?=^###? )",
    ):
        assert len(whole) > len(whole := re.sub(later, "", whole, flags=re.M | re.S))
    assert text.split() == whole.split()
    assert sources(core, "code").count("exercises.check(") == 2
    assert len(text.split()) <= 2500
    assert teaching.core_minutes(notebook) <= 45
    assert re.findall(r"^### Exercise (\d)", text, re.MULTILINE) == ["1", "2"]
    assert "## Recap" in text
