"""Freezing part of a model by name, and computing what is frozen only once."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import MethodType

import pandas as pd
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from helpers import IGNORE_INDEX, expect, listed, whole
from helpers.encoder import add_lora, linear_layers, merge_lora

STRATEGIES = "none, head-only, first-K (embeddings and K layers), bias-only, train:PATTERN, lora:RANK[:PATTERN]"
ATTENTION = r"att(entio)?n\b"  # in the names of an attention block's matrices


def layer_number(name: str) -> float:
    """Return which layer of the encoder a parameter belongs to, by its name, the first being 0.

    What comes before the layers (embeddings) or serves all of them counts as -1, what comes behind (a pooler,
    a last norm) as infinity. Taught in: lesson 06.
    """
    if re.search(r"\b(pooler|final_norm)\b", name):
        return math.inf
    layer = re.search(r"layers?\.(\d+)\.", name)
    return int(layer[1]) if layer else -1


def trains(strategy: str, name: str) -> bool:
    """Tell whether a strategy of `freeze` trains a parameter of the encoder; the head always trains.

    `name` is the whole one, "bert.encoder.layer.5.output.dense.bias". Taught in: lesson 06.
    """
    if strategy.startswith("first-"):
        return layer_number(name) >= int(strategy.removeprefix("first-"))
    if strategy.startswith("train:"):
        return bool(re.search(strategy.removeprefix("train:"), name))
    if strategy.startswith("lora:"):
        return ".lora_" in name
    return strategy == "none" or (strategy == "bias-only" and name.endswith("bias"))


def freeze(model: nn.Module, strategy: str) -> nn.Module:
    """Freeze the parameters that a strategy names, make all others trainable, and return the same model.

    "none" freezes nothing; "head-only" the whole encoder; "first-K" the embeddings, what serves all layers, and the
    first K layers; "bias-only" all but biases and head; "train:PATTERN" all but the head and the names in which the
    regular expression is found; "lora:RANK" the whole encoder, with LoRA matrices added to its attention matrices, or,
    by "lora:RANK:PATTERN", to the linear layers so named. Those of an earlier call are merged first. Raises ValueError:
    what `check_strategy` refuses. Taught in: lesson 06.
    """
    check_strategy(model, strategy)
    merge_lora(model)
    if strategy.startswith("lora:"):
        add_lora(model, *lora_parts(strategy))
    for name, parameter in model.named_parameters():
        in_encoder = name.startswith(f"{model.base_model_prefix}.")
        parameter.requires_grad = not in_encoder or trains(strategy, name)
    return model


def lora_parts(strategy: str) -> tuple[int, str]:
    """Return rank and pattern of "lora:8" or "lora:8:query"; without a pattern that of the attention matrices."""
    match = re.fullmatch(r"lora:([1-9]\d*)(?::(.*))?", strategy)
    if not match:
        raise ValueError(f"{strategy!r} names no rank. Write lora:8, or lora:8:PATTERN.")
    return int(match[1]), ATTENTION if match[2] is None else match[2]


def check_strategy(model: nn.Module, strategy: str) -> None:
    """Refuse another strategy, more layers than there are, a pattern that is no expression or found nowhere."""
    strategy, prefix = str(strategy), f"{model.base_model_prefix}."
    names = [name for name, _ in model.named_parameters() if name.startswith(prefix)]
    if not names:
        raise ValueError(
            f"{type(model).__name__} has no encoder {prefix[:-1]!r} beside a head. Pass a model with a head, "
            "AutoModelFor…, neither compiled yet nor wrapped by peft."
        )
    if match := re.fullmatch(r"first-(\d+)", strategy):
        named = any(0 <= layer_number(name) < math.inf for name in names)
        if int(match[1]) > (layers := named * model.config.num_hidden_layers):
            told = f"the model has {layers} that are named layer.N"
            raise ValueError(f"{strategy!r} asks for {match[1]} layers; {told}.")
    elif strategy.startswith("train:"):
        check_pattern(names, strategy.removeprefix("train:"))
    elif strategy.startswith("lora:"):
        check_pattern(linear_layers(model), lora_parts(strategy)[1])
    elif strategy == "bias-only":
        if not any(trains(strategy, name) for name in names):
            kind = type(model).__name__
            raise ValueError(f"{kind} has no biases in its encoder. Use lora:8, for example.")
    elif strategy not in ("none", "head-only"):
        raise ValueError(f"There is no strategy {strategy!r}. Use one of {STRATEGIES}.")


def check_pattern(names: list[str], pattern: str) -> None:
    """Refuse a pattern that `freeze` cannot look up among the encoder's names."""
    some = ", ".join(names[:: max(1, len(names) // 4)][:5])
    if not pattern:
        raise ValueError(f"The pattern is empty. After the colon, write a part of a name: {some}.")
    try:
        found = any(re.search(pattern, name) for name in names)
    except (re.error, OverflowError) as error:  # the latter of a{99999999999}
        remedy = r"Put a backslash before a sign that is meant as it stands: layer\.5\."
        raise ValueError(f"'{pattern}' is no regular expression ({error}). {remedy}") from error
    if not found:
        raise ValueError(f"'{pattern}' is found in no name of the encoder. Names are: {some}.")


def trainable_parameters(model: nn.Module) -> pd.DataFrame:
    """Count a model's parameters, one row a module; modules that only hold others are left out.

    The columns are "module" (its name), "parameters" and "trainable" (how many of them train).
    """
    rows = [
        (name.rpartition(".")[0], value.numel(), value.numel() * value.requires_grad)
        for name, value in model.named_parameters()  # tied weights come once
    ]
    table = pd.DataFrame(rows, columns=["module", "parameters", "trainable"])
    return table.groupby("module", sort=False, as_index=False).sum()


def cache_frozen_features(
    model: nn.Module,
    dataset,
    collator: Callable,
    boundaries: Sequence[int] | None = None,
    batch_size: int = 32,
    after_batch: Callable[[], None] | None = None,
) -> dict[int, list[dict]]:
    """Compute the hidden states at frozen boundaries once, in one pass over tokenized rows.

    A boundary says after how many layers; None is `frozen_boundary(model)`. `collator` makes a padded batch with
    "attention_mask" and "labels", one each row or token; the model is in eval mode meanwhile. Returns boundary -> rows
    in the dataset's order, on the CPU and unpadded: "inputs_embeds", (seq_len, hidden), and "labels", () or (seq_len,).
    Raises ValueError: a boundary beyond the frozen layers, or embeddings that train. Taught in: lesson 06.
    """
    check_boundaries(model, boundaries)
    boundaries = sorted([frozen_boundary(model)] if boundaries is None else boundaries)
    order = sorted(range(len(dataset)), key=lambda row: len(dataset[row]["input_ids"]))
    cached = {boundary: [None] * len(dataset) for boundary in boundaries}
    was_training = model.training
    model.eval()
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        batch = collator([dataset[row] for row in rows])
        batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
        labels, mask = batch.pop("labels").cpu(), batch["attention_mask"].bool().cpu()
        with torch.no_grad(), stopping_at(model, boundaries[-1]) as states:
            model.base_model(**batch)
        for boundary in boundaries:
            for place, row in enumerate(rows):
                label = labels[place] if labels.ndim == 1 else labels[place][mask[place]]
                kept = {"inputs_embeds": states[boundary][place].cpu()[mask[place]]}
                cached[boundary][row] = kept | {"labels": label}
        if after_batch:
            after_batch()
    model.train(was_training)
    return cached


def check_boundaries(model: nn.Module, boundaries: Sequence[int] | None) -> None:
    """Refuse boundaries that `cache_frozen_features` cannot cache."""
    frozen = frozen_boundary(model)
    if frozen is None:
        raise ValueError(
            "The embeddings train, so that hidden states change with every step. There is nothing to "
            "cache: freeze the model first, for example with head-only."
        )
    asked = [0] if boundaries is None else boundaries
    right = listed(asked) and len(asked) and all(whole(one, below=frozen + 1) for one in asked)
    expect(right, "boundaries", boundaries, f"a list of 0 to {frozen}: so many layers are frozen")


def pad_features(rows: Sequence[dict]) -> dict[str, torch.Tensor]:
    """Make a batch of rows from `cache_frozen_features`: padded to the longest, with its attention mask.

    Returns "inputs_embeds", (batch, seq_len, hidden); "attention_mask", (batch, seq_len); "labels", (batch,),
    or (batch, seq_len) padded with IGNORE_INDEX. Taught in: lesson 06.
    """
    states, labels = ([row[name] for row in rows] for name in ("inputs_embeds", "labels"))
    ones = [torch.ones(len(state), dtype=torch.long) for state in states]
    per_token = labels[0].ndim == 1
    return {
        "inputs_embeds": pad_sequence(states, batch_first=True),
        "attention_mask": pad_sequence(ones, batch_first=True),
        "labels": pad_sequence(labels, True, IGNORE_INDEX) if per_token else torch.stack(labels),
    }


def layer_place(model: nn.Module) -> tuple[nn.Module, str]:
    """Return the part of an encoder that holds its list of layers, and the name of the list there.

    Raises ValueError: no such list, as ALBERT's layers are one, or a part beside it reads what they make.
    """
    for part in model.base_model.modules():
        for name in ("layer", "layers"):
            found = getattr(part, name, None)
            if isinstance(found, nn.ModuleList) and not getattr(part, "conv", None):
                return part, name
    raise ValueError(
        f"{type(model.base_model).__name__} has no list of layers that each run alone, so that no "
        "features can be cached: it trains without a cache."
    )


def frozen_boundary(model: nn.Module) -> int | None:
    """Return how many leading layers are wholly frozen, with all before them; None if that trains.

    Raises ValueError: as `layer_place`. Taught in: lesson 06.
    """
    layer_place(model)
    named = model.base_model.named_parameters()
    trained = [layer_number(name) for name, value in named if value.requires_grad]
    first = min(trained, default=math.inf)
    return None if first < 0 else min(first, model.config.num_hidden_layers)


def keep_frozen_in_eval(model: nn.Module) -> nn.Module:
    """Make `model.train()` leave wholly frozen modules in eval mode, now and at each later call.

    What is frozen is looked up at each call. Returns the same model, in train mode. Taught in: lesson 06.
    """

    def train(self, mode=True):
        type(self).train(self, mode)
        for module in [*self.modules()][1:]:
            flags = [parameter.requires_grad for parameter in module.parameters()]
            if flags and not any(flags):
                module.eval()
        return self

    model.train = MethodType(train, model)
    return model.train()


class PassThrough(nn.Module):
    """Stands in for embeddings or for a layer: what comes in is already past them."""

    attention_type = "full_attention"  # ModernBERT asks each layer for it

    def forward(self, states=None, inputs_embeds=None, *others, **named):
        """Return hidden states, (batch, seq_len, hidden), in the form that the caller expects."""
        states = inputs_embeds if states is None else states
        return (states, None) if "output_attentions" in named else states


@contextmanager
def replaced(parts: dict[tuple[nn.Module, str], nn.Module]) -> Iterator[None]:
    """Put other modules in a model's places, (parent, name), meanwhile."""
    before = {place: getattr(*place) for place in parts}
    try:
        for place, part in parts.items():
            setattr(*place, part)
        yield
    finally:
        for place, part in before.items():
            setattr(*place, part)


@contextmanager
def starting_at(model: nn.Module, boundary: int) -> Iterator[nn.Module]:
    """Let a model start behind its frozen layers meanwhile; its parameters stay the same objects.

    Its input is then "inputs_embeds", states after `boundary` layers. Errors as in `layer_place`. Taught in: lesson 06.
    """
    base, place = model.base_model, layer_place(model)
    names = [name for name, _ in base.named_children() if name.startswith("embeddings")]
    front = {(base, name): PassThrough() for name in names}
    layers = torch.nn.ModuleList([*getattr(*place)[boundary:], PassThrough()])
    with replaced(front | {place: layers}):
        yield model


@contextmanager
def stopping_at(model: nn.Module, boundary: int) -> Iterator[list[torch.Tensor]]:
    """Leave out the layers from a boundary on meanwhile; yield a list that collects the hidden states.

    After the model has run, the states after K layers, (batch, seq_len, hidden), are at place K.
    """
    place, states = layer_place(model), []
    layers = nn.ModuleList([*getattr(*place)[:boundary], PassThrough()])

    def keep(layer, inputs, made):
        states.append(made[0] if isinstance(made, tuple) else made)

    hooks = [layers[0].register_forward_pre_hook(lambda layer, inputs: states.append(inputs[0]))]
    hooks += [layer.register_forward_hook(keep) for layer in layers[:boundary]]
    try:
        with replaced({place: layers}):
            yield states
    finally:
        for hook in hooks:
            hook.remove()
