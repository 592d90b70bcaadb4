"""The frozen boundary: where the part of an encoder ends that training does not change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

PARTS = {"embeddings", "encoder", "transformer", "pooler"}  # of BERT, RoBERTa, DistilBERT


def layer_stack(model: nn.Module) -> nn.Module:
    """Return the module of an encoder whose `layer` holds its layers, the first one first.

    Args:
        model: a transformers model with a head, or its encoder.

    Raises:
        ValueError: an encoder with other parts: none can tell where it would start.
    """
    base = model.base_model
    parts = {name for name, _ in base.named_children()}
    stack = getattr(base, "encoder", None) or getattr(base, "transformer", None)
    if not hasattr(stack, "layer") or not hasattr(base, "embeddings") or parts - PARTS:
        raise ValueError(
            f"{type(base).__name__} has the parts {', '.join(sorted(parts))}. Features can be cached "
            "of encoders like BERT's or DistilBERT's: embeddings, then a list of layers."
        )
    return stack


def frozen_boundary(model: nn.Module) -> int | None:
    """Return how many leading layers are wholly frozen, with the embeddings before them.

    Args:
        model: a transformers model, frozen in any way.

    Returns:
        Layers, from 0 to all of them; None where the embeddings train.

    Raises:
        ValueError: as `layer_stack`.

    Taught in: lesson 06.
    """

    def is_frozen(module):
        return not any(parameter.requires_grad for parameter in module.parameters())

    frozen = [is_frozen(layer) for layer in layer_stack(model).layer]
    if not is_frozen(model.base_model.embeddings):
        return None
    return [*frozen, False].index(False)


def keep_frozen_in_eval(model: nn.Module) -> nn.Module:
    """Make `model.train()` leave wholly frozen modules in eval mode, now and at each later call.

    Args:
        model: any model; what is frozen is looked up at each call.

    Returns:
        The same model, in train mode but for its frozen modules.

    Taught in: lesson 06.
    """

    def train(mode=True):
        type(model).train(model, mode)
        for module in model.modules():
            flags = [parameter.requires_grad for parameter in module.parameters()]
            if flags and not any(flags):
                module.eval()
        return model

    model.train = train
    return model.train()


class PassThrough(nn.Module):
    """Stands in for the embeddings: what comes in is already past them."""

    def forward(self, input_ids=None, inputs_embeds=None, *others, **named):
        """Return `inputs_embeds`, (batch, seq_len, hidden), as it is."""
        return inputs_embeds


@contextmanager
def starting_at(model: nn.Module, boundary: int) -> Iterator[nn.Module]:
    """Let a model start behind its frozen layers meanwhile; its parameters stay the same objects.

    Args:
        model: a transformers model; its input is then "inputs_embeds", the hidden states at the boundary.
        boundary: how many layers to leave out; 0 leaves out the embeddings only.

    Yields:
        The same model; afterwards it is whole again.

    Raises:
        ValueError: as `layer_stack`.

    Taught in: lesson 06.
    """
    base, stack = model.base_model, layer_stack(model)
    embeddings, layers = base.embeddings, stack.layer
    base.embeddings, stack.layer = PassThrough(), layers[boundary:]
    try:
        yield model
    finally:
        base.embeddings, stack.layer = embeddings, layers


@contextmanager
def stopping_at(model: nn.Module, boundary: int) -> Iterator[nn.Module]:
    """Leave out the layers from a boundary on meanwhile: nobody needs them for the hidden states there.

    Args:
        model: a transformers model.
        boundary: how many layers to keep.

    Yields:
        The same model; afterwards it is whole again.

    Raises:
        ValueError: as `layer_stack`.
    """
    stack = layer_stack(model)
    layers = stack.layer
    stack.layer = layers[:boundary]
    try:
        yield model
    finally:
        stack.layer = layers
