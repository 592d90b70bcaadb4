"""The training loop: steps, prediction, checkpoints that survive a crash."""

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from accelerate import Accelerator
from accelerate.data_loader import prepare_data_loader
from accelerate.utils import DataLoaderConfiguration
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from transformers import get_linear_schedule_with_warmup
from transformers.trainer_pt_utils import LengthGroupedSampler

from helpers import IGNORE_INDEX, whole
from helpers.metrics import load_metric


def parameter_groups(model, weight_decay: float) -> list[dict]:
    """Split what trains for the optimizer: matrices decay, biases and layer norms do not.

    `model` is not yet prepared. Taught in: lesson 04.
    """
    trained = [value for value in model.parameters() if value.requires_grad]
    return [
        {"params": [value for value in trained if value.ndim > 1], "weight_decay": weight_decay},
        {"params": [value for value in trained if value.ndim <= 1], "weight_decay": 0.0},
    ]


def summed_loss(logits, labels):
    """Return the cross-entropy summed over labeled positions, and how many there are.

    `logits` are (batch, seq_len, labels), or (batch, labels); `labels` (batch, seq_len), or (batch,), with
    IGNORE_INDEX where there is none. Taught in: lesson 04.
    """
    labels = labels.flatten()
    logits = logits.flatten(end_dim=-2)
    loss = cross_entropy(logits, labels, ignore_index=IGNORE_INDEX, reduction="sum")
    return loss, (labels != IGNORE_INDEX).sum()


def divide_gradients(accelerator, model, labeled) -> None:
    """Turn the gradient of a summed loss into that of the mean over `labeled` positions.

    `labeled` is their number in the whole step, over micro-batches and processes; a tensor. `backward` has
    divided by the micro-batches, the exchange of gradients by the processes; both are undone.
    Taught in: lesson 04.
    """
    undo = accelerator.gradient_accumulation_steps * accelerator.num_processes
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad *= undo / labeled


def train_epoch(accelerator, model, loader, optimizer, scheduler, after_step=None) -> list[float]:
    """Train one epoch; in a step every labeled position weighs the same, however batches were split.

    `accelerator` has prepared all other parts; it is made with `split_batches`, so that the scheduler counts steps, not
    processes. The loader's batches have "labels", IGNORE_INDEX where there is none. A step is made every
    `gradient_accumulation_steps` batches, and at the epoch's end; `after_step` is called with its loss. Returns the
    loss of each step: the mean over its labeled positions, on all processes. Taught in: lesson 04.
    """
    model.train()
    losses, summed, labeled = [], 0, 0
    for batch in loader:
        with accelerator.accumulate(model):
            loss, count = summed_loss(model(**batch).logits, batch["labels"])
            accelerator.backward(loss)
            summed, labeled = summed + loss.detach(), labeled + count
            if accelerator.sync_gradients:
                labeled = accelerator.reduce(labeled).clamp(min=1)
                divide_gradients(accelerator, model, labeled)
                accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
        if accelerator.sync_gradients:
            losses.append((accelerator.reduce(summed) / labeled).item())
            summed, labeled = 0, 0
            if after_step:
                after_step(losses[-1])
    return losses


class Prediction(NamedTuple):
    """Label ids of a data set's sentences, in its order: a list for each, padded by batch.

    `references` holds IGNORE_INDEX where there is no label; a prediction there means nothing.
    """

    predictions: list[list[int]]
    references: list[list[int]]


