"""Rehearse lessons as on Binder: on one core, in 2 GB, with what binder/rehearse.sh has built in a folder.

python -m tools.binder FOLDER          every lesson
python -m tools.binder FOLDER 02 10    these lessons

The limit counts what a kernel and all that it starts hold for themselves. Pages of files don't count: a container takes
them back when it needs room. A limit on addresses would refuse what torch reserves and never touches.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psutil

from tools import build
from tools.execution import execute, kernel_of

LIMIT_MB = 2048 - 128  # JupyterLab takes about 100


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


def main() -> int:
    """Run the command line; return 0 when all lessons passed."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("lessons", nargs="*")
    options = parser.parse_args()
    folder, failed = options.folder.resolve(), 0
    kernel_of(folder / "venv" / "bin" / "python", folder)
    if hasattr(os, "sched_setaffinity"):  # kernels inherit it; macOS has none
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    # what postBuild installs is found, or nothing
    place = {"kernel": "rehearsal", "environment": {"PYTHONPATH": ""}}
    place["folder"] = folder / "course" / "notebooks"
    for lesson, notebook in build.notebooks(options.lessons).items():
        with limited(LIMIT_MB) as readings:
            failed += bool(execute(notebook, lesson, **place).error)
        print(f"{lesson}  at most {max(readings):,.0f} MB, with all that it started", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
