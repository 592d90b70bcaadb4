"""The loop in which the bundled deltas are trained: AdamW, warm-up then linear to 0, bfloat16 on a CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn
from tqdm.auto import tqdm
from transformers import get_linear_schedule_with_warmup


def fit(
    model: nn.Module,
    batches: Sequence,
    loss_of: Callable,
    *,
    head: str,
    learning_rate: float,
    head_rate: float,
    warmup: float,
    keep: Callable[[], None],
) -> list[float]:
    """Train what is trainable; return the loss of each step.

    Args:
        model: put into train mode.
        batches: one a step, whatever `loss_of` takes.
        loss_of: (model, batch) to a scalar loss.
        head: part of the names of the head's parameters, which learn at `head_rate`.
        learning_rate: of all others, at its highest.
        head_rate: of the head, at its highest.
        warmup: share of the steps in which the rates rise.
        keep: called after each tenth of the run, so that a long one that is cut off leaves something, and at its end.
    """
    trained = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    groups = [
        {"params": [value for name, value in trained if head not in name]},
        {"params": [value for name, value in trained if head in name], "lr": head_rate},
    ]
    optimizer = torch.optim.AdamW(groups, lr=learning_rate, weight_decay=0.01, fused=True)
    schedule = get_linear_schedule_with_warmup(
        optimizer, round(warmup * len(batches)), len(batches)
    )
    losses, bar = [], tqdm(batches)
    model.train()
    for batch in bar:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([value for _, value in trained], 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        recent = losses[-100:]
        bar.set_description(f"loss {sum(recent) / len(recent):.2f}")
        if len(losses) % -(-len(batches) // 10) == 0:
            keep()
    keep()
    return losses
