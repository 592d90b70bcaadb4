"""Texts of one's own: to classify (lessons 01 and 06), to classify from a few (07), to go on reading (08)."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import torch
from sentence_transformers import SentenceTransformer
from setfit import SetFitModel, sample_dataset
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    Trainer,
)

from helpers import encoder, fewshot, masking, runs
from helpers.masking import masked_lm_loss
from helpers.metrics import load_metric
from labs.own_data.training import OwnTask


class Classify(OwnTask):
    """A text, and one of several labels."""

    name, taught, main = "classify", "01", "f1"
    pipeline_tag, auto = "text-classification", AutoModelForSequenceClassification

    @cached_property
    def names(self) -> list[str]:
        """The label inventory."""
        return self.splits["train"].features["label"].names

    @cached_property
    def collate(self):
        """Pad a batch to its longest row."""
        return DataCollatorWithPadding(self.tokenizer)

    def encode(self, part):
        """Return texts as ids, cut at `max_length`, with their labels."""
        cut = {"truncation": True, "max_length": self.max_length}
        return part.map(
            lambda batch: self.tokenizer(batch["text"], **cut),
            batched=True,
            remove_columns=["text"],
        )

    def new_model(self):
        """Return the encoder with a new head that knows the names of the labels."""
        names = dict(enumerate(self.names))
        return self.auto.from_pretrained(
            self.lesson.checkpoint,
            dtype=torch.float32,
            id2label=names,
            label2id={name: index for index, name in names.items()},
        )

    def scores(self, predictions, split: str) -> dict[str, float]:
        """Return accuracy and macro F1 of label ids."""
        answers = {"predictions": predictions, "references": self.splits[split]["label"]}
        accuracy = load_metric("accuracy").compute(**answers)
        return accuracy | load_metric("f1").compute(**answers, average="macro")

    def baselines(self, split="test"):
        """Return the scores of the commonest label, and of a logistic regression on counted words."""
        train, rows = self.splits["train"], self.splits[split]
        commonest = Counter(train["label"]).most_common(1)[0][0]
        found = {"commonest label": self.scores([commonest] * len(rows), split)}
        if len(set(train["label"])) > 1:
            words = make_pipeline(TfidfVectorizer(token_pattern=r"\w+"), LogisticRegression(C=10))
            words.fit(list(train["text"]), list(train["label"]))
            found["counted words"] = self.scores(words.predict(list(rows["text"])), split)
        return found

    def probabilities(self, split: str) -> torch.Tensor:
        """Return each label's probability for each row, (rows, labels)."""
        rows, found = list(self.encoded[split].remove_columns("label")), []
        for at in range(0, len(rows), 16):
            batch = self.collate(rows[at : at + 16]).to(self.model.device)
            with torch.no_grad():
                found.append(self.model(**batch).logits.softmax(-1).cpu())
        return torch.cat(found)

    def score(self, split="test"):
        """Return accuracy and macro F1 of the trained model."""
        return self.scores(self.probabilities(split).argmax(-1), split)

    def mistakes(self, split="validation", count=5):
        """Return the surest mistakes: said, truth, how sure, and the text."""
        sure, said = self.probabilities(split).max(-1)
        rows = [
            {
                "said": self.names[said[i]],
                "truth": self.names[row["label"]],
                "sure": float(sure[i]),
                "text": row["text"],
            }
            for i, row in enumerate(self.splits[split])
            if said[i] != row["label"]
        ]
        return sorted(rows, key=lambda row: -row["sure"])[:count]


