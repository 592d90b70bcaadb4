"""Let several kernels train at once on this machine, as several learners do, and see how much slower each is.

python -m benchmarks.learners      about nine minutes on two idle cores
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from contextlib import AsyncExitStack

import nbformat
import psutil
from nbclient import NotebookClient

import helpers
from benchmarks.report import write_section

KERNELS, ROUNDS = (1, 2, 4), 3
ROWS, WIDTH, BATCH, STEPS, SEED = 160, 96, 8, 20, 42
CELLS = (
    "from benchmarks import learners; train = learners.prepare()",
    "train(learners.STEPS)",
    "print(learners.memory())",
)


def prepare():
    """Load what lesson 01 trains, and return a function that trains it for some steps; run in a kernel."""
    import torch
    from torch.utils.data import DataLoader
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
    )

    from helpers import data, encoder

    torch.manual_seed(SEED)
    encoder.hide_load_report()
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder())
    model = AutoModelForSequenceClassification.from_pretrained(
        encoder.folder(), dtype=torch.float32
    ).train()
    rows = data.load("rotten_tomatoes", "train").select(range(ROWS))
    encoded = [tokenizer(row["text"], truncation=True, max_length=WIDTH) for row in rows]
    features = [{**row, "labels": label} for row, label in zip(encoded, rows["label"], strict=True)]
    batches = list(DataLoader(features, BATCH, collate_fn=DataCollatorWithPadding(tokenizer)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def train(steps: int) -> None:
        for step in range(steps):
            model(**batches[step % len(batches)]).loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    train(2)  # the first steps allocate
    return train


def memory() -> float:
    """Return this process's share of the memory in MB; pages that kernels share are divided among them."""
    found = psutil.Process().memory_full_info()
    return getattr(found, "pss", found.uss) / 1e6


async def together(kernels: int, threads: int) -> tuple[float, float]:
    """Train in several kernels at once; return the mean of their seconds and of their memory in MB.

    Args:
        kernels: how many.
        threads: of each.
    """
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    place = {"metadata": {"path": str(helpers.ROOT)}}
    clients = []
    async with AsyncExitStack() as stack:
        for _ in range(kernels):
            cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
            notebook = nbformat.v4.new_notebook(cells=cells)
            client = NotebookClient(
                notebook, resources=place, extra_arguments=["--log-level=ERROR"]
            )
            await stack.enter_async_context(client.async_setup_kernel(env=environment))
            clients.append(client)
        seconds = [await _run(clients, index) for index in range(len(CELLS))][1]
    shares = [float(client.nb.cells[-1].outputs[-1].text) for client in clients]
    return statistics.mean(seconds), statistics.mean(shares)


async def _run(clients: list[NotebookClient], index: int) -> list[float]:
    """Run a cell in all kernels at once; return the seconds of each."""

    async def one(client):
        start = time.perf_counter()
        await client.async_execute_cell(client.nb.cells[index], index)
        return time.perf_counter() - start

    return await asyncio.gather(*map(one, clients))


def ways(cores: int) -> list[tuple[int, int]]:
    """Return the pairs (kernels, threads of each) to compare, the one of a learner alone first."""
    return [(kernels, threads) for threads in sorted({cores, 1})[::-1] for kernels in KERNELS]


def rows(taken: dict[tuple[int, int], list[tuple[float, float]]]) -> list[str]:
    """Return the table's rows: how many times slower than a learner alone, and the memory of each.

    Args:
        taken: (kernels, threads) -> (seconds, MB) of each round; the first key is a learner alone.
    """
    alone = taken[next(iter(taken))]
    lines = []
    for (kernels, threads), rounds in taken.items():
        slower = [here[0] / base[0] for here, base in zip(rounds, alone, strict=True)]
        share = statistics.mean(megabytes for _, megabytes in rounds)
        span = f"{min(slower):.1f} to {max(slower):.1f}"
        lines.append(
            f"| {kernels} | {threads} | {statistics.median(slower):.1f} | {span} | {share:,.0f} |"
        )
    return lines


def main() -> int:
    """Measure, and write the section."""
    cores, taken = helpers.cores(), {}
    for number in range(ROUNDS):
        for way in ways(cores):
            taken.setdefault(way, []).append(asyncio.run(together(*way)))
            print(f"round {number + 1}", way, json.dumps(taken[way][-1]), flush=True)
    write_section(
        "learners",
        "## Several learners on one machine\n"
        f"One, two and four kernels that train at once on {cores} cores: the bundled encoder, {STEPS} batches of {BATCH} reviews of at\n"
        f"most {WIDTH} tokens. *Times slower*: each kernel's seconds against those of one kernel with all cores, median of {ROUNDS} rounds,\n"
        "in turn. Memory is each kernel's share while all are alive; pages that kernels share are divided among them.\n\n"
        "| kernels at once | threads each | times slower | of each round | memory each, MB |\n"
        "|---|---|---|---|---|\n" + "\n".join(rows(taken)),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
