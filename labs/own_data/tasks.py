"""The course's tasks on a learner's own rows: each binds what its lesson taught, to start by one word."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import islice
from uuid import uuid4

import numpy as np
import torch
import transformers
from accelerate import Accelerator
from datasets import Dataset, DatasetDict, List
from sentence_transformers import SentenceTransformer
from setfit import SetFitModel, sample_dataset
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments, set_seed

from helpers import (
    course,
    encoder,
    expect,
    fewshot,
    known,
    loop,
    masking,
    ner,
    qa,
    runs,
    spans,
    whole,
)
from helpers.freezing import check_strategy, freeze, keep_frozen_in_eval
from helpers.masking import masked_lm_loss
from helpers.metrics import exact, load_metric
from labs.freezing.experiment import Experiment, outline, tagger
from labs.freezing.lab import kind_of
from labs.own_data import duplicates
from labs.own_data.files import Table
from labs.own_data.findings import Notes
from labs.own_data.inspection import tokenized, too_long
from labs.own_data.rows import NEEDS, Row, names, rows
from labs.own_data.splits import dataset
from labs.own_data.tagging import is_iob2, spans_of, to_iob2

STEPS = 4  # of training, from which its minutes are estimated
NO_ANSWER = {"text": [], "answer_start": []}
THRESHOLDS = np.arange(0.05, 1, 0.05)


class OwnTask:
    """A task on rows of one's own; each kind of task says how to encode, build, score and explain.

    Each has `baselines(split)`, name to scores of what can be had without training; `score(split)`, name to
    figure of the trained model; and `wrong(split)`, pairs of a figure, higher for worse, and a dictionary.

    `splits` are from `own_data.prepare`; the `lesson` has the settings seed, train_rows, evaluation_rows, max_length
    and those of the task; `strategy` is one of `freezing.freeze`. `rows` are those to train on: "lesson" for as many
    as its settings say, None for all there are, then of each split.
    """

    name = ""
    taught = ""  # the lesson
    main = ""  # the score to compare by
    lower_is_better = False
    pipeline_tag = ""
    auto = None  # transformers class of the model
    head: Mapping = {}  # settings of its configuration
    trainer = Trainer
    collator = transformers.DataCollatorWithPadding  # to the longest row, labels with IGNORE_INDEX
    column = "label"  # of the splits, with what is to be learned

    def __init__(self, splits: DatasetDict, lesson: course.Lesson, strategy="none", rows="lesson"):
        self.lesson, self.strategy, self.rows = lesson, strategy, rows
        self.settings: Mapping = getattr(lesson, self.name)
        self.outline = outline(self.auto, lesson.checkpoint)
        check_strategy(self.outline, strategy)
        self.splits = DatasetDict({name: self._drawn(name, part) for name, part in splits.items()})
        self.model, self.run = None, runs.Measured()
        self.tokenizer = encoder.load_tokenizer(lesson.checkpoint)
        self.collate = self.collator(self.tokenizer)

    def _drawn(self, name: str, part: Dataset) -> Dataset:
        count = self.lesson.train_rows if name == "train" else self.lesson.evaluation_rows
        if self.rows is None:
            count = len(part)
        elif name == "train" and self.rows != "lesson":
            count = self.rows
        return part.shuffle(seed=self.lesson.seed).select(range(min(count, len(part))))

    @cached_property
    def names(self) -> Sequence[str]:
        """The inventory of labels or tags; none where answers or texts are learned."""
        kind = self.splits["train"].features[self.column]
        return getattr(getattr(kind, "feature", kind), "names", ())

    @property
    def max_length(self) -> int:
        """Tokens that the model is given."""
        return self.settings.get("max_length", self.lesson.max_length)

    @cached_property
    def encoded(self) -> DatasetDict:
        """The rows as the model reads them."""
        return DatasetDict({name: self.encode(part) for name, part in self.splits.items()})

    def encode(self, part: Dataset) -> Dataset:
        """Return texts as ids, cut at `max_length`."""
        cut = {"truncation": True, "max_length": self.max_length}
        return self._mapped(part, lambda rows, tokenizer: tokenizer(rows["text"], **cut))

    def _mapped(self, part: Dataset, function, **options) -> Dataset:
        """Return what a lesson's function makes of the rows in batches, in place of all columns but "label".

        A name of its own for the result spares `map` a hash of the tokenizer, which takes longer than a few rows.
        """
        options = {"tokenizer": self.tokenizer, **options}
        gone, name = [name for name in part.column_names if name != "label"], uuid4().hex
        return part.map(
            function, batched=True, fn_kwargs=options, remove_columns=gone, new_fingerprint=name
        )

    def new_model(self):
        """Return the model to start from, the seed is set already: that of the setting "trained", or a new head."""
        if trained := self.settings.get("trained"):
            return encoder.load(trained)
        names = dict(enumerate(self.names))
        label2id = {name: number for number, name in names.items()}
        labels = {"id2label": names, "label2id": label2id} if names else {}
        options = {"dtype": torch.float32, **labels, **self.head}
        return self.auto.from_pretrained(self.lesson.checkpoint, **options)

    def build(self):
        """Return a new model, seeded and frozen as the strategy says, in train mode."""
        encoder.hide_load_report()
        set_seed(self.lesson.seed)
        return keep_frozen_in_eval(freeze(self.new_model(), self.strategy))

    @property
    def rate(self) -> float:
        """The highest learning rate: a new head, biases or LoRA need a larger one than all layers (lesson 06)."""
        kind = kind_of(self.strategy, self.outline)
        factor = {"head": 50, "bias": 10, "lora": 10}.get(kind, 1)
        return self.settings["learning_rate"] * (1 if self.settings.get("trained") else factor)

    def arguments(self) -> TrainingArguments:
        """Return the arguments of a run: those of lessons 01, 05 and 08."""
        return TrainingArguments(
            output_dir=runs.run_folder(self.lesson, f"{self.name}-run"),
            seed=self.lesson.seed,
            num_train_epochs=self.settings["epochs"],
            learning_rate=self.rate,
            per_device_train_batch_size=self.settings["batch_size"],
            warmup_steps=0.1,
            weight_decay=0.01,
            train_sampling_strategy="group_by_length",
            bf16=self.lesson.precision == "bf16",
            use_cpu=self.lesson.device.startswith("CPU"),
            logging_strategy="epoch",
            save_strategy="no",
            report_to="none",
            dataloader_pin_memory=False,
        )

    def train(self) -> list[dict]:
        """Train a new model; return the loss of each epoch. `model` and `run` hold what came of it."""
        self.model = None
        runs.give_back()
        trainer = self._trainer()
        with runs.measured() as self.run:
            trainer.train()
        whole = trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
        encoder.merge_lora(whole)  # saved, it is a plain model
        self.model = whole.eval()  # as it will be loaded: without Accelerate's autocast
        history = [entry for entry in trainer.state.log_history if "loss" in entry]
        runs.release(trainer)
        return history

    def _trainer(self) -> Trainer:
        rows, model = self.encoded["train"], self.build()
        return self.trainer(model, self.arguments(), train_dataset=rows, data_collator=self.collate)

    def minutes(self) -> float:
        """Return about how many minutes training will take, from a few steps on a model that is thrown away."""
        trainer = self._trainer()
        batches = list(islice(trainer.get_train_dataloader(), STEPS))
        optimizer = torch.optim.AdamW(trainer.model.parameters())
        with runs.measured() as run:
            for batch in batches:
                trainer.compute_loss(trainer.model, batch).backward()
                optimizer.step()
                optimizer.zero_grad()
        runs.release(trainer)
        read = sum(batch["input_ids"].numel() for batch in batches)  # the longest rows come first
        tokens = sum(map(len, self.encoded["train"]["input_ids"]))
        return run.seconds / read * tokens * self.settings["epochs"] / 60

    def predict(self, table: Table, columns: Mapping[str, str] | None = None) -> Table:
        """Return a table with what the trained model says in place of its labels, tags or answers.

        Rows need none of their own. `findings` are those of texts that are cut: words beyond have no entity.

        Raises ValueError: a row without a text, tokens or a question; the task is to read.
        """
        if self.name == "read":
            raise ValueError("A model that reads answers nothing. Predict with another task.")
        placed = rows(table, self.name, columns)
        self.splits["own"] = dataset(self._blank(placed), self.splits["train"].features)
        self.encoded["own"] = self.encode(self.splits["own"])
        column, values = names(table, self.name, columns)[NEEDS[self.name][-1]], self.said("own")
        del self.splits["own"], self.encoded["own"]
        made = [row | {column: value} for row, value in zip(table.rows, values, strict=True)]
        if "is_impossible" in table.columns and self.name == "answer":
            made = [row | {"is_impossible": row[column] == NO_ANSWER} for row in made]
        if self.name == "tag" and table.form.column:
            made = [row | {"spans": spans_of(row["tags"], row["offsets"])} for row in made]
        columns, note = tuple(dict.fromkeys((*table.columns, column))), Notes()
        if self.name != "answer":
            tokens = tokenized(placed, self.tokenizer)
            too_long(placed, tokens, self.tokenizer, self.max_length, note)
        return replace(table, rows=made, columns=columns, findings=[*note.values()])

    def _blank(self, placed: Sequence[Row]) -> Sequence[Row]:
        """Put any label, tags or answer into rows that may have none; `predict` names the errors."""
        label = [] if isinstance(self, Several) else next(iter(self.names), "")
        for row in placed:
            tokens = row.values.get("tokens")
            tags = [*self.names[:1]] * (len(tokens) if isinstance(tokens, list) else 0)
            row.values.update(label=label, tags=tags, answers=NO_ANSWER)
            if name := row.problem[1]:
                value = row.values[name]
                told = "Fill it in, or leave the row out; if its column has another name, pass COLUMNS."
                if name == "tokens":
                    told = 'Give its words, or beside a "text" no spans yet: "label": []'
                raise ValueError(f"{row.place}: {name} is {value!r}. {told}")
        return placed

    def settled(self) -> dict[str, float]:
        """Return what the validation rows have settled beside the weights, by name."""
        return {}

    def mistakes(self, split: str = "validation", count: int = 5) -> list[dict]:
        """Return what the trained model gets most wrong in a split, the worst first."""
        return [row for _, row in sorted(self.wrong(split), key=lambda pair: -pair[0])[:count]]

    def save(self, folder: str) -> None:
        """Write model and tokenizer."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def _fits(self, folder: str, held: Iterable[str]) -> None:
        if self.names and list(held) != list(self.names):
            raise ValueError(
                f"The model in {folder} knows {', '.join(held)}; these rows have {', '.join(self.names)}. "
                "Start the task with the splits that it was trained on."
            )

    def load(self, folder: str) -> None:
        """Take a saved model in place of the trained one. Raises ValueError: it knows other labels."""
        model = self.auto.from_pretrained(folder, dtype=torch.float32)
        self._fits(folder, model.config.id2label.values())
        self.model = model.eval().to(Accelerator().device)


