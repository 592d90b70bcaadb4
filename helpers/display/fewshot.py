"""Pictures of learning from few examples: pairs, embeddings in two dimensions, scores by number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import matplotlib.pyplot as plt
import numpy as np

from helpers.display.picture import Picture
from helpers.display.tables import Html

# Told apart by colour-blind readers, and in grey (after Okabe and Ito, 2008).
_CLASSES = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_LOOKS = (("#777777", "s"), ("#0072b2", "o"), ("#d55e00", "^"), ("#009e73", "D"))
_CELL = "padding:3px 10px;text-align:center;border:1px solid #bbb;"
_ALIKE, _DIFFERENT = "background:#a9d4f0;color:#111;", "background:#f5c9a6;color:#111;"


def pairs(texts: Sequence[str], labels: Sequence) -> Html:
    """Draw every pair of a few rows once: 1 where both have the same label, 0 where they differ.

    Args:
        texts: one a row.
        labels: one a row; shown in front of the text.

    Raises:
        ValueError: not one label a text.
    """
    if len(texts) != len(labels):
        raise ValueError(f"{len(texts)} texts, but {len(labels)} labels. Give each text one label.")
    head = "".join(f"<th style='{_CELL}'>{row + 1}</th>" for row in range(len(texts)))
    lines = [f"<tr><td></td><td></td>{head}</tr>"]
    for row, (text, label) in enumerate(zip(texts, labels, strict=True)):
        cells = [f"<th style='{_CELL}'>{row + 1}</th>"]
        cells.insert(0, f"<td style='text-align:left'>{escape(str(label))}: {escape(text)}</td>")
        for column, other in enumerate(labels):
            look, value = (_ALIKE, 1) if label == other else (_DIFFERENT, 0)
            drawn = column >= row
            cells.append(
                f"<td style='{_CELL}{look if drawn else ''}'>{value if drawn else ''}</td>"
            )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return Html(f"<table style='border-collapse:collapse'>{''.join(lines)}</table>")


def embeddings(
    views: dict[str, np.ndarray], labels: Sequence[int], names: Sequence[str], train: int = 0
) -> Picture:
    """Draw the same rows side by side in two dimensions, on the same axes, coloured by class.

    Args:
        views: title to points, (rows, 2), in the same order in each.
        labels: class id of each row.
        names: of the classes.
        train: how many rows, the first ones, are training rows; they are drawn large and outlined.

    Raises:
        ValueError: points that are not (rows, 2).
    """
    labels = np.asarray(labels)
    for title, points in views.items():
        if np.shape(points) != (len(labels), 2):
            raise ValueError(
                f"{title!r} is {np.shape(points)}, not {(len(labels), 2)}. Project it."
            )
    figure, axes = plt.subplots(
        1, len(views), figsize=(4 * len(views), 3.8), sharex=True, sharey=True, squeeze=False
    )
    for axis, (title, points) in zip(axes[0], views.items(), strict=True):
        for label, name in enumerate(names):
            unseen = points[train:][labels[train:] == label]
            seen = points[:train][labels[:train] == label]
            colour, marker = _CLASSES[label % len(_CLASSES)], "ov^DsP"[label % 6]
            look = {"color": colour, "marker": marker}
            axis.scatter(*unseen.T, s=18, alpha=0.5, linewidths=0, label=name, **look)
            axis.scatter(*seen.T, s=80, edgecolors="black", linewidths=1.2, zorder=3, **look)
        axis.set(title=title, xlabel="first component")
    axes[0][0].set(ylabel="second component")
    title = "outlined: training" if train else None
    legend = axes[0][-1].legend(
        title=title, fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1), markerscale=1.6
    )
    for handle in legend.legend_handles:
        handle.set_alpha(1)  # a pale dot alone hardly shows its colour
    figure.tight_layout()
    return Picture(figure)


def crossover(runs, chance: float, live: Sequence[dict] = ()) -> Picture:
    """Draw scores against the number of rows: a line through the means, a dot for each seed.

    Args:
        runs: DataFrame with "method", "per_class", "accuracy"; one row a run.
        chance: accuracy of always answering with the same class.
        live: runs of this session with the same three keys, drawn as stars.

    Raises:
        ValueError: more methods than can be told apart.
    """
    methods = list(dict.fromkeys([*runs["method"], *(run["method"] for run in live)]))
    if len(methods) > len(_LOOKS):
        raise ValueError(f"{len(methods)} methods; at most {len(_LOOKS)} can be told apart.")
    figure, axis = plt.subplots(figsize=(6.4, 3.8))
    sizes = sorted({*runs["per_class"], *(run["per_class"] for run in live)})
    for number, (method, (colour, marker)) in enumerate(zip(methods, _LOOKS, strict=False)):
        drawn = runs[runs["method"] == method]
        shift = 1 + 0.06 * (
            number - (len(methods) - 1) / 2
        )  # seeds of two methods lie side by side
        means = drawn.groupby("per_class")["accuracy"].mean()
        axis.plot(means.index * shift, means, color=colour, label=method)
        axis.plot(drawn["per_class"] * shift, drawn["accuracy"], marker, color=colour, alpha=0.6)
        for run in (run for run in live if run["method"] == method):
            place = (run["per_class"] * shift, run["accuracy"])
            axis.plot(*place, "*", color=colour, markersize=17, markeredgecolor="black", zorder=4)
    if live:
        axis.plot(
            [], [], "*", color="white", markersize=13, markeredgecolor="black", label="this run"
        )
    axis.axhline(chance, color="#333", linestyle=":", label="always the same class")
    axis.set_xscale("log", base=2)
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.set(xlabel="training rows a class", ylabel="accuracy on test")
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1))
    return Picture(figure)
