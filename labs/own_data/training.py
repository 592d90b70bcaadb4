"""What all of the course's tasks share on a learner's own data: rows, a model, a run, a score."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import torch
from accelerate import Accelerator
from datasets import Dataset, DatasetDict
from torch.utils.data import DataLoader
from transformers import AutoTokenizer, Trainer, TrainingArguments, set_seed

from helpers import course, loop, runs
from helpers.encoder import hide_load_report
from helpers.freezing import freeze, keep_frozen_in_eval
from helpers.runs import give_back


class OwnTask:
    """A task on rows of one's own; each kind of task says how to encode, build, score and explain.

    Args:
        splits: from `own.prepare`.
        lesson: with the settings seed, train_rows, evaluation_rows, max_length and those of the task.
        strategy: of freezing, as in `freezing.freeze`.
    """

    name = ""
    taught = ""  # the lesson
    main = ""  # the score to compare by
    lower_is_better = False
    pipeline_tag = ""
    auto = None  # transformers class of the model
    trainer = Trainer

    def __init__(self, splits: DatasetDict, lesson: course.Lesson, strategy: str = "none"):
        self.lesson, self.strategy = lesson, strategy
        self.settings: Mapping = getattr(lesson, self.name)
        self.splits = DatasetDict({name: self._drawn(name, part) for name, part in splits.items()})
        self.model, self.history, self.run = None, [], runs.Measured()

    def _drawn(self, name: str, part: Dataset) -> Dataset:
        count = self.lesson.train_rows if name == "train" else self.lesson.evaluation_rows
        return part.shuffle(seed=self.lesson.seed).select(range(min(count, len(part))))

    @property
    def max_length(self) -> int:
        """Tokens that the model is given."""
        return self.settings.get("max_length", self.lesson.max_length)

    @cached_property
    def tokenizer(self):
        """The encoder's tokenizer."""
        return AutoTokenizer.from_pretrained(self.lesson.checkpoint)

    @cached_property
    def encoded(self) -> DatasetDict:
        """The rows as the model reads them."""
        return DatasetDict({name: self.encode(part) for name, part in self.splits.items()})

    def encode(self, part: Dataset) -> Dataset:
        """Return a split's rows tokenised."""
        raise NotImplementedError

    def collate(self, rows):
        """Return a batch."""
        raise NotImplementedError

    def new_model(self):
        """Return the model to start from; the seed is set already."""
        raise NotImplementedError

    def build(self):
        """Return a new model, seeded and frozen as the strategy says, in train mode."""
        hide_load_report()
        set_seed(self.lesson.seed)
        return keep_frozen_in_eval(freeze(self.new_model(), self.strategy))

    def arguments(self) -> TrainingArguments:
        """Return the arguments of a run: those of lessons 01, 05 and 08."""
        return TrainingArguments(
            output_dir=runs.run_folder(self.lesson, f"{self.name}-run"),
            seed=self.lesson.seed,
            num_train_epochs=self.settings["epochs"],
            learning_rate=self.settings["learning_rate"],
            per_device_train_batch_size=self.settings["batch_size"],
            warmup_steps=0.1,
            weight_decay=0.01,
            train_sampling_strategy="group_by_length",
            logging_strategy="epoch",
            save_strategy="no",
            report_to="none",
            dataloader_pin_memory=False,
        )

    def train(self) -> list[dict]:
        """Train a new model; return the loss of each epoch. `model` and `run` hold what came of it."""
        self.model = None
        give_back()
        rows, model = self.encoded["train"], self.build()
        trainer = self.trainer(
            model, self.arguments(), train_dataset=rows, data_collator=self.collate
        )
        with runs.measured() as self.run:
            trainer.train()
        self.model = model.eval()
        self.history = [entry for entry in trainer.state.log_history if "loss" in entry]
        runs.release(trainer)
        return self.history

    def predictions(self, split: str) -> loop.Prediction:
        """Predict a split's labels, in its order, by lesson 04's function."""
        accelerator = Accelerator()
        loader = DataLoader(self.encoded[split], batch_size=16, collate_fn=self.collate)
        return loop.predict(accelerator, *accelerator.prepare(self.model, loader))

    def baselines(self, split: str = "test") -> dict[str, dict[str, float]]:
        """Return what can be had without training: name to scores."""
        raise NotImplementedError

    def score(self, split: str = "test") -> dict[str, float]:
        """Return the trained model's scores."""
        raise NotImplementedError

    def mistakes(self, split: str = "validation", count: int = 5) -> list[dict]:
        """Return some of what the trained model gets wrong, one dictionary a mistake."""
        raise NotImplementedError

    def save(self, folder: str) -> None:
        """Write model and tokenizer."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def load(self, folder: str) -> None:
        """Take a saved model in place of the trained one."""
        self.model = self.auto.from_pretrained(folder, dtype=torch.float32).eval()
