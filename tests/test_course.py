"""The runner: it names lesson, cell and error, goes on with the others, and writes the pages."""

import nbformat
import pytest

from tools import course


def notebook(*codes):
    cells = [nbformat.v4.new_code_cell(code, id=f"xx-{i:03d}") for i, code in enumerate(codes)]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def two_lessons(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook("1 + 1", "1 / 0"), tmp_path / "notebooks" / "01_fails.ipynb")
    nbformat.write(notebook("print('fine')"), tmp_path / "notebooks" / "02_passes.ipynb")
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "OUTPUT", tmp_path / "html")
    return tmp_path


def test_a_failing_lesson_is_named_and_the_next_one_still_runs(two_lessons, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["course.py"])
    assert course.main() == 1
    printed = capsys.readouterr().out
    assert "FAILED 01_fails, cell 2 (xx-001): ZeroDivisionError: division by zero" in printed
    assert "1 of 2 lessons passed" in printed
    index = (two_lessons / "html" / "index.html").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in index
    assert ">passed<" in index
    assert "fine" in (two_lessons / "html" / "02_passes.html").read_text(encoding="utf-8")


def test_one_lesson_by_number(two_lessons, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["course.py", "02"])
    assert course.main() == 0
    assert not (two_lessons / "html" / "01_fails.html").exists()
    assert "cell 1/1" in capsys.readouterr().out


def test_an_unknown_lesson_says_so(two_lessons, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["course.py", "77"])
    assert course.main() == 1
    assert "No notebook 77" in capsys.readouterr().out


def test_peak_memory_is_the_kernel_s_own():
    small = course.execute(notebook("x = 1"), "small")
    large = course.execute(
        notebook("x = bytearray(300_000_000); x[::4096] = b'1' * len(x[::4096])"), "large"
    )
    assert (small.error, large.error) == ("", "")
    assert 10 < small.peak_mb < large.peak_mb - 200


def test_twice_runs_each_code_cell_two_times():
    doubled = course.twice(notebook("x = globals().get('x', 0) + 1"))
    doubled.cells.append(nbformat.v4.new_code_cell("print(x)"))
    course.execute(doubled, "twice")
    assert doubled.cells[-1].outputs[0].text.strip() == "2"


def test_a_run_aside_neither_reads_nor_writes_the_learner_s_ledger(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_LEDGER", str(tmp_path / "ledger.jsonl"))
    code = (
        "from helpers import runs; before = len(runs.read());"
        "runs.record('99', 'x', seed=1, seconds=0, peak_mb=0); print(before)"
    )
    for aside, expected in ((False, "0"), (False, "1"), (True, "0")):
        book = notebook(code)
        assert course.execute(book, "small", aside=aside).error == ""
        assert book.cells[0].outputs[0].text.strip() == expected
    assert len((tmp_path / "ledger.jsonl").read_text().splitlines()) == 2
