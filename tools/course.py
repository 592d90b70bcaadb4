"""Run the lessons headless and write what they show, and how long each section took, to _build/html.

python -m tools.course              every lesson on the current track
python -m tools.course 03           one lesson
python -m tools.course --jobs 2     two lessons at a time, one thread each
"""

from __future__ import annotations

import argparse
import sys

import helpers
from tools import build, pages, teaching
from tools.execution import execute_all

OUTPUT = helpers.ROOT / "_build" / "html"


def _disk_mb(lesson: str) -> int:
    folder = helpers.ROOT / "_runs" / helpers.track() / lesson
    return round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6)


def main() -> int:
    """Run the command line; return 0 when every lesson passed."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    track, notebooks = helpers.track(), build.notebooks(options.lessons)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    pages.write_texts(OUTPUT)
    threads = helpers.cores() if min(options.jobs, len(notebooks)) <= 1 else 1
    results = []
    for result in execute_all(notebooks, options.jobs):
        name = result.lesson
        if not result.error:
            run = {"track": track, "cores": threads, "disk_mb": _disk_mb(name)}
            run |= {"peak_mb": round(result.peak_mb)}
            teaching.record(notebooks[name], name, OUTPUT / "sections.json", **run)
        pages.write_notebook(notebooks[name], name, OUTPUT)
        results = sorted([*results, result], key=lambda result: result.lesson)
        pages.write_index(results, OUTPUT)
    failed = [result for result in results if result.error]
    passed = len(results) - len(failed)
    print(f"{passed} of {len(results)} lessons passed. Open _build/html/index.html")
    for result in failed:
        print(f"FAILED {result.lesson}, {result.error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
