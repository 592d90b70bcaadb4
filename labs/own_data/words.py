"""Words of one's own: to tag (lesson 03), and passages to answer from (lesson 05)."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

import numpy as np
import torch
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
)

from helpers import encoder, ner
from helpers.loop import Prediction
from helpers.metrics import load_metric
from helpers.ner import to_entities, tokenize_and_align
from helpers.qa import prepare_train_features, prepare_validation_features
from helpers.spans import score_predictions, window_logits
from labs.own_data.inspection_tasks import is_iob2
from labs.own_data.training import OwnTask


class Tag(OwnTask):
    """A sentence in words, and a tag for each."""

    name, taught = "tag", "03"
    pipeline_tag, auto = "token-classification", AutoModelForTokenClassification

    @cached_property
    def names(self) -> list[str]:
        """The tag inventory."""
        return self.splits["train"].features["ner_tags"].feature.names

    @property
    def main(self) -> str:
        """The score to compare by: parts of speech are no entities."""
        return "f1" if is_iob2(self.names) else "accuracy"

    @cached_property
    def collate(self):
        """Pad a batch, labels with IGNORE_INDEX."""
        return DataCollatorForTokenClassification(self.tokenizer)

    def encode(self, part):
        """Return sentences as ids with a label on each first sub-token."""
        options = {"tokenizer": self.tokenizer, "label_names": self.names}
        return part.map(
            tokenize_and_align,
            batched=True,
            fn_kwargs=options | {"max_length": self.max_length},
            remove_columns=part.column_names,
        )

    def new_model(self):
        """Return the encoder with a new head that knows the names of the tags."""
        return ner.new_model(self.lesson.checkpoint, self.names, self.lesson.seed)

    def score(self, split="test"):
        """Return entity precision, recall and F1, and the accuracy of tags."""
        return ner.scores(self.predictions(split), self.names)

    def baselines(self, split="test"):
        """Return the scores of a dictionary: each word gets the tag it had most often in training."""
        seen: dict[str, Counter] = defaultdict(Counter)
        for row in self.splits["train"]:
            for word, tag in zip(row["tokens"], row["ner_tags"], strict=True):
                seen[word.lower()][tag] += 1
        overall = sum(seen.values(), Counter()).most_common(1)[0][0]
        rows = self.splits[split]
        said = [
            [
                seen[word.lower()].most_common(1)[0][0] if word.lower() in seen else overall
                for word in words
            ]
            for words in rows["tokens"]
        ]
        return {"dictionary": ner.scores(Prediction(said, rows["ner_tags"][:]), self.names)}

    def mistakes(self, split="validation", count=5):
        """Return sentences with a wrong tag, those with most first: each wrong word, what was said, the truth."""
        prediction, found = self.predictions(split), []
        pairs = zip(
            *to_entities(*prediction, self.names), self.splits[split]["tokens"], strict=True
        )
        for said, truth, words in pairs:
            wrong = [
                f"{word}: {s} for {t}"
                for word, s, t in zip(words, said, truth, strict=False)  # a long sentence was cut
                if s != t
            ]
            if wrong:
                found.append((len(wrong), {"wrong": ", ".join(wrong), "sentence": " ".join(words)}))
        return [row for _, row in sorted(found, key=lambda pair: -pair[0])[:count]]


class Answer(OwnTask):
    """A question and a passage; the answer is a span of it, or there is none."""

    name, taught, main = "answer", "05", "f1"
    pipeline_tag, auto = "question-answering", AutoModelForQuestionAnswering

    @cached_property
    def collate(self):
        """Pad a batch of windows."""
        return DataCollatorWithPadding(self.tokenizer)

    @property
    def _size(self) -> dict:
        return {"max_length": self.max_length, "doc_stride": self.settings["doc_stride"]}

    def _windows(self, part, prepare):
        options = {"tokenizer": self.tokenizer, **self._size}
        return part.map(prepare, batched=True, fn_kwargs=options, remove_columns=part.column_names)

    def encode(self, part):
        """Return windows with the answer's positions."""
        return self._windows(part, prepare_train_features)

    def new_model(self):
        """Return the bundled model that answers questions, or a new head where the setting names none."""
        if self.settings["trained"]:
            return encoder.load(self.settings["trained"])
        return self.auto.from_pretrained(self.lesson.checkpoint, dtype=torch.float32)

    def best(self, model, split: str):
        """Return the best span of each question, beside the score of no answer."""
        rows = self.splits[split]
        features = self._windows(rows, prepare_validation_features)[:]
        logits = window_logits(features, model, self.tokenizer)
        limits = {key: self.settings[key] for key in ("n_best", "max_answer_length")}
        return score_predictions(rows, features, *logits, **limits)

    def _metric(self, best, split: str, threshold: float) -> dict[str, float]:
        predictions = [
            {
                "id": line.Index,
                "prediction_text": line.text,
                "no_answer_probability": line.null_score - line.score,
            }
            for line in best.itertuples()
        ]
        references = list(self.splits[split].select_columns(["id", "answers"]))
        return load_metric("squad_v2").compute(
            predictions=predictions, references=references, no_answer_threshold=threshold
        )

    def _scores(self, best, split: str, threshold: float) -> dict[str, float]:
        found = self._metric(best, split, threshold)
        return {"f1": found["f1"] / 100, "exact": found["exact"] / 100}

    def threshold(self, model) -> float:
        """Return the null threshold that is best on the validation questions."""
        best = self.best(model, "validation")
        return self._metric(best, "validation", np.inf)["best_f1_thresh"]

    def score(self, split="test"):
        """Return F1 and exact match, between 0 and 1, at the threshold chosen on validation."""
        return self._scores(self.best(self.model, split), split, self.threshold(self.model))

    def baselines(self, split="test"):
        """Return the scores of never answering, and of the model that training starts from."""
        model = self.build()
        best = self.best(model, split)
        thresholds = {"never answers": -np.inf, "before training": self.threshold(model)}
        return {name: self._scores(best, split, value) for name, value in thresholds.items()}

    def mistakes(self, split="validation", count=5):
        """Return questions whose answer is not exactly an accepted one."""
        best, threshold, rows = self.best(self.model, split), self.threshold(self.model), []
        for row in self.splits[split]:
            line = best.loc[row["id"]]
            said = "" if line["null_score"] - line["score"] > threshold else line["text"]
            accepted = row["answers"]["text"]
            if said not in (accepted or [""]):
                rows.append(
                    {"question": row["question"], "said": said, "accepted": " | ".join(accepted)}
                )
        return rows[:count]
