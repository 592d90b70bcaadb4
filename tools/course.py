"""Run the lessons headless and write what they show, and how long each section took, to _build/html.

python tools/course.py             every lesson on the current track
python tools/course.py 03          one lesson
python tools/course.py --solutions the solved notebooks
python tools/course.py --twice     each cell twice in a row: a learner presses Run again
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools import pages, sections
from tools.live import Progress

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "_build" / "html"
CELL_TIMEOUT = 24 * 3600 if os.environ.get("COURSE_TRACK") == "full" else 600  # seconds


@dataclass
class Result:
    """What came of one lesson: seconds, the kernel's peak memory in MB, and the error, if any."""

    lesson: str
    seconds: float
    peak_mb: float
    error: str = ""


class _Client(NotebookClient):
    peak_mb = 0.0

    async def _async_cleanup_kernel(self):
        if self.km is not None and await self.km.is_alive():
            self.peak_mb = await self._ask_memory()
        await super()._async_cleanup_kernel()

    async def _ask_memory(self) -> float:
        found = []

        def hook(message):
            if message["msg_type"] == "stream":
                found.append(message["content"]["text"])

        code = "from helpers.runs import peak_memory as _peak; print(_peak())"
        try:
            await self.kc._async_execute_interactive(
                code, store_history=False, output_hook=hook, timeout=60
            )
            return float("".join(found))
        except (ValueError, TimeoutError, RuntimeError):
            return 0.0


def execute(
    notebook: nbformat.NotebookNode,
    label: str,
    *,
    aside: bool = False,
    folder: Path = ROOT / "notebooks",
    kernel: str = "python3",
    environment: dict[str, str] | None = None,
) -> Result:
    """Execute a notebook in place, showing its progress.

    Args:
        notebook: with or without outputs.
        label: shown while it runs.
        aside: keep the learner's ledger and progress out of it: neither read nor written.
        folder: where the kernel starts.
        kernel: its name, as Jupyter knows it.
        environment: variables for the kernel, on top of those of this process.

    Returns:
        A Result; its `error` names the cell and what it raised, and is empty on success.
    """
    progress = Progress(label, len(notebook.cells))
    client = _Client(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name=kernel,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],
        on_cell_start=lambda cell, cell_index: progress.show(cell_index + 1),
    )
    error = ""
    try:
        with TemporaryDirectory() as scratch:
            own = {"COURSE_LEDGER": str(Path(scratch) / "ledger.jsonl")} if aside else {}
            client.execute(env=os.environ | own | (environment or {}))
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as problem:
        error = _locate(notebook, problem)
    seconds = progress.seconds
    note = error or f"peak {client.peak_mb:,.0f} MB  ok"
    progress.show(len(notebook.cells), note, final=True)
    return Result(label, seconds, client.peak_mb, error)


def _locate(notebook: nbformat.NotebookNode, problem: Exception) -> str:
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get(
                "tags", []
            ):
                return f"cell {index + 1} ({cell.id}): {output.ename}: {output.evalue}"
    begun = [i for i, cell in enumerate(notebook.cells) if cell.get("execution_count")]
    return f"after cell {max(begun, default=0) + 1}: {type(problem).__name__}: {problem}"


def twice(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook with every code cell standing twice."""
    doubled = []
    for cell in notebook.cells:
        doubled.append(cell)
        if cell.cell_type == "code":
            again = nbformat.from_dict(dict(cell))
            again["id"] = f"{cell.id}-again"
            doubled.append(again)
    notebook.cells = doubled
    return notebook


def _disk_mb(lesson: str) -> int:
    folder = ROOT / "_runs" / os.environ.get("COURSE_TRACK", "tiny") / lesson
    return round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6)


def main() -> int:
    """Run the command line; return 0 when every lesson passed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lessons", nargs="*", help="numbers, such as 03; none means all")
    parser.add_argument("--solutions", action="store_true", help="run the solved notebooks")
    parser.add_argument("--twice", action="store_true", help="run each cell twice")
    options = parser.parse_args()
    import helpers

    helpers.track()
    folder = ROOT / ("solutions" if options.solutions else "notebooks")
    files = [
        f
        for f in sorted(folder.glob("*.ipynb"))
        if not options.lessons or f.name[:2] in options.lessons
    ]
    if not files:
        print(f"No notebook {' '.join(options.lessons)} in {folder.name}/. Run: make build")
        return 1
    OUTPUT.mkdir(parents=True, exist_ok=True)
    pages.write_texts(ROOT, OUTPUT)
    results = []
    for file in files:
        notebook = nbformat.read(file, as_version=4)
        if options.twice:
            notebook = twice(notebook)
        results.append(execute(notebook, label=file.stem, aside=options.solutions))
        if not (options.solutions or options.twice or results[-1].error):
            run = {"track": helpers.track(), "cores": helpers.cores()}
            run |= {"peak_mb": round(results[-1].peak_mb), "disk_mb": _disk_mb(file.stem)}
            sections.record(notebook, file.stem, OUTPUT / "sections.json", **run)
        pages.write_notebook(notebook, file.stem, OUTPUT)
        pages.write_index(results, ROOT, OUTPUT)
    failed = [result for result in results if result.error]
    print(
        f"{len(results) - len(failed)} of {len(results)} lessons passed. Open _build/html/index.html"
    )
    for result in failed:
        print(f"FAILED {result.lesson}, {result.error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
