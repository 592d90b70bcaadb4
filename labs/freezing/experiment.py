"""One run of a freezing strategy: what is the same in all runs, and what each run starts anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import torch
import transformers
from accelerate import Accelerator
from datasets import Dataset
from transformers.utils import logging

from helpers import course, data, encoder, freezing, ner
from helpers.loop import Prediction, classifier_f1, fit, load_batches, score
from helpers.runs import Measured, give_back, measured


class Result(NamedTuple):
    """What a run came to; `seconds` are those of training, without caching, `trainable` counts parameters."""

    f1: float
    trainable: int
    seconds: float
    peak_mb: float


def outline(auto: type, checkpoint: str, **settings):
    """Return a checkpoint's model without its weights, shapes and names only, on torch's meta device."""
    with torch.device("meta"):
        return auto.from_config(transformers.AutoConfig.from_pretrained(checkpoint, **settings))


@dataclass
class Experiment:
    """What all runs share: the rows, where a model comes from, and what has been cached of it."""

    name: str  # of the encoder
    checkpoint: str
    train: Dataset
    evaluation: Dataset
    collator: Callable
    batch_size: int
    labels: int = 2
    auto: type = transformers.AutoModelForSequenceClassification
    metric: Callable[[Prediction], float] = classifier_f1
    data: str = ""  # its name in the ledger; none for the reviews, which came before other data
    weights: dict | None = None  # of the encoder, in place of the checkpoint's
    caching: Measured = field(default_factory=Measured, init=False)
    uncached: str = field(default="", init=False)  # why no run of this encoder could be cached
    _cached: dict = field(default_factory=dict, init=False)

    def starting_from(self, other) -> Experiment:
        """Return the same experiment with another encoder's weights, and nothing cached yet.

        `other` is a model of the same architecture; a pooler that it lacks stays the checkpoint's. Its weights are
        not copied: after you train it on, call this again. Raises ValueError: another architecture, or LoRA in it.
        """
        weights = other.base_model.state_dict()
        lacks = self.outline().base_model.state_dict().keys() ^ weights.keys()
        if strange := sorted(name for name in lacks if "pooler" not in name):
            raise ValueError(
                f"{type(other).__name__} has another encoder than this experiment: {strange[0]!r} is in one of them only. "
                "If it has LoRA's matrices, merge them first: helpers.encoder.merge_lora(model)."
            )
        name = f"{self.name}, changed ({encoder.fingerprint(other.base_model)[:8]})"
        return replace(self, weights=weights, name=name)

    def new_model(self, seed: int):
        """Return the pretrained encoder with a new head, and seed everything that follows."""
        encoder.hide_load_report()
        transformers.set_seed(seed)
        options = {"dtype": torch.float32, "num_labels": self.labels}
        shown = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()  # a sweep loads weights many times
        try:
            model = self.auto.from_pretrained(self.checkpoint, **options)
        finally:
            if shown:
                logging.enable_progress_bar()
        if self.weights:
            model.base_model.load_state_dict(self.weights, strict=False)
        return model

    def outline(self):
        """Return the model without its weights, as the function `outline` makes it."""
        return outline(self.auto, self.checkpoint, num_labels=self.labels)

    def cache(self, boundaries, after_batch: Callable[[], None] | None = None) -> None:
        """Cache training and evaluation rows at those boundaries that are not cached yet, in one pass.

        Raises ValueError: a model that starts from cached rows would compute something else.
        """
        missing = [boundary for boundary in boundaries if boundary not in self._cached]
        if not missing:
            return
        model = freezing.freeze(self.new_model(0), "head-only").to(Accelerator().device)
        if not self._cached and not self._same_from_cache(model):
            kind = type(model.base_model).__name__
            raise ValueError(
                f"{kind} computes something else from cached features: it trains without a cache."
            )
        with measured() as run:
            how = {"collator": self.collator, "boundaries": missing, "after_batch": after_batch}
            train = freezing.cache_frozen_features(model, self.train, **how)
            evaluation = freezing.cache_frozen_features(model, self.evaluation, **how)
        self.caching.seconds += run.seconds
        for boundary in missing:
            self._cached[boundary] = train[boundary], evaluation[boundary]

    def _same_from_cache(self, model) -> bool:
        """Tell whether a short and a long row have the same logits from the cache: some encoders call layers otherwise."""
        rows = [pick(self.train, key=lambda row: len(row["input_ids"])) for pick in (min, max)]
        batch = self.collator([dict(row) for row in rows])
        batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
        try:
            kept = freezing.cache_frozen_features(model, rows, self.collator, [1])
            kept = freezing.pad_features(kept[1])
            with torch.no_grad():
                whole = model.eval()(**batch).logits
                with freezing.starting_at(model, 1):
                    part = model(**{k: v.to(model.device) for k, v in kept.items()}).logits
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError):
            return False
        if whole.ndim == 3:  # padding has logits of its own
            part, whole = (logits[batch["attention_mask"].bool()] for logits in (part, whole))
        return torch.allclose(part, whole, atol=1e-3)

    def cached(self, boundary: int, after_batch=None) -> tuple[list[dict], list[dict]]:
        """Return the training and the evaluation rows at a boundary; those not cached yet go through `cache`."""
        self.cache([boundary], after_batch)
        return self._cached[boundary]

    def forget(self) -> None:
        """Give back the memory of what is cached."""
        self._cached.clear()

    def megabytes(self, boundary: int) -> float:
        """Return the memory that a boundary's cached rows take, in MB."""
        parts = self.cached(boundary)
        return sum(row["inputs_embeds"].nbytes for part in parts for row in part) / 1e6

    def run(self, strategy: str, *, seed: int, cached=True, after_batch=None, **fitting) -> Result:
        """Train a new model by a strategy of `freeze`, which names the errors, and score it.

        `seed` is that of the head's first weights, the batches and dropout. With `cached` training starts behind the
        frozen layers; `after_batch` is called after each batch of caching. `fitting` are the "epochs", "learning_rate",
        "head_learning_rate" and "after_step" of `helpers.loop.fit`.
        """
        give_back()  # a finished run's parts refer to each other: only the collector frees them
        model = freezing.keep_frozen_in_eval(freezing.freeze(self.new_model(seed), strategy))
        start, train, evaluation = nullcontext(), self.train, self.evaluation
        collator = self.collator
        try:
            boundary = freezing.frozen_boundary(model) if cached and not self.uncached else None
            if boundary is not None:
                train, evaluation = self.cached(boundary, after_batch)
                start, collator = freezing.starting_at(model, boundary), freezing.pad_features
        except ValueError as error:
            self.uncached = str(error)
        transformers.set_seed(seed)  # the head's weights have drawn numbers, and caching may have
        loader = load_batches(train, self.batch_size, collator, seed)
        with start:
            with measured() as run:
                accelerator = fit(model, loader, **fitting)
            f1 = score(accelerator, model, evaluation, collator, self.metric)
        trainable = model.num_parameters(only_trainable=True)
        return Result(f1, trainable, run.seconds, run.peak_mb)