class Classify(OwnTask):
    """A text, and one of several labels."""

    name, taught, main = "classify", "01", "f1"
    pipeline_tag, auto = "text-classification", transformers.AutoModelForSequenceClassification
    likely = torch.nn.Softmax(-1)  # of logits

    def _drawn(self, name: str, part: Dataset) -> Dataset:
        """Draw rows, and say which labels are in none of them: no score of the sample counts these."""
        drawn, kind = super()._drawn(name, part), part.features["label"]
        held = [set(np.hstack([*rows["label"], []]).astype(int).tolist()) for rows in (part, drawn)]
        if lost := held[0] - held[1]:
            told = ", ".join(getattr(kind, "feature", kind).int2str(sorted(lost)))
            print(f"{name}: none of {len(drawn)} drawn rows is {told}. ROWS = None takes all rows.")
        return drawn

    def scores(self, predictions, split: str) -> dict[str, float]:
        """Return accuracy and macro F1 of label ids."""
        answers = {"predictions": predictions, "references": self.splits[split]["label"]}
        accuracy = load_metric("accuracy").compute(**answers)
        return accuracy | load_metric("f1").compute(**answers, average="macro")

    def baselines(self, split="test"):
        """Return the scores of the commonest label, and of a logistic regression on counted words."""
        labels = self.splits["train"]["label"]
        # a few rows a label, as many of each, know no commonest
        held = self.splits["validation"]["label"] if self.name == "few" else labels
        commonest = Counter(held).most_common(1)[0][0]
        found = {"commonest label": self.scores([commonest] * len(self.splits[split]), split)}
        if len(set(labels)) > 1:
            counted = self.by_words(LogisticRegression(C=10), list(labels), split)
            found["counted words"] = self.scores(counted, split)
        return found

    def by_words(self, classifier, answers, split: str) -> np.ndarray:
        """Return what a classifier of counted words says of a split, fitted to the answers of the training rows."""
        model = make_pipeline(TfidfVectorizer(analyzer=duplicates.words), classifier)
        model.fit(list(self.splits["train"]["text"]), answers)
        return model.predict(list(self.splits[split]["text"]))

    def probabilities(self, split: str) -> torch.Tensor:
        """Return each label's probability for each row, (rows, labels)."""
        labels = {"label", "labels"} & {*self.encoded[split].column_names}
        rows = self.encoded[split].remove_columns([*labels])  # a loaded model may know others
        loader = DataLoader(rows, batch_size=16, collate_fn=self.collate)
        with torch.no_grad():
            logits = [self.model(**batch.to(self.model.device)).logits for batch in loader]
        return self.likely(torch.cat(logits)).cpu()

    def decided(self, split: str):
        """Return the id of each row's likeliest label."""
        return self.probabilities(split).argmax(-1)

    def said(self, split: str) -> list:
        """Return the name of each row's label."""
        return [self.names[number] for number in self.decided(split)]

    def score(self, split="test"):
        """Return the `scores` of the trained model."""
        return self.scores(self.decided(split), split)

    def wrong(self, split):
        """Yield the mistakes by how sure they are: said, truth, how sure, and the text."""
        sure, said = (found.tolist() for found in self.probabilities(split).max(-1))
        for row, number, share in zip(self.splits[split], said, sure, strict=True):
            if number != row["label"]:
                shown = {"said": self.names[number], "truth": self.names[row["label"]]}
                yield share, shown | {"sure": share, "text": row["text"]}


