"""Measure how hard the bundled corpora are and write the table into data/README.md.

python -m benchmarks.difficulty      about a quarter of an hour on two cores
"""

from __future__ import annotations

import statistics
import sys
import time

import torch
from datasets import Dataset
from tqdm.auto import tqdm
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    set_seed,
)

import helpers
from benchmarks.report import write_section
from helpers import course, data, encoder
from helpers.freezing import freeze
from helpers.metrics import load_metric
from helpers.ner import to_entities, tokenize_and_align

SEEDS = (42, 43, 44)


def trained(model, settings: dict, seed: int, rows: Dataset, collator) -> tuple[Trainer, float]:
    """Train a model as the lessons do; return its Trainer and the seconds of training."""
    arguments = TrainingArguments(
        output_dir="_runs/difficulty",
        seed=seed,
        num_train_epochs=settings["epochs"],
        learning_rate=settings["learning_rate"],
        per_device_train_batch_size=settings["batch_size"],
        warmup_steps=0.1,
        weight_decay=0.01,
        train_sampling_strategy="group_by_length",
        save_strategy="no",
        report_to="none",
        dataloader_pin_memory=False,
        disable_tqdm=True,
    )
    trainer = Trainer(model, arguments, train_dataset=rows, data_collator=collator)
    trainer.remove_callback(PrinterCallback)
    start = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - start
    trainer.args.train_sampling_strategy = "random"  # predictions in the order of the rows
    return trainer, seconds


def reviews(strategy: str, seed: int) -> tuple[float, float]:
    """Return F1 on the test reviews, and seconds, after training what `strategy` leaves trainable."""
    lesson, folder = course.start("01"), encoder.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    sets = data.load("rotten_tomatoes").map(
        lambda batch: tokenizer(batch["text"], truncation=True, max_length=lesson.max_length),
        batched=True,
    )
    set_seed(seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=2, dtype=torch.float32
    )
    settings = dict(lesson.settings)
    if strategy == "head-only":
        settings |= {"learning_rate": 1e-2}  # a head alone wants large steps
    collator = DataCollatorWithPadding(tokenizer)
    trainer, seconds = trained(freeze(model, strategy), settings, seed, sets["train"], collator)
    predictions = trainer.predict(sets["test"]).predictions.argmax(-1)
    return load_metric("f1").compute(predictions=predictions, references=sets["test"]["label"])[
        "f1"
    ], seconds


def news(seed: int) -> tuple[float, float]:
    """Return entity F1 on the test news, and seconds of training."""
    lesson, folder = course.start("03"), encoder.folder()
    tokenizer, sets = AutoTokenizer.from_pretrained(folder), data.load("conll2003")
    names = sets["train"].features["ner_tags"].feature.names
    keywords = {"tokenizer": tokenizer, "label_names": names}
    encoded = sets.map(
        tokenize_and_align,
        batched=True,
        fn_kwargs=keywords,
        remove_columns=sets["train"].column_names,
    )
    set_seed(seed)
    model = AutoModelForTokenClassification.from_pretrained(
        folder, num_labels=len(names), dtype=torch.float32
    )
    collator = DataCollatorForTokenClassification(tokenizer)
    trainer, seconds = trained(model, lesson.settings, seed, encoded["train"], collator)
    output = trainer.predict(encoded["test"])
    predictions, references = to_entities(output.predictions.argmax(-1), output.label_ids, names)
    scores = load_metric("seqeval").compute(predictions=predictions, references=references)
    return scores["overall_f1"], seconds


def few(method: str, per_class: int, seed: int) -> tuple[float, float]:
    """Return F1 on the test reviews, and seconds, from `per_class` reviews of each class."""
    from sentence_transformers import SentenceTransformer
    from setfit import SetFitModel, sample_dataset
    from setfit import Trainer as SetFitTrainer
    from setfit import TrainingArguments as SetFitArguments
    from sklearn.linear_model import LogisticRegression

    sets, folder = data.load("rotten_tomatoes"), encoder.folder()
    rows = sample_dataset(sets["train"], num_samples=per_class, seed=seed)
    texts, labels = list(rows["text"]), list(rows["label"])
    start = time.perf_counter()
    if method == "SetFit":
        set_seed(seed)
        model = SetFitModel.from_pretrained(folder)
        arguments = SetFitArguments(
            output_dir="_runs/difficulty",
            batch_size=16,
            num_epochs=1,
            num_iterations=10,
            seed=seed,
            report_to="none",
        )
        SetFitTrainer(
            model=model, args=arguments, train_dataset=rows, metric=lambda predicted, truth: {}
        ).train()
        seconds = time.perf_counter() - start
        predictions = model.predict(list(sets["test"]["text"]), as_numpy=True)
    else:
        frozen = SentenceTransformer(folder, device="cpu")
        classifier = LogisticRegression(max_iter=1000).fit(frozen.encode(texts), labels)
        seconds = time.perf_counter() - start
        predictions = classifier.predict(frozen.encode(list(sets["test"]["text"])))
    return load_metric("f1").compute(predictions=predictions, references=sets["test"]["label"])[
        "f1"
    ], seconds


def measure() -> list[tuple[str, list[float], list[float]]]:
    """Return (what, F1 of each seed, seconds of each seed) for every row of the table."""
    jobs = {
        "reviews, all layers trained": lambda seed: reviews("none", seed),
        "reviews, first-3 frozen": lambda seed: reviews("first-3", seed),
        "reviews, head-only": lambda seed: reviews("head-only", seed),
        "news, entities": news,
    }
    for per_class in (8, 16):
        for method in ("SetFit", "logistic regression on the frozen encoder"):
            jobs[f"reviews, {per_class} a class, {method}"] = (
                lambda seed, method=method, per_class=per_class: few(method, per_class, seed)
            )
    results = []
    with tqdm(total=len(jobs) * len(SEEDS)) as bar:
        for what, job in jobs.items():
            bar.set_description(what)
            pairs = []
            for seed in SEEDS:
                pairs.append(job(seed))
                bar.update()
            results.append((what, [f1 for f1, _ in pairs], [seconds for _, seconds in pairs]))
            print(results[-1], flush=True)
    return results


def table(results) -> str:
    """Return the scores as a Markdown table; the seconds are printed, for a machine that is idle."""
    lines = [
        f"| test F1, seeds {', '.join(map(str, SEEDS))} | mean | of each seed |",
        "|---|---|---|",
    ]
    for what, scores, _ in results:
        each = " · ".join(f"{score:.3f}" for score in scores)
        lines.append(f"| {what} | {statistics.mean(scores):.3f} | {each} |")
    return "\n".join(lines)


def main() -> int:
    """Measure, and write the table between its two markers."""
    write_section("difficulty", table(measure()), helpers.ROOT / "data" / "README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
