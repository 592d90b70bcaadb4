"""A fitted head kept as numbers and JSON, without a pickle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import LogisticRegression

PICKLE = "model_head.pkl"  # where SetFit's own `save_pretrained` puts the head
WEIGHTS, DESCRIPTION = "head.safetensors", "head.json"


def save_head(head: LogisticRegression, labels: Sequence[str], folder: str | Path) -> None:
    """Write a fitted logistic regression as numbers and JSON: nothing that could run.

    Args:
        head: fitted on class ids.
        labels: class names, in the order of their ids.
        folder: gets `head.safetensors` and `head.json`.

    Raises:
        ValueError: another kind of head, or one that is not fitted.
    """
    if type(head) is not LogisticRegression or head.solver == "liblinear":
        raise ValueError(
            f"The head is {head!r}. Only a LogisticRegression of another solver than liblinear is kept."
        )
    if not hasattr(head, "coef_"):
        raise ValueError("The head is not fitted: there is nothing to save. Call its `fit` first.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"coef": head.coef_, "intercept": head.intercept_}
    save_file(
        {name: np.ascontiguousarray(value) for name, value in tensors.items()}, folder / WEIGHTS
    )
    description = {"classes": head.classes_.tolist(), "labels": list(labels)}
    (folder / DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")


def load_head(folder: str | Path) -> tuple[LogisticRegression, list[str]]:
    """Read what `save_head` wrote. No pickle is opened, whatever the folder holds.

    Returns:
        The head, and the class names in the order of their ids.

    Raises:
        ValueError: a file is missing or not what it says, or shapes that do not fit each other.
    """
    folder = Path(folder)
    for name in (WEIGHTS, DESCRIPTION):
        if not (folder / name).is_file():
            found = f" It holds {PICKLE}, which could run any code." * (folder / PICKLE).exists()
            raise ValueError(f"{folder} has no {name}.{found} Ask for a folder made by save_head.")
    try:
        tensors = load_file(folder / WEIGHTS)
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        classes, labels = description["classes"], description["labels"]
        coefficients, intercept = tensors["coef"], tensors["intercept"]
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{folder} holds no head of save_head ({error!r}). Save it again."
        ) from error
    if problem := _misfit(coefficients, intercept, classes):
        raise ValueError(f"{folder}: {problem}. Save the head again with save_head.")
    head = LogisticRegression()
    head.coef_, head.intercept_, head.classes_ = coefficients, intercept, np.array(classes)
    head.n_features_in_ = coefficients.shape[1]
    return head, labels


def _misfit(coefficients, intercept, classes) -> str:
    """Return what does not fit, or "". Two classes share one row of coefficients."""
    rows = 1 if len(classes) == 2 else len(classes)
    if len(classes) < 2 or coefficients.ndim != 2 or len(coefficients) != rows:
        return f"{len(classes)} classes, but coefficients {coefficients.shape}"
    if intercept.shape != (rows,):
        return f"{rows} rows of coefficients, but intercepts {intercept.shape}"
    if not (np.isfinite(coefficients).all() and np.isfinite(intercept).all()):
        return "the weights are not all finite numbers"
    return ""