class Several(Classify):
    """A text, and any number of several labels: those more likely than a threshold, chosen on validation."""

    main = "micro_f1"
    head = {"problem_type": "multi_label_classification"}  # transformers then takes BCE as the loss
    likely = torch.nn.Sigmoid()  # each for itself

    def truth(self, labels) -> np.ndarray:
        """Return lists of label ids as ones and zeros, (rows, labels)."""
        marker = MultiLabelBinarizer(classes=range(len(self.names)))
        return marker.fit_transform(labels).astype(np.float32)

    def encode(self, part):
        """Return texts as ids, labels as ones and zeros."""
        encoded = super().encode(part).remove_columns("label")
        return encoded.add_column("labels", self.truth(part["label"]).tolist())

    def scores(self, predictions, split: str) -> dict[str, float]:
        """Return micro F1 (of all labels together) and macro F1 (the labels' mean) of ones and zeros."""
        truth = self.truth(self.splits[split]["label"])
        return {
            f"{average}_f1": float(f1_score(truth, predictions, average=average, zero_division=0))
            for average in ("micro", "macro")
        }

    def threshold(self) -> float:
        """Return the threshold with the best micro F1 on the validation rows."""
        likely = self.probabilities("validation").numpy()
        found = [self.scores(likely > one, "validation")["micro_f1"] for one in THRESHOLDS]
        return float(THRESHOLDS[int(np.argmax(found))])

    def settled(self):
        """Return the threshold."""
        return {"threshold": self.threshold()}

    def decided(self, split) -> np.ndarray:
        """Return which labels are more likely than the threshold, (rows, labels)."""
        return self.probabilities(split).numpy() > self.threshold()

    def baselines(self, split="test"):
        """Return the scores of the labels that most rows have, and of logistic regressions on counted words."""
        truth, rows = self.truth(self.splits["train"]["label"]), len(self.splits[split])
        common = np.tile(truth.mean(0) >= min(0.5, truth.mean(0).max()), (rows, 1))
        # of a label that every row has, or none, there is nothing to learn
        varied, counted = truth.min(0) < truth.max(0), np.tile(truth.min(0), (rows, 1))
        if varied.any():
            classifier = OneVsRestClassifier(LogisticRegression(C=10))
            found = self.by_words(classifier, truth[:, varied], split)
            counted[:, varied] = found.reshape(rows, -1)  # of one label it is a vector
        said = {"commonest labels": common, "counted words": counted}
        return {name: self.scores(labels, split) for name, labels in said.items()}

    def said(self, split):
        """Return the names of each row's labels."""
        return [[self.names[i] for i in np.flatnonzero(row)] for row in self.decided(split)]

    def wrong(self, split):
        """Yield the rows by the number of wrong labels: what was said, the truth, and the text."""
        for row, said in zip(self.splits[split], self.said(split), strict=True):
            truth = [self.names[label] for label in row["label"]]
            if wrong := set(said) ^ set(truth):
                shown = {"said": ", ".join(said), "truth": ", ".join(truth), "text": row["text"]}
                yield len(wrong), shown


