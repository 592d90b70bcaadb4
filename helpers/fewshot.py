"""Classifiers from a few examples: pairs, SetFit, and what its embeddings look like."""

from __future__ import annotations

import gc
import hashlib
import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
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
