"""Checks of lesson 06."""

from __future__ import annotations

import random
import re
from itertools import combinations, product

from helpers.checks.verdict import Verdict, compare

_MODULES = (
    "attention.self.query",
    "attention.output.LayerNorm",
    "intermediate.dense",
    "output.dense",
)


def _names(layers: int) -> list[str]:
    """Return the names of a small BERT's parameters, in the model's order."""
    modules = ["bert.embeddings.word_embeddings", "bert.embeddings.LayerNorm"]
    modules += [f"bert.encoder.layer.{n}.{module}" for n in range(layers) for module in _MODULES]
    modules += ["bert.pooler.dense", "classifier"]
    return [f"{module}.{kind}" for module in modules for kind in ("weight", "bias")]


def _training(names, pattern, *, found=re.search, head=True):
    return [name for name in names if (found(pattern, name) if name.startswith("bert.") else head)]


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
    cases = [(few, "nowhere"), (few, r"layer\.0\..*bias")]
    cases += [(_names(3), pattern) for pattern in patterns]
    for _ in range(20):
        layers = rng.randrange(2, 14)
        layer, part = rng.randrange(layers), rng.choice(("query", "dense", r"Layer\w+", "bias$"))
        cases.append((_names(layers), rf"layer\.{layer}\..*{part}"))
    return compare(
        "names_to_train",
        function,
        _training,
        cases,
        [
            (
                "the head is missing. It is not of the encoder, and always trains.",
                lambda names, pattern: _training(names, pattern, head=False),
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


def _megabytes(parts, *, frozen=4, trained=16, unit=1e6):
    return sum(count * (trained if trains else frozen) for count, trains in parts) / unit


def check_training_megabytes(function) -> Verdict:
    """Check `training_megabytes(parts) -> float`: weights, and of what trains gradients and Adam's averages."""
    rng = random.Random()
    cases: list[tuple] = [
        ([(1_000_000, True)],),
        ([(1_000_000, False)],),
        ([(11_918_592, False), (10_646_784, True), (770, True)],),
        ([],),
    ]
    for _ in range(20):
        parts = [
            (rng.randrange(1, 9_000_000), rng.random() < 0.5) for _ in range(rng.randrange(1, 9))
        ]
        cases.append(([(3, True), (5, False), *parts],))
    return compare(
        "training_megabytes",
        function,
        _megabytes,
        cases,
        [
            (
                "what is frozen is counted as if it trained. It has weights, and nothing else.",
                lambda parts: _megabytes(parts, frozen=16),
            ),
            (
                "what is frozen is left out. Its weights are in memory all the same.",
                lambda parts: _megabytes(parts, frozen=0),
            ),
            (
                "a trained parameter has its weight, its gradient and Adam's two averages: one of them is missing.",
                lambda parts: _megabytes(parts, trained=12),
            ),
            (
                "Adam's averages are missing. It keeps two of each trained parameter.",
                lambda parts: _megabytes(parts, trained=8),
            ),
            (
                "a megabyte is a million bytes here, not 2 to the power of 20.",
                lambda parts: _megabytes(parts, unit=2**20),
            ),
        ],
    )


_LAYER = re.compile(r"\.layer\.(\d+)\.")


def _flags(parameters) -> dict[int, list[bool]]:
    flags: dict[int, list[bool]] = {}
    for name, trains in parameters:
        if match := _LAYER.search(name):
            flags.setdefault(int(match[1]), []).append(trains)
    return flags


def _frozen_layers(parameters, *, embeddings=True, trains=any, leading=True, order=int):
    if embeddings and any(flag for name, flag in parameters if "embeddings" in name):
        return None
    flags = _flags(parameters)
    frozen = [not trains(flags[layer]) for layer in sorted(flags, key=order)]
    return [*frozen, False].index(False) if leading else sum(frozen)


def check_frozen_layers(function) -> Verdict:
    """Check `frozen_layers(parameters) -> int | None`: wholly frozen layers from the first one on."""
    rng = random.Random()

    def model(layers, trains):
        return ([(name, trains(name)) for name in _names(layers)],)

    def from_layer(first):
        return lambda name: (
            int(_LAYER.search(name)[1]) >= first
            if ".layer." in name
            else ("embeddings" not in name)
        )

    cases = [
        model(3, from_layer(2)),
        model(3, from_layer(0)),
        model(3, lambda name: name.startswith("classifier")),
        model(3, lambda name: True),
        model(3, lambda name: name.endswith("bias")),
        model(4, lambda name: "layer.1." in name),
        model(4, lambda name: "layer.2." in name and "bias" in name),
        model(12, lambda name: "layer.10." in name),
        model(12, lambda name: "layer.1." in name or "layer.11." in name),
        model(12, from_layer(11)),
    ]
    for _ in range(20):
        layers = rng.randrange(1, 14)
        cases.append(model(layers, from_layer(rng.randrange(layers + 1))))
        chosen = rng.sample(range(layers), rng.randrange(layers))
        cases.append(
            model(layers, lambda name, chosen=chosen: any(f"layer.{n}." in name for n in chosen))
        )
    return compare(
        "frozen_layers",
        function,
        _frozen_layers,
        cases,
        [
            (
                "the embeddings are forgotten. Where they train, no hidden state stays: None.",
                lambda parameters: _frozen_layers(parameters, embeddings=False),
            ),
            (
                "it counts frozen layers behind a trained one. Their input changes: count from the first on.",
                lambda parameters: _frozen_layers(parameters, leading=False),
            ),
            (
                "a layer counts as frozen although some of it trains. Wholly frozen ones do not change.",
                lambda parameters: _frozen_layers(parameters, trains=all),
            ),
            (
                "layer 10 comes before layer 2. Compare numbers, not texts.",
                lambda parameters: _frozen_layers(parameters, order=str),
            ),
        ],
    )


def _passes(layers, boundaries, epochs, seeds, *, caching=max, backward=2, through=False, shared=1):
    runs = epochs * seeds
    known = [boundary for boundary in boundaries if boundary is not None]
    plain = cached = 0
    for boundary in boundaries:
        trained = layers - (boundary or 0)
        plain += runs * (layers + backward * (layers if through else trained))
        cached += runs * (1 + backward) * trained
    return plain, cached + shared * (caching(known) if known else 0)


def check_sweep_passes(function) -> Verdict:
    """Check `sweep_passes(layers, boundaries, epochs, seeds) -> (plain, cached)`: layer passes of a row."""
    rng = random.Random()
    cases: list[tuple] = [
        (6, [5], 3, 3),
        (6, [6, 6, 5, 4], 3, 3),
        (6, [None], 2, 1),
        (6, [None, 3, 5], 2, 3),
        (12, [0, 10], 1, 2),
    ]
    for _ in range(20):
        layers = rng.randrange(2, 25)
        known = [rng.randrange(1, layers + 1) for _ in range(rng.randrange(2, 6))]
        unknown = [None] * rng.randrange(2)
        cases.append((layers, known + unknown, rng.randrange(2, 6), rng.randrange(2, 6)))

    def mistaken(**options):
        return lambda *case: _passes(*case, **options)

    return compare(
        "sweep_passes",
        function,
        _passes,
        cases,
        [
            (
                "the caching pass is missing. Someone has to compute what is kept.",
                mistaken(shared=0),
            ),
            (
                "each strategy caches for itself. One pass up to the highest boundary gives all of them.",
                mistaken(caching=sum),
            ),
            (
                "caching comes again with every seed. Frozen layers are the same for all seeds.",
                lambda layers, boundaries, epochs, seeds: _passes(
                    layers, boundaries, epochs, seeds, shared=seeds
                ),
            ),
            (
                "the backward pass goes through frozen layers. It ends at the boundary.",
                mistaken(through=True),
            ),
            ("a layer's backward pass costs two passes, not one.", mistaken(backward=1)),
        ],
    )


def _luck(first, second, *, size=abs, strict=False):
    gaps = [one - other for one, other in zip(first, second, strict=True)]
    seen = size(sum(gaps))
    flips = [
        size(sum(sign * gap for sign, gap in zip(signs, gaps, strict=True)))
        for signs in product((1, -1), repeat=len(gaps))
    ]
    return sum(flip > seen if strict else flip >= seen for flip in flips) / len(flips)


def _luck_unpaired(first, second):
    pool, count = [*first, *second], len(first)
    seen, total = abs(sum(first) - sum(second)), sum(pool)
    chosen = [abs(2 * sum(part) - total) for part in combinations(pool, count)]
    return sum(gap >= seen for gap in chosen) / len(chosen)


def _signs_only(first, second):
    def sign(gap):
        return (gap > 0) - (gap < 0)

    gaps = [sign(one - other) for one, other in zip(first, second, strict=True)]
    return _luck(gaps, [0] * len(gaps))


def check_luck(function) -> Verdict:
    """Check `luck(first, second) -> float`: the share of sign flips with a gap as large as the one seen."""
    rng = random.Random()
    cases: list[tuple] = [
        ([74, 71, 70], [70, 68, 69]),
        ([70, 70], [70, 70]),
        ([71, 74, 68], [70, 70, 72]),
        ([60, 62, 61, 63, 60, 64], [70, 69, 71, 66, 75, 68]),
        ([80, 62, 71, 75], [70, 64, 61, 60]),
    ]
    for _ in range(20):
        count = rng.randrange(2, 8)
        first = [rng.randrange(60, 80) for _ in range(count)]
        cases.append((first, [score + rng.randrange(-9, 6) for score in first]))
    return compare(
        "luck",
        function,
        _luck,
        cases,
        [
            (
                "only one side is counted. A gap of the same size the other way is as much luck.",
                lambda first, second: _luck(first, second, size=lambda value: value),
            ),
            (
                "gaps as large as the one seen are not counted. At least as large: the one seen is one of them.",
                lambda first, second: _luck(first, second, strict=True),
            ),
            (
                "the pairs are torn apart. A seed's two scores belong together: swap them, or not.",
                _luck_unpaired,
            ),
            ("it looks at signs only. How far apart the scores are matters too.", _signs_only),
        ],
    )
