"""Lesson 06's exercises."""

import re
from itertools import combinations, product

from exercises.table import exercise

PARTS = ("attention.self.query", "attention.output.LayerNorm", "intermediate.dense", "output.dense")


def parameter_names(layers: int, head: str = "classifier") -> list[str]:
    """Return the names of a small BERT's parameters, in the model's order."""
    modules = ["bert.embeddings.LayerNorm"]
    modules += [f"bert.encoder.layer.{n}.{part}" for n in range(layers) for part in PARTS]
    modules += ["bert.pooler.dense", head]
    names = [f"{module}.{kind}" for module in modules for kind in ("weight", "bias")]
    return ["bert.embeddings.word_embeddings.weight", *names]


def names_and_patterns(rng):
    encoder = ["bert.embeddings.LayerNorm.bias", "bert.encoder.layer.0.output.dense.bias"]
    few = [*encoder, "classifier.weight"]
    patterns = (r"bias$", r"layer\.2\.", "LayerNorm", r"bert\.embeddings", r".*query\.bias")
    cases = [(few, "nowhere"), (few, r"layer\.0\..*bias"), (few, "layernorm")]
    cases += [(["qa_outputs.weight", *encoder], "output"), (["cls.bias", *few[1:]], "bias")]
    cases += [(["bert.pooler.dense.bias", "bertology.weight", "lm.bert.bias"], "nowhere")]
    cases += [(parameter_names(3), pattern) for pattern in patterns]
    for _ in range(20):
        layers = rng.randrange(2, 14)
        layer, part = rng.randrange(layers), rng.choice(("query", "dense", r"Layer\w+", "bias$"))
        head = rng.choice(("classifier", "qa_outputs", "cls.seq_relationship"))
        cases.append((parameter_names(layers, head), rf"layer\.{layer}\..*{part}"))
    return cases


@exercise(names_and_patterns)
def names_to_train(names, pattern):
    """
    the head is missing. It is not of the encoder, and always trains.
        not name.startswith("bert.") or → name.startswith("bert.") and
    the head is asked for the pattern too. It always trains, whatever the pattern.
        not name.startswith("bert.") or re → re
    the head is not always called `classifier`. It is what does not begin with `bert.`.
        not name.startswith("bert.") → "classifier" in name
        not name.startswith("bert.") or → "classifier" in name or name.startswith("bert.") and
    the pattern is only tried at the start of a name. It may stand anywhere: re.search.
        re.search → re.match
    the pattern must be all of the name. It is found where a part of the name fits.
        re.search → re.fullmatch
    the pattern is taken as plain text. It is a regular expression.
        re.search(pattern, name) → pattern in name
    """
    return [name for name in names if not name.startswith("bert.") or re.search(pattern, name)]


def model_parts(rng):
    cases = [([(1_000_000, True)],), ([(1_000_000, False)],)]
    cases += [([(11_918_592, False), (10_646_784, True), (770, True)],), ([],)]
    for _ in range(20):
        counts = [rng.randrange(1, 9_000_000) for _ in range(rng.randrange(1, 9))]
        cases.append(([(3, True), (5, False), *((n, rng.random() < 0.5) for n in counts)],))
    return cases


@exercise(model_parts)
def training_megabytes(parts):
    """
    what is frozen is counted as if it trained. It has weights, and nothing else.
        else 4 → else 16
    what is frozen is left out. Its weights are in memory all the same.
        else 4 → else 0
    the weights are missing. Gradient and averages come on top of them.
        (16 if trains else 4) → (12 if trains else 0)
    a trained parameter has its weight, its gradient and Adam's two averages: one of them is missing.
        16 if → 12 if
    Adam's averages are missing. It keeps two of each trained parameter.
        16 if → 8 if
    a megabyte is a million bytes here, not 2 to the power of 20.
        / 1e6 → / 2**20
    these are bytes. Divide by a million.
        parts) / 1e6 → parts)
    these are millions of numbers. Each takes four bytes.
        16 if trains else 4 → 4 if trains else 1
    what trains and what is frozen are swapped.
        16 if trains else 4 → 4 if trains else 16
    only the first part is counted. Is the `return` inside the loop?
        = right(parts[:1]) if parts else None
    """
    return sum(count * (16 if trains else 4) for count, trains in parts) / 1e6


def matrices(rng):
    cases = [([(384, 384)], 8), ([(384, 1536), (1536, 384)], 4), ([], 8)]
    for _ in range(20):
        shapes = [tuple(rng.choices(range(1, 3000), k=2)) for _ in range(rng.randrange(1, 9))]
        cases.append((shapes, rng.choice((1, 2, 4, 16, 64))))
    return cases