def predict(accelerator, model, loader) -> Prediction:
    """Predict the labels of every example exactly once; return the same `Prediction` on every process.

    `loader`, prepared as `model` is, gives batches with "labels", (batch, seq_len), in the data set's order.
    The model is in eval mode meanwhile. Taught in: lesson 04.
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


def dealt(loader, processes: int, split_batches: bool) -> list[list]:
    """Return the batches that each of so many processes would get of an unprepared DataLoader.

    `split_batches`: False if `batch_size` is that of each process, True if of all together. None is started.
    """
    options = {"num_processes": processes, "split_batches": split_batches, "put_on_device": False}
    shares = (prepare_data_loader(loader, process_index=n, **options) for n in range(processes))
    return [list(share) for share in shares]


def load_batches(rows, batch_size: int, collator: Callable, seed: int) -> DataLoader:
    """Return a loader of shuffled batches of like length, made by `collator`; `seed` decides the order.

    Rows hold "input_ids", or "inputs_embeds" if cached. Rows of the same lengths give the same batches.
    """
    key = "inputs_embeds" if "inputs_embeds" in rows[0] else "input_ids"
    lengths = [len(row[key]) for row in rows]
    order = torch.Generator().manual_seed(seed)
    sampler = LengthGroupedSampler(batch_size, lengths=lengths, generator=order)
    # a generator of its own: starting a loader draws a number, which would shift the dropout
    own = torch.Generator()
    return DataLoader(rows, batch_size, sampler=sampler, collate_fn=collator, generator=own)


def fit(
    model, loader, epochs, learning_rate, after_step=None, head_learning_rate=None
) -> Accelerator:
    """Train what is not frozen, by lesson 04's loop; return the accelerator that prepared the model.

    `learning_rate` is the highest, after a tenth of the steps; `head_learning_rate` that of the head where it needs
    another; `after_step` as in `train_epoch`.
    """
    loading = DataLoaderConfiguration(split_batches=True)
    accelerator = Accelerator(dataloader_config=loading)
    groups = parameter_groups(model, weight_decay=0.01)
    if head_learning_rate:
        inside = set(model.base_model.parameters())
        for group in groups[:]:
            head = [value for value in group["params"] if value not in inside]
            group["params"] = [value for value in group["params"] if value in inside]
            groups.append(group | {"params": head, "lr": head_learning_rate})
    optimizer = torch.optim.AdamW(groups, lr=learning_rate, fused=True)
    steps = len(loader) * epochs
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
    parts = accelerator.prepare(model, loader, optimizer, schedule)
    for _ in range(epochs):
        train_epoch(accelerator, *parts, after_step)
    return accelerator


def classifier_f1(prediction: Prediction, average: str = "macro") -> float:
    """Return F1 of predicted classes: the classes' mean, or by "binary" that of class 1, the classic figure."""
    return load_metric("f1").compute(**prediction._asdict(), average=average)["f1"]


def score(accelerator, model, rows, collator: Callable, metric=classifier_f1) -> float:
    """Return what a metric makes of a prepared model's `Prediction` of rows that it has not seen."""
    loader = accelerator.prepare(DataLoader(rows, batch_size=32, collate_fn=collator))
    return metric(predict(accelerator, model, loader))


def remaining(accelerator, loader, progress):
    """Return the batches of a prepared loader that are left of the epoch under way, in that epoch's order.

    `accelerator` has `use_seedable_sampler`, so that the order follows from seed and epoch. Taught in: lesson 04.
    """
    done = progress.step * accelerator.gradient_accumulation_steps
    left = accelerator.skip_first_batches(loader, done)
    left.set_epoch(progress.epoch)
    return left


def checkpoints(folder) -> list[Path]:
    """Return the complete checkpoints of a folder, oldest first; half-written ones bear another name."""
    return sorted(Path(folder).glob("checkpoint-????????"))


def last_checkpoint(folder) -> Path | None:
    """Return the newest complete checkpoint of a folder, None where there is none. Taught in: lesson 04."""
    return max(checkpoints(folder), default=None)


def prune(folder, keep: int) -> None:
    """Remove all but the newest `keep` checkpoints; what is being removed loses its name first."""
    for old in checkpoints(folder)[:-keep]:
        shutil.rmtree(old.rename(old.with_name(f"unfinished-{old.name}")))


def sweep(folder) -> None:
    """Remove what a crash has left half-written."""
    for leftover in Path(folder).glob("unfinished-*"):
        shutil.rmtree(leftover)


def flush(folder) -> None:
    """Wait until a folder and its files are on the disk, not only in the system's memory."""
    for path in [*Path(folder).rglob("*"), Path(folder)]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def check_target(final: Path, save_total_limit: int) -> None:
    """Refuse a `save_total_limit` below 1, and a step that the folder holds already."""
    if not whole(save_total_limit, 1):
        raise ValueError(f"save_total_limit is {save_total_limit!r}. Keep at least one checkpoint.")
    if final.exists():
        raise ValueError(
            f"{final} is there already, from another run. Go on from the last checkpoint of that "
            "folder, or name an empty folder."
        )


def save_checkpoint(accelerator, folder, step: int, save_total_limit: int = 2) -> Path:
    """Save the state of a run so that a crash at any moment leaves a complete checkpoint behind.

    It is written under another name, brought to the disk, then renamed; what an earlier crash left goes. Meanwhile the
    disk holds one more than `save_total_limit`, 1 or more. `folder` is one for all processes; the checkpoint's own,
    which is returned, is named by `step`, the optimizer's steps so far. `accelerator` saves what it prepared, the
    random states, and what is registered with it. Raises ValueError: as `check_target`. Taught in: lesson 04.
    """
    final = Path(folder, f"checkpoint-{step:08d}")
    check_target(final, save_total_limit)
    aside = final.with_name(f"unfinished-{final.name}")
    if accelerator.is_main_process:
        sweep(folder)
    accelerator.wait_for_everyone()
    accelerator.save_state(aside)
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        flush(aside)
        prune(folder, max(1, save_total_limit - 1))
        aside.rename(final)
        prune(folder, save_total_limit)
    accelerator.wait_for_everyone()
    return final