def load_experiment(lesson: course.Lesson, evaluation: str = "validation") -> Experiment:
    """Load a lesson's data in its size, and what a run needs beside them: reviews, or sentences with entities.

    The `lesson` has train_rows, evaluation_rows, max_length, batch_size and seed; `evaluation` is the split to score on.
    """
    give_back()  # what came before in the kernel must not count twice
    place, parts = (lesson.encoder, lesson.checkpoint), []
    name = lesson.dataset if evaluation == "validation" else f"{lesson.dataset}, {evaluation}"
    if lesson.dataset == "conll2003":
        task = ner.load_task(lesson, "ner", evaluation)
        parts = task.train, task.validation, task.collator, lesson.batch_size
        return Experiment(*place, *parts, data=name, **tagger(task.label_names))
    tokenizer = transformers.AutoTokenizer.from_pretrained(lesson.checkpoint)
    reviews = data.load(lesson.dataset)
    cut = {"truncation": True, "max_length": lesson.max_length}
    encode = {"batched": True, "remove_columns": ["text"]}
    for split, count in {"train": lesson.train_rows, evaluation: lesson.evaluation_rows}.items():
        rows = reviews[split].shuffle(seed=lesson.seed)
        rows = rows.select(range(min(count, len(rows))))
        parts.append(rows.map(lambda batch: tokenizer(batch["text"], **cut), **encode))
    parts += transformers.DataCollatorWithPadding(tokenizer), lesson.batch_size
    labels = reviews["train"].features["label"].num_classes
    return Experiment(*place, *parts, labels, data="" if name == "rotten_tomatoes" else name)


def tagger(label_names: Sequence[str]) -> dict:
    """Return what an experiment with a label for each token has of its own; its score is entity F1."""
    return {
        "labels": len(label_names),
        "auto": transformers.AutoModelForTokenClassification,
        "metric": lambda prediction: ner.scores(prediction, label_names)["f1"],
    }
