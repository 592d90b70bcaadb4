"""Adapters of the bundled encoder: what is trained, the loop (AdamW, bfloat16 on a CPU) and the files, as peft reads them."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from torch import nn
from tqdm.auto import tqdm
from transformers import PreTrainedModel, get_linear_schedule_with_warmup

from helpers import encoder
from helpers.runs import measured

SEED, BATCH_SIZE = 42, 16


@dataclass(frozen=True)
class Recipe:
    """The rank of the updates, the highest learning rate of the head and of all else, and the share of steps in which they rise."""

    rank: int
    learning_rate: float
    head_rate: float
    warmup: float


def adapt(model: PreTrainedModel, rank: int, head: str) -> PeftModel:
    """Freeze a BERT model but for low-rank updates of its encoder's linear layers, its norms and its head.

    Args:
        model: from the bundled encoder; changed in place.
        rank: rank of each update; more is more to learn and to store.
        head: the head's linear layer, or the end of its name.

    Returns:
        The model within peft's; a masked-LM head trains its bias too.
    """
    model.name_or_path = encoder.ENCODER
    adapted = get_peft_model(
        model,
        LoraConfig(
            r=rank,
            lora_alpha=2 * rank,
            target_modules=r".*\.encoder\..*\.(query|key|value|dense)",
            modules_to_save=["LayerNorm", head],
            bias="all" if hasattr(model, "cls") else "none",  # peft's only way to the head's bias
            revision=encoder.REVISIONS[encoder.ENCODER],
        ),
    )
    for name, parameter in adapted.named_parameters():
        if "lora_A" in name:
            nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
        if name.endswith(".bias") and ".modules_to_save." not in name:
            parameter.requires_grad = name.endswith("predictions.bias")
    return adapted


def save(adapted: PeftModel, folder: Path) -> None:
    """Write what is trained as an adapter in half precision, the scale of the updates multiplied in.

    `save_pretrained` would store the norms' biases twice where `bias` is "all", and rewrite the card.
    """
    config = copy(adapted.peft_config["default"])
    scale, config.lora_alpha = config.lora_alpha / config.r, config.r
    tensors = {
        re.sub(r"(\.modules_to_save)?\.default", "", name): (
            value.detach() * (scale if ".lora_B." in name else 1)
        ).half()
        for name, value in adapted.named_parameters()
        if value.requires_grad
    }
    config.save_pretrained(folder)
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})


def train(
    adapted: PeftModel,
    batches: Sequence,
    loss_of: Callable,
    recipe: Recipe,
    folder: Path,
    **told: str,
) -> str:
    """Train what is trainable; return the rows of the card that tell what came of it.

    Args:
        adapted: put into train mode; what stands outside the encoder learns at the head's rate.
        batches: one a step, whatever `loss_of` takes.
        loss_of: (the model within `adapted`, batch) to a scalar loss.
        recipe: how fast.
        folder: written after each tenth of the run, so that a long one that is cut off leaves something, and at its end.
        told: for the card: what the `head` is, the `data` that it learned from, how the `training` went.
    """
    model = adapted.get_base_model().train()
    trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
    head = [name for name in trained if not name.startswith(f"{model.base_model_prefix}.")]
    groups = [
        {"params": [value for name, value in trained.items() if name not in head]},
        {"params": [trained[name] for name in head], "lr": recipe.head_rate},
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate, weight_decay=0.01, fused=True)
    steps, tenth = len(batches), -(-len(batches) // 10)
    schedule = get_linear_schedule_with_warmup(optimizer, round(recipe.warmup * steps), steps)
    losses, bar = [], tqdm(batches)
    with measured() as run:
        for batch in bar:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = loss_of(model, batch)
            loss.backward()
            nn.utils.clip_grad_norm_(trained.values(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            bar.set_description(f"loss {statistics.mean(losses[-100:]):.2f}")
            if len(losses) % tenth == 0:
                save(adapted, folder)
        save(adapted, folder)
    size = (folder / "adapter_model.safetensors").stat().st_size / 1e6
    count = sum(value.numel() for value in trained.values())
    means = [statistics.mean(losses[at : at + tenth]) for at in range(0, steps, tenth)]
    return f"""| | |
|---|---|
| what it is | low-rank updates (rank {recipe.rank}) of every linear layer of the encoder, layer norms, and {told["head"]}; {count:,} trained parameters, {size:.1f} MB in half precision |
| data | {told["data"]} |
| training | {told["training"]}, AdamW, learning rate {recipe.learning_rate} (head {recipe.head_rate}), {recipe.warmup:.0%} warm-up then linear to 0, bfloat16 autocast, seed {SEED} |
| loss of each tenth of the run | {", ".join(f"{mean:.2f}" for mean in means)} |
| cost | {run.seconds:,.0f} s on {torch.get_num_threads()} CPU thread(s), peak memory {run.peak_mb:,.0f} MB |"""


def opening(name: str, does: str, pipeline: str) -> str:
    """Return how a model card begins: what the adapter does, on the Hub's `pipeline`, and how to load it."""
    return f"""---
base_model: {encoder.ENCODER}
library_name: peft
pipeline_tag: {pipeline}
license: cc-by-sa-4.0
---
# {name}: an adapter that lets the bundled encoder {does}

Written by `python -m tools.{name.replace("minilm", "train").replace("-", "_")}`, with the figures of that run. Load it with `helpers.encoder.load("{name}")`, or with peft alone:

```python
import peft
import transformers

encoder = "{encoder.ENCODER}"
base = transformers.{encoder.ADAPTERS[name]}.from_pretrained(encoder)
model = peft.PeftModel.from_pretrained(base, "checkpoints/{name}").merge_and_unload()
```

While the base model loads, transformers reports its head as missing or newly initialized; the adapter then adds the trained one. To train the model further, unfreeze it first with `model.requires_grad_()`.
"""
