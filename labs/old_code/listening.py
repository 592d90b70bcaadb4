"""What libraries say while a piece of code runs, kept instead of shown."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import warnings
from pathlib import Path
from unittest.mock import patch

from IPython.utils.capture import capture_output

LIBRARIES = (
    "transformers",
    "datasets",
    "evaluate",
    "huggingface_hub",
    "accelerate",
    "setfit",
    "sentence_transformers",
)
# Said on any machine without a GPU, whatever the change.
BESIDE_THE_POINT = ("'pin_memory' argument is set as true but no accelerator is found",)


class _Keep(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def _of_interest(filename: str) -> bool:
    ours = not Path(filename).exists()  # "<row>": source that is in no file
    return ours or any(library in Path(filename).parts for library in LIBRARIES)


@contextlib.contextmanager
def listening():
    """Keep what the libraries warn, log and print; yields the list of what they said.

    A warning counts where one of LIBRARIES or the code under trial stands in its place. Those of others, such as
    Jupyter's own, come with any code.
    """
    keep, said, kept = _Keep(), [], []
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        kept.append((logger, logger.handlers, logger.propagate))
        logger.handlers, logger.propagate = [keep], False
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            capture_output(),  # prints, and what would be drawn in a notebook
            _apart(),
        ):
            warnings.simplefilter("always")
            yield said
    finally:
        for logger, handlers, propagate in kept:
            logger.handlers, logger.propagate = handlers, propagate
    lines = keep.lines + [str(w.message) for w in caught if _of_interest(w.filename)]
    said += [line for line in lines if not line.startswith(BESIDE_THE_POINT)]


@contextlib.contextmanager
def _offline():
    """Ask the Hub nothing, on either track: not for files, nor to count a download."""
    import datasets
    import evaluate
    from huggingface_hub import constants

    with (
        patch.multiple(datasets.config, HF_HUB_OFFLINE=True, HF_UPDATE_DOWNLOAD_COUNTS=False),
        patch.multiple(evaluate.config, HF_EVALUATE_OFFLINE=True, HF_UPDATE_DOWNLOAD_COUNTS=False),
        patch.object(constants, "HF_HUB_OFFLINE", True),
    ):
        yield


@contextlib.contextmanager
def _apart():
    """Draw no bars, write nothing into the reader's folders, and let what is said once be said again."""
    import datasets
    from transformers.utils import logging as spoken

    bars, silent = spoken.is_progress_bar_enabled(), datasets.are_progress_bars_disabled()
    spoken.disable_progress_bar()
    datasets.disable_progress_bars()
    for once in (spoken.warning_once, spoken.info_once):
        once.cache_clear()
    try:
        with (
            tempfile.TemporaryDirectory() as scratch,
            contextlib.chdir(scratch),
            patch.object(datasets.config, "HF_DATASETS_CACHE", scratch),
            _offline(),
        ):
            yield
    finally:
        if bars:
            spoken.enable_progress_bar()
        if not silent:
            datasets.enable_progress_bars()