class Few(Classify):
    """The same from a few rows a class, by SetFit."""

    name, taught = "few", "07"

    def __init__(self, splits, lesson, strategy="none"):
        if strategy != "none":
            raise ValueError(
                f"FREEZE is {strategy!r}, but SetFit trains the whole encoder. Set FREEZE to 'none', "
                "or TASK to 'classify'."
            )
        super().__init__(splits, lesson, strategy)
        few = sample_dataset(
            self.splits["train"], num_samples=self.settings["per_class"], seed=lesson.seed
        )
        self.splits["train"] = few  # so that the baselines learn from the same few

    def train(self):
        """Train on pairs of the few rows, then a head; return the losses."""
        fewshot.hide_pin_memory_warning()
        self.model = fewshot.new_model(self.lesson.checkpoint, self.names, self.max_length)
        options = {key: self.settings[key] for key in ("num_iterations", "batch_size")}
        folder = runs.run_folder(self.lesson, f"{self.name}-run")
        with runs.measured() as self.run:
            state = fewshot.train_setfit(
                self.model,
                self.splits["train"],
                folder,
                self.lesson.seed,
                num_epochs=self.settings["epochs"],
                body_learning_rate=self.settings["learning_rate"],
                **options,
            )
        self.history = [
            {"epoch": entry["epoch"], "loss": entry["embedding_loss"]}  # SetFit's name for it
            for entry in state.log_history
            if "embedding_loss" in entry
        ]
        return self.history

    def probabilities(self, split):
        """Return each label's probability for each row, (rows, labels)."""
        texts = list(self.splits[split]["text"])
        given = torch.as_tensor(self.model.predict_proba(texts, as_numpy=True))
        spread = torch.zeros(len(texts), len(self.names), dtype=given.dtype)
        spread[:, self.model.model_head.classes_.tolist()] = given
        return spread

    def save(self, folder):
        """Write the encoder, and the head as numbers: no pickle."""
        self.model.model_body.save(folder, create_model_card=False)
        fewshot.save_head(self.model.model_head, self.names, folder)

    def load(self, folder):
        """Take a saved encoder and head in place of the trained ones."""
        head, names = fewshot.load_head(folder)
        body = SentenceTransformer(folder)
        self.model = SetFitModel(model_body=body, model_head=head, labels=names)


class MaskedLMTrainer(Trainer):
    """A Trainer that scores the vocabulary at masked positions only, as in lesson 08."""

    def compute_loss(self, model, inputs, return_outputs=False, **others):
        """Return the loss over masked positions.

        Taught in: lesson 08.
        """
        loss = masked_lm_loss(model, inputs)
        return (loss, {}) if return_outputs else loss


class Read(OwnTask):
    """Texts without labels, to go on pretraining with."""

    name, taught, main, lower_is_better = "read", "08", "perplexity", True
    pipeline_tag, auto, trainer = "fill-mask", AutoModelForMaskedLM, MaskedLMTrainer

    @cached_property
    def collate(self):
        """Pad a batch and hide whole words."""
        return masking.WholeWordMaskCollator(self.tokenizer, self.settings["mlm_probability"])

    def encode(self, part):
        """Return texts as ids, cut at `max_length`."""
        cut = {"truncation": True, "max_length": self.max_length}
        return part.map(lambda row: self.tokenizer(row["text"], **cut), remove_columns=["text"])

    def new_model(self):
        """Return the bundled masked-LM model, or the checkpoint's own where the setting names none."""
        if self.settings["trained"]:
            return encoder.load(self.settings["trained"])
        return self.auto.from_pretrained(self.lesson.checkpoint, dtype=torch.float32)

    def _score(self, model, rows) -> masking.Score:
        share, seed = self.settings["mlm_probability"], self.lesson.seed
        return masking.score(model, masking.mask_once(rows, self.tokenizer, share, seed=seed))

    def score(self, split="test"):
        """Return perplexity and accuracy under masks that are the same at each call."""
        found = self._score(self.model, self.encoded[split])
        return {"perplexity": found.perplexity, "accuracy": found.accuracy}

    def baselines(self, split="test"):
        """Return the scores of the model that training starts from."""
        found = self._score(self.build(), self.encoded[split])
        return {"before training": {"perplexity": found.perplexity, "accuracy": found.accuracy}}

    def mistakes(self, split="validation", count=5):
        """Return the texts that surprise the model most, each word hidden once by chance."""
        rows = []
        for text, encoded in zip(self.splits[split]["text"], self.encoded[split], strict=True):
            found = self._score(self.model, [encoded] * 8)
            rows.append({"loss": found.loss, "masked": found.masked, "text": text})
        return sorted(rows, key=lambda row: -row["loss"])[:count]
