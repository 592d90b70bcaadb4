"""The check of lesson 06, Exercise 1 · What does a pattern train?"""

from __future__ import annotations

import random
import re

from exercises.lesson_06.shared import parameter_names
from exercises.verdict import Verdict, compare


def _training(names, pattern, *, found=re.search, head=lambda name: True):
    return [
        name for name in names if (found(pattern, name) if name.startswith("bert.") else head(name))
    ]


def check_names_to_train(function) -> Verdict:
    """Check `names_to_train(names, pattern) -> list`: encoder names with the pattern, and the head's."""
    rng = random.Random()
    few = [
        "bert.embeddings.LayerNorm.bias",
        "bert.encoder.layer.0.output.dense.bias",
        "classifier.weight",
    ]
    patterns = [
        r"bias$",
        r"layer\.2\.",
        "LayerNorm",
        r"bert\.embeddings",
        r".*query\.bias",
    ]
    cases = [(few, "nowhere"), (few, r"layer\.0\..*bias"), (few, "layernorm")]
    cases += [(["qa_outputs.weight", *few[:2]], "output"), (["cls.bias", *few[1:]], "bias")]
    cases += [(parameter_names(3), pattern) for pattern in patterns]
    for _ in range(20):
        layers = rng.randrange(2, 14)
        layer, part = rng.randrange(layers), rng.choice(("query", "dense", r"Layer\w+", "bias$"))
        names = parameter_names(
            layers, rng.choice(("classifier", "qa_outputs", "cls.seq_relationship"))
        )
        cases.append((names, rf"layer\.{layer}\..*{part}"))
    return compare(
        "names_to_train",
        function,
        _training,
        cases,
        [
            (
                "the head is missing. It is not of the encoder, and always trains.",
                lambda names, pattern: _training(names, pattern, head=lambda name: False),
            ),
            (
                "the head is asked for the pattern too. It always trains, whatever the pattern.",
                lambda names, pattern: [name for name in names if re.search(pattern, name)],
            ),
            *(
                (
                    "the head is not always called `classifier`. It is what does not begin with `bert.`.",
                    lambda names, pattern, other=other: _training(
                        names,
                        pattern,
                        head=lambda name: "classifier" in name or other(pattern, name),
                    ),
                )
                for other in (re.search, lambda pattern, name: False)
            ),
            (
                "the pattern is only tried at the start of a name. It may stand anywhere: re.search.",
                lambda names, pattern: _training(names, pattern, found=re.match),
            ),
            (
                "the pattern must be all of the name. It is found where a part of the name fits.",
                lambda names, pattern: _training(names, pattern, found=re.fullmatch),
            ),
            (
                "the pattern is taken as plain text. It is a regular expression.",
                lambda names, pattern: _training(
                    names, pattern, found=lambda text, name: text in name
                ),
            ),
        ],
    )
