"""Compare the classic freezing strategies on all of Rotten Tomatoes: all layers, partly frozen, head only.

COURSE_TRACK=full COURSE_CHECKPOINT=bundled python -m benchmarks.classic_freezing
    about a quarter of an hour on one core; Rotten Tomatoes comes from COURSE_MIRROR or the Hub
python -m benchmarks.classic_freezing --only first-5     one strategy; runs already recorded are skipped
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm.auto import tqdm

import helpers
from helpers import course, runs
from labs.freezing.experiment import load_experiment

NAME = "classic_freezing"
# The classic froze the embeddings and ten of twelve layers; five of six are as large a share.
STRATEGIES = ("head-only", "first-5", "none")
SEEDS = (42, 43, 44)
# The classic took one rate for all, 2e-5, which suits a model of five times the size: small ones want more.
SETTINGS = {"epochs": 1, "batch_size": 16, "learning_rate": 2e-4}


def unfinished() -> Path:
    """Return where runs are kept until all are there."""
    return helpers.ROOT / "_runs" / f"{NAME}.jsonl"


def missing(file: Path) -> list[tuple[str, int]]:
    """Return strategy and seed of the runs that a file lacks."""
    rows = runs.read(file=file)
    done = set(zip(rows["run"], rows["seed"], strict=True))
    return [(name, seed) for name in STRATEGIES for seed in SEEDS if (name, seed) not in done]


def measure(jobs, file: Path, experiment) -> None:
    """Run strategies and seeds, and record each run as it ends."""
    settings = {"rows": len(experiment.train), **SETTINGS}
    for strategy, seed in jobs:
        with tqdm(total=experiment.steps(1), desc=f"{strategy}, seed {seed}") as bar:
            result = experiment.run(
                strategy,
                seed=seed,
                epochs=SETTINGS["epochs"],
                learning_rate=SETTINGS["learning_rate"],
                after_step=lambda loss, bar=bar: bar.update() if loss == loss else None,
            )
        row = runs.record(
            "06", strategy, seed=seed, settings=settings, file=file, **result._asdict()
        )
        print(strategy, seed, f"F1 {row['f1']:.3f}", f"{row['seconds']:.0f} s", flush=True)


def main() -> int:
    """Measure what is missing; put the runs into place once all are there."""
    parser = argparse.ArgumentParser("python -m benchmarks.classic_freezing", description=__doc__)
    parser.add_argument("--only", choices=STRATEGIES, help="one strategy")
    parser.add_argument("--runs", type=int, default=len(STRATEGIES) * len(SEEDS), help="at most")
    options = parser.parse_args()
    if helpers.track() != "full":
        raise SystemExit("The classic data are those of the full track: set COURSE_TRACK=full.")
    lesson = course.start("06")
    lesson.settings["batch_size"] = SETTINGS["batch_size"]
    file = unfinished()
    jobs = [job for job in missing(file) if options.only in (None, job[0])][: options.runs]
    if jobs:
        experiment = load_experiment(lesson)
        experiment.average = "binary"  # the classic figure
        measure(jobs, file, experiment)
    if missing(file):
        print(f"{len(missing(file))} runs are missing; run this again.")
        return 0
    runs.BUNDLED.mkdir(exist_ok=True)
    file.replace(runs.BUNDLED / f"{NAME}.jsonl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
