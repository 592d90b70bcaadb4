"""Lessons run in other ways, `make test-deep`: few rows, another task, the core alone, cells twice, another encoder."""

import os

import families
import nbformat
import pytest

from tools import build, teaching
from tools.execution import execute

pytestmark = pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="run by make test-deep")


def lessons(*numbers):
    return pytest.mark.parametrize("path", build.sources(numbers), ids=lambda path: path.stem[:2])


def run(path, change=lambda notebook: notebook, **switches):
    """Execute a lesson as the learner gets it; return what was told of scores that missed."""
    notebook = change(build.learner_version(build.read_source(path)))
    ran = execute(notebook, path.stem, aside=True, environment=switches)
    assert ran.error == ""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [one.text for one in outputs if "Expected: " in one.get("text", "")]


@lessons()
def test_a_lesson_runs_with_few_rows(path):
    assert all("COURSE_ROWS=64" in told for told in run(path, COURSE_ROWS="64"))


@pytest.mark.parametrize("task", ["pos", "chunk"])
@lessons("03", "04")
def test_a_lesson_runs_on_another_task(path, task):
    def switch(notebook):
        (cell,) = (cell for cell in notebook.cells if 'TASK = "ner"' in cell.source)
        cell.source = cell.source.replace('TASK = "ner"', f'TASK = "{task}"')
        return notebook

    assert run(path, switch) == []


def twice(notebook):
    """Put a copy behind each code cell, as a learner who runs it again."""
    cells, notebook.cells = notebook.cells, []
    for cell in cells:
        notebook.cells.append(cell)
        if cell.cell_type == "code":
            again = nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata)
            notebook.cells.append(again)
    return notebook


@pytest.mark.parametrize("change", [teaching.core, twice])
@lessons()
def test_the_core_of_a_lesson_runs_alone_and_each_cell_runs_twice(path, change):
    assert run(path, change) == []


def first_half(notebook):
    notebook.cells = notebook.cells[: len(notebook.cells) // 2]
    return notebook


@lessons()
def test_a_kernel_restarted_in_the_middle_runs_all_above_again_and_goes_on(path, tmp_path):
    ledger = str(tmp_path / "ledger.jsonl")
    assert run(path, first_half, COURSE_LEDGER=ledger) == []
    assert run(path, COURSE_LEDGER=ledger) == []


@pytest.mark.parametrize("family", ["ModernBERT", "RoBERTa"])
@lessons("02", "03", "05", "06", "08")
def test_a_lesson_runs_with_another_encoder(family, path, mirror, tmp_path):
    folder = families.save(family, tmp_path)
    switches = {"COURSE_TRACK": "full", "COURSE_MIRROR": mirror, "COURSE_CHECKPOINT": folder}
    assert all("its encoder is" in told for told in run(path, COURSE_ROWS="64", **switches))