@exercise(matrices)
def lora_parameters(shapes, rank):
    """
    whole matrices are counted. LoRA adds two thin ones, A and B, to each.
        rank * (rows + columns) → rows * columns
    only A is counted. B has rows * rank numbers more.
        rows + columns → columns
    only B is counted. A has rank * columns numbers more.
        rows + columns → rows
    only the first matrix is counted. Add up what all of them get.
        = rank * sum(shapes[0])
    the rank is left out. A has `rank` rows, and B has `rank` columns.
        rank * (rows + columns) → rows + columns
    A's numbers are multiplied by B's. Add them: each matrix holds numbers of its own.
        rank * (rows + columns) → rank * rows * rank * columns
        rank * (rows + columns) → rank * rows * columns
    """
    return sum(rank * (rows + columns) for rows, columns in shapes)


def of_layers(numbers):
    """Return a pattern of the names of some layers."""
    return rf"layer\.({'|'.join(map(str, numbers))})\."


def named_parameters(rng):
    few = ["bert.embeddings.LayerNorm.weight"]
    few += [f"bert.encoder.layer.{n}.output.dense.bias" for n in range(2)]
    models = [list(zip(few, flags, strict=True)) for flags in product((False, True), repeat=3)]
    above = {first: "pooler|classifier|" + of_layers(range(first, 14)) for first in range(14)}
    rules = [(3, above[2]), (3, above[0]), (3, "classifier"), (3, ""), (3, "bias$"), (3, "word_")]
    rules += [(4, of_layers([1])), (4, r"layer\.2\..*bias"), (4, r"layer\.1\.attention\.output")]
    rules += [(4, r"layer\.1\.attention\.self"), (12, of_layers([10])), (12, of_layers([1, 11]))]
    rules += [(12, above[11]), (12, above[2])]
    for size in rng.choices(range(1, 14), k=8):
        rules.append((size, above[rng.randrange(size + 1)]))
        rules.append((size, of_layers(rng.sample(range(size), rng.randrange(size)))))
    models += [
        [(n, bool(re.search(rule, n))) for n in parameter_names(size)] for size, rule in rules
    ]
    return [(model,) for model in models]


@exercise(named_parameters)
def frozen_layers(parameters):
    r"""
    the embeddings are forgotten. Where they train, no hidden state stays: None.
        "embeddings" in name → False
    where an embedding trains, it returns 0. Return `None`.
        return None → return 0
    an embedding that trains is overlooked. They have more than one parameter: any of them counts.
        "embeddings" → "word_embeddings"
        "embeddings" → "embeddings.LayerNorm"
        if any(trains for name → if all(trains for name
    with no frozen layer the answer is 0. `None` is for an embedding that trains.
        = right(parameters) or None
    where no layer trains, all are frozen: return how many there are, not `None`.
        default=len(layers) → default=None
    where no layer trains, all are frozen: return how many there are, not 0.
        default=len(layers) → default=0
    where no layer trains, all are frozen: return how many there are, not the last one's number.
        default=len(layers) → default=max(layers)
    it counts frozen layers behind a trained one. Their input changes: count from the first on.
        min(moving, default=len(layers)) → len(layers) - len(moving)
        min(moving, default=len(layers)) → max(set(layers) - set(moving), default=-1) + 1
    a layer counts as frozen although some of it trains. Wholly frozen ones do not change.
        any(flags) → all(flags)
    it looks at one parameter of a layer, the others are overwritten. All of them must be frozen.
        any(flags) → flags[-1]
        any(flags) → flags[0]
    layer 10 comes before layer 2. Compare numbers, not texts.
        min(moving, default=len(layers)) → [*(n in moving for n in sorted(layers, key=str)), True].index(True)
        min(moving, → min(moving, key=str,
    layer 10 is taken for layer 1. Read the whole number, up to the dot behind it.
        (\d+)\. → (\d)
        any(flags) → any(trains and f"layer.{layer}" in name for name, trains in parameters)
    """
    if any(trains for name, trains in parameters if "embeddings" in name):
        return None
    layers = {}
    for name, trains in parameters:
        if match := re.search(r"\.layer\.(\d+)\.", name):
            layers.setdefault(int(match[1]), []).append(trains)
    moving = [layer for layer, flags in layers.items() if any(flags)]
    return min(moving, default=len(layers))


