"""Compare the classic freezing strategies on all of Rotten Tomatoes: all layers, partly frozen, head only.

COURSE_TRACK=full COURSE_CHECKPOINT=bundled python -m benchmarks.classic_freezing
    about a quarter of an hour on one core, and goes on where it was stopped; Rotten Tomatoes comes from
    COURSE_MIRROR or the Hub
"""

from itertools import product
from pathlib import Path

from tqdm.auto import tqdm

import helpers
from benchmarks import report
from helpers import course, runs
from labs.freezing.experiment import load_experiment

UNFINISHED = helpers.ROOT / "_runs" / "classic_freezing.jsonl"  # until all runs are there
# The classic froze the embeddings and ten of twelve layers; five of six are as large a share.
STRATEGIES = ("head-only", "first-5", "none")
SEEDS = (42, 43, 44)
# The classic took one rate for all, 2e-5, which suits a model of five times the size: small ones want more.
SETTINGS = {"epochs": 1, "batch_size": 16, "learning_rate": 2e-4}


def missing(file: Path) -> list[tuple[str, int]]:
    """Return strategy and seed of the runs that a file lacks."""
    return report.missing(product(STRATEGIES, SEEDS), ("run", "seed"), file)


def measure(jobs, file: Path, experiment) -> None:
    """Run strategies and seeds, and record each run as it ends."""
    settings = {"rows": len(experiment.train), **SETTINGS}
    rates = {name: SETTINGS[name] for name in ("epochs", "learning_rate")}
    for strategy, seed in tqdm(jobs):
        result = experiment.run(strategy, seed=seed, **rates)
        row = runs.record(
            "06", strategy, seed=seed, settings=settings, file=file, **result._asdict()
        )
        print(strategy, seed, f"F1 {row['f1']:.3f}", f"{row['seconds']:.0f} s", flush=True)


def main() -> None:
    """Measure what is missing, and put the runs into place."""
    if helpers.track() != "full":
        raise SystemExit("The classic data are those of the full track: set COURSE_TRACK=full.")
    lesson = course.start("06")
    lesson.settings["batch_size"] = SETTINGS["batch_size"]
    experiment = load_experiment(lesson)
    experiment.average = "binary"  # the classic figure
    measure(missing(UNFINISHED), UNFINISHED, experiment)
    UNFINISHED.replace(runs.BUNDLED / UNFINISHED.name)


if __name__ == "__main__":
    main()
