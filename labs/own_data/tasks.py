"""The course's tasks on a learner's own rows: each binds what its lesson taught, to start by one word."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from accelerate import Accelerator
from datasets import Dataset, DatasetDict
from sentence_transformers import SentenceTransformer
from setfit import SetFitModel, sample_dataset
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from torch.utils.data import DataLoader
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)

from helpers import course, encoder, fewshot, loop, masking, ner, qa, runs, spans
from helpers.freezing import freeze, keep_frozen_in_eval
from helpers.masking import masked_lm_loss
from helpers.metrics import load_metric
from labs.own_data.inspection import is_iob2


class OwnTask:
    """A task on rows of one's own; each kind of task says how to encode, build, score and explain.

    Each has `baselines(split)`, name to scores of what can be had without training; `score(split)`, name to
    figure of the trained model; and `mistakes(split, count)`, a dictionary each, of what it gets wrong.

    Args:
        splits: from `own_data.prepare`.
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
    names: Sequence[str] = ()  # the label inventory

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
        return encoder.load_tokenizer(self.lesson.checkpoint)

    @cached_property
    def encoded(self) -> DatasetDict:
        """The rows as the model reads them."""
        return DatasetDict({name: self.encode(part) for name, part in self.splits.items()})

    @cached_property
    def collate(self):
        """Pad a batch to its longest row."""
        return DataCollatorWithPadding(self.tokenizer)

    def encode(self, part: Dataset) -> Dataset:
        """Return texts as ids, cut at `max_length`."""
        cut = {"truncation": True, "max_length": self.max_length}
        return part.map(
            lambda batch: self.tokenizer(batch["text"], **cut),
            batched=True,
            remove_columns=["text"],
        )

    def _mapped(self, part: Dataset, function, **options) -> Dataset:
        """Return what a lesson's function makes of the rows in batches, in place of all their columns."""
        options = {"tokenizer": self.tokenizer, **options}
        return part.map(function, batched=True, fn_kwargs=options, remove_columns=part.column_names)

    def new_model(self):
        """Return the model to start from, the seed is set already: that of the setting "trained", or a new head."""
        if trained := self.settings.get("trained"):
            return encoder.load(trained)
        names = dict(enumerate(self.names))
        label2id = {name: number for number, name in names.items()}
        labels = {"id2label": names, "label2id": label2id} if names else {}
        return self.auto.from_pretrained(self.lesson.checkpoint, dtype=torch.float32, **labels)

    def build(self):
        """Return a new model, seeded and frozen as the strategy says, in train mode."""
        encoder.hide_load_report()
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
        runs.give_back()
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

    def save(self, folder: str) -> None:
        """Write model and tokenizer."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def load(self, folder: str) -> None:
        """Take a saved model in place of the trained one."""
        self.model = self.auto.from_pretrained(folder, dtype=torch.float32).eval()


class Classify(OwnTask):
    """A text, and one of several labels."""

    name, taught, main = "classify", "01", "f1"
    pipeline_tag, auto = "text-classification", AutoModelForSequenceClassification

    @cached_property
    def names(self) -> list[str]:
        """The label inventory."""
        return self.splits["train"].features["label"].names

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
        rows = self.encoded[split].remove_columns("label")
        loader = DataLoader(rows, batch_size=16, collate_fn=self.collate)
        with torch.no_grad():
            logits = [self.model(**batch.to(self.model.device)).logits for batch in loader]
        return torch.cat(logits).softmax(-1).cpu()

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

    def _score(self, model, rows) -> masking.Score:
        share, seed = self.settings["mlm_probability"], self.lesson.seed
        return masking.score(model, masking.mask_once(rows, self.tokenizer, share, seed=seed))

    def _figures(self, model, split: str) -> dict[str, float]:
        found = self._score(model, self.encoded[split])
        return {"perplexity": found.perplexity, "accuracy": found.accuracy}

    def score(self, split="test"):
        """Return perplexity and accuracy under masks that are the same at each call."""
        return self._figures(self.model, split)

    def baselines(self, split="test"):
        """Return the scores of the model that training starts from."""
        return {"before training": self._figures(self.build(), split)}

    def mistakes(self, split="validation", count=5):
        """Return the texts that surprise the model most, each word hidden once by chance."""
        rows = []
        for text, encoded in zip(self.splits[split]["text"], self.encoded[split], strict=True):
            found = self._score(self.model, [encoded] * 8)
            rows.append({"loss": found.loss, "masked": found.masked, "text": text})
        return sorted(rows, key=lambda row: -row["loss"])[:count]


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
        options = {"label_names": self.names, "max_length": self.max_length}
        return self._mapped(part, ner.tokenize_and_align, **options)

    def predictions(self, split: str) -> loop.Prediction:
        """Predict a split's tags, in its order, by lesson 04's function."""
        accelerator = Accelerator()
        loader = DataLoader(self.encoded[split], batch_size=16, collate_fn=self.collate)
        return loop.predict(accelerator, *accelerator.prepare(self.model, loader))

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
        best = {word: tags.most_common(1)[0][0] for word, tags in seen.items()}
        rows = self.splits[split]
        said = [[best.get(word.lower(), overall) for word in words] for words in rows["tokens"]]
        prediction = loop.Prediction(said, rows["ner_tags"][:])
        return {"dictionary": ner.scores(prediction, self.names)}

    def mistakes(self, split="validation", count=5):
        """Return sentences with a wrong tag, those with most first: each wrong word, what was said, the truth."""
        tags = ner.to_entities(*self.predictions(split), self.names)
        found = []
        for said, truth, words in zip(*tags, self.splits[split]["tokens"], strict=True):
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

    def encode(self, part, prepare=qa.prepare_train_features):
        """Return windows with the answer's positions, or with what another function of `qa` prepares."""
        size = {"max_length": self.max_length, "doc_stride": self.settings["doc_stride"]}
        return self._mapped(part, prepare, **size)

    def best(self, model, split: str):
        """Return the best span of each question, beside the score of no answer."""
        rows = self.splits[split]
        features = self.encode(rows, qa.prepare_validation_features)[:]
        logits = spans.window_logits(features, model, self.tokenizer)
        limits = {key: self.settings[key] for key in ("n_best", "max_answer_length")}
        return spans.score_predictions(rows, features, *logits, **limits)

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
        best, threshold = self.best(self.model, split), self.threshold(self.model)
        none = best["null_score"] - best["score"] > threshold
        rows = []
        for row, said in zip(self.splits[split], best["text"].mask(none, ""), strict=True):
            accepted = row["answers"]["text"]
            if said not in (accepted or [""]):
                shown = {"question": row["question"], "said": said}
                rows.append(shown | {"accepted": " | ".join(accepted)})
        return rows[:count]


