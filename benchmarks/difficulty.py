"""Measure how hard the bundled corpora are and write the table into data/README.md.

python -m benchmarks difficulty      about a quarter of an hour on two cores
"""

import statistics
from functools import partial

import torch
from setfit import sample_dataset
from tqdm.auto import tqdm
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    set_seed,
)

import helpers
from benchmarks.classifiers import fine_tuned, from_few, trained
from helpers import course, data, encoder
from helpers.loop import Prediction
from helpers.metrics import load_metric
from helpers.ner import scores, tokenize_and_align
from helpers.runs import measured
from tools.markdown import table, write_block

SEEDS = (42, 43, 44)
HEAD_RATE = 1e-2  # a head alone wants large steps
FEW_LENGTH = 256  # tokens
SETFIT = {"batch_size": 16, "num_epochs": 1, "num_iterations": 10}


def f1(predict, test) -> float:
    """Return F1 of a function texts -> ids on rows of "text" and "label"."""
    predictions = predict(test["text"][:])
    return load_metric("f1").compute(predictions=predictions, references=test["label"])["f1"]


def reviews(strategy: str, seed: int) -> float:
    """Return F1 on the test reviews after training what `strategy` leaves trainable."""
    lesson, sets = course.start("01"), data.load("rotten_tomatoes")
    settings = lesson.settings | ({"learning_rate": HEAD_RATE} if strategy == "head-only" else {})
    return f1(fine_tuned(sets["train"], settings, seed, lesson.max_length, strategy), sets["test"])


def few(settings: dict | None, per_class: int, seed: int) -> float:
    """Return F1 on the test reviews, from `per_class` reviews of each class."""
    sets = data.load("rotten_tomatoes")
    rows = sample_dataset(sets["train"], num_samples=per_class, seed=seed)
    return f1(from_few(rows, seed, FEW_LENGTH, settings), sets["test"])


def news(seed: int) -> float:
    """Return entity F1 on the test news."""
    lesson, folder = course.start("03"), encoder.folder()
    tokenizer, sets = AutoTokenizer.from_pretrained(folder), data.load("conll2003")
    names = sets["train"].features["ner_tags"].feature.names
    options = {"tokenizer": tokenizer, "label_names": names}
    how = {"fn_kwargs": options, "remove_columns": sets["train"].column_names}
    encoded = sets.map(tokenize_and_align, batched=True, **how)
    set_seed(seed)
    options = {"num_labels": len(names), "dtype": torch.float32}
    model = AutoModelForTokenClassification.from_pretrained(folder, **options)
    collator = DataCollatorForTokenClassification(tokenizer)
    trainer = trained(model, lesson.settings, seed, encoded["train"], collator)
    output = trainer.predict(encoded["test"])
    return scores(Prediction(output.predictions.argmax(-1), output.label_ids), names)["f1"]


JOBS = {
    "reviews, all layers trained": partial(reviews, "none"),
    "reviews, first-3 frozen": partial(reviews, "first-3"),
    "reviews, head-only": partial(reviews, "head-only"),
    "news, entities": news,
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
