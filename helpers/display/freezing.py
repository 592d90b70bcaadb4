"""Pictures of freezing: which parameters train, and what each strategy costs and scores."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.display.picture import Picture
from helpers.freezing import trainable_parameters

# Told apart by colour-blind readers, and in grey (after Okabe and Ito, 2008).
FROZEN, TRAINED = "#c9d6df", "#d55e00"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555", "#8c510a")
MARKS = "osD^vPX*"

# Where a module stands in the map: a pattern found in its name, the label of its square.
LAYER = re.compile(r"\.layers?\.(\d+)\.")
_COLUMNS = (
    (r"(self\.query|q_lin)$", "query"),
    (r"(self\.key|k_lin)$", "key"),
    (r"(self\.value|v_lin)$", "value"),
    (r"(attention\.output\.dense|out_lin)$", "output"),
    (r"(attention\.output\.LayerNorm|sa_layer_norm)$", "norm 1"),
    (r"(intermediate\.dense|ffn\.lin1)$", "up"),
    (r"(output\.dense|ffn\.lin2)$", "down"),
    (r"(output\.LayerNorm|output_layer_norm)$", "norm 2"),
)
LABELS = [label for _, label in _COLUMNS]


def _place(module: str, prefix: str) -> tuple[str, str]:
    """Return row and label of a module: ("layer 3", "query"), ("embeddings", "word"), ("head", ...)."""
    if layer := LAYER.search(module):
        found = (label for pattern, label in _COLUMNS if re.search(pattern, module))
        return f"layer {int(layer[1])}", next(found, module.rpartition(".")[2])
    last = module.rpartition(".")[2]
    if not module.startswith(f"{prefix}."):
        return "head", last
    if "pooler" in module:
        return "pooler", last
    return "embeddings", "norm" if "norm" in last.lower() else last.removesuffix("_embeddings")


def parameter_map(model, title: str = "") -> Picture:
    """Draw a model's parameters, a row a part: area tells how many there are, colour whether they train.

    Args:
        model: a transformers model with a head, frozen in any way.
        title: comes before the counts.
    """
    table = trainable_parameters(model)
    places = [_place(name, model.base_model_prefix) for name in table["module"]]
    table["part"], table["label"] = zip(*places, strict=True)
    rows = list(dict.fromkeys(table["part"]))
    figure = Figure(figsize=(8.4, 1 + 0.6 * len(rows)), layout="constrained")
    axis = figure.subplots()
    biggest = table.loc[table["part"].str.startswith("layer"), "parameters"].max()
    for y, part in enumerate(rows):
        _draw_part(axis, y, table[table["part"] == part], biggest)
    total, trained = int(table["parameters"].sum()), int(table["trainable"].sum())
    axis.set_yticks(range(len(rows)), rows)
    axis.set_xticks(range(len(LABELS)), LABELS, fontsize=8)
    axis.tick_params(length=0, labeltop=True, labelbottom=False)
    axis.set(xlim=(-0.7, len(LABELS) + 2), ylim=(len(rows) - 0.4, -0.6), aspect="equal")
    axis.text(LABELS.index("up") + 0.5, -1.08, "feed-forward", ha="center", fontsize=8)
    axis.spines[:].set_visible(False)
    figure.suptitle(
        f"{title}{': ' if title else ''}{trained:,} of {total:,} parameters train "
        f"({trained / total:.2%})",
        fontsize=11,
    )
    return Picture(figure)


def _draw_part(axis, y: int, modules: pd.DataFrame, biggest: int) -> None:
    """Draw one row of the map and its counts."""
    in_layer = modules["part"].iloc[0].startswith("layer")
    for place, (_, row) in enumerate(modules.iterrows()):
        x = LABELS.index(row["label"]) if in_layer and row["label"] in LABELS else 2 * place
        side = float(np.clip(0.86 * np.sqrt(row["parameters"] / biggest), 0.1, 0.86))
        _square(axis, x, y, side, row["trainable"] / row["parameters"])
        if not in_layer:
            label = row["label"]
            if row["parameters"] > biggest:  # the word embeddings, many times as large
                label += f" (1/{row['parameters'] / biggest:.0f}\nof its area)"
            axis.text(x + side / 2 + 0.06, y, label, va="center", fontsize=8)
    counts = f"{int(modules['trainable'].sum()):,} of {int(modules['parameters'].sum()):,}"
    axis.text(len(LABELS) + 2, y, counts, va="center", ha="right", fontsize=8)


def _square(axis, x: float, y: float, side: float, share: float) -> None:
    """Draw a module; where only a part of it trains, as its bias, a strip and the frame tell."""
    corner, mixed = (x - side / 2, y - side / 2), 0 < share < 1
    fill = TRAINED if share == 1 else FROZEN
    edge = TRAINED if share else "#7d8b95"
    axis.add_patch(Rectangle(corner, side, side, facecolor=fill, edgecolor=edge, linewidth=0.8))
    if mixed:
        height = side * max(share, 0.18)
        low = (corner[0], y + side / 2 - height)
        axis.add_patch(Rectangle(low, side, height, facecolor=TRAINED, edgecolor="none"))


def strategy_scores(runs: pd.DataFrame, against: str, title: str = "") -> Picture:
    """Draw F1 against parameters or seconds: a dot a run, a bar from the worst to the best, a line at the mean.

    Args:
        runs: a row a run, with "label" (the strategy), "f1", "trainable" and "seconds".
        against: "trainable" (on a logarithmic axis) or "seconds".
        title: of the picture.

    Raises:
        ValueError: no such column.
    """
    names = {"trainable": "trainable parameters", "seconds": "seconds of training, each run"}
    if against not in names:
        raise ValueError(f"F1 against {against!r}? Use one of {', '.join(names)}.")
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axis = figure.subplots()
    for place, (label, group) in enumerate(runs.groupby("label", sort=False)):
        colour, mark = SERIES[place % len(SERIES)], MARKS[place // len(SERIES) % len(MARKS)]
        x = float(group[against].mean())
        axis.plot([x, x], [group["f1"].min(), group["f1"].max()], color=colour, lw=7, alpha=0.25)
        axis.plot(group[against], group["f1"], mark, color=colour, markersize=5, alpha=0.8)
        axis.plot(x, group["f1"].mean(), "_", color=colour, ms=22, mew=2.5, label=label)
    axis.set(xlabel=names[against], ylabel="F1", title=title)
    if against == "trainable" and len(runs):
        axis.set_xscale("log")
    else:
        axis.set_xlim(left=0)
    axis.grid(alpha=0.3)
    if len(runs):
        figure.legend(loc="outside right upper", fontsize=8, title="– mean, ● a seed")
    return Picture(figure)
