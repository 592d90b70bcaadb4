"""Where old and new code is tried: small models and files, a Hub that only listens, ears for what libraries say."""

import logging
import math
import tempfile
import warnings
from contextlib import ExitStack, chdir, contextmanager
from functools import cache
from logging.handlers import BufferingHandler
from pathlib import Path
from unittest.mock import patch

import datasets
import evaluate
import torch
import transformers
from datasets import Dataset
from huggingface_hub import constants, get_session
from IPython.utils.capture import capture_output
from transformers.utils import logging as spoken

from helpers import encoder

TEXTS = ["a warm film", "a dull film", "so funny", "so slow", "great fun", "no fun"]
LABELS = [1, 0, 1, 0, 1, 0]
LIBRARIES = ("transformers", "datasets", "evaluate", "huggingface_hub", "accelerate")
LIBRARIES += ("setfit", "sentence_transformers")
_ROOT = tempfile.TemporaryDirectory(prefix="workbench-")
# Said on any machine without a GPU, whatever the change.
BESIDE_THE_POINT = ("'pin_memory' argument is set as true but no accelerator is found",)


class HubNotReached(OSError):
    """A request to the Hub that was written down instead of sent."""


def folder() -> str:
    """Return a new empty folder, which goes when the process ends."""
    return tempfile.mkdtemp(dir=_ROOT.name)


@cache
def tokenizer():
    """Return the bundled encoder's tokenizer."""
    return transformers.AutoTokenizer.from_pretrained(encoder.folder())


def small(kind: str = "SequenceClassification", **settings):
    """Return a BERT of one layer with random weights of seed 0, in eval mode.

    `kind` is what follows `BertFor` in the name of its class, "Model" for the bare `BertModel`; `settings` are those
    of its configuration, such as `num_labels`.
    """
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 32}
    sizes |= {"vocab_size": len(tokenizer()), "num_hidden_layers": 1}
    name = "BertModel" if kind == "Model" else f"BertFor{kind}"
    return getattr(transformers, name)(transformers.BertConfig(**sizes, **settings)).eval()


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
    """Return the six texts tokenized for a Trainer, each three tokens with specials cut to five."""
    made = tokenizer()(TEXTS, padding="max_length", truncation=True, max_length=5)
    return Dataset.from_dict({**made, "labels": LABELS})


def arguments(**settings):
    """Return TrainingArguments for one silent epoch on the CPU; `settings` come on top."""
    quiet = {"use_cpu": True, "report_to": "none", "disable_tqdm": True, "save_strategy": "no"}
    return transformers.TrainingArguments(folder(), num_train_epochs=1, **quiet | settings)


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
    asked = []

    def note(request, **_):
        asked.append(f"{request.method} {request.url.path}")
        raise HubNotReached(f"{asked[-1]} was not sent: nothing here reaches the Hub")

    with patch.object(get_session(), "send", side_effect=note):
        yield asked


def setfit_model():
    """Return a SetFit model with a small random encoder of sentences, and an unfitted head."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from setfit import SetFitModel
    from sklearn.linear_model import LogisticRegression

    words = Transformer(half_precision_folder())
    modules = [words, Pooling(words.get_embedding_dimension())]
    body = SentenceTransformer(modules=modules, device="cpu").float()
    return SetFitModel(model_body=body, model_head=LogisticRegression(), labels=["neg", "pos"])


def _of_interest(filename: str) -> bool:
    ours = not Path(filename).exists()  # "<row>": source that is in no file
    return ours or any(library in Path(filename).parts for library in LIBRARIES)


@contextmanager
def listening():
    """Keep what the libraries warn, log and print; yields the list of what they said.

    A warning counts where one of LIBRARIES or the code under trial stands in its place. Those of others, such as
    Jupyter's own, come with any code.
    """
    keep, said = BufferingHandler(math.inf), []
    keep.setLevel(logging.WARNING)
    with warnings.catch_warnings(record=True) as caught, ExitStack() as meanwhile:
        warnings.simplefilter("always")
        for name in LIBRARIES:
            ears = patch.multiple(logging.getLogger(name), handlers=[keep], propagate=False)
            meanwhile.enter_context(ears)
        meanwhile.enter_context(capture_output())  # prints, and what would be drawn in a notebook
        _keep_apart(meanwhile)
        yield said
    lines = [record.getMessage() for record in keep.buffer]
    lines += [str(w.message) for w in caught if _of_interest(w.filename)]
    said += [line for line in lines if not line.startswith(BESIDE_THE_POINT)]


def _keep_apart(meanwhile: ExitStack) -> None:
    """Keep code under trial to itself, on either track: it asks the Hub nothing, not even to count a download.

    It draws no bars and writes nothing into the reader's folders; what libraries say once they say again.
    """
    scratch = meanwhile.enter_context(tempfile.TemporaryDirectory())
    meanwhile.enter_context(chdir(scratch))
    uncounted = {"HF_UPDATE_DOWNLOAD_COUNTS": False}
    cached = uncounted | {"HF_DATASETS_CACHE": scratch, "HF_HUB_OFFLINE": True}
    meanwhile.enter_context(patch.multiple(datasets.config, **cached))
    meanwhile.enter_context(patch.multiple(evaluate.config, HF_EVALUATE_OFFLINE=True, **uncounted))
    meanwhile.enter_context(patch.object(constants, "HF_HUB_OFFLINE", True))
    if spoken.is_progress_bar_enabled():
        meanwhile.callback(spoken.enable_progress_bar)
    if not datasets.are_progress_bars_disabled():
        meanwhile.callback(datasets.enable_progress_bars)
    spoken.disable_progress_bar()
    datasets.disable_progress_bars()
    spoken.warning_once.cache_clear()
    spoken.info_once.cache_clear()
