"""Named-entity recognition: word labels to token labels, back to entities, and lesson 03's tagger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import transformers  # as a whole: its classes take seconds to import, and much that needs this file needs none
from datasets import Dataset

from helpers import IGNORE_INDEX, course, data, expect, known, listed, whole
from helpers.encoder import hide_load_report, load_tokenizer

STRATEGIES = ("first", "repeat", "inside")
TASKS = ("ner", "pos", "chunk")


def inside_ids(label_names: Sequence[str]) -> list[int]:
    """Map each label id to the id of its continuation: B-X to I-X, found by name.

    Raises ValueError: a B- name has no I- partner, or an I- name no B- partner.

    >>> inside_ids(["O", "B-PER", "I-PER"])
    [0, 2, 2]

    Taught in: lesson 02, "Three strategies".
    """
    check_names(label_names)
    ids = {name: index for index, name in enumerate(label_names)}
    inside = []
    for name in label_names:
        partner = {"B-": "I-", "I-": "B-"}.get(name[:2], name[:2]) + name[2:]
        if partner not in ids:
            raise ValueError(
                f"{name!r} has no partner {partner!r} among {list(label_names)}. "
                "Add it, or use the strategy 'first' or 'repeat'."
            )
        inside.append(ids[partner] if name.startswith("B-") else ids[name])
    return inside


def check_names(label_names) -> None:
    """Refuse what is no list of names."""
    right = listed(label_names) and all(isinstance(name, str) for name in label_names)
    expect(right, "label_names", label_names, 'a list of names, as ["O", "B-PER", "I-PER"]')


def align_labels(
    word_labels: Sequence[int],
    word_ids: Sequence[int | None],
    label_names: Sequence[str],
    strategy: str = "first",
) -> list[int]:
    """Give each token a label: its word's, a continuation of it, or IGNORE_INDEX.

    `word_labels` holds a label id a word, `word_ids` for each token the index of its word, None for a special
    token. `strategy` is what a word's second and later sub-tokens get. "first": IGNORE_INDEX; "repeat": the
    word's label; "inside": the word's label with B-X turned into I-X.
    Raises ValueError: what `check_labels` and, for "inside", `inside_ids` refuse.

    >>> align_labels([1, 0], [None, 0, 0, 1, None], ["O", "B-PER", "I-PER"], "inside")
    [-100, 1, 2, 0, -100]

    Taught in: lesson 02, "Three strategies".
    """
    check_labels(word_labels, word_ids, label_names, strategy)
    inside = inside_ids(label_names) if strategy == "inside" else None
    labels, previous = [], None
    for word in word_ids:
        if word is None:
            labels.append(IGNORE_INDEX)
        elif word != previous or strategy == "repeat":
            labels.append(word_labels[word])
        else:
            labels.append(inside[word_labels[word]] if inside else IGNORE_INDEX)
        previous = word
    return labels


def check_labels(word_labels, word_ids, label_names, strategy: str) -> None:
    """Refuse an unknown strategy, a label id outside the names, fewer labels than words."""
    known("strategy", strategy, STRATEGIES)
    check_names(label_names)
    for name, given in {"word_labels": word_labels, "word_ids": word_ids}.items():
        expect(listed(given), name, given, "a list")
    if wrong := [label for label in word_labels if not whole(label, below=len(label_names))]:
        raise ValueError(
            f"Label id {wrong[0]!r} is outside the {len(label_names)} label names "
            f"{list(label_names)}. Pass ids, and the names that belong to this column."
        )
    for word in word_ids:
        expect(word is None or whole(word), "A word id", word, "the tokenizer's word_ids()")
    last = max((word for word in word_ids if word is not None), default=-1)
    if last >= len(word_labels):
        raise ValueError(
            f"The tokens speak of word {last}, but there are labels for {len(word_labels)} words. "
            "Give each word one label."
        )


def tokenize_and_align(
    examples: dict,
    tokenizer,
    label_names: Sequence[str],
    label_column: str = "ner_tags",
    strategy: str = "first",
    max_length: int | None = None,
):
    """Tokenize a batch of sentences given as words and align the labels of one column.

    `examples` has "tokens" (lists of words) and `label_column` (lists of ids); sentences of more than
    `max_length` tokens, specials included, are cut. Returns the tokenizer's BatchEncoding (lists, unpadded)
    with "labels". Raises ValueError: what `check_words` and `align_labels` refuse.
    Taught in: lesson 02, "The whole dataset at once".
    """
    check_words(examples, tokenizer, label_column, max_length)
    encoding = tokenizer(
        examples["tokens"],
        is_split_into_words=True,
        truncation=max_length is not None,
        max_length=max_length,
    )
    encoding["labels"] = [
        align_labels(labels, encoding.word_ids(row), label_names, strategy)
        for row, labels in enumerate(examples[label_column])
    ]
    return encoding


def check_words(examples: dict, tokenizer, label_column: str, max_length=None) -> None:
    """Refuse a tokenizer without `word_ids` or blind to spaces, and columns that do not fit together."""
    fast, kind = getattr(tokenizer, "is_fast", False), type(tokenizer).__name__
    wanted = "a fast one, which has word_ids: AutoTokenizer.from_pretrained(...)"
    expect(fast, "The tokenizer", kind, wanted)
    running = tokenizer("a a", add_special_tokens=False)["input_ids"]
    split = tokenizer(["a", "a"], is_split_into_words=True, add_special_tokens=False)["input_ids"]
    if running[-1:] != split[-1:]:
        raise ValueError(
            f"{kind} reads the words of a list as if no space stood before them. "
            "Load it with add_prefix_space=True, or by helpers.encoder.load_tokenizer(checkpoint)."
        )
    least = tokenizer.num_special_tokens_to_add() + 1
    right = max_length is None or whole(max_length, least)
    expect(right, "max_length", max_length, f"a number of tokens, {least} or more, or None")
    right = isinstance(label_column, str) and label_column in examples
    expect(right, "label_column", label_column, f"one of {', '.join(examples)}")
    for words, labels in zip(examples["tokens"], examples[label_column], strict=True):
        if not (listed(words) and listed(labels) and len(words) == len(labels)):
            counts = [len(row) if listed(row) else "no" for row in (words, labels)]
            raise ValueError(
                f"{counts[0]} words but {counts[1]} labels in {label_column!r}: {words!r}, {labels!r}. "
                "Give each word one label, in lists."
            )
        right = all(isinstance(word, str) for word in words)
        expect(right, "tokens", words, "words only; pandas reads the word NA as a gap")


def to_entities(predictions, references, label_names: Sequence[str]):
    """Turn label ids into label names, leaving out every position whose reference is IGNORE_INDEX.

    Both are arrays or lists of ids, (batch, seq_len). Returns (predictions, references), each a list of names
    for each sentence: what seqeval wants. Raises ValueError: the two differ in shape.
    Taught in: lesson 03, "From logits to entities".
    """
    check_shapes(predictions, references, label_names)
    kept_predictions, kept_references = [], []
    for predicted, reference in zip(predictions, references, strict=True):
        pairs = zip(predicted, reference, strict=True)
        kept = [(p, r) for p, r in pairs if r != IGNORE_INDEX]
        kept_predictions.append([label_names[p] for p, _ in kept])
        kept_references.append([label_names[r] for _, r in kept])
    return kept_predictions, kept_references


def check_shapes(predictions, references, label_names) -> None:
    """Refuse predictions and references of different shape, and ids outside the names."""
    check_names(label_names)
    for given in (predictions, references):
        right = listed(given) and all(map(listed, given))
        expect(right, "A table of ids", given, "a list of label ids for each sentence")
    if len(predictions) != len(references):
        raise ValueError(
            f"{len(predictions)} predicted sentences but {len(references)} references. "
            "Pass both for the same sentences."
        )
    wanted = f"0 to {len(label_names) - 1}, the ids of the names"
    for predicted, reference in zip(predictions, references, strict=True):
        if len(predicted) != len(reference):
            raise ValueError(
                f"A sentence has {len(predicted)} predictions but {len(reference)} references. "
                "Pass one prediction a token, before any padding is removed."
            )
        pairs = zip(predicted, reference, strict=True)
        for label in (i for pair in pairs if pair[1] != IGNORE_INDEX for i in pair):
            expect(whole(label, below=len(label_names)), "A label id", label, wanted)


def scores(prediction, label_names: Sequence[str]) -> dict[str, float]:
    """Return entity precision, recall, F1 and token accuracy of a `loop.Prediction`."""
    from helpers.metrics import load_metric

    names = to_entities(prediction.predictions, prediction.references, label_names)
    found = load_metric("seqeval").compute(predictions=names[0], references=names[1])
    return {name: found[f"overall_{name}"] for name in ("precision", "recall", "f1", "accuracy")}


@dataclass(frozen=True)
class Task:
    """What a tagger learns and is scored on; `load_task` makes one."""

    lesson: course.Lesson
    name: str
    label_names: list[str]
    collator: transformers.DataCollatorForTokenClassification
    train: Dataset
    validation: Dataset

    @property
    def main(self) -> str:
        """The score to look at: parts of speech are no entities."""
        return "accuracy" if self.name == "pos" else "f1"

    def new_model(self, dropout: float | None = None) -> transformers.PreTrainedModel:
        """Return the lesson's encoder with a new, seeded head, in train mode.

        `dropout` replaces its own, in the configuration, too: there a saved model keeps it.
        """
        hide_load_report()
        transformers.set_seed(self.lesson.seed)
        names, checkpoint = dict(enumerate(self.label_names)), self.lesson.checkpoint
        ids = {name: index for index, name in names.items()}
        config = transformers.AutoConfig.from_pretrained(checkpoint, id2label=names, label2id=ids)
        if dropout is not None:
            config.update({key: dropout for key in config.to_dict() if "dropout" in key})
        kind = transformers.AutoModelForTokenClassification
        return kind.from_pretrained(checkpoint, config=config, dtype=torch.float32).train()

    def score(self, prediction) -> dict[str, float]:
        """Return the `scores` of a prediction."""
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


def load_task(lesson: course.Lesson, name: str = "ner", evaluation: str = "validation") -> Task:
    """Load "ner", "pos" or "chunk": sentences drawn at random and encoded, and what a tagger of them needs.

    The lesson says which data, encoder and seed, and how many sentences of at most how many tokens, specials
    included; `evaluation` is the split to score on. Raises ValueError: the task is none of `TASKS`.
    """
    known("task", name, TASKS)
    news, column, parts = data.load(lesson.dataset), f"{name}_tags", []
    names = news["train"].features[column].feature.names
    tokenizer = load_tokenizer(lesson.checkpoint)
    options = {"tokenizer": tokenizer, "label_names": names, "label_column": column}
    options["max_length"] = lesson.max_length
    for split, count in {"train": lesson.train_rows, evaluation: lesson.evaluation_rows}.items():
        drawn = news[split].shuffle(seed=lesson.seed).select(range(min(count, len(news[split]))))
        how = {"fn_kwargs": options, "remove_columns": drawn.column_names}
        parts.append(drawn.map(tokenize_and_align, batched=True, **how))
    collator = transformers.DataCollatorForTokenClassification(tokenizer)
    return Task(lesson, name, names, collator, *parts)
