"""Compare SetFit, a head on the frozen encoder and full fine-tuning at 4 to 32 reviews a class.

python -m benchmarks crossover      about half an hour on two cores; goes on where it was stopped

Learning rates and epochs were chosen on the validation reviews, at a seed that is not among
`SEEDS`; the test reviews were scored once, by the runs that are stored.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

from datasets import Dataset
from setfit import sample_dataset
from tqdm.auto import tqdm
from transformers.utils import logging

from helpers import course, data, encoder, fewshot, runs
from helpers.metrics import load_metric
from helpers.runs import measured
from labs.own_data.tasks import Classify

SIZES, SEEDS = (4, 8, 16, 32), (42, 43, 44)
HEAD, SETFIT, FULL = "logistic regression, frozen encoder", "SetFit", "full fine-tuning"
METHODS = (HEAD, SETFIT, FULL)
FILE = runs.BUNDLED / "crossover.jsonl"
FULL_SETTINGS = {"epochs": 20, "learning_rate": 1e-4, "batch_size": 4}


def fine_tuned(rows: Dataset, seed: int, lesson) -> Callable:
    """Train all layers by the Trainer of lesson 01; return texts -> predicted ids."""
    settings = {"seed": seed, "train_rows": len(rows), "classify": FULL_SETTINGS}
    task = Classify({"train": rows}, replace(lesson, settings=lesson.settings | settings))
    task.splits["train"] = rows  # in their own order: batches depend on it
    task.train()

    def predict(texts):
        task.encoded["own"] = task.encode(Dataset.from_dict({"text": texts}))
        return task.probabilities("own").argmax(-1)

    return predict


def from_few(rows: Dataset, seed: int, max_length: int, settings: dict | None = None) -> Callable:
    """Fit a head on embeddings of texts cut at `max_length` tokens; return texts -> predicted ids.

    With `settings` SetFit trains the encoder on pairs first; None leaves it as it is.
    """
    model = fewshot.new_model(encoder.folder(), ["neg", "pos"], max_length)
    if settings:
        fewshot.train_setfit(model, rows, "_runs/few", seed, **settings)
    else:
        model.model_head.fit(model.encode(list(rows["text"])), list(rows["label"]))
    return lambda texts: model.predict(list(texts), as_numpy=True, use_labels=False)


def train(method: str, lesson, rows, seed: int):
    """Train by a method, SetFit with the settings of lesson 07; return texts -> predicted ids."""
    if method == FULL:
        return fine_tuned(rows, seed, lesson)
    pairs = {"num_iterations": lesson.num_iterations, "batch_size": lesson.batch_size}
    pairs |= {"num_epochs": lesson.epochs, "body_learning_rate": lesson.learning_rate}
    return from_few(rows, seed, lesson.max_length, pairs if method == SETFIT else None)


def run_once(method: str, per_class: int, seed: int, reviews, lesson) -> dict:
    """Train once, score on train and test, and add the run to the ledger of the benchmark."""
    rows, test = sample_dataset(reviews["train"], num_samples=per_class, seed=seed), reviews["test"]
    with measured() as run:
        predict = train(method, lesson, rows, seed)
    found = {"predictions": predict(test["text"][:]), "references": test["label"][:]}
    known = {"predictions": predict(rows["text"][:]), "references": rows["label"][:]}
    scores = load_metric("accuracy").compute(**found) | load_metric("f1").compute(**found)
    scores["train_accuracy"] = load_metric("accuracy").compute(**known)["accuracy"]
    name = {"file": FILE, "seed": seed, "method": method, "per_class": per_class}
    return runs.record("07", f"{method}, {per_class} a class", **name, **vars(run), **scores)


def missing(file=FILE) -> list[tuple]:
    """Return (seed, size, method) of each run that is not stored yet."""
    stored = runs.read(file=file).reindex(columns=["seed", "per_class", "method"])
    done = set(stored.itertuples(index=False, name=None))
    return [job for job in product(SEEDS, SIZES, METHODS) if job not in done]


def main() -> None:
    """Measure what is missing."""
    encoder.hide_load_report()
    fewshot.hide_pin_memory_warning()
    logging.disable_progress_bar()
    lesson, reviews = course.start("07"), data.load("rotten_tomatoes")
    for seed, per_class, method in tqdm(missing()):
        row = run_once(method, per_class, seed, reviews, lesson)
        said = f"accuracy {row['accuracy']:.3f}, {row['seconds']:.0f} s"
        print(f"{row['run']}, seed {seed}: {said}", flush=True)
