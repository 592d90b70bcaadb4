"""The check of lesson 06, Exercise 3 · Find the boundary from names."""

from __future__ import annotations

import random
import re
from itertools import product

from exercises.lesson_06.shared import parameter_names
from exercises.verdict import Verdict, compare

_LAYER = re.compile(r"\.layer\.(\d+)\.")


def _flags(parameters, layer=_LAYER) -> dict[int, list[bool]]:
    flags: dict[int, list[bool]] = {}
    for name, trains in parameters:
        if match := layer.search(name):
            flags.setdefault(int(match[1]), []).append(trains)
    return flags


def _frozen_layers(
    parameters, *, embeddings="embeddings", none=None, trains=any, order=int, layer=_LAYER, end=len
):
    if any(flag for name, flag in parameters if re.search(embeddings, name)):
        return none
    flags = _flags(parameters, layer)
    frozen = [not trains(flags[number]) for number in sorted(flags, key=order)]
    return frozen.index(False) if False in frozen else end(frozen)


def _frozen_anywhere(parameters, count=sum):
    flags = _flags(parameters)
    frozen = [not any(flags[number]) for number in sorted(flags)]
    return _frozen_layers(parameters) if _frozen_layers(parameters) is None else count(frozen)


def _first_as_text(parameters):
    flags = _flags(parameters)
    training = [str(number) for number in flags if any(flags[number])]
    return int(min(training)) if training else len(flags)


def _found_in_longer(parameters):
    """Return the answer of one who looks for "layer.1" in "layer.10" and finds it."""
    numbers = range(len(_flags(parameters)))
    names = [name for name, trains in parameters if trains]
    hits = (number for number in numbers if any(f"layer.{number}" in name for name in names))
    return next(hits, len(numbers))


def _models(rng) -> list[tuple]:
    """Return models as (name, whether it trains), the short ones first."""

    def model(layers, trains):
        return ([(name, trains(name)) for name in parameter_names(layers)],)

    def from_layer(first):
        return lambda name: (
            int(_LAYER.search(name)[1]) >= first
            if ".layer." in name
            else ("embeddings" not in name)
        )

    few = [
        "bert.embeddings.LayerNorm.weight",
        "bert.encoder.layer.0.output.dense.bias",
        "bert.encoder.layer.1.output.dense.bias",
    ]
    cases = [
        ([(name, trains) for name, trains in zip(few, switches, strict=True)],)
        for switches in product((False, True), repeat=3)
    ]
    cases += [
        model(3, from_layer(2)),
        model(3, from_layer(0)),
        model(3, lambda name: name.startswith("classifier")),
        model(3, lambda name: True),
        model(3, lambda name: name.endswith("bias")),
        model(4, lambda name: "layer.1." in name),
        model(4, lambda name: "layer.2." in name and "bias" in name),
        model(4, lambda name: "layer.1.attention.output" in name),
        model(12, lambda name: "layer.10." in name),
        model(12, lambda name: "layer.1." in name or "layer.11." in name),
        model(12, from_layer(11)),
        model(12, from_layer(2)),
    ]
    for _ in range(8):
        layers = rng.randrange(1, 14)
        cases.append(model(layers, from_layer(rng.randrange(layers + 1))))
        chosen = rng.sample(range(layers), rng.randrange(layers))
        cases.append(
            model(layers, lambda name, chosen=chosen: any(f"layer.{n}." in name for n in chosen))
        )
    return cases


def check_frozen_layers(function) -> Verdict:
    """Check `frozen_layers(parameters) -> int | None`: wholly frozen layers from the first one on."""

    def mistaken(**options):
        return lambda parameters: _frozen_layers(parameters, **options)

    embeddings = "the embeddings are forgotten. Where they train, no hidden state stays: None."
    some = "an embedding that trains is overlooked. They have more than one parameter: any of them counts."
    behind = "it counts frozen layers behind a trained one. Their input changes: count from the first on."
    one = "it looks at one parameter of a layer, the others are overwritten. All of them must be frozen."
    ten = "layer 10 is taken for layer 1. Read the whole number, up to the dot behind it."
    text = "layer 10 comes before layer 2. Compare numbers, not texts."
    everything = "where no layer trains, all are frozen: return how many there are, not {}."
    return compare(
        "frozen_layers",
        function,
        _frozen_layers,
        _models(random.Random()),
        [
            (embeddings, mistaken(embeddings="^$")),
            ("where an embedding trains, it returns 0. Return `None`.", mistaken(none=0)),
            (some, mistaken(embeddings="word_embeddings")),
            (
                "with no frozen layer the answer is 0. `None` is for an embedding that trains.",
                lambda parameters: _frozen_layers(parameters) or None,
            ),
            (everything.format("`None`"), mistaken(end=lambda frozen: None)),
            (everything.format("0"), mistaken(end=lambda frozen: 0)),
            (
                everything.format("the last one's number"),
                mistaken(end=lambda frozen: len(frozen) - 1),
            ),
            (behind, _frozen_anywhere),
            (
                behind,
                lambda parameters: _frozen_anywhere(
                    parameters, lambda frozen: len(frozen) - [*frozen[::-1], True].index(True)
                ),
            ),
            (
                "a layer counts as frozen although some of it trains. Wholly frozen ones do not change.",
                mistaken(trains=all),
            ),
            (one, mistaken(trains=lambda flags: flags[-1])),
            (one, mistaken(trains=lambda flags: flags[0])),
            (text, mistaken(order=str)),
            (
                text,
                lambda parameters: (
                    None if _frozen_layers(parameters) is None else _first_as_text(parameters)
                ),
            ),
            (ten, mistaken(layer=re.compile(r"\.layer\.(\d)"))),
            (
                ten,
                lambda parameters: (
                    None if _frozen_layers(parameters) is None else _found_in_longer(parameters)
                ),
            ),
        ],
    )
