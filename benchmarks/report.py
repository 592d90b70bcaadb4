"""What the benchmarks share: rows and batches, turns that are fair, and where results are kept."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.utils.data import DataLoader

import helpers
from tools.markdown import table, write_block

README = helpers.ROOT / "benchmarks" / "README.md"


def publish(name: str, head: str, rows, claim: str, holds: bool, below: str = "") -> int:
    """Write a table and the text below it, say whether the claim holds; return 0 if so, else 1."""
    write_block(README, name, table(head, rows) + below)
    print(f"{claim}: {holds}")
    return 0 if holds else 1


def rows_of(columns) -> list[dict]:
    """Return the rows of a table given as name -> column: one dict a row."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def random_batches(rows, batch_size: int, collator: Callable, seed: int) -> DataLoader:
    """Return a loader of random batches: the classic recipe."""
    options = {"batch_size": batch_size, "collate_fn": collator, "shuffle": True}
    return DataLoader(rows, generator=torch.Generator().manual_seed(seed), **options)


def by_turns(ways: dict[str, Callable], inputs: Iterable) -> dict[str, list[tuple[float, Any]]]:
    """Call each way with each input, in turn; neither always goes first.

    Returns name -> (seconds of processor time, what was returned) of each call.
    """
    taken: dict[str, list] = {name: [] for name in ways}
    for number, one in enumerate(inputs):
        for name in sorted(ways, reverse=bool(number % 2)):
            start = time.process_time()
            result = ways[name](one)
            taken[name].append((time.process_time() - start, result))
    return taken


def seconds(calls: Iterable[tuple[float, Any]]) -> float:
    """Return the seconds of several calls, or runs, that begin with theirs."""
    return sum(call[0] for call in calls)


def stepper(model, losses: Callable[[Any, Any], torch.Tensor], learning_rate: float, dropout=True):
    """Return a function that trains a model on a batch by a step of AdamW and returns its losses.

    `losses` makes them of (model, batch): a scalar, or several as a vector, the trained one first.
    """
    model.train(dropout)  # in eval mode the same but for dropout
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, fused=True)

    def step(batch) -> list[float]:
        found = losses(model, batch).flatten()
        found[0].backward()
        optimizer.step()
        optimizer.zero_grad()
        return found.tolist()

    return step
