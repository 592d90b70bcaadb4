"""Classifiers from a few examples: pairs, SetFit, what its embeddings look like, a head without a pickle."""

from __future__ import annotations

import gc
import hashlib
import json
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from sentence_transformers import SentenceTransformer
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression


def hide_pin_memory_warning() -> None:
    """Leave out PyTorch's warning that memory is pinned without a GPU, and no other message.

    SetFit asks for pinned memory wherever it runs, and has no argument for it.
    """
    warnings.filterwarnings("ignore", message="'pin_memory' argument is set as true but no")


def count_pairs(
    labels: Sequence,
    num_iterations: int | None = None,
    sampling_strategy: str = "oversampling",
) -> int:
    """Return how many pairs SetFit makes of rows with these labels.

    Args:
        labels: one a row.
        num_iterations: where it is given, the strategy does not count.
        sampling_strategy: "oversampling", "undersampling" or "unique".

    Raises:
        ValueError: fewer than two classes, or no such strategy.

    Taught in: lesson 07. Source: setfit 1.2, sampler.py.
    """
    if len(set(labels)) < 2:
        raise ValueError(f"Only one class, {set(labels)}. Give rows of two.")
    if num_iterations:
        return num_iterations * len(labels) * 2
    alike = sum(size * (size + 1) // 2 for size in Counter(labels).values())
    different = len(labels) * (len(labels) + 1) // 2 - alike
    counts = {
        "unique": alike + different,
        "undersampling": 2 * min(alike, different),
        "oversampling": 2 * max(alike, different),
    }
    if sampling_strategy not in counts:
        raise ValueError(f"No strategy {sampling_strategy!r}: one of {list(counts)}.")
    return counts[sampling_strategy]


def columns(few, reviews, rows: int, seed: int) -> tuple[dict, dict]:
    """Return texts and labels by part: "train" is `few`, the others are drawn.

    Args:
        few: Dataset with "text" and "label".
        reviews: DatasetDict with "validation" and "test".
        rows: at most so many of each of these two.
        seed: of the draw.
    """
    parts = {"train": few}
    for part in ("validation", "test"):
        shuffled = reviews[part].shuffle(seed=seed)
        parts[part] = shuffled.select(range(min(rows, len(shuffled))))
    return (
        {part: list(drawn["text"]) for part, drawn in parts.items()},
        {part: list(drawn["label"]) for part, drawn in parts.items()},
    )


def on_a_plane(embeddings: dict, fit_on: str, show: Sequence[str]) -> dict[str, np.ndarray]:
    """Project embeddings of several encoders onto the same two principal components.

    Args:
        embeddings: encoder's name to part to embeddings, (rows, width).
        fit_on: the part whose embeddings, those of all encoders together, decide on the components.
        show: the parts to project, one after the other.

    Returns:
        Encoder's name to points, (rows, 2).
    """
    plane = PCA(2).fit(np.vstack([parts[fit_on] for parts in embeddings.values()]))
    return {
        name: plane.transform(np.vstack([parts[part] for part in show]))
        for name, parts in embeddings.items()
    }


def separation(embeddings: np.ndarray, labels: Sequence) -> float:
    """Return the mean cosine of rows of the same class minus that of rows of different classes.

    Args:
        embeddings: (rows, width).
        labels: one a row, of two classes or more.
    """
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    pairs = np.triu_indices(len(labels), k=1)
    cosines, same = (unit @ unit.T)[pairs], np.equal.outer(labels, labels)[pairs]
    return float(cosines[same].mean() - cosines[~same].mean())


def fingerprint(body) -> str:
    """Return the SHA-256 of all weights of a module: equal only where they are, bit for bit."""
    digest = hashlib.sha256()
    for parameter in body.parameters():
        digest.update(parameter.detach().cpu().numpy().tobytes())
    return digest.hexdigest()


def new_model(checkpoint: str, labels: Sequence[str], max_length: int, head=None):
    """Return a SetFit model: a pretrained body and an untrained head.

    Args:
        checkpoint: folder or Hub id of a sentence-transformers model.
        labels: class names, in the order of their ids.
        max_length: tokens of a text that the body reads.
        head: None for a new logistic regression.

    Taught in: lesson 07.
    """
    body = SentenceTransformer(checkpoint)
    body.max_seq_length = max_length
    head = head or LogisticRegression(max_iter=1000)
    return SetFitModel(model_body=body, model_head=head, labels=labels)


def train_setfit(model, rows, folder: str, seed: int, **settings):
    """Train a SetFit model on a few rows.

    Args:
        model: changed in place.
        rows: Dataset with "text" and "label".
        folder: where checkpoints would go; none are written.
        seed: of the shuffled batches and of dropout.
        **settings: further arguments of a run: `num_iterations`, `batch_size`, ...

    Returns:
        The state of the Trainer: `global_step`, `log_history`.

    Taught in: lesson 07.
    """
    gc.collect()
    arguments = TrainingArguments(
        output_dir=folder,
        seed=seed,
        report_to="none",
        save_strategy="no",
        logging_steps=5,
        show_progress_bar=False,
        **settings,
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=rows, metric=accuracy)
    trainer.train()
    state = trainer.st_trainer.state
    del trainer
    gc.collect()
    return state


def accuracy(predictions, references) -> dict[str, float]:
    """Return the share of right answers, from a tensor and a list, as SetFit hands them over.

    Taught in: lesson 07.
    """
    right = np.asarray(predictions) == np.asarray(references)
    return {"accuracy": float(right.mean())}


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