TASKS: dict[str, type[OwnTask]] = {kind.name: kind for kind in (Classify, Few, Tag, Answer, Read)}


def start(name: str, splits: DatasetDict, lesson, strategy: str = "none") -> OwnTask:
    """Return a task on a learner's own splits.

    Args:
        name: "classify", "few", "tag", "answer" or "read".
        splits: from `own_data.prepare` for that task.
        lesson: lesson 09's settings.
        strategy: of freezing: "none", "head-only", "first-K", "bias-only".

    Raises:
        ValueError: no such task; splits made for another one; "few" with a strategy.
    """
    if name not in TASKS:
        raise ValueError(f"There is no task {name!r}. Use one of {', '.join(TASKS)}.")
    wanted = {"tag": "ner_tags", "answer": "answers", "read": "text"}.get(name, "label")
    if wanted not in splits["train"].column_names:
        raise ValueError(
            f"The splits have {', '.join(splits['train'].column_names)}, but {name!r} needs {wanted!r}. "
            f"Prepare them with task={name!r}."
        )
    return TASKS[name](splits, lesson, strategy)


def comparison(baselines: dict[str, dict], scores: dict[str, float]) -> list[dict]:
    """Return the baselines' scores and then the trained model's, one row each, for a table."""
    rows = baselines | {"trained": scores}
    return [{"": name, **found} for name, found in rows.items()]


def gain(task: OwnTask, rows: list[dict]) -> float:
    """Return by how much the trained model beats the best baseline in the main score; below 0 where it does not."""
    *baselines, trained = [row[task.main] for row in rows]
    return min(baselines) - trained if task.lower_is_better else trained - max(baselines)


def card(task: OwnTask, file: str, rows: list[dict]) -> str:
    """Return a model card; every figure comes from the task's run.

    Args:
        task: trained.
        file: what the rows came from.
        rows: from `comparison`.
    """
    counts = ", ".join(f"{len(part)} {name}" for name, part in task.splits.items())
    scores = "\n".join(
        f"- {row['']}: " + ", ".join(f"{key} {value:.3f}" for key, value in row.items() if key)
        for row in rows
    )
    names = f"- Labels: {', '.join(task.names)}.\n" if task.names else ""
    return f"""---
base_model: {task.lesson.encoder}
pipeline_tag: {task.pipeline_tag}
---
# {task.name.capitalize()}: {file}

- Data: {file}; rows: {counts}.
{names}- Training: {task.settings["epochs"]} epochs, learning rate {task.settings["learning_rate"]},
  frozen: {task.strategy}, seed {task.lesson.seed}, {task.run.seconds:.0f} s.

Scores on the test rows:
{scores}

What it is for, what it is not for, and whom its mistakes could hurt: write it here.
"""
