"""The training loop, and what surrounds a run: its folder, its clock, its memory."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch.nn.functional import cross_entropy

import helpers
from helpers.ner import IGNORE_INDEX
from helpers.processes import give_back


def run_folder(lesson, name: str = "model") -> str:
    """Return a folder under `_runs/` for what a lesson writes, relative to the working directory."""
    folder = helpers.ROOT / "_runs" / lesson.track / lesson.name / name
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
    give_back()  # a Trainer refers to itself, so only the collector frees it


def parameter_groups(model, weight_decay: float) -> list[dict]:
    """Split the trainable parameters for the optimiser: matrices decay, biases and layer norms do not.

    Args:
        model: before `prepare`.
        weight_decay: of the first group; the second has none.

    Taught in: lesson 04.
    """
    trained = [value for value in model.parameters() if value.requires_grad]
    return [
        {"params": [value for value in trained if value.ndim > 1], "weight_decay": weight_decay},
        {"params": [value for value in trained if value.ndim == 1], "weight_decay": 0.0},
    ]


def summed_loss(logits, labels):
    """Return the cross-entropy summed over labelled positions, and how many there are.

    Args:
        logits: (batch, seq_len, labels), or (batch, labels).
        labels: (batch, seq_len), or (batch,); IGNORE_INDEX where there is no label.

    Taught in: lesson 04.
    """
    labels = labels.flatten()
    logits = logits.flatten(end_dim=-2)
    loss = cross_entropy(logits, labels, ignore_index=IGNORE_INDEX, reduction="sum")
    return loss, (labels != IGNORE_INDEX).sum()


def divide_gradients(accelerator, model, labelled) -> None:
    """Turn the gradient of a summed loss into that of the mean over `labelled` positions.

    `backward` has divided by the micro-batches of a step, the exchange of gradients by the processes;
    both are undone.

    Args:
        accelerator: what `backward` went through.
        model: prepared.
        labelled: labelled positions of the whole step, over micro-batches and processes; a tensor.

    Taught in: lesson 04.
    """
    undo = accelerator.gradient_accumulation_steps * accelerator.num_processes
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad *= undo / labelled


def train_epoch(accelerator, model, loader, optimizer, scheduler, after_step=None) -> list[float]:
    """Train one epoch; in a step every labelled position weighs the same, however batches were split.

    Args:
        accelerator: made with `split_batches`, so that the scheduler counts steps, not processes.
        model: prepared, as are `loader`, `optimizer` and `scheduler`.
        loader: batches with "labels", IGNORE_INDEX where there is none.
        optimizer: makes a step every `gradient_accumulation_steps` batches, and at the epoch's end.
        scheduler: makes a step with the optimiser.
        after_step: called after each step with its loss.

    Returns:
        The loss of each step: the mean over its labelled positions, on all processes.

    Taught in: lesson 04.
    """
    model.train()
    losses, summed, labelled = [], 0, 0
    for batch in loader:
        with accelerator.accumulate(model):
            loss, count = summed_loss(model(**batch).logits, batch["labels"])
            accelerator.backward(loss)
            summed, labelled = summed + loss.detach(), labelled + count
            if accelerator.sync_gradients:
                labelled = accelerator.reduce(labelled).clamp(min=1)
                divide_gradients(accelerator, model, labelled)
                accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
        if accelerator.sync_gradients:
            losses.append((accelerator.reduce(summed) / labelled).item())
            summed, labelled = 0, 0
            if after_step:
                after_step(losses[-1])
    return losses


class Prediction(NamedTuple):
    """Label ids of the sentences of a data set, in its order: a list of ids for each, padded by batch.

    `references` holds IGNORE_INDEX where there is no label; a prediction there means nothing.
    """

    predictions: list[list[int]]
    references: list[list[int]]


def predict(accelerator, model, loader) -> Prediction:
    """Predict the labels of every example exactly once, on any number of processes.

    Args:
        accelerator: what prepared `model` and `loader`.
        model: put into eval mode meanwhile.
        loader: batches with "labels", (batch, seq_len), in the data set's order.

    Returns:
        A `Prediction`, the same on every process.

    Taught in: lesson 04.
    """
    predictions, references, was_training = [], [], model.training
    model.eval()
    for batch in loader:
        with torch.no_grad():
            predicted = model(**batch).logits.argmax(dim=-1)
        both = predicted, batch["labels"]
        both = accelerator.pad_across_processes(both, dim=1, pad_index=IGNORE_INDEX)
        predicted, labels = accelerator.gather_for_metrics(both)
        predictions += predicted.tolist()
        references += labels.tolist()
    model.train(was_training)
    return Prediction(predictions, references)
