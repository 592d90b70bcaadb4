"""What two processes see and learn, as JSON: the work of two children of the tests."""

import json
from types import SimpleNamespace

import tagging
import torch
from accelerate import Accelerator
from accelerate.utils import DataLoaderConfiguration
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from transformers import get_linear_schedule_with_warmup

from helpers import IGNORE_INDEX, loop


class Echo(torch.nn.Module):
    """Predicts, at every position, the id that stands there."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(1))

    def forward(self, input_ids, **_):
        logits = torch.nn.functional.one_hot(input_ids, tagging.VOCABULARY).float() * self.scale
        return SimpleNamespace(logits=logits)


def numbered(count):
    """Return rows of growing length that hold their own number, as ids and as labels."""
    rows = [torch.full((1 + index,), 1 + index) for index in range(count)]
    return [{"input_ids": row, "labels": row} for row in rows]


def new_accelerator(accumulation=1):
    return Accelerator(
        cpu=True,
        gradient_accumulation_steps=accumulation,
        dataloader_config=DataLoaderConfiguration(
            split_batches=True, use_seedable_sampler=True, data_seed=7
        ),
    )


def trained(batch_size, accumulation=1, epochs=2, rows=24, **options):
    """Return a tiny model trained by the loop, and the loss of every step."""
    accelerator = new_accelerator(accumulation)
    model = tagging.tiny_model()
    optimizer = torch.optim.AdamW(loop.parameter_groups(model, 0.01), lr=1e-3, fused=True)
    loader = tagging.loader(tagging.sentences(rows), batch_size, shuffle=True, **options)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    steps = -(-len(loader) // accumulation) * epochs
    schedule = get_linear_schedule_with_warmup(optimizer, -(-steps // 10), steps)
    scheduler, losses = accelerator.prepare(schedule), []
    for epoch in range(epochs):
        left = loop.remaining(accelerator, loader, SimpleNamespace(epoch=epoch, step=0))
        losses += loop.train_epoch(accelerator, model, left, optimizer, scheduler)
    assert scheduler.get_last_lr() == [0.0, 0.0]
    return accelerator.unwrap_model(model), losses


def seen(count, batch_size, split_batches):
    """Return the numbers of the rows that `predict` returns."""
    settings = DataLoaderConfiguration(split_batches=split_batches)
    accelerator = Accelerator(cpu=True, dataloader_config=settings)
    loader = tagging.loader(numbered(count), batch_size)
    model, loader = accelerator.prepare(Echo(), loader)
    predictions, references = loop.predict(accelerator, model, loader)
    for predicted, row in zip(predictions, references, strict=True):
        length = sum(label != IGNORE_INDEX for label in row)
        assert predicted[:length] == row[:length] == [length] * length  # row n is n times n
    return [row[0] for row in references]


def sharded():
    """Return how far a step with torch's FSDP 2 is from the step of one process on the same rows.

    Accelerate makes full copies on a CPU in place of FSDP, so the model is sharded by hand.
    """
    accelerator, rows = new_accelerator(), tagging.sentences(8)
    whole, parts = tagging.tiny_model(), tagging.tiny_model()
    mesh = init_device_mesh("cpu", (accelerator.num_processes,))
    for module in (*parts.bert.encoder.layer, parts):
        fully_shard(module, mesh=mesh)

    def step(model, rows, divide):
        batch = tagging.collate(rows)
        loss, count = loop.summed_loss(model(**batch).logits, batch["labels"])
        loss.backward()
        divide(model, count)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        torch.optim.AdamW(loop.parameter_groups(model, 0.01), lr=1e-3, fused=True).step()
        return norm

    def divide_alone(model, count):
        for parameter in model.parameters():
            parameter.grad /= count

    def divide_together(model, count):
        loop.divide_gradients(accelerator, model, accelerator.reduce(count))

    norm = step(whole, rows, divide_alone)
    mine = rows[:3] if accelerator.is_main_process else rows[3:]
    norms = (step(parts, mine, divide_together).full_tensor() - norm).abs()
    pairs = zip(parts.parameters(), whole.parameters(), strict=True)
    weights = max((part.full_tensor() - value).abs().max() for part, value in pairs)
    return [norm.item(), norms.item(), weights.item()]


def main(output):
    result = {"processes": new_accelerator().num_processes, "sharded": sharded()}
    result["seen"] = [
        [count, batch_size, split, seen(count, batch_size, split)]
        for count in (1, 2, 5, 11, 12)
        for batch_size in (2, 4)
        for split in (False, True)
    ]
    model, large = trained(8)
    torch.save(model.state_dict(), f"{output}.large")
    model, small = trained(2, accumulation=4)
    torch.save(model.state_dict(), f"{output}.small")
    result |= {"large": large, "small": small}
    accelerator = new_accelerator()
    if accelerator.is_main_process:
        with open(output, "w", encoding="utf-8") as file:
            json.dump(result, file)
    accelerator.end_training()