class Few(Classify):
    """The same from a few rows a class, by SetFit."""

    name, taught = "few", "07"

    def _drawn(self, name, part):
        """Draw rows, of training a few per class: the baselines learn from the same few."""
        drawn, per_class = super()._drawn(name, part), self.settings["per_class"]
        if name != "train":
            return drawn
        return sample_dataset(drawn, num_samples=per_class, seed=self.lesson.seed)

    def train(self):
        """Train on pairs of the few rows, then a head; return the losses."""
        fewshot.hide_pin_memory_warning()
        self.model = fewshot.new_model(self.lesson.checkpoint, self.names, self.max_length)
        options = {key: self.settings[key] for key in ("num_iterations", "batch_size")}
        options["num_epochs"] = self.settings["epochs"]
        options["body_learning_rate"] = self.settings["learning_rate"]
        where = (runs.run_folder(self.lesson, f"{self.name}-run"), self.lesson.seed)
        with runs.measured() as self.run:
            state = fewshot.train_setfit(self.model, self.splits["train"], *where, **options)
        name = "embedding_loss"  # SetFit's
        losses = [entry for entry in state.log_history if name in entry]
        return [{"epoch": entry["epoch"], "loss": entry[name]} for entry in losses]

    def minutes(self):
        """Return about how many minutes training will take: each row comes in so many pairs, of two texts."""
        return 4 * self.settings["num_iterations"] * super().minutes()

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
        self._fits(folder, names)
        body = SentenceTransformer(folder)
        self.model = SetFitModel(model_body=body, model_head=head, labels=names)


