"""Small trained deltas for the bundled encoder: low-rank updates, layer norms and a head.

A delta file (safetensors, half precision) holds for each linear layer of the encoder two factors,
`NAME.down` (rank, in) and `NAME.up` (out, rank), whose product is added to the weight; every other
tensor (layer norms, the head) replaces the parameter of its name.
Source: Hu et al., LoRA, 2021.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

WHOLE = ("LayerNorm", "qa_outputs", "cls.")  # kept whole: norms and heads


class LowRank(nn.Module):
    """A frozen linear layer and a low-rank update beside it, which starts as nothing."""

    def __init__(self, linear: nn.Linear, rank: int, scale: float = 2.0):
        super().__init__()
        self.linear, self.scale = linear, scale
        self.down = nn.Parameter(torch.randn(rank, linear.in_features) / linear.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        update = nn.functional.linear(nn.functional.linear(states, self.down), self.up)
        return self.linear(states) + self.scale * update


def add_low_rank(model: nn.Module, rank: int) -> nn.Module:
    """Freeze a model but for low-rank updates of its encoder's linear layers, its norms and its head.

    Args:
        model: a transformers BERT model with a head; changed in place.
        rank: rank of each update; more is more to learn and to store.

    Returns:
        The same model.
    """
    for name, parameter in model.named_parameters():
        parameter.requires_grad = any(part in name for part in WHOLE)
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and ".encoder." in name:
            model.set_submodule(name, LowRank(module, rank))
    return model


def tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return what a model made by `add_low_rank` has learned, in half precision, as a delta names it."""
    found = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            layer, _, factor = name.rpartition(".")
            scale = model.get_submodule(layer).scale if factor == "up" else 1.0
            found[name] = (scale * parameter.detach()).to(torch.float16).contiguous()
    return found


def save(model: nn.Module, file: str | Path) -> None:
    """Write what a model made by `add_low_rank` has learned as a delta file."""
    save_file(tensors(model), file)


def apply(model: nn.Module, file: str | Path) -> nn.Module:
    """Add a delta to a model of the architecture it was trained with, in place.

    Raises:
        ValueError: the file is missing, or holds what fits no parameter of the model.
    """
    if not Path(file).is_file():
        raise ValueError(f"{file} is missing. It comes with the course: fetch the course again.")
    delta, parameters = load_file(file), dict(model.named_parameters())
    for name, value in delta.items():
        layer, _, factor = name.rpartition(".")
        if factor == "up":  # goes with its `down`
            continue
        target, value = name, value.float()
        if factor == "down":
            target, value = f"{layer}.weight", delta[f"{layer}.up"].float() @ value
        if target not in parameters or parameters[target].shape != value.shape:
            raise ValueError(
                f"{file} holds {name!r}, an update of shape {tuple(value.shape)}, which fits no "
                f"parameter of {type(model).__name__}. Use the class that it was trained with."
            )
        parameter = parameters[target].data
        parameter.copy_(parameter + value if factor == "down" else value)
    return model
