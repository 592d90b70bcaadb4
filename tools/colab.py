"""Rehearse the course as Colab runs it: its versions, its first cell, a new folder a lesson.

python -m tools.colab VENV          every lesson, in the environment of that folder, which holds what Colab has
python -m tools.colab VENV 04 10    these lessons
python -m tools.colab --pins LIST   print pins for pip: Colab's list of packages, the oldest of what it lacks
python -m tools.colab --part LIST   read `pip freeze`, print constraints-oldest.txt
"""

import argparse
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers import course
from tools import build, teaching
from tools.execution import Result, execute, kernel_of
from tools.markdown import table, write_block

PINS = build.ROOT / "constraints-oldest.txt"
LACKS = "# Colab lacks:"
HEAD = f"""\
# The oldest versions that requirements.txt admits: those of Colab, and the oldest of what Colab lacks.
# `make test-oldest` runs the tests with them; `make rehearse-colab` starts from the first part alone.
# Colab has (googlecolab/backend-info, {{source}}):
{{has}}
{LACKS}
{{lacks}}
"""
# Not pinned as Colab has them: pip's own tools; ruff judges our code and is no part of the course.
OURS = ("pip", "setuptools", "ruff")
# What the teaching page names
HELD = "transformers datasets accelerate sentence-transformers torch ipywidgets ipykernel"


def packages(listed: str) -> dict[str, str]:
    """Return name -> line of a `pip freeze`, for the lines that name a version."""
    lines = re.findall(r"^[\w.-]+==.*", listed, re.MULTILINE)
    return {canonicalize_name(line.split("==")[0]): line for line in lines}


def wanted(*extras: str) -> list[Requirement]:
    """Return what the course and the extras of these names require; without any, those of its tests."""
    lines = [name + bounds for name, bounds in course.requirements().items()]
    for extra in extras or ("lab", "dev"):
        lines += build.project()["optional-dependencies"][extra]
    return [one for one in map(Requirement, lines) if one.name not in OURS]


def pins(colab: str) -> str:
    """Return constraints for pip: what Colab has, and the oldest admitted of what it lacks."""
    found = packages(colab)
    for one in wanted():
        low = [s.version for s in one.specifier if s.operator in (">=", "==")]
        found.setdefault(canonicalize_name(one.name), f"{one.name}=={low[0]}")
    return "\n".join(line for name, line in found.items() if name not in OURS) + "\n"


def parted(installed: str, colab: str, source: str) -> str:
    """Return constraints-oldest.txt: what is installed, parted into what Colab has and what it lacks."""
    pinned, known = packages(pins(colab)), {*packages(colab), "torch"}  # its list leaves torch out
    parts = {True: [], False: []}
    for name, line in packages(installed.replace("+cpu", "")).items():
        if name not in OURS and not name.startswith(("nvidia-", "cuda-", "triton")):
            parts[name in known].append(pinned.get(name, line))
    has, lacks = ("\n".join(parts[known]) for known in (True, False))
    return HEAD.format(source=source, has=has, lacks=lacks)


def ask(*command: str | Path) -> str:
    """Return what a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def kernel(python: Path, folder: Path) -> dict[str, str]:
    """Write a kernel of that Python into a folder; return the variables it needs.

    It finds a package `google.colab`, empty, as Colab's kernels have it from the start. Its `python3` and
    `git clone` are what the first cell calls: the clone comes from the last commit here.
    """
    stand_in = folder / "google" / "colab"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").touch()
    kernel_of(python, folder, "--IPKernelApp.exec_lines=import google.colab")
    return {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{build.ROOT}.insteadOf",
        "GIT_CONFIG_VALUE_0": build.repository(),
    }


def stage(notebook: nbformat.NotebookNode, content: Path) -> nbformat.NotebookNode:
    """Return the notebook with Colab's folder /content moved to `content`."""
    for cell in notebook.cells:
        if "setup" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace("/content/", f"{content}/")
    return notebook


def rehearse(name: str, notebook: nbformat.NotebookNode, python: Path) -> Result:
    """Run a notebook in a new empty folder, as it starts in Colab."""
    with TemporaryDirectory() as folder:
        content = Path(folder, "content")
        content.mkdir()
        environment = kernel(python, Path(folder))
        options = {"folder": content, "kernel": "rehearsal", "environment": environment}
        return execute(stage(notebook, content), name, **options)


def report(results: list[Result], before: dict[str, str], version: str) -> str:
    """Return what stands on the teaching page once every lesson has passed and no package has changed."""
    held = ", ".join(before[n].replace("==", " ").removesuffix("+cpu") for n in HELD.split())
    rows = [(r.lesson[:2], f"{r.seconds:.0f}", f"{r.peak_mb:,.0f}") for r in results]
    return (
        f"On {date.today()}, Python {version}: {held}. All {len(results)} lessons ran to their end, and the\n"
        "first cell changed nothing of what was there. Seconds of a whole lesson, two cores; the first one\n"
        f"installs what Colab lacks.\n\n{table('lesson | seconds | peak memory, MB', rows)}"
    )


def run(venv: Path, numbers: list[str]) -> int:
    """Rehearse lessons, keep them in _build/colab; return 0 when all passed and no package had changed."""
    python, pages = venv.absolute() / "bin" / "python", build.ROOT / "_build" / "colab"
    pages.mkdir(parents=True, exist_ok=True)
    before, results = packages(ask(python, "-m", "pip", "freeze")), []
    for name, notebook in build.notebooks(numbers).items():
        results.append(rehearse(name, notebook, python))
        nbformat.write(notebook, pages / f"{name}.ipynb")
    after = packages(ask(python, "-m", "pip", "freeze"))
    changed = {name: line for name, line in before.items() if after.get(name) != line}
    wrong = [f"CHANGED {line} -> {after.get(name)}" for name, line in changed.items()]
    wrong += [f"FAILED {result.lesson}, {result.error}" for result in results if result.error]
    print(*(f"added {after[name]}" for name in after if name not in before), *wrong, sep="\n")
    if not numbers and not wrong:
        version = ask(python, "-c", "import platform; print(platform.python_version())").strip()
        write_block(teaching.PAGE, "colab", report(results, before, version))
    return 1 if wrong else 0


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("venv", nargs="?", type=Path)
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--pins", type=Path)
    parser.add_argument("--part", type=Path)
    options = parser.parse_args()
    if options.venv:
        return run(options.venv, options.lessons)
    if not (file := options.pins or options.part):
        parser.error("Name the folder of an environment, or --pins, or --part.")
    colab = file.read_text(encoding="utf-8")
    print(pins(colab) if options.pins else parted(sys.stdin.read(), colab, file.name), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