class MaskedLMTrainer(Trainer):
    """A Trainer that scores the vocabulary at masked positions only, as in lesson 08."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.model_accepts_loss_kwargs = False  # the loss is the mean of one micro-batch

    def compute_loss(self, model, inputs, return_outputs=False, **others):
        """Return the loss over masked positions.

        Taught in: lesson 08.
        """
        with self.accelerator.autocast():  # Trainer's own covers `forward` alone
            loss = masked_lm_loss(model, inputs)
        return (loss, {}) if return_outputs else loss


class Read(OwnTask):
    """Texts without labels, to go on pretraining with."""

    name, taught, main, lower_is_better = "read", "08", "perplexity", True
    pipeline_tag, auto, trainer = "fill-mask", transformers.AutoModelForMaskedLM, MaskedLMTrainer
    column = "text"

    def collator(self, tokenizer):
        """Return what pads a batch and hides whole words."""
        return masking.WholeWordMaskCollator(tokenizer, self.settings["mlm_probability"])

    def _score(self, model, rows) -> masking.Score:
        share, seed = self.settings["mlm_probability"], self.lesson.seed
        return masking.score(model, masking.mask_once(rows, self.tokenizer, share, seed=seed))

    def score(self, split="test", model=None):
        """Return perplexity and accuracy of the trained model, or another, under masks that are the same at each call."""
        found = self._score(model or self.model, self.encoded[split])
        return {"perplexity": found.perplexity, "accuracy": found.accuracy}

    def baselines(self, split="test"):
        """Return the scores of the model that training starts from."""
        return {"before training": self.score(split, self.build())}

    def wrong(self, split):
        """Yield the texts by how much they surprise the model, each word hidden once by chance."""
        for text, encoded in zip(self.splits[split]["text"], self.encoded[split], strict=True):
            with suppress(ValueError):  # nothing in it can be hidden: an emoji, an unknown script
                score = self._score(self.model, [encoded] * 8)
                yield score.loss, {"loss": score.loss, "masked": score.masked, "text": text}


class Tag(OwnTask):
    """A sentence in words, and a tag for each."""

    name, taught, column = "tag", "03", "ner_tags"
    pipeline_tag, auto = "token-classification", transformers.AutoModelForTokenClassification
    collator = transformers.DataCollatorForTokenClassification

    @property
    def main(self) -> str:
        """The score to compare by: parts of speech are no entities."""
        return "f1" if is_iob2(self.names) else "accuracy"

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
        """Return entity precision, recall and F1, and the accuracy of tags; words that were cut count, too."""
        said = [[self.names.index(tag) for tag in tags] for tags in self.tags(split)]
        return ner.scores(loop.Prediction(said, self.splits[split]["ner_tags"][:]), self.names)

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

    def tags(self, split: str) -> list[list[str]]:
        """Return each sentence's tags; what no token stands for, or was cut, gets the first name: O."""
        tags, found = ner.to_entities(*self.predictions(split), self.names)[0], []
        outside = "O" if "O" in self.names else self.names[0]
        cut = {"is_split_into_words": True, "truncation": True, "max_length": self.max_length}
        for words, said in zip(self.splits[split]["tokens"], tags, strict=True):
            read = dict.fromkeys(self.tokenizer(words, **cut).word_ids())
            known = dict(zip([word for word in read if word is not None], said, strict=True))
            found.append([known.get(word, outside) for word in range(len(words))])
        return found

    def said(self, split: str) -> list[list[str]]:
        """Return each sentence's tags as IOB2, where their names are."""
        tags = self.tags(split)
        return list(map(to_iob2, tags)) if is_iob2(self.names) else tags

    def wrong(self, split):
        """Yield sentences by the number of wrong tags: each wrong word, what was said, the truth."""
        for said, row in zip(self.tags(split), self.splits[split], strict=True):
            truth = [self.names[number] for number in row["ner_tags"]]
            rows = zip(row["tokens"], said, truth, strict=True)
            if wrong := [f"{word}: {s} for {t}" for word, s, t in rows if s != t]:
                yield len(wrong), {"wrong": ", ".join(wrong), "sentence": " ".join(row["tokens"])}


