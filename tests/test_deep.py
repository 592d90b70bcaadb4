"""Lessons run in other ways, `make test-deep`: few rows, another task, the core alone, cells twice, another encoder."""

import os

import families
import nbformat
import pytest

from tools import build, teaching
from tools.execution import execute

LESSONS = [pytest.param(path, id=path.stem[:2]) for path in build.sources()]
OTHER_ENCODER = [p for p in LESSONS if p.id in {"02", "03", "05", "06", "08"}]
pytestmark = pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="run by make test-deep")


def run(path, change=lambda notebook: notebook, **switches):
    """Execute a lesson as the learner gets it; return what was told of scores that missed."""
    notebook = change(build.learner_version(build.read_source(path)))
    ran = execute(notebook, path.stem, aside=True, environment=switches)
    assert ran.error == ""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [one.text for one in outputs if "Expected: " in one.get("text", "")]


@pytest.mark.parametrize("path", LESSONS)
def test_a_lesson_runs_with_few_rows(path):
    assert all("COURSE_ROWS=64" in told for told in run(path, COURSE_ROWS="64"))


@pytest.mark.parametrize("task", ["pos", "chunk"])
@pytest.mark.parametrize("path", [p for p in LESSONS if p.id in {"03", "04"}])
def test_a_lesson_runs_on_another_task(path, task):
    def switch(notebook):
        (cell,) = (cell for cell in notebook.cells if 'TASK = "ner"' in cell.source)
        cell.source = cell.source.replace('TASK = "ner"', f'TASK = "{task}"')
        return notebook

    assert run(path, switch) == []


@pytest.mark.parametrize("path", LESSONS)
def test_the_core_of_a_lesson_runs_alone(path):
    assert run(path, teaching.core) == []


def twice(notebook):
    """Put a copy behind each code cell, as a learner who runs it again."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            cells.append(nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata))
    notebook.cells = cells
    return notebook


def first_half(notebook):
    notebook.cells = notebook.cells[: len(notebook.cells) // 2]
    return notebook


@pytest.mark.parametrize("path", LESSONS)
def test_each_cell_of_a_lesson_runs_twice(path):
    assert run(path, twice) == []


@pytest.mark.parametrize("path", LESSONS)
def test_a_kernel_restarted_in_the_middle_runs_all_above_again_and_goes_on(path, tmp_path):
    ledger = str(tmp_path / "ledger.jsonl")
    assert run(path, first_half, COURSE_LEDGER=ledger) == []
    assert run(path, COURSE_LEDGER=ledger) == []


@pytest.mark.parametrize("family", ["ModernBERT", "RoBERTa"])
@pytest.mark.parametrize("path", OTHER_ENCODER)
def test_a_lesson_runs_with_another_encoder(family, path, mirror, tmp_path):
    folder = families.save(family, tmp_path)
    switches = {"COURSE_TRACK": "full", "COURSE_MIRROR": mirror, "COURSE_CHECKPOINT": folder}
    assert all("its encoder is" in told for told in run(path, COURSE_ROWS="64", **switches))
