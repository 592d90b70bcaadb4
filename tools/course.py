"""Run the lessons headless and keep them, with what came of each, in _build/run; `make book` shows them.

python -m tools.course              every lesson on the current track
python -m tools.course 03           one lesson
python -m tools.course --jobs 2     two lessons at a time, one thread each
"""

import argparse
import sys
from dataclasses import asdict

import nbformat

import helpers
from tools import build, teaching
from tools.execution import execute_all

RUNS = helpers.ROOT / "_build" / "run"


def main() -> int:
    """Run the command line; return 0 when every lesson passed."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    notebooks = build.notebooks(options.lessons)
    RUNS.mkdir(parents=True, exist_ok=True)
    threads = helpers.cores() if min(options.jobs, len(notebooks)) <= 1 else 1
    failed = []
    for result in execute_all(notebooks, options.jobs):
        name, notebook = result.lesson, notebooks[result.lesson]
        if result.error:
            failed.append(f"FAILED {name}, {result.error}")
        else:
            teaching.record(notebook, name, threads, result)
        notebook.metadata["run"] = asdict(result) | {"track": helpers.track()}
        nbformat.write(build.clean(notebook), RUNS / f"{name}.ipynb")
    passed = len(notebooks) - len(failed)
    print(f"{passed} of {len(notebooks)} lessons passed.", *sorted(failed), sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
