"""Lesson 03's task as one thing: sentences, model, score and card of a tagger for newswire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from datasets import Dataset
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    PreTrainedModel,
    set_seed,
)

from helpers import course, data
from helpers.checkpoints import hide_load_report
from helpers.metrics import load_metric
from helpers.ner import to_entities, tokenize_and_align

TASKS = ("ner", "pos", "chunk")


def sentences(dataset: Dataset, rows: int, seed: int, **options) -> Dataset:
    """Draw at most `rows` random sentences and encode them; `options` go to `tokenize_and_align`."""
    drawn = dataset.shuffle(seed=seed).select(range(min(rows, len(dataset))))
    return drawn.map(
        tokenize_and_align, batched=True, fn_kwargs=options, remove_columns=drawn.column_names
    )


def load_sentences(
    dataset: str, task: str, tokenizer, rows: dict[str, int], seed: int, max_length: int
) -> tuple[list[Dataset], list[str]]:
    """Load a task's sentences, drawn and encoded.

    Args:
        dataset: its classic name.
        task: "ner", "pos" or "chunk".
        tokenizer: a fast tokenizer.
        rows: split to the number of sentences, at most.
        seed: of the draw.
        max_length: tokens of a sentence.

    Returns:
        (a Dataset for each split of `rows`, label names).
    """
    news, column = data.load(dataset), f"{task}_tags"
    label_names = news["train"].features[column].feature.names
    options = {"tokenizer": tokenizer, "label_names": label_names, "label_column": column}
    options["max_length"] = max_length
    return [sentences(news[split], n, seed, **options) for split, n in rows.items()], label_names


def new_model(
    checkpoint: str, label_names: Sequence[str], seed: int, dropout: float | None = None
) -> PreTrainedModel:
    """Return an encoder with a new head, in train mode.

    Args:
        checkpoint: folder or Hub id.
        label_names: the label inventory; the head has an output for each.
        seed: of the head's first weights.
        dropout: probability in every layer; None leaves the encoder's own.
    """
    hide_load_report()
    set_seed(seed)
    names = dict(enumerate(label_names))
    labels = {"id2label": names, "label2id": {name: index for index, name in names.items()}}
    model = AutoModelForTokenClassification.from_pretrained(
        checkpoint, dtype=torch.float32, **labels
    )
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout) and dropout is not None:
            module.p = dropout
    return model.train()


def scores(prediction, label_names: Sequence[str]) -> dict[str, float]:
    """Return entity precision, recall, F1 and token accuracy of a `training.Prediction`."""
    predictions, references = to_entities(
        prediction.predictions, prediction.references, label_names
    )
    found = load_metric("seqeval").compute(predictions=predictions, references=references)
    return {name: found[f"overall_{name}"] for name in ("precision", "recall", "f1", "accuracy")}


@dataclass(frozen=True)
class Task:
    """What a tagger learns and is scored on; `load_task` makes one."""

    lesson: course.Lesson
    name: str
    label_names: list[str]
    collator: DataCollatorForTokenClassification
    train: Dataset
    validation: Dataset

    @property
    def main(self) -> str:
        """The score to look at: parts of speech are no entities."""
        return "accuracy" if self.name == "pos" else "f1"

    def new_model(self, dropout: float | None = None) -> PreTrainedModel:
        """Return the lesson's encoder with a new, seeded head, in train mode."""
        return new_model(self.lesson.checkpoint, self.label_names, self.lesson.seed, dropout)

    def score(self, prediction) -> dict[str, float]:
        """Return entity precision, recall, F1 and token accuracy of a `training.Prediction`."""
        return scores(prediction, self.label_names)

    def card(self, history: Sequence[dict]) -> str:
        """Return a model card with the figures of the last epoch."""
        last = history[-1]
        return f"""---
base_model: {self.lesson.encoder}
pipeline_tag: token-classification
---
# {self.name.upper()} tagger for English newswire

- Data: {len(self.train)} sentences ({self.lesson.source}), labels on first sub-tokens.
- Training: epoch {last["epoch"]} of {self.lesson.epochs}, learning rate
  {self.lesson.learning_rate}, seed {self.lesson.seed}.
- {len(self.validation)} validation sentences: F1 {last["f1"]:.3f}, precision
  {last["precision"]:.3f}, recall {last["recall"]:.3f}, accuracy {last["accuracy"]:.3f}.
"""


def load_task(lesson: course.Lesson, name: str = "ner") -> Task:
    """Load a task in the lesson's size.

    Args:
        lesson: with the settings train_rows, evaluation_rows, max_length and seed.
        name: "ner", "pos" or "chunk".

    Raises:
        ValueError: no such task.
    """
    if name not in TASKS:
        raise ValueError(f"There is no task {name!r}. Use one of {', '.join(TASKS)}.")
    tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
    rows = {"train": lesson.train_rows, "validation": lesson.evaluation_rows}
    parts, label_names = load_sentences(
        lesson.dataset, name, tokenizer, rows, lesson.seed, lesson.max_length
    )
    return Task(lesson, name, label_names, DataCollatorForTokenClassification(tokenizer), *parts)
