"""Freezing part of a model, by name."""

from __future__ import annotations

import re

from torch import nn

STRATEGIES = "none, head-only, first-K (embeddings and K layers), bias-only"


def freeze(model: nn.Module, strategy: str) -> nn.Module:
    """Freeze the parameters that a strategy names and make all others trainable.

    Args:
        model: a transformers model with a head; its encoder is `model.base_model`.
        strategy: "none" freezes nothing; "head-only" the whole encoder; "first-K" the embeddings and
            the encoder's first K layers ("first-0": the embeddings); "bias-only" all but biases and head.

    Returns:
        The same model.

    Raises:
        ValueError: no such strategy, or more layers than the model has.
    """
    layers = model.config.num_hidden_layers
    prefix = f"{model.base_model_prefix}."
    match = re.fullmatch(r"first-(\d+)", strategy)
    if match and int(match[1]) > layers:
        raise ValueError(f"{strategy!r} asks for {match[1]} layers; the model has {layers}.")
    if not match and strategy not in ("none", "head-only", "bias-only"):
        raise ValueError(f"There is no strategy {strategy!r}. Use one of {STRATEGIES}.")
    for name, parameter in model.named_parameters():
        in_encoder = name.startswith(prefix)
        if match:
            layer = re.search(r"\.layers?\.(\d+)\.", name)
            frozen = in_encoder and (
                "embeddings." in name if layer is None else int(layer[1]) < int(match[1])
            )
        elif strategy == "bias-only":
            frozen = in_encoder and not name.endswith("bias")
        else:
            frozen = in_encoder and strategy == "head-only"
        parameter.requires_grad = not frozen
    return model