class Answer(OwnTask):
    """A question and a passage; the answer is a span of it, or there is none."""

    name, taught, main, column = "answer", "05", "f1", "answers"
    pipeline_tag, auto = "question-answering", transformers.AutoModelForQuestionAnswering

    @property
    def size(self) -> dict[str, int]:
        """Tokens of a window, and how many of them the next one reads again."""
        return {"max_length": self.max_length, "doc_stride": self.settings["doc_stride"]}

    def encode(self, part):
        """Return windows with the answer's positions."""
        return self._mapped(part, qa.prepare_train_features, **self.size)

    @cached_property
    def longest(self) -> int:
        """Tokens that an answer may have: those of the setting, or of the longest one to learn from."""
        places = (self.encoded["train"][f"{edge}_positions"] for edge in ("start", "end"))
        lengths = (end - start + 1 for start, end in zip(*places, strict=True))
        return max(self.settings["max_answer_length"], *lengths)

    def best(self, model, split: str):
        """Return the best span of each question, beside the score of no answer."""
        rows = self.splits[split]
        features = qa.prepare_validation_features(rows[:], self.tokenizer, **self.size)
        logits = spans.window_logits(features, model, self.tokenizer)
        limits = {"n_best": self.settings["n_best"], "max_answer_length": self.longest}
        return spans.score_predictions(rows, features, *logits, **limits)

    def _metric(self, best, split: str, threshold: float) -> dict[str, float]:
        said = best.reset_index(names="id").rename(columns={"text": "prediction_text"})
        said["no_answer_probability"] = said["null_score"] - said["score"]
        columns = ["id", "prediction_text", "no_answer_probability"]
        answers = {"predictions": said[columns].to_dict("records")}
        answers["references"] = list(self.splits[split].select_columns(["id", "answers"]))
        return load_metric("squad_v2").compute(**answers, no_answer_threshold=threshold)

    def _scores(self, best, split: str, threshold: float) -> dict[str, float]:
        found = self._metric(best, split, threshold)
        return {"f1": found["f1"] / 100, "exact": found["exact"] / 100}

    def threshold(self, model) -> float:
        """Return a null threshold that is best on validation, midway between doubts; none if all have an answer."""
        if all(answers["text"] for answers in self.splits["validation"]["answers"]):
            return np.inf
        best = self.best(model, "validation")
        lowest = self._metric(best, "validation", np.inf)["best_f1_thresh"]
        doubts = best["null_score"] - best["score"]
        silent = doubts[doubts > lowest].min()
        midway = (doubts <= lowest).any() and np.isfinite(silent)
        return float((lowest + silent) / 2 if midway else lowest)

    def score(self, split="test"):
        """Return F1 and exact match, between 0 and 1, at the threshold chosen on validation."""
        return self._scores(self.best(self.model, split), split, self.threshold(self.model))

    def settled(self):
        """Return the null threshold."""
        return {"null threshold": self.threshold(self.model)}

    def baselines(self, split="test"):
        """Return the scores of never answering, and of the model that training starts from."""
        model = self.build()
        best = self.best(model, split)
        thresholds = {"never answers": -np.inf, "before training": self.threshold(model)}
        return {name: self._scores(best, split, value) for name, value in thresholds.items()}

    def said(self, split: str) -> list[dict]:
        """Return each question's answer, as SQuAD writes it: both lists empty for none."""
        best, threshold = self.best(self.model, split), self.threshold(self.model)
        none = (best["null_score"] - best["score"] > threshold) | (best["text"] == "")
        return [
            NO_ANSWER if silent else {"text": [text], "answer_start": [int(start)]}
            for text, start, silent in zip(best["text"], best["start"], none, strict=True)
        ]

    def wrong(self, split):
        """Yield questions whose answer is not an accepted one, as the score compares them, all alike."""
        for row, found in zip(self.splits[split], self.said(split), strict=True):
            accepted, said = row["answers"]["text"], "".join(found["text"])
            if not any(exact(said, one) for one in accepted or [""]):
                shown = {"question": row["question"], "said": said}
                yield 1, shown | {"accepted": " | ".join(accepted)}


