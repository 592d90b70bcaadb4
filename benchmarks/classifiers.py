"""Models trained as the lessons train them, for the benchmarks of difficulty and of few examples."""

from collections.abc import Callable

import torch
from datasets import Dataset
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    set_seed,
)

from helpers import encoder, fewshot
from helpers.freezing import freeze


def trained(model, settings: dict, seed: int, rows: Dataset, collator) -> Trainer:
    """Train a model by "epochs", "learning_rate" and "batch_size" of the settings; return its Trainer."""
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
    trainer.train()
    trainer.args.train_sampling_strategy = "random"  # predictions in the order of the rows
    return trainer


def fine_tuned(
    rows: Dataset, settings: dict, seed: int, max_length: int, strategy: str = "none"
) -> Callable:
    """Train on rows of "text" and "label" what `strategy` leaves trainable; return texts -> predicted ids."""
    folder = encoder.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def encoded(rows):
        cut = {"truncation": True, "max_length": max_length}
        encode = {"batched": True, "remove_columns": ["text"]}
        return rows.map(lambda batch: tokenizer(batch["text"], **cut), **encode)

    set_seed(seed)
    options = {"num_labels": 2, "dtype": torch.float32}
    model = AutoModelForSequenceClassification.from_pretrained(folder, **options)
    collator = DataCollatorWithPadding(tokenizer)
    trainer = trained(freeze(model, strategy), settings, seed, encoded(rows), collator)

    def predict(texts):
        unseen = encoded(Dataset.from_dict({"text": texts}))
        return trainer.predict(unseen).predictions.argmax(-1)

    return predict


def from_few(rows: Dataset, seed: int, max_length: int, settings: dict | None = None) -> Callable:
    """Fit a head on embeddings; return texts -> predicted ids.

    Args:
        rows: "text" and "label".
        seed: of the training.
        max_length: tokens of a text that the encoder reads.
        settings: train the encoder on pairs first, with these; None leaves it as it is.
    """
    model = fewshot.new_model(encoder.folder(), ["neg", "pos"], max_length)
    if settings:
        fewshot.train_setfit(model, rows, "_runs/few", seed, **settings)
    else:
        model.model_head.fit(model.encode(list(rows["text"])), list(rows["label"]))
    return lambda texts: model.predict(list(texts), as_numpy=True, use_labels=False)
