"""Adapters of the bundled encoder: what is trained, the loop (AdamW, bfloat16 on a CPU), the files as peft reads them."""

import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from torch import nn
from tqdm.auto import tqdm
from transformers import PreTrainedModel, get_linear_schedule_with_warmup

from helpers import encoder
from helpers.loop import load_batches
from helpers.runs import measured

SEED, BATCH_SIZE = 42, 16


class Recipe(NamedTuple):
    """Rank of the updates, epochs, highest learning rate of the head and of all else, share of steps in which they rise."""

    rank: int
    epochs: int
    learning_rate: float
    head_rate: float
    warmup: float


def adapt(model: PreTrainedModel, rank: int, head: str) -> PeftModel:
    """Freeze a BERT model but for low-rank updates of its encoder's linear layers, its norms and its head.

    `rank` is that of each update; `head` the head's linear layer, or the end of its name. The model is changed
    in place, and returned within peft's; a masked-LM head trains its bias too.
    """
    model.name_or_path = encoder.ENCODER
    config = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        target_modules=r".*\.encoder\..*\.(query|key|value|dense)",
        modules_to_save=["LayerNorm", head],
        revision=encoder.REVISIONS[encoder.ENCODER],
    )
    adapted = get_peft_model(model, config)
    for name, parameter in adapted.named_parameters():
        if "lora_A" in name:
            nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
        if name.endswith("predictions.bias"):
            parameter.requires_grad_()
    return adapted


def save(adapted: PeftModel, folder: Path) -> None:
    """Write what is trained in half precision; `save_pretrained` would leave out a head's bias, and rewrite the card."""
    tensors = {
        re.sub(r"(\.modules_to_save)?\.default", "", name): value.detach().half()
        for name, value in adapted.named_parameters()
        if value.requires_grad
    }
    adapted.peft_config["default"].save_pretrained(folder)
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})


def optimizer_of(model: nn.Module, recipe: Recipe, steps: int) -> tuple:
    """Return optimizer and schedule; what stands outside the encoder learns at the head's rate."""
    inside = f"{model.base_model_prefix}."
    head = [value for name, value in model.named_parameters() if not name.startswith(inside)]
    rates = [{"params": model.base_model.parameters()}, {"params": head, "lr": recipe.head_rate}]
    optimizer = torch.optim.AdamW(rates, lr=recipe.learning_rate, weight_decay=0.01, fused=True)
    rising = round(recipe.warmup * steps)
    return optimizer, get_linear_schedule_with_warmup(optimizer, rising, steps)


def train_epoch(model: nn.Module, batches, loss_of: Callable, optimizer, schedule) -> float:
    """Make a step a batch; return the mean loss."""
    losses = []
    for batch in (bar := tqdm(batches)):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        bar.set_description(f"loss {statistics.mean(losses):.2f}")
    return statistics.mean(losses)


def train(
    adapted: PeftModel,
    draw: Callable,
    collator: Callable,
    loss_of: Callable,
    recipe: Recipe,
    folder: Path,
) -> str:
    """Train what is trainable; return the rows of its card that tell how, and what it cost.

    `draw` gives an epoch's rows, to be batched with those of like length; `collator` makes of them what `loss_of`,
    called with the model within `adapted`, takes. The folder is written after each epoch, so that a long run that
    is cut off leaves something.
    """
    model, means = adapted.get_base_model().train(), []
    epochs = [load_batches(draw(), BATCH_SIZE, collator, SEED + n) for n in range(recipe.epochs)]
    parts = optimizer_of(model, recipe, sum(map(len, epochs)))
    with measured() as run:
        for batches in epochs:
            means.append(f"{train_epoch(model, batches, loss_of, *parts):.2f}")
            save(adapted, folder)
    return f"""| training | {recipe.epochs} epochs, batches of {BATCH_SIZE}, AdamW, learning rate {recipe.learning_rate} (head {recipe.head_rate}), {recipe.warmup:.0%} warm-up then linear to 0, bfloat16 autocast, seed {SEED} |
| trained | {adapted.get_nb_trainable_parameters()[0]:,} parameters (rank {recipe.rank}), stored in half precision |
| loss of each epoch | {", ".join(means)} |
| cost | {run.seconds:,.0f} s on {torch.get_num_threads()} CPU thread(s), peak memory {run.peak_mb:,.0f} MB |"""
