"""Rehearse lessons as they run elsewhere, each in a kernel of the Python that lies in FOLDER.

python -m tools.rehearse colab FOLDER            on Colab's versions, from its first cell, each in a new folder
python -m tools.rehearse binder FOLDER 02 10     on one core, in 2 GB, with what binder/rehearse.sh built; these lessons

Binder's limit counts what a kernel and all that it starts hold for themselves. Pages of files don't count: a container
takes them back when it needs room. A limit on addresses would refuse what torch reserves and never touches.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import nbformat
import psutil

from tools import build, teaching
from tools.execution import Result, execute
from tools.markdown import table, write_block

LIMIT_MB = 2048 - 128  # JupyterLab takes about 100
# What the teaching page names of Colab's packages
HELD = "transformers datasets accelerate sentence-transformers torch ipywidgets ipykernel"


def kernel_of(python: Path, folder: Path, *options: str) -> None:
    """Write a kernel `rehearsal` of another Python into a folder, and have Jupyter find it."""
    spec = folder / "kernels" / "rehearsal"
    spec.mkdir(parents=True, exist_ok=True)
    start = [str(python), "-m", "ipykernel_launcher", *options, "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": start, "display_name": "Rehearsal"}))
    os.environ["JUPYTER_PATH"] = str(folder)


def ask(*command: str | Path) -> str:
    """Return what a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def packages(python: Path) -> dict[str, str]:
    """Return name -> version of what a Python has."""
    listed = ask(python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check")
    return {one["name"]: one["version"] for one in json.loads(listed)}


def as_colab(python: Path, folder: Path) -> dict[str, str]:
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


def in_colab(name: str, notebook: nbformat.NotebookNode, python: Path) -> Result:
    """Run a notebook in a new empty folder, which takes the place of Colab's /content."""
    with TemporaryDirectory() as folder:
        content = Path(folder, "content")
        content.mkdir()
        for cell in notebook.cells:
            if "setup" in cell.metadata.get("tags", []):
                cell.source = cell.source.replace("/content/", f"{content}/")
        options = {"folder": content, "environment": as_colab(python, Path(folder))}
        return execute(notebook, name, kernel="rehearsal", **options)


def report(results: list[Result], held: dict[str, str], version: str) -> str:
    """Return what stands on the teaching page once every lesson has passed and no package has changed."""
    named = ", ".join(f"{name} {held[name].removesuffix('+cpu')}" for name in HELD.split())
    rows = [(r.lesson[:2], f"{r.seconds:.0f}", f"{r.peak_mb:,.0f}") for r in results]
    return (
        f"On {date.today()}, Python {version}: {named}. All {len(results)} lessons ran to their end, and the\n"
        "first cell changed nothing of what was there. Seconds of a whole lesson, two cores; the first one\n"
        f"installs what Colab lacks.\n\n{table('lesson | seconds | peak memory, MB', rows)}"
    )


def colab(folder: Path, numbers: list[str]) -> int:
    """Rehearse lessons, keep them in _build/colab; return 0 when all passed and no package had changed."""
    python, pages = folder / "bin" / "python", build.ROOT / "_build" / "colab"
    pages.mkdir(parents=True, exist_ok=True)
    before, results = packages(python), []
    for name, notebook in build.notebooks(numbers).items():
        results.append(in_colab(name, notebook, python))
        nbformat.write(notebook, pages / f"{name}.ipynb")
    after = packages(python)
    wrong = [
        f"CHANGED {name} {version} -> {after.get(name)}"
        for name, version in before.items()
        if after.get(name) != version
    ]
    wrong += [f"FAILED {result.lesson}, {result.error}" for result in results if result.error]
    added = [f"added {name} {after[name]}" for name in sorted(after.keys() - before)]
    print(*added, *wrong, sep="\n")
    if not numbers and not wrong:
        version = ask(python, "-c", "import platform; print(platform.python_version())").strip()
        write_block(teaching.PAGE, "colab", report(results, before, version))
    return 1 if wrong else 0


@contextmanager
def limited(limit_mb: float) -> Iterator[list[float]]:
    """Kill what this process starts once all of it together holds more memory; yield the readings, in MB."""
    readings, ended = [0.0], Event()

    def watch():
        while not ended.wait(0.1):
            children = psutil.Process().children(recursive=True)
            with suppress(psutil.NoSuchProcess):  # one has just ended
                held = (child.memory_info() for child in children)  # macOS tells no `shared`
                readings.append(sum(one.rss - getattr(one, "shared", 0) for one in held) / 2**20)
                for child in children if readings[-1] > limit_mb else ():
                    child.kill()

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield readings
    finally:
        ended.set()
        watcher.join()


def binder(folder: Path, numbers: list[str]) -> int:
    """Rehearse lessons within Binder's limits; return 0 when all passed."""
    failed = 0
    kernel_of(folder / "venv" / "bin" / "python", folder)
    if hasattr(os, "sched_setaffinity"):  # kernels inherit it; macOS has none
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    # what postBuild installs is found, or nothing
    place = {"kernel": "rehearsal", "environment": {"PYTHONPATH": ""}}
    place["folder"] = folder / "course" / "notebooks"
    for lesson, notebook in build.notebooks(numbers).items():
        with limited(LIMIT_MB) as readings:
            failed += bool(execute(notebook, lesson, **place).error)
        print(f"{lesson}  at most {max(readings):,.0f} MB, with all that it started", flush=True)
    return 1 if failed else 0


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(usage=__doc__)
    places = {"colab": colab, "binder": binder}
    parser.add_argument("place", choices=places)
    parser.add_argument("folder", type=Path)
    parser.add_argument("lessons", nargs="*")
    options = parser.parse_args()
    return places[options.place](options.folder.absolute(), options.lessons)


if __name__ == "__main__":
    sys.exit(main())
