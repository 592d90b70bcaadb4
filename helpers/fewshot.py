"""Classifiers from a few examples: pairs, SetFit, what its embeddings look like, a head without a pickle."""

import gc
import json
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from sentence_transformers import SentenceTransformer
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.linear_model import LogisticRegression

PICKLE = "model_head.pkl"  # where SetFit's own `save_pretrained` puts the head
WEIGHTS, DESCRIPTION = "head.safetensors", "head.json"


def hide_pin_memory_warning() -> None:
    """Leave out PyTorch's warning that memory is pinned without a GPU, and no other message.

    SetFit asks for pinned memory wherever it runs, and has no argument for it.
    """
    warnings.filterwarnings("ignore", message="'pin_memory' argument is set as true but no")


def count_pairs(labels, num_iterations=None, sampling_strategy: str = "oversampling") -> int:
    """Return how many pairs SetFit makes of rows with these labels, one a row.

    The strategy is "oversampling", "undersampling" or "unique"; with `num_iterations` it does not count.
    Raises ValueError: fewer than two classes, or no such strategy.
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
    """Return texts and labels by part: "train" is `few`; "validation" and "test" are drawn from `reviews`.

    Both have the columns "text" and "label". At most `rows` of each part are drawn, by `seed`.
    """
    drawn = {part: reviews[part].shuffle(seed=seed)[:rows] for part in ("validation", "test")}
    parts = {"train": few[:]} | drawn
    texts = {part: held["text"] for part, held in parts.items()}
    return texts, {part: held["label"] for part, held in parts.items()}


def separation(embeddings: np.ndarray, labels: Sequence) -> float:
    """Return the mean cosine of rows of the same class minus that of rows of different classes.

    `embeddings` are (rows, width); `labels`, one a row, are of two classes or more.
    """
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    pairs = np.triu_indices(len(labels), k=1)
    cosines, same = (unit @ unit.T)[pairs], np.equal.outer(labels, labels)[pairs]
    return float(cosines[same].mean() - cosines[~same].mean())


def new_model(checkpoint: str, labels: Sequence[str], max_length: int, head=None):
    """Return a SetFit model: a pretrained body and an untrained head, a new logistic regression by default.

    `checkpoint` is the folder or Hub id of a sentence-transformers model that reads `max_length` tokens of a
    text; `labels` are class names in the order of their ids. Taught in: lesson 07.
    """
    body = SentenceTransformer(checkpoint, model_kwargs={"dtype": torch.float32})
    body.max_seq_length = max_length
    head = LogisticRegression(max_iter=1000) if head is None else head
    return SetFitModel(model_body=body, model_head=head, labels=labels)


def train_setfit(model, rows, folder: str, seed: int, **settings):
    """Train a SetFit model in place; return the state of its Trainer: `global_step`, `log_history`.

    `rows` is a Dataset with "text" and "label". Checkpoints would go to `folder`; none are written. `seed` decides on
    the order of batches and on dropout; `settings` are TrainingArguments, as `num_iterations`. Taught in: lesson 07.
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
    trainer = Trainer(model=model, args=arguments, train_dataset=rows)
    trainer.train()
    state = trainer.st_trainer.state
    del trainer
    gc.collect()
    return state


def save_head(head: LogisticRegression, labels: Sequence[str], folder: str | Path) -> None:
    """Write a fitted logistic regression as numbers and JSON: nothing that could run.

    `labels` are class names in the order of their ids. The folder gets `head.safetensors` and `head.json`.
    Raises ValueError: another kind of head, or one that is not fitted.
    """
    multi_class = getattr(head, "multi_class", "auto")  # scikit-learn below 1.8 has it
    plain = type(head) is LogisticRegression and multi_class in ("auto", "deprecated")
    if not plain or head.solver == "liblinear":
        raise ValueError(
            f"The head is {head!r}. Only a LogisticRegression is kept, of another solver than liblinear, "
            "without multi_class."
        )
    if not hasattr(head, "coef_"):
        raise ValueError("The head is not fitted: there is nothing to save. Call its `fit` first.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"coef": head.coef_, "intercept": head.intercept_}
    tensors = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    save_file(tensors, folder / WEIGHTS)
    description = {"classes": head.classes_.tolist(), "labels": list(labels)}
    (folder / DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")


def load_head(folder: str | Path) -> tuple[LogisticRegression, list[str]]:
    """Read the head and the class names that `save_head` wrote; no pickle is opened, whatever is there.

    Raises ValueError: a file is missing or not what it says, or shapes that do not fit each other.
    """
    folder = Path(folder)
    for name in (WEIGHTS, DESCRIPTION):
        if not (folder / name).is_file():
            found = f" It holds {PICKLE}, which could run any code." * (folder / PICKLE).exists()
            raise ValueError(f"{folder} has no {name}.{found} Ask for a folder made by save_head.")
    head = LogisticRegression()
    try:
        tensors = load_file(folder / WEIGHTS)
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        coef, intercept = tensors["coef"], tensors["intercept"]
        head.coef_, head.intercept_ = coef, intercept
        head.classes_, labels = np.array(description["classes"]), description["labels"]
        classes = len(head.classes_)
        rows = 1 if classes == 2 else classes  # two classes share one row of coefficients
        if classes < 2 or not coef.shape[:-1] == intercept.shape == (rows,):
            shapes = f"coefficients {coef.shape} and intercepts {intercept.shape}"
            raise ValueError(f"{classes} classes, but {shapes}")
        if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
            raise ValueError("the weights are not all finite numbers")
        if not isinstance(labels, list) or len(labels) < classes:
            raise ValueError(f"{classes} classes, but labels {labels!r}")
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{folder} holds no head of save_head ({error!r}). Save it again."
        ) from error
    head.n_features_in_ = head.coef_.shape[1]
    return head, labels