TASKS: dict[str, type[OwnTask]] = {kind.name: kind for kind in (Classify, Few, Tag, Answer, Read)}


def start(name: str, splits: DatasetDict, lesson, strategy="none", rows="lesson") -> OwnTask:
    """Return the task of that name, one of TASKS, on a learner's own splits; the rest is as in `OwnTask`.

    Raises ValueError: no such task; splits made for another one; "few" with a strategy, or several labels a row;
    a number of rows below 1; as `freezing.freeze`.
    """
    known("task", name, TASKS)
    wanted = TASKS[name].column
    if wanted not in splits["train"].column_names:
        raise ValueError(
            f"The splits have {', '.join(splits['train'].column_names)}, but {name!r} needs {wanted!r}. "
            f"Prepare them with task={name!r}."
        )
    right = rows in (None, "lesson") or whole(rows, 1)
    expect(right, "ROWS", rows, "a number from 1, or None for all rows")
    if name == "few" and strategy != "none":
        raise ValueError(
            f"FREEZE is {strategy!r}, but SetFit trains the whole encoder. Set FREEZE to 'none', "
            "or TASK to 'classify'."
        )
    several = isinstance(splits["train"].features.get("label"), List)
    if several and name == "few":
        raise ValueError(
            "Rows with several labels need TASK 'classify': SetFit learns one a row here."
        )
    return (Several if several else TASKS[name])(splits, lesson, strategy, rows)


