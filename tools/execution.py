"""Notebooks run without a screen, each in a kernel of its own, one or several at a time."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

import helpers
from helpers.runs import RUNS

CELL_TIMEOUT = 24 * 3600 if os.environ.get("COURSE_TRACK") == "full" else 600  # seconds
MEMORY = "from helpers.runs import peak_memory as _peak; print(_peak())"


class Result(NamedTuple):
    """What came of one notebook: seconds, peak memory of the kernel (0 after an error) and files left, in MB; the error, if any."""

    lesson: str
    seconds: float
    peak_mb: float
    error: str = ""
    disk_mb: float = 0.0


def execute(
    notebook: nbformat.NotebookNode,
    label: str,
    *,
    bar: tqdm | None = None,
    aside: bool = False,
    folder: os.PathLike = helpers.ROOT / "notebooks",
    kernel: str = "python3",
    environment: dict[str, str] | None = None,
) -> Result:
    """Execute a notebook in place, count its cells on the bar, and print a line, which names it `label`, when it ends.

    `aside` keeps the learner's ledger and progress out of it, neither read nor written, and what an earlier run of the
    lesson has left, which is deleted. `folder` is where the kernel starts: it imports from the folder above, before
    anything installed. `kernel` is its name, as Jupyter knows it; `environment` comes on top of this process's
    variables. Returns a Result; its `error` names the cell and what it raised, and is empty on success.
    """
    place, error, peak, start = "", "", 0.0, time.perf_counter()

    def begin(cell, cell_index):
        nonlocal place
        place = f"cell {cell_index + 1} ({cell.id})"
        if bar is not None:
            bar.set_postfix_str(label, refresh=False)
            bar.update()

    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name=kernel,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],
        on_cell_start=begin,
    )
    left = RUNS / helpers.track() / Path(label).stem
    if aside:
        shutil.rmtree(left, ignore_errors=True)
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        cell.outputs, cell.execution_count = [], None  # none of an earlier run
    notebook.cells.append(nbformat.v4.new_code_cell(MEMORY))  # asked last, of the kernel itself
    try:
        with TemporaryDirectory() as scratch:
            paths = [str(Path(folder).resolve().parent), os.environ.get("PYTHONPATH")]
            own = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
            own |= {"COURSE_LEDGER": f"{scratch}/ledger.jsonl"} if aside else {}
            client.execute(env=os.environ | own | (environment or {}))
        peak = float(notebook.cells[-1].outputs[0].text)
    except CellExecutionError as problem:
        error = f"{place}: {problem.ename}: {problem.evalue}"
    except (CellTimeoutError, DeadKernelError) as problem:
        error = f"{place}: {type(problem).__name__}: {problem}"
        if isinstance(problem, DeadKernelError):
            error += ". Most often memory is short: close other notebooks and programs"
    finally:
        notebook.cells.pop()
    seconds = time.perf_counter() - start
    tqdm.write(f"{label}  {seconds:4.0f} s  {error or f'peak {peak:,.0f} MB  ok'}")
    disk_mb = sum(file.stat().st_size for file in left.rglob("*") if file.is_file()) / 1e6
    return Result(label, seconds, peak, error, disk_mb)


def execute_all(
    notebooks: dict[str, nbformat.NotebookNode], jobs: int = 1, **options
) -> Iterator[Result]:
    """Execute notebooks, `jobs` at a time; yield each one's Result as it ends.

    `notebooks` are label -> notebook, begun in this order; `options` those of `execute`. Where several run at a time,
    each kernel has one thread. An interruption, or an error of the caller, stops every kernel.
    """
    jobs = max(1, min(jobs, len(notebooks)))
    if jobs > 1:
        options["environment"] = {"OMP_NUM_THREADS": "1"}
    cells = sum(len(notebook.cells) + 1 for notebook in notebooks.values())
    with tqdm(total=cells, unit="cell", disable=None) as bar, ThreadPoolExecutor(jobs) as pool:
        tasks = [pool.submit(execute, notebooks[n], n, bar=bar, **options) for n in notebooks]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(task.done() for task in tasks):  # a kernel may be just about to start
                for child in psutil.Process().children(recursive=True):
                    with suppress(psutil.NoSuchProcess):
                        child.kill()
                time.sleep(0.2)
            raise