def sweeps(rng):
    cases = [(6, [5], 3, 3), (6, [6, 6, 5, 4], 3, 3), (6, [None], 2, 1), (6, [None, 3, 5], 2, 3)]
    cases += [(12, [0, 10], 1, 2)]
    for _ in range(20):
        layers = rng.randrange(2, 25)
        known = [rng.randrange(1, layers + 1) for _ in range(rng.randrange(2, 6))]
        unknown = [None] * rng.randrange(2)
        cases.append((layers, known + unknown, rng.randrange(2, 6), rng.randrange(2, 6)))
    return cases


@exercise(sweeps)
def sweep_passes(layers, boundaries, epochs, seeds):
    """
    the caching pass is missing. Someone has to compute what is kept.
        cached + max(starts) → cached
    each strategy caches for itself. One pass up to the highest boundary gives all of them.
        max(starts) → sum(starts)
        max(starts) → sum(set(starts))
        max(starts) → len(starts) * max(starts)
    caching comes again with every seed. Frozen layers are the same for all seeds.
        max(starts) → seeds * max(starts)
    caching comes again with every epoch. Frozen layers are the same for all epochs.
        max(starts) → epochs * max(starts)
    caching comes again with every run. Frozen layers are the same for all runs.
        max(starts) → runs * max(starts)
    the caching pass costs 1 a layer. Nothing trains in it: it has no backward pass.
        max(starts) → 3 * max(starts)
    the caching pass goes on to the top. It ends at the highest boundary.
        max(starts) → (layers if any(starts) else 0)
    the backward pass goes through frozen layers. It ends at the boundary.
        layers + 2 * (layers - start) → 3 * layers
    a layer's backward pass costs two passes, not one.
        layers + 2 * → layers + ; 3 * → 2 *
    the plain sweep leaves out frozen layers. It runs all of them forward, each time.
        layers + 2 * → 3 *
    the seeds are missing. Every strategy is trained with each of them.
        epochs * seeds → epochs
    the epochs are missing. Each goes through the row again.
        epochs * seeds → seeds
    strategies whose boundary is `None` are left out. They train all layers.
        boundary or 0 for boundary in boundaries → boundary for boundary in boundaries if boundary is not None
    """
    starts, runs = [boundary or 0 for boundary in boundaries], epochs * seeds
    plain = runs * sum(layers + 2 * (layers - start) for start in starts)
    cached = runs * sum(3 * (layers - start) for start in starts)
    return plain, cached + max(starts)


def paired_scores(rng):
    cases = [([74, 71, 70], [70, 68, 69]), ([70, 70], [70, 70]), ([71, 74, 68], [70, 70, 72])]
    cases += [([60, 62, 61, 63, 60, 64], [70, 69, 71, 66, 75, 68])]
    cases += [([80, 62, 71, 75], [70, 64, 61, 60])]
    for _ in range(20):
        first = [rng.randrange(60, 80) for _ in range(rng.randrange(2, 8))]
        cases.append((first, [score + rng.randrange(-9, 6) for score in first]))
    return cases


def luck_unpaired(first, second):
    """Return the share of ways to deal out all scores anew, whatever their seeds."""
    seen, total = abs(sum(first) - sum(second)), sum(first + second)
    gaps = [abs(2 * sum(part) - total) for part in combinations(first + second, len(first))]
    return sum(gap >= seen for gap in gaps) / len(gaps)


@exercise(paired_scores)
def luck(first, second):
    """
    only one side is counted. A gap of the same size the other way is as much luck.
        abs(total) >= abs(sums[0]) → total >= sums[0]
    only gaps that point one way are counted. Take the size of every way's gap: abs.
        abs(total) → total
    gaps as large as the one seen are not counted. At least as large: the one seen is one of them.
        >= → >
    the way without a swap is missing. It is one of the ways, and its gap is the one seen.
        in sums) / len(sums) → in sums[1:]) / len(sums[1:])
    that is how many ways there are. Divide by the number of all.
        in sums) / len(sums) → in sums)
    the pairs are torn apart. A seed's two scores belong together: swap them, or not.
        = luck_unpaired(first, second)
    it looks at signs only. How far apart the scores are matters too.
        = right([(one > other) - (one < other) for one, other in zip(first, second)], [0] * len(first))
    """
    sums = [0]
    for one, other in zip(first, second, strict=True):
        sums = [total + gap for total in sums for gap in (one - other, other - one)]
    return sum(abs(total) >= abs(sums[0]) for total in sums) / len(sums)
