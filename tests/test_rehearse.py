"""The rehearsals: what Colab's does to a notebook and reports, which steps Binder's takes, and what its limit stops."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest

import helpers
from tools import build, rehearse
from tools.execution import Result

DOCKERFILE = """\
RUN echo before >> ran
# Copy stuff.
COPY src/ ${REPO_DIR}/
RUN ${KERNEL_PYTHON_PREFIX}/bin/python -c 'open("ran", "a").write("packages ")'
LABEL x
RUN python -c 'import sys; open("ran", "a").write(sys.prefix)'
"""


@pytest.mark.skipif(not (helpers.ROOT / ".git").exists(), reason="no clone of the course")
def test_the_steps_after_the_copy_are_taken_in_a_clone_with_a_python_of_its_own(tmp_path):
    printer, python, folder = (tmp_path / name for name in ("repo2docker", "python", "folder"))
    printer.write_text(f"#!/bin/sh\ncat <<'E'\n{DOCKERFILE}E\n", encoding="utf-8")
    # pip is not asked for anything, and takes most of the time that an environment takes to make
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" --without-pip\n', encoding="utf-8")
    for command in (printer, python):
        command.chmod(0o755)
    script = helpers.ROOT / "binder" / "rehearse.sh"
    subprocess.run(["sh", script, printer, python, folder], check=True)
    assert (folder / "course" / "ran").read_text() == f"packages {folder / 'venv'}"
    assert (folder / "course" / "notebooks").is_dir()


@pytest.mark.parametrize("grandchild", [False, True])
def test_a_kernel_that_outgrows_the_limit_is_killed_with_all_that_it_started(grandchild):
    code = "held = bytearray(200 * 2**20); import time; time.sleep(60)"
    if grandchild:
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    with rehearse.limited(100) as readings:
        child = subprocess.run([sys.executable, "-c", code])
    assert child.returncode == -9
    assert max(readings) > 100
    running = (p.info["cmdline"] or () for p in psutil.process_iter(["cmdline"]))
    assert [words for words in running if code in words] == []


def test_a_kernel_within_the_limit_is_left_alone_and_pages_of_files_don_t_count(tmp_path):
    (tmp_path / "weights").write_bytes(bytes(200 * 2**20))
    code = """import mmap, sys, time
held, file = bytearray(50 * 2**20), open(sys.argv[1], "rb")
seen = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
print(sum(seen[::4096])); time.sleep(0.5)"""
    with rehearse.limited(2000) as readings:
        child = subprocess.run([sys.executable, "-c", code, tmp_path / "weights"])
    assert child.returncode == 0
    assert 50 < max(readings) < (150 if sys.platform == "linux" else 2000)


def test_in_colab_a_notebook_has_a_content_folder_of_its_own(monkeypatch):
    (notebook,) = build.notebooks(["00"]).values()
    before = notebook.cells[1].source.count("/content/")
    monkeypatch.setattr(rehearse, "as_colab", lambda python, folder: {"HOME": str(folder)})
    monkeypatch.setattr(rehearse, "execute", lambda *given, **options: (given, options))
    (made, name), options = rehearse.in_colab("00_x", notebook, Path("python"))
    setup, folder = made.cells[1].source, options["folder"]
    assert (name, folder.parent) == ("00_x", Path(options["environment"]["HOME"]))
    assert setup.count(f"{folder}/course") == before == 3
    assert setup.count("/content/") == setup.count(f"{folder}/")


def test_colab_s_kernel_is_of_that_python_and_clones_from_here(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "")  # put back after
    environment = rehearse.as_colab(Path("/venv/bin/python"), tmp_path)
    spec = json.loads((tmp_path / "kernels/rehearsal/kernel.json").read_text())
    assert spec["argv"][0] == "/venv/bin/python"
    assert environment["PATH"].startswith("/venv/bin:")
    asked = ["git", "ls-remote", "--get-url", build.repository()]
    answer = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == f"file://{build.ROOT}"


def test_the_table_tells_versions_seconds_and_memory():
    held = dict.fromkeys(rehearse.HELD.split(), "1.0") | {"torch": "2.11.0+cpu"}
    results = [Result("00_start_here", 8.4, 700.2), Result("01_x", 60.0, 1000.0)]
    text = rehearse.report(results, held, "3.13.0")
    assert "Python 3.13.0: transformers 1.0, " in text
    assert "torch 2.11.0, " in text
    assert "All 2 lessons" in text
    assert "| 00 | 8 | 700 |" in text


def test_packages_are_those_of_that_python():
    assert rehearse.packages(sys.executable)["nbformat"] == nbformat.__version__


@pytest.mark.parametrize(
    ("error", "after", "said"),
    [
        pytest.param("", {"torch": "1.0", "setfit": "1.2"}, "added setfit 1.2", id="fine"),
        pytest.param("cell 3: KeyError", {"torch": "1.0"}, "FAILED 00_x, cell 3", id="error"),
        pytest.param("", {"torch": "2.0"}, "CHANGED torch 1.0 -> 2.0", id="upgrade"),
    ],
)
def test_a_rehearsal_fails_where_a_lesson_does_or_a_package_changes(
    tmp_path, monkeypatch, capsys, error, after, said
):
    answers = iter([{"torch": "1.0"}, after])
    monkeypatch.setattr(rehearse.build, "ROOT", tmp_path)
    monkeypatch.setattr(rehearse, "packages", lambda python: next(answers))
    monkeypatch.setattr(rehearse, "in_colab", lambda *given: Result("00_x", 1.0, 1.0, error))
    assert rehearse.colab(tmp_path, ["00"]) == int(not said.startswith("added"))
    assert said in capsys.readouterr().out