def experiment(task: OwnTask, file: str) -> Experiment:
    """Return the rows of a task, trained or not, as an experiment of lesson 06's lab, scored on validation.

    `file` is what the rows came from: the ledger keeps runs on other files, rows or labels apart. Raises ValueError: the
    lab has no score for the task, for several labels per row, or for tags without entities.
    """
    if type(task) is Classify:
        own = {"labels": len(task.names)}
    elif type(task) is Tag and is_iob2(task.names):
        own = tagger(task.names)
    else:
        raise ValueError(
            f"The lab cannot run the task {task.name!r} on these rows. Use 'classify' with one label per row, or "
            "'tag' with tags of entities, such as O, B-PART, I-PART."
        )
    rows = (task.encoded["train"], task.encoded["validation"], task.collate)
    start = (task.lesson.encoder, task.lesson.checkpoint)
    held = repr([task.splits[name].to_dict() for name in ("train", "validation")])
    data = f"{file} ({hashlib.sha256(held.encode()).hexdigest()[:8]})"
    return Experiment(*start, *rows, task.settings["batch_size"], data=data, **own)


def comparison(baselines: dict[str, dict], scores: dict[str, float]) -> list[dict]:
    """Return the baselines' scores and then the trained model's, one row each, for a table."""
    rows = baselines | {"trained": scores}
    return [{"": name, **found} for name, found in rows.items()]


def gain(task: OwnTask, rows: list[dict]) -> float:
    """Return by how much the trained model beats the best baseline in the main score; below 0 where it does not."""
    *baselines, trained = [row[task.main] for row in rows]
    return min(baselines) - trained if task.lower_is_better else trained - max(baselines)


def card(task: OwnTask, file: str, rows: list[dict]) -> str:
    """Return a trained task's model card: its run, the file its rows came from, the rows of `comparison`."""
    counts = ", ".join(f"{len(part)} {name}" for name, part in task.splits.items())
    scores = "\n".join(
        f"- {row['']}: " + ", ".join(f"{key} {value:.3f}" for key, value in row.items() if key)
        for row in rows
    )
    names = f"- Labels: {', '.join(task.names)}.\n" if task.names else ""
    if trained := task.settings.get("trained"):
        names += f"- Started from: {trained}, which the course brings.\n"
    for name, value in task.settled().items():
        names += f"- Its {name}, chosen on the validation rows: {value:.2f}.\n"
    return f"""---
base_model: {task.lesson.encoder}
pipeline_tag: {task.pipeline_tag}
---
# {task.name.capitalize()}: {file}

- Data: {file}; rows: {counts}.
{names}- Training: {task.settings["epochs"]} epochs, learning rate {task.rate:g},
  frozen: {task.strategy}, seed {task.lesson.seed}, {task.run.seconds:.0f} s.

Scores on the test rows:
{scores}

Write here: what is the model for? What is it not for? Who could be hurt by its mistakes?
"""
