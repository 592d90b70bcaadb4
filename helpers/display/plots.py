"""Plots of batches and scores."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np


def padding(batches: dict[str, np.ndarray]):
    """Draw attention masks side by side: real tokens dark, padding light, its share in the title.

    Args:
        batches: title to attention mask, (batch, seq_len).
    """
    figure, axes = plt.subplots(1, len(batches), figsize=(4.2 * len(batches), 3.2), squeeze=False)
    width = max(np.asarray(mask).shape[1] for mask in batches.values())
    for axis, (title, mask) in zip(axes[0], batches.items(), strict=True):
        mask = np.asarray(mask)
        shown = np.full((mask.shape[0], width), np.nan)
        shown[:, : mask.shape[1]] = mask
        axis.imshow(
            shown, aspect="auto", cmap="Blues", vmin=-0.3, vmax=1.2, interpolation="nearest"
        )
        axis.set(
            title=f"{title}\n{mask.shape[1]} wide, {1 - mask.mean():.0%} padding",
            xlabel="token",
            ylabel="row",
        )
    figure.tight_layout()
    return finished(figure)


def curves(history: Sequence[dict], keys: Sequence[str], title: str = ""):
    """Draw figures of a Trainer's `log_history` against the epoch.

    Raises:
        ValueError: none of the keys was logged.
    """
    logged = {
        key: [(entry["epoch"], entry[key]) for entry in history if key in entry] for key in keys
    }
    if not any(logged.values()):
        known = sorted({key for entry in history for key in entry})
        raise ValueError(f"None of {list(keys)} was logged. The history has {known}.")
    figure, axis = plt.subplots(figsize=(6, 3))
    for key, points in logged.items():
        if points:
            name = "validation loss" if key == "eval_loss" else key.removeprefix("eval_")
            axis.plot(*zip(*points, strict=True), marker="o", label=name)
    axis.set(xlabel="epoch", title=title)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.legend()
    axis.grid(alpha=0.3)
    return finished(figure)


def confusion(counts, names: Sequence[str], title: str = ""):
    """Draw a confusion matrix, (references, predictions), with its counts; empty cells stay blank."""
    counts = np.asarray(counts)
    figure, axis = plt.subplots(figsize=(1.8 + 0.55 * len(names), 1.4 + 0.45 * len(names)))
    axis.imshow(np.sqrt(counts), cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            light = counts[row, column] > counts.max() * 0.3
            axis.text(
                column,
                row,
                f"{count:,}",
                ha="center",
                va="center",
                color="white" if light else "black",
                fontsize=9,
            )
    axis.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axis.set_yticks(range(len(names)), names)
    axis.set(xlabel="predicted", ylabel="reference", title=title)
    figure.tight_layout()
    return finished(figure)


def bars_with_seeds(scores: dict[str, Sequence[float]], label: str = "F1"):
    """Draw one bar a strategy, the mean over seeds, and a dot for each seed."""
    figure, axis = plt.subplots(figsize=(1.5 + 1.3 * len(scores), 3))
    means = [float(np.mean(values)) for values in scores.values()]
    axis.bar(list(scores), means, color="#a9d4f0", edgecolor="#333")
    for place, values in enumerate(scores.values()):
        axis.plot([place] * len(values), values, "o", color="#333", markersize=5)
    axis.set(ylabel=label, ylim=(0, 1))
    axis.grid(axis="y", alpha=0.3)
    return finished(figure)


def finished(figure):
    """Close a figure and return it, so that a cell shows it once, not twice."""
    plt.close(figure)
    return figure
