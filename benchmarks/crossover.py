"""Compare SetFit, a head on the frozen encoder and full fine-tuning at 4 to 32 reviews a class.

python -m benchmarks.crossover      about half an hour on two cores; goes on where it was stopped
python -m benchmarks.crossover --fresh      measures everything again

Learning rates and epochs were chosen on the validation reviews, at a seed that is not among `SEEDS`;
the test reviews were scored once, by the runs that are stored.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
import torch
from setfit import sample_dataset
from tqdm.auto import tqdm
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding
from transformers.utils import logging

from benchmarks import difficulty
from helpers import course, data, encoder, fewshot, runs
from helpers.metrics import load_metric
from helpers.runs import measured

SIZES, SEEDS = (4, 8, 16, 32), (42, 43, 44)
HEAD, SETFIT, FULL = "logistic regression, frozen encoder", "SetFit", "full fine-tuning"
METHODS = (HEAD, SETFIT, FULL)
FILE = runs.BUNDLED / "crossover.jsonl"
FULL_SETTINGS = {"epochs": 20, "learning_rate": 1e-4, "batch_size": 4}


def head_alone(lesson, rows, seed):
    """Fit a logistic regression on the embeddings of the untouched encoder."""
    model = fewshot.new_model(lesson.checkpoint, ["neg", "pos"], lesson.max_length)
    model.model_head.fit(model.encode(list(rows["text"])), list(rows["label"]))
    return lambda texts: model.predict(texts, as_numpy=True, use_labels=False)


def setfit(lesson, rows, seed):
    """Train the encoder on pairs, then fit the head, with the settings of lesson 07."""
    model = fewshot.new_model(lesson.checkpoint, ["neg", "pos"], lesson.max_length)
    settings = {
        "num_iterations": lesson.num_iterations,
        "num_epochs": lesson.epochs,
        "batch_size": lesson.batch_size,
        "body_learning_rate": lesson.learning_rate,
    }
    fewshot.train_setfit(model, rows, "_runs/crossover", seed, **settings)
    return lambda texts: model.predict(texts, as_numpy=True, use_labels=False)


def full(lesson, rows, seed):
    """Train all parameters and a new head, as lesson 01 does, for many more epochs."""
    tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)

    def tokenize(batch):
        return tokenizer(batch["text"], truncation=True, max_length=lesson.max_length)

    torch.manual_seed(seed)  # the new head's weights
    model = AutoModelForSequenceClassification.from_pretrained(
        lesson.checkpoint, num_labels=2, dtype=torch.float32
    )
    encoded = rows.map(tokenize, batched=True, remove_columns=["text"])
    collator = DataCollatorWithPadding(tokenizer)
    trainer, _ = difficulty.trained(model, FULL_SETTINGS, seed, encoded, collator)

    def predict(texts):
        unseen = data.Dataset.from_dict({"text": texts}).map(
            tokenize, batched=True, remove_columns=["text"]
        )
        return trainer.predict(unseen).predictions.argmax(-1)

    return predict


TRAINERS = dict(zip(METHODS, (head_alone, setfit, full), strict=True))


def run_once(method: str, per_class: int, seed: int, reviews, lesson) -> dict:
    """Train once, score on train and test, and add the run to the ledger of the benchmark."""
    rows = sample_dataset(reviews["train"], num_samples=per_class, seed=seed)
    with measured() as run:
        predict = TRAINERS[method](lesson, rows, seed)
    predictions, references = (
        np.array(predict(list(reviews["test"]["text"]))),
        list(reviews["test"]["label"]),
    )
    scores = {
        "accuracy": fewshot.accuracy(predictions, references)["accuracy"],
        "f1": load_metric("f1").compute(predictions=predictions, references=references)["f1"],
        "train_accuracy": fewshot.accuracy(predict(list(rows["text"])), list(rows["label"]))[
            "accuracy"
        ],
    }
    return runs.record(
        "07",
        f"{method}, {per_class} a class",
        seed=seed,
        seconds=run.seconds,
        peak_mb=run.peak_mb,
        file=FILE,
        method=method,
        per_class=per_class,
        **scores,
    )


def missing(file=FILE) -> list[tuple]:
    """Return (seed, size, method) of each run that is not stored yet."""
    stored = runs.read("07", file=file).reindex(columns=["seed", "per_class", "method"])
    done = set(stored.itertuples(index=False, name=None))
    return [job for job in product(SEEDS, SIZES, METHODS) if job not in done]


def main(arguments: list[str]) -> int:
    """Measure what is missing."""
    if "--fresh" in arguments:
        FILE.unlink(missing_ok=True)
    encoder.hide_load_report()
    fewshot.hide_pin_memory_warning()
    logging.disable_progress_bar()
    lesson, reviews = course.start("07"), data.load("rotten_tomatoes")
    for seed, per_class, method in tqdm(missing()):
        row = run_once(method, per_class, seed, reviews, lesson)
        print(
            f"{row['run']}, seed {seed}: accuracy {row['accuracy']:.3f}, {row['seconds']:.0f} s",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
