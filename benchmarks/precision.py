"""Compare scores of lessons 01 and 03 after training in float32 and in bfloat16, over eight seeds.

python -m benchmarks precision      about twenty minutes on one core
"""

import os
import statistics
from collections.abc import Callable
from functools import partial

import torch
from accelerate.state import AcceleratorState
from tqdm.auto import tqdm

from benchmarks.report import by_turns, publish
from helpers import course
from labs.freezing.decide import p_value
from labs.freezing.experiment import Experiment, load_experiment

SEEDS = range(42, 50)
LESSONS = ("01", "03")
PRECISIONS = {"fp32": "no", "bf16": "bf16"}  # ours -> Accelerate's name
HEAD = "lesson | F1 in float32 | spread of the seeds | F1 in bfloat16 | spread of the seeds"
HEAD += " | bfloat16 minus float32, mean of the pairs | p of the pairs"


def train(experiment: Experiment, precision: str, seed: int, **settings) -> float:
    """Return the score of one run."""
    os.environ["ACCELERATE_MIXED_PRECISION"] = PRECISIONS[precision]
    AcceleratorState._reset_state(reset_partial_state=True)  # else it is read once a process
    return experiment.run("none", cached=False, seed=seed, **settings).f1


def measure(run: Callable[[str, int], float], seeds=SEEDS) -> dict[str, list[float]]:
    """Return precision -> a score for each seed, made by `run`(precision, seed), by turns."""
    taken = by_turns({name: partial(run, name) for name in PRECISIONS}, tqdm(seeds))
    return {name: [score for _, score in taken[name]] for name in PRECISIONS}


def summary(lesson: str, scores: dict[str, list[float]]) -> tuple[tuple, bool]:
    """Return a row of the table, and whether the means differ by less than the seeds' deviation."""
    gaps = [low - full for low, full in zip(scores["bf16"], scores["fp32"], strict=True)]
    gap, figures = statistics.mean(gaps), []
    for each in scores.values():
        figures += [f"{statistics.mean(each):.3f}", f"{statistics.stdev(each):.3f}"]
    alike = abs(gap) < min(statistics.stdev(each) for each in scores.values())
    return (lesson, *figures, f"{gap:+.3f}", f"{p_value(gaps):.2f}"), alike


def main() -> int:
    """Measure, write the section, and fail where a score changes by more than the seeds do."""
    torch.set_num_threads(1)
    found = []
    for number in LESSONS:
        lesson = course.start(number)
        settings = {"epochs": lesson.epochs, "learning_rate": lesson.learning_rate}
        scores = measure(partial(train, load_experiment(lesson), **settings))
        found.append(summary(number, scores))
    rows, alike = zip(*found, strict=True)
    claim = "bfloat16 changes the mean by less than the seeds' standard deviation"
    return publish("precision", HEAD, rows, claim, all(alike))
