"""Small things on which old and new code can be tried: models of a few thousand weights, files, a Hub that only listens."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

import torch
from datasets import Dataset

from helpers import encoder

TEXTS = ["a warm film", "a dull film", "so funny", "so slow", "great fun", "no fun"]
LABELS = [1, 0, 1, 0, 1, 0]


class HubNotReached(OSError):
    """A request to the Hub that was written down instead of sent."""


def folder() -> str:
    """Return a new empty folder, which goes when the process ends."""
    return tempfile.mkdtemp(dir=_root().name)


@cache
def _root() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="workbench-")


@cache
def tokenizer():
    """Return the bundled encoder's tokenizer."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(encoder.folder())


def _config(**settings):
    from transformers import BertConfig

    sizes = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 32}
    vocabulary = len(tokenizer())
    return BertConfig(vocab_size=vocabulary, num_hidden_layers=1, **sizes, **settings)


def small(kind: str = "SequenceClassification", **settings):
    """Return a BERT of one layer with random weights of seed 0, in eval mode.

    Args:
        kind: what follows `BertFor` in the name of its class, "Model" for the bare `BertModel`.
        settings: of its configuration, such as `num_labels`.
    """
    import transformers

    torch.manual_seed(0)
    name = "BertModel" if kind == "Model" else f"BertFor{kind}"
    return getattr(transformers, name)(_config(**settings)).eval()


@cache
def half_precision_folder() -> str:
    """Return a folder with a small bare model stored in float16, and its tokenizer."""
    where = folder()
    small("Model").half().save_pretrained(where)
    tokenizer().save_pretrained(where)
    return where


def vocabulary_file() -> str:
    """Return the file of the bundled encoder that holds one token a line."""
    return str(Path(encoder.folder()) / "vocab.txt")


def rows() -> Dataset:
    """Return six texts with their labels."""
    return Dataset.from_dict({"text": TEXTS, "label": LABELS})


def encoded() -> Dataset:
    """Return the six texts tokenised for a Trainer, each three tokens with specials cut to five."""
    made = tokenizer()(TEXTS, padding="max_length", truncation=True, max_length=5)
    return Dataset.from_dict({**made, "labels": LABELS})


def arguments(**settings):
    """Return TrainingArguments for one silent epoch on the CPU; `settings` come on top."""
    from transformers import TrainingArguments

    quiet = {"use_cpu": True, "report_to": "none", "disable_tqdm": True, "save_strategy": "no"}
    return TrainingArguments(folder(), num_train_epochs=1, **quiet | settings)


def write(name: str, text: str) -> str:
    """Write a file into a new folder; return its path."""
    path = Path(folder()) / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@contextmanager
def listening_hub():
    """Write requests to the Hub down instead of sending them; yields the list, one "METHOD path" each.

    Code that asks sees HubNotReached.
    """
    from huggingface_hub import get_session

    asked = []

    def note(request, **_):
        asked.append(f"{request.method} {request.url.path}")
        raise HubNotReached(f"{asked[-1]} was not sent: nothing here reaches the Hub")

    with patch.object(get_session(), "send", side_effect=note):
        yield asked


@cache
def sentence_encoder_folder() -> str:
    """Return a folder with a small random encoder of sentences, for SetFit."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    inner, outer = folder(), folder()
    small("Model").save_pretrained(inner)
    tokenizer().save_pretrained(inner)
    words = Transformer(inner)
    modules = [words, Pooling(words.get_embedding_dimension())]
    SentenceTransformer(modules=modules, device="cpu").save(outer)
    return outer


def setfit_model():
    """Return a SetFit model with the small random encoder and an unfitted head."""
    from sentence_transformers import SentenceTransformer
    from setfit import SetFitModel
    from sklearn.linear_model import LogisticRegression

    body = SentenceTransformer(sentence_encoder_folder(), device="cpu")
    return SetFitModel(model_body=body, model_head=LogisticRegression(), labels=["neg", "pos"])
