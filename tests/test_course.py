"""The runner: it names lesson, cell and error, goes on with the others, and keeps what each showed."""

import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest

import helpers
from helpers import runs
from tools import build, execution, teaching
from tools.execution import execute, execute_all


def notebook(*codes):
    cells = [nbformat.v4.new_code_cell(code, id=f"xx-{i:03d}") for i, code in enumerate(codes)]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def two_lessons(tmp_path, monkeypatch):
    for name, last in {"01_fails": "1 / 0", "02_passes": "print('fine')"}.items():
        book = notebook("1 + 1", last, "'below'")
        book.cells[2].outputs = [nbformat.v4.new_output("stream", text="of an earlier run")]
        nbformat.write(book, tmp_path / f"{name}.ipynb")
        (tmp_path / f"{name}.py").touch()
    monkeypatch.setattr(build, "SOURCES", tmp_path)
    monkeypatch.setattr(build, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(build, "RUNS", tmp_path / "run")
    monkeypatch.setattr(teaching, "record", lambda *_: None)
    return tmp_path


def kept(folder, name):
    return nbformat.read(folder / "run" / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_failing_lesson_is_named_and_the_next_one_still_runs(
    two_lessons, monkeypatch, capsys, jobs
):
    monkeypatch.setattr("sys.argv", ["build.py", "--run", "--jobs", jobs])
    assert build.main() == 1
    printed = capsys.readouterr().out
    failed = "01_fails, cell 2 (xx-001): ZeroDivisionError: division by zero"
    assert f"1 of 2 lessons passed.\nFAILED {failed}\n" in printed
    (line,) = [line for line in printed.splitlines() if "02_passes" in line]
    assert line.endswith("MB  ok")
    fails, passes = (kept(two_lessons, name) for name in ("01_fails", "02_passes"))
    assert "ZeroDivisionError" in fails.metadata.run["error"]
    assert fails.cells[2].outputs == []  # not reached
    assert (passes.metadata.run["error"], passes.metadata.run["track"]) == ("", "tiny")
    assert passes.metadata.run["peak_mb"] > 10
    assert passes.cells[1].outputs[0].text == "fine\n"


def test_one_lesson_by_number(two_lessons, monkeypatch):
    asked = []
    monkeypatch.setattr(build, "execute_all", lambda books, jobs: asked.extend(books) or [])
    monkeypatch.setattr("sys.argv", ["build.py", "--run", "02"])
    assert build.main() == 0
    assert asked == ["02_passes"]


# Kernels

# Tells its threads once so many kernels have begun
THREADS = """
import os, time
from pathlib import Path

begun, end = Path({begun!r}), time.monotonic() + 60
(begun / str(os.getpid())).touch()
while len(list(begun.iterdir())) < {kernels} and time.monotonic() < end:
    time.sleep(0.05)
print(os.environ["OMP_NUM_THREADS"])
"""


@pytest.mark.parametrize(("jobs", "threads"), [(1, "7"), (2, "1")])
def test_kernels_at_the_same_time_have_one_thread_each(monkeypatch, tmp_path, jobs, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    code = THREADS.format(begun=str(tmp_path), kernels=jobs)
    books = {"a": notebook(code), "b": notebook(code)}
    results = list(execute_all(books, jobs))
    assert {book.cells[0].outputs[0].text.strip() for book in books.values()} == {threads}
    begun = [book.cells[0].metadata.execution["iopub.execute_input"] for book in books.values()]
    ended = [book.cells[0].metadata.execution["shell.execute_reply"] for book in books.values()]
    assert (max(begun) < min(ended)) == (jobs == 2)
    assert sorted(result.lesson for result in results) == ["a", "b"]


# Where the tests themselves run in the background, a child is born deaf to Ctrl+C.
INTERRUPTED = """
import signal

import nbformat
from tools.execution import execute_all

signal.signal(signal.SIGINT, signal.default_int_handler)
cells = ["import os; print(os.getpid(), file=open({file!r}, 'a'))", "import time; time.sleep(60)"]
cells = [nbformat.v4.new_code_cell(code) for code in cells]
books = {{name: nbformat.v4.new_notebook(cells=cells) for name in "abc"}}
list(execute_all(books, 2))
"""


def test_ctrl_c_stops_every_kernel_and_begins_no_other(tmp_path):
    file = tmp_path / "pids"
    file.touch()
    code = INTERRUPTED.format(file=str(file))
    run = subprocess.Popen([sys.executable, "-c", code], cwd=helpers.ROOT, stderr=subprocess.PIPE)
    try:
        while len(file.read_text().split()) < 2 and run.poll() is None:
            time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in run.communicate(timeout=20)[1]
    finally:
        run.kill()
    assert len(file.read_text().split()) == 2
    assert not any(psutil.pid_exists(int(pid)) for pid in file.read_text().split())


def test_peak_memory_is_the_kernel_s_own():
    small = execute(notebook("x = 1"), "small")
    large = execute(
        notebook("x = bytearray(300_000_000); x[::4096] = b'1' * len(x[::4096])"), "large"
    )
    assert (small.error, large.error) == ("", "")
    assert 10 < small.peak_mb < large.peak_mb - 200


def test_a_kernel_runs_the_code_of_its_own_folder_before_what_is_installed(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").write_text("NAME = 'another clone'")
    (tmp_path / "helpers" / "runs.py").write_text("peak_memory = lambda: 7.0")
    book = notebook("import helpers; print(helpers.NAME)")
    result = execute(book, "elsewhere", folder=tmp_path / "notebooks")
    assert (result.error, result.peak_mb) == ("", 7)
    assert book.cells[0].outputs[0].text == "another clone\n"


def test_a_run_aside_starts_clean_and_leaves_the_learner_s_ledger_alone(
    file, monkeypatch, tmp_path
):
    monkeypatch.setattr(execution, "RUNS", tmp_path)
    (left := tmp_path / "tiny" / "small" / "weights").parent.mkdir(parents=True)
    left.write_bytes(bytes(2_000_000))
    run = "runs.record('99', 'x', seed=1, seconds=0, peak_mb=0)"
    runs.record("99", "x", seed=0, seconds=0, peak_mb=0)
    for aside, expected in ((False, "1"), (True, "0")):
        book = notebook(f"from helpers import runs; print(len(runs.read())); {run}")
        result = execute(book, "small", aside=aside)
        assert (result.error, result.disk_mb) == ("", 0 if aside else 2)
        assert book.cells[0].outputs[0].text.strip() == expected
        assert left.exists() is not aside
    assert len(file.read_text().splitlines()) == 2
