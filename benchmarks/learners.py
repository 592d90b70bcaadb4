"""Let several kernels train at once, as several learners do, and see how much slower each is.

python -m benchmarks learners      about nine minutes on two idle cores
"""

import asyncio
import json
import os
import statistics
import time
from contextlib import AsyncExitStack
from itertools import cycle, islice

import nbformat
import psutil
import torch
from nbclient import NotebookClient
from torch.utils.data import DataLoader
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding

import helpers
from benchmarks.report import README, stepper
from helpers import data, encoder
from tools.markdown import table, write_block

KERNELS, ROUNDS = (1, 2, 4), 3
ROWS, WIDTH, BATCH, STEPS, SEED = 160, 96, 8, 20, 42
HEAD = "kernels at once | threads each | times slower | of each round | memory each, MB"
CELLS = (
    "from benchmarks import learners; train = learners.prepare()",
    "train(learners.STEPS)",
    "print(learners.memory())",
)


def prepare():
    """Return a function that trains what lesson 01 trains for some steps; run in a kernel."""
    torch.manual_seed(SEED)
    encoder.hide_load_report()
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder())
    auto, cut = AutoModelForSequenceClassification, {"truncation": True, "max_length": WIDTH}
    model = auto.from_pretrained(encoder.folder(), dtype=torch.float32)
    rows = data.load("rotten_tomatoes", "train").select(range(ROWS))
    encoded = rows.map(lambda row: tokenizer(row["text"], **cut), remove_columns="text")
    batches = list(DataLoader(encoded, BATCH, collate_fn=DataCollatorWithPadding(tokenizer)))
    step = stepper(model, lambda model, batch: model(**batch).loss, learning_rate=1e-4)

    def train(steps: int) -> None:
        for batch in islice(cycle(batches), steps):
            step(batch)

    train(2)  # the first steps allocate
    return train


def memory() -> float:
    """Return this process's MB of memory; pages that kernels share are divided among them."""
    found = psutil.Process().memory_full_info()
    return getattr(found, "pss", found.uss) / 1e6


async def together(kernels: int, threads: int) -> tuple[float, float]:
    """Train in kernels at once, `threads` each; return the mean of their seconds, of their MB."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    options = {"resources": {"metadata": {"path": str(helpers.ROOT)}}}
    options["extra_arguments"] = ["--log-level=ERROR"]
    clients = []
    for _ in range(kernels):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
        clients.append(NotebookClient(notebook, **options))

    async def run(client, index):
        start = time.perf_counter()
        await client.async_execute_cell(client.nb.cells[index], index)
        return time.perf_counter() - start

    async with AsyncExitStack() as stack:
        for client in clients:
            await stack.enter_async_context(client.async_setup_kernel(env=environment))
        _, seconds, _ = [
            await asyncio.gather(*(run(client, index) for client in clients))
            for index in range(len(CELLS))
        ]
    shares = [float(client.nb.cells[-1].outputs[-1].text) for client in clients]
    return statistics.mean(seconds), statistics.mean(shares)


def ways(cores: int) -> list[tuple[int, int]]:
    """Return the pairs (kernels, threads of each) to compare, the one of a learner alone first."""
    return [(kernels, threads) for threads in sorted({cores, 1})[::-1] for kernels in KERNELS]


def rows(taken: dict[tuple[int, int], list[tuple[float, float]]]) -> list[tuple]:
    """Return the table's rows: how many times slower than a learner alone, and the memory of each.

    `taken` is (kernels, threads) -> (seconds, MB) of each round; the first key is a learner alone.
    """
    alone, lines = taken[next(iter(taken))], []
    for (kernels, threads), rounds in taken.items():
        slower = [here[0] / base[0] for here, base in zip(rounds, alone, strict=True)]
        share = statistics.mean(megabytes for _, megabytes in rounds)
        span = f"{min(slower):.1f} to {max(slower):.1f}"
        lines.append((kernels, threads, f"{statistics.median(slower):.1f}", span, f"{share:,.0f}"))
    return lines


def main() -> None:
    """Measure, and write the section."""
    cores, taken = helpers.cores(), {}
    for number in range(ROUNDS):
        for way in ways(cores):
            taken.setdefault(way, []).append(asyncio.run(together(*way)))
            print(f"round {number + 1}", way, json.dumps(taken[way][-1]), flush=True)
    said = f"Kernels that train at once on {cores} cores:"
    write_block(README, "learners", f"{said}\n\n{table(HEAD, rows(taken))}")
