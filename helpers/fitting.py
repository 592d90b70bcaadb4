"""Training and scoring a classifier of texts, from token ids or from cached hidden states."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from accelerate import Accelerator
from accelerate.utils import DataLoaderConfiguration
from torch.utils.data import DataLoader
from transformers import get_linear_schedule_with_warmup
from transformers.trainer_pt_utils import LengthGroupedSampler

from helpers.metrics import load_metric
from helpers.training import parameter_groups, predict, train_epoch


def load_batches(rows, batch_size: int, collator: Callable, seed: int) -> DataLoader:
    """Return a loader of shuffled batches of like length; rows of the same lengths give the same batches.

    Args:
        rows: with "input_ids", or cached ones with "inputs_embeds".
        batch_size: rows of a batch.
        collator: makes a batch.
        seed: of the order.
    """
    key = "inputs_embeds" if "inputs_embeds" in rows[0] else "input_ids"
    sampler = LengthGroupedSampler(
        batch_size,
        lengths=[len(row[key]) for row in rows],
        generator=torch.Generator().manual_seed(seed),
    )
    # a generator of its own: starting a loader draws a number, which would shift the dropout
    options = {"batch_size": batch_size, "collate_fn": collator, "generator": torch.Generator()}
    return DataLoader(rows, sampler=sampler, **options)


def fit(
    model,
    loader: DataLoader,
    epochs: int,
    learning_rate: float,
    after_step: Callable[[float], None] | None = None,
) -> Accelerator:
    """Train what is not frozen, by lesson 04's loop; only that goes to the optimiser.

    Args:
        model: frozen as a strategy says.
        loader: of training batches.
        epochs: passes over them.
        learning_rate: the highest, after a tenth of the steps.
        after_step: called after each step with its loss.

    Returns:
        The accelerator that prepared the model.

    Taught in: lesson 06.
    """
    loading = DataLoaderConfiguration(split_batches=True)
    accelerator = Accelerator(dataloader_config=loading)
    groups = parameter_groups(model, weight_decay=0.01)
    optimizer = torch.optim.AdamW(groups, lr=learning_rate, fused=True)
    steps = len(loader) * epochs
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
    parts = accelerator.prepare(model, loader, optimizer, schedule)
    for _ in range(epochs):
        train_epoch(accelerator, *parts, after_step)
    return accelerator


def score(
    accelerator: Accelerator, model, rows, collator: Callable, average: str = "macro"
) -> float:
    """Return F1 on rows that a model has not seen.

    Args:
        accelerator: what prepared the model.
        model: of sequence classification.
        rows: with labels.
        collator: makes a batch of them.
        average: "macro": the mean of both classes' F1, which a model that names one class only cannot
            please; "binary": F1 of class 1, the classic figure.
    """
    loader = accelerator.prepare(DataLoader(rows, batch_size=32, collate_fn=collator))
    predicted = predict(accelerator, model, loader)
    return load_metric("f1").compute(**predicted._asdict(), average=average)["f1"]
