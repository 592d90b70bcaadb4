"""Measure how hard the bundled corpora are and write the table into data/README.md.

python -m benchmarks difficulty      three quarters of an hour on one busy core
"""

import statistics
from dataclasses import replace
from functools import partial
from sys import maxsize

from setfit import sample_dataset
from tqdm.auto import tqdm

import helpers
from benchmarks.crossover import SEEDS, from_few
from helpers import course, data
from helpers.loop import Prediction, classifier_f1
from helpers.runs import measured
from labs.freezing.experiment import load_experiment
from tools.markdown import table, write_block

HEAD_RATE = 1e-2  # a head alone wants large steps
FEW_LENGTH = 256  # tokens
SETFIT = {"batch_size": 16, "num_epochs": 1, "num_iterations": 10}


def trained(number: str, strategy: str, seed: int, **other) -> float:
    """Return F1 on all test rows of a lesson's corpus, after training on all its training rows.

    `strategy` is one of `freeze`; `other` settings come in place of the lesson's.
    """
    lesson, all_rows = course.start(number), {"train_rows": maxsize, "evaluation_rows": maxsize}
    experiment = load_experiment(replace(lesson, settings=lesson.settings | all_rows), "test")
    if number == "01":
        experiment.metric = partial(classifier_f1, average="binary")
    settings = {"epochs": lesson.epochs, "learning_rate": lesson.learning_rate} | other
    return experiment.run(strategy, seed=seed, **settings).f1


def few(settings: dict | None, per_class: int, seed: int) -> float:
    """Return F1 on the test reviews, from `per_class` reviews of each class."""
    sets = data.load("rotten_tomatoes")
    rows = sample_dataset(sets["train"], num_samples=per_class, seed=seed)
    predicted = from_few(rows, seed, FEW_LENGTH, settings)(sets["test"]["text"][:])
    return classifier_f1(Prediction(predicted, sets["test"]["label"]), average="binary")


JOBS = {
    "reviews, all layers trained": partial(trained, "01", "none"),
    "reviews, first-3 frozen": partial(trained, "01", "first-3"),
    "reviews, head-only": partial(trained, "01", "head-only", learning_rate=HEAD_RATE),
    "news, entities": partial(trained, "03", "none"),
    "reviews, 8 per class, SetFit": partial(few, SETFIT, 8),
    "reviews, 8 per class, logistic regression on the frozen encoder": partial(few, None, 8),
    "reviews, 16 per class, SetFit": partial(few, SETFIT, 16),
    "reviews, 16 per class, logistic regression on the frozen encoder": partial(few, None, 16),
}


def main() -> None:
    """Measure, and write the table between its two markers."""
    rows = []
    for what, job in tqdm(JOBS.items()):
        with measured() as run:
            found = [job(seed=seed) for seed in SEEDS]
        each = " · ".join(f"{score:.3f}" for score in found)
        rows.append((what, f"{statistics.mean(found):.3f}", each))
        print(*rows[-1], f"{run.seconds:.0f} s", flush=True)
    text = table(f"test F1, seeds {', '.join(map(str, SEEDS))} | mean | of each seed", rows)
    write_block(helpers.ROOT / "data" / "README.md", "difficulty", text)
