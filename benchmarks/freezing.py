"""Compare a sweep over freezing strategies through the cache with one through the whole model.

python -m benchmarks freezing      about twenty minutes on one core
"""

import random
import time
from contextlib import nullcontext

import pandas as pd
import torch

from benchmarks.report import publish, random_batches
from helpers import course
from helpers.freezing import (
    cache_frozen_features,
    freeze,
    frozen_boundary,
    keep_frozen_in_eval,
    pad_features,
    starting_at,
)
from helpers.loop import fit, load_batches, score
from labs.freezing.decide import p_value
from labs.freezing.experiment import Experiment, load_experiment

LEAST = 3.0  # times less training time than the classic recipe
SEEDS, EPOCHS = range(42, 50), 2
# They differ near the top, layer 5, where freezing is decided, so that each has much to cache.
RATES = {
    "head-only": 1e-1,
    "first-6": 5e-3,
    r"train:layer\.5\..*LayerNorm": 2e-2,
    r"train:layer\.5\..*bias": 1e-2,
    "first-5": 4e-4,
    "first-4": 4e-4,
}
# Through the cache; through the whole model with the same batches; with random batches
WAYS = ("cached", "same", "classic")
HEAD = "strategy | times faster: same batches | random batches | F1 cached | same | random"


def train(experiment: Experiment, way: str, strategy: str, seed: int, settings: dict) -> dict:
    """Train one model by one of `WAYS` and return a row: way, strategy, seed, seconds, F1.

    `seed` is that of head, batches and dropout; `settings` are "epochs" and "learning_rate". The
    seconds are those of processor time, without caching and scoring.
    """
    model = keep_frozen_in_eval(freeze(experiment.new_model(seed), strategy))
    boundary = frozen_boundary(model)
    features, evaluation = experiment.cached(boundary)  # proved to give the same logits
    torch.manual_seed(seed)
    load = random_batches if way == "classic" else load_batches
    rows, collator, begun = experiment.train, experiment.collator, nullcontext()
    if way == "cached":
        rows, collator, begun = features, pad_features, starting_at(model, boundary)
    start = time.process_time()
    with begun:
        loader = load(rows, experiment.batch_size, collator, seed)
        accelerator = fit(model, loader, **settings)
    seconds = time.process_time() - start
    with starting_at(model, boundary):
        f1 = score(accelerator, model, evaluation, pad_features)
    return {"way": way, "strategy": strategy, "seed": seed, "seconds": seconds, "f1": f1}


def measure(experiment: Experiment, rates: dict, seeds, epochs: int) -> tuple[float, pd.DataFrame]:
    """Train by all strategies, seeds and ways; return seconds of caching, a row of `train` a run.

    The seconds, of processor time, are those of the training rows at all boundaries, in one pass;
    the evaluation rows, which every way is scored on, are cached untimed.
    """
    boundaries = sorted({frozen_boundary(freeze(experiment.outline(), name)) for name in rates})
    model = freeze(experiment.new_model(0), "head-only")
    start = time.process_time()
    cache_frozen_features(model, experiment.train, experiment.collator, boundaries)
    caching = time.process_time() - start
    experiment.cache(boundaries)
    rows, order = [], random.Random(0)
    for strategy, rate in rates.items():
        settings = {"epochs": epochs, "learning_rate": rate}
        for seed in seeds:
            for way in order.sample(WAYS, len(WAYS)):  # none always goes first
                rows.append(train(experiment, way, strategy, seed, settings))
                print(rows[-1], flush=True)
    return caching, pd.DataFrame(rows)


def summary(caching: float, taken: pd.DataFrame) -> tuple[list[tuple], dict[str, float]]:
    """Return the table's rows, and how many times faster the cache is than each other way."""
    spent = taken.pivot_table("seconds", "strategy", "way", "sum", sort=False)
    scores = taken.groupby(["strategy", "way"], sort=False)["f1"].agg(["mean", "min", "max"])
    lines = []
    for strategy, each in spent.iterrows():
        speed = [f"{each[way] / each['cached']:.1f}" for way in ("same", "classic")]
        bands = [scores.loc[strategy, way] for way in WAYS]
        shown = [f"{b['mean']:.3f} ({b['min']:.3f} to {b['max']:.3f})" for b in bands]
        lines.append((f"`{strategy}`", *speed, *shown))
    total = spent.sum()
    ratios = {way: total[way] / (total["cached"] + caching) for way in ("same", "classic")}
    both = [f"{ratio:.2f}" for ratio in ratios.values()]
    lines.append(("**the sweep, caching included**", *both, "", "", ""))
    return lines, ratios


def agreement(taken: pd.DataFrame) -> tuple[float, bool, float]:
    """Compare F1 through the cache with both other ways.

    Returns the largest difference of two F1 of the same strategy, seed and batches; whether in each
    strategy the means of cached and classic differ by less than the seeds do; the smallest p, over
    the strategies, of a paired permutation test of cached against classic.
    """
    scores = taken.pivot_table("f1", ["strategy", "seed"], "way")
    each, gaps = scores.groupby("strategy"), scores["cached"] - scores["classic"]
    spread = (each.max() - each.min())[["cached", "classic"]].max(axis=1)
    alike = gaps.groupby("strategy").mean().abs() <= spread
    least = min(p_value(list(some)) for _, some in gaps.groupby("strategy"))
    return (scores["cached"] - scores["same"]).abs().max(), bool(alike.all()), least


def main() -> int:
    """Measure, write the section, and fail where the claim does not hold."""
    torch.set_num_threads(1)  # threads that wait for each other burn processor time
    experiment = load_experiment(course.start("06"))
    caching, taken = measure(experiment, RATES, SEEDS, EPOCHS)
    lines, ratios = summary(caching, taken)
    gap, alike, p = agreement(taken)
    share = caching / (caching + taken.loc[taken["way"] == "cached", "seconds"].sum())
    below = (
        f"\n\nThe one caching pass is {share:.0%} of the cached sweep's time, and in the last row "
        f"only. With the same batches the largest difference of\ntwo F1 is {gap:.3f}; with random "
        f"batches the means differ by {'less' if alike else 'more'} than the seeds. The smallest p "
        f"of\n{len(RATES)} paired permutation tests of cached against random is {p:.2f}."
    )
    claim = f"{ratios}, at least {LEAST} times less time than the classic recipe is claimed"
    holds = ratios["classic"] >= LEAST and alike
    return publish("freezing", HEAD, lines, claim, holds, below)
