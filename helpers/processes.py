"""Several processes, seen from the one of a notebook: starting them, and who gets which rows."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

import helpers


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


def run(*words, seconds: float = 600) -> subprocess.CompletedProcess:
    """Run `python -m words` to its end.

    Args:
        words: a module's name and its arguments; anything that has a `str`.
        seconds: how long it may take.

    Returns:
        With `returncode`, `stdout` and `stderr`; a process that fails raises nothing here.
    """
    return subprocess.run(
        **_command(words), capture_output=True, text=True, timeout=seconds, check=False
    )


def start(*words) -> subprocess.Popen:
    """Start `python -m words` and return at once; what it writes is thrown away."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(**_command(words), **silent)


def dealt(loader, processes: int, split_batches: bool) -> list[list]:
    """Return the batches that each process would get of a DataLoader after `prepare`.

    Args:
        loader: of anything; unprepared.
        processes: how many there would be; none is started.
        split_batches: False if `batch_size` is that of each process, True if of all together.
    """
    from accelerate.data_loader import prepare_data_loader

    options = {"num_processes": processes, "split_batches": split_batches, "put_on_device": False}
    return [
        list(prepare_data_loader(loader, process_index=process, **options))
        for process in range(processes)
    ]
