"""What surrounds a run: the ledger, its folder, clock and memory, other processes."""

import ctypes
import errno
import gc
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

import helpers
from helpers import known

PACKAGES = ("torch", "transformers", "datasets", "accelerate")
# What tells one run from another. Lines without settings or repeat are read as {} and 1.
NAME = ["lesson", "run", "track", "seed", "settings", "repeat"]
BUNDLED = helpers.ROOT / "benchmarks" / "runs"
RUNS = helpers.ROOT / "_runs"  # what a lesson writes: <track>/<lesson>/


def path() -> Path:
    """Return the ledger's file: COURSE_LEDGER, which starts at the course's folder, or `_runs/ledger.jsonl`."""
    own = os.environ.get("COURSE_LEDGER")
    return helpers.ROOT / Path(own).expanduser() if own else RUNS / "ledger.jsonl"


def record(
    lesson: str,
    run: str,
    *,
    seed: int,
    seconds: float,
    peak_mb: float,
    settings: dict | None = None,
    repeat: int = 1,
    file: Path | None = None,
    **scores,
) -> dict:
    """Append one run to the ledger and return its row.

    `lesson`, `run`, `seed`, `settings` and `repeat` name the run, with the track. `seconds` are
    the wall clock of training, `peak_mb` is the process's peak memory. `file` is another ledger than the learner's, as
    a benchmark's own in `BUNDLED`; `scores` are figures to keep: like settings, JSON numbers or strings.
    """
    row = {"lesson": lesson, "run": run, "track": helpers.track(), "seed": seed}
    row |= {"seconds": round(seconds, 2), "peak_mb": round(peak_mb)}
    row |= {"settings": settings} if settings else {}
    row |= {"repeat": repeat} if repeat != 1 else {}
    row |= scores | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    row["versions"] = {package: version(package) for package in PACKAGES}
    row = {k: v.item() if hasattr(v, "item") else v for k, v in row.items()}
    append(row, Path(file or path()))
    return row


def append(row: dict, file: Path) -> None:
    """Append one JSON line, in one piece and on a line of its own: a process that dies leaves no half line.

    The folder is made where it is missing. Raises OSError: the file can't be written, or the disk is full.
    """
    line = (json.dumps(row) + "\n").encode()
    with _writing(file.parent), open(file, "a+b", buffering=0) as stream:
        if (size := stream.tell()) and os.pread(stream.fileno(), 1, size - 1) != b"\n":
            line = b"\n" + line  # a write cut short elsewhere must not swallow this one
        if stream.write(line) < len(line):
            raise OSError(errno.ENOSPC, f"{file} is incomplete")
        os.fsync(stream)


def read(lesson: str | None = None, *, file: Path | None = None) -> pd.DataFrame:
    """Read the ledger, or another `file`, as a table: a lesson's runs or all of them, oldest first.

    Of runs with the same `NAME` the newest stands for all. Raises ValueError: a line is no JSON.
    """
    rows, names, file = [], [], Path(file or path())
    lines = file.read_bytes().splitlines() if file.exists() else []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append({"settings": {}, "repeat": 1} | json.loads(line))
            names.append(json.dumps([rows[-1][name] for name in NAME], sort_keys=True))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"{file}, line {number}: not valid JSON, or no run ({error!r}). "
                "Delete that line; the others stay."
            ) from error
    table = pd.DataFrame(rows, columns=None if rows else NAME)
    table = table[~pd.Series(names, dtype=str).duplicated(keep="last")]
    if lesson is not None:
        table = table[table["lesson"] == lesson]
    return table.reset_index(drop=True)


def bundled(name: str) -> pd.DataFrame:
    """Read the course's own runs of `make bench BENCH=name`. Raises ValueError: there are none."""
    known("benchmark's runs", name, sorted(path.stem for path in BUNDLED.glob("*.jsonl")))
    return read(file=BUNDLED / f"{name}.jsonl")


def run_folder(lesson, name: str = "model") -> str:
    """Return a folder under `_runs/` for what a lesson writes, relative to the working directory."""
    folder = RUNS / lesson.track / lesson.name / name
    with _writing(folder):
        return os.path.relpath(folder)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Make a folder where it is missing; where nobody may write, or the disk is full, say what to do."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        remedy = "Copy the course to a folder of yours, or set COURSE_LEDGER for the ledger alone."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "The disk is full: free some space, and run again."
        where = error.filename or folder
        raise type(error)(f"Nothing can be written to {where}. {remedy}") from error


def peak_memory() -> float:
    """Return this process's highest resident memory so far, in MB.

    Linux reports it for this program alone; elsewhere a forked parent's peak may be included.
    """
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s*(\d+)", status.read_text())):
        return int(found[1]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


@dataclass
class Measured:
    """Seconds and peak memory (MB) of a block; filled when the block ends."""

    seconds: float = 0.0
    peak_mb: float = 0.0


@contextmanager
def measured() -> Iterator[Measured]:
    """Time a block of code and note the process's peak memory at its end."""
    run, start = Measured(), time.perf_counter()
    try:
        yield run
    finally:
        run.seconds, run.peak_mb = time.perf_counter() - start, peak_memory()


def release(trainer) -> None:
    """Give back what a finished Trainer holds beside its model: gradients, optimizer state, the precision."""
    trainer.model.zero_grad(set_to_none=True)
    trainer.optimizer = trainer.lr_scheduler = None
    trainer.callback_handler.optimizer = trainer.callback_handler.lr_scheduler = None
    trainer.accelerator.free_memory()
    trainer.accelerator.state._mixed_precision = "no"  # else the next Accelerator has it, too
    give_back()  # a Trainer refers to itself, so only the collector frees it


def give_back() -> None:
    """Give memory that this process no longer needs back to the system, for those that it starts."""
    gc.collect()
    with suppress(AttributeError, OSError):  # only the GNU C library has it
        ctypes.CDLL(None).malloc_trim(0)


def _command(words: Sequence) -> dict:
    """Return how to run `python -m words` on the CPU, one thread a process, able to import `helpers`."""
    give_back()
    paths = [str(helpers.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    changes = {"ACCELERATE_USE_CPU": "1", "OMP_NUM_THREADS": "1"}
    return {
        "args": [sys.executable, "-m", *map(str, words)],
        "env": os.environ | changes | {"PYTHONPATH": os.pathsep.join(paths)},
    }


def run_module(*words, seconds: float = 600) -> subprocess.CompletedProcess:
    """Run `python -m words` (a module's name, then arguments) to its end, which must come within `seconds`.

    The result has `returncode`, `stdout` and `stderr`; a process that fails raises nothing here, but MemoryError
    where it ran out of memory, or the system killed it to have some.
    """
    pipes = {"capture_output": True, "text": True}
    done = subprocess.run(**_command(words), **pipes, timeout=seconds, check=False)
    if done.returncode == -9 or re.search("MemoryError|allocate memory|SIGKILL", done.stderr):
        remedy = "Close other notebooks and programs, then run this again."
        raise MemoryError(f"{words[0]} was killed, or found no memory. {remedy}")
    return done


def start_module(*words) -> subprocess.Popen:
    """Start `python -m words` and return at once; what it writes is thrown away."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(**_command(words), **silent)
