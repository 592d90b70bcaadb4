"""What surrounds a training run: its folder, its clock, its memory."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpers import track


def run_folder(lesson, name: str = "model") -> str:
    """Return a folder under `_runs/` for what a lesson writes, relative to the working directory."""
    folder = track.ROOT / "_runs" / lesson.track / lesson.name / name
    folder.mkdir(parents=True, exist_ok=True)
    return os.path.relpath(folder)


def peak_memory() -> float:
    """Return this process's highest resident memory so far, in MB.

    Linux reports it for this program alone; elsewhere a forked parent's peak may be included.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
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
    """Give back what a finished Trainer holds beside its model: gradients and optimiser state."""
    trainer.model.zero_grad(set_to_none=True)
    trainer.optimizer = trainer.lr_scheduler = None
    trainer.callback_handler.optimizer = trainer.callback_handler.lr_scheduler = None
    trainer.accelerator.free_memory()
    gc.collect()  # a Trainer refers to itself, so only the collector frees it
