"""Pictures of freezing: which parameters train, and what each strategy costs and scores."""

from __future__ import annotations

import math
import re
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

from helpers import known
from helpers.freezing import layer_number, trainable_parameters

plt.close(plt.figure())  # a notebook shows figures made without pyplot once its backend is there

# Told apart by color-blind readers, and in grey (after Okabe and Ito, 2008).
FROZEN, TRAINED, EDGE = "#c9d6df", "#d55e00", "#7d8b95"
HEAD = 0.7  # a gap of that height in the map, for the names of modules, before the first layer
STRIP = 0.13  # share of the axis that the bar of caching and its text take
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555", "#8c510a")
MARKS = "osD^vPX"  # one less than colors: no two of 56 strategies look alike

# Where a module stands in the map: a pattern found in its name, the label of its square.
_COLUMNS = (
    (r"(query(_proj)?|q_lin|attn\.q|Wqkv)$", "query"),  # ModernBERT's Wqkv is all three
    (r"(key(_proj)?|k_lin|attn\.k)$", "key"),
    (r"(value(_proj)?|v_lin|attn\.v)$", "value"),
    (r"(attention\.(output\.)?dense|out_lin|attn\.o|attn\.Wo)$", "output"),
    (r"(attention\.(output\.)?LayerNorm|sa_layer_norm|attn_norm)$", "norm 1"),
    (r"(intermediate\.dense|ffn\.lin1|ffn|Wi)$", "up"),
    (r"(output\.dense|ffn\.lin2|ffn_output|Wo)$", "down"),
    (r"(output\.LayerNorm|output_layer_norm|full_layer_layer_norm|mlp_norm)$", "norm 2"),
)
LABELS = [label for _, label in _COLUMNS]


def _place(module: str, prefix: str) -> tuple[str, str]:
    """Return row and label of a module: ("layer 3", "query"), ("embeddings", "word"), ("head", ...)."""
    module = re.sub(r"\.(base_layer|lora_[AB]\.\w+)$", "", module)  # drawn as one with its matrix
    last, layer = module.rpartition(".")[2], layer_number(f"{module}.")
    if 0 <= layer < math.inf:
        found = (label for pattern, label in _COLUMNS if re.search(pattern, module))
        return f"layer {layer}", next(found, last)
    if not module.startswith(f"{prefix}."):
        return "head", last
    if layer > 0:  # behind the layers
        return ("pooler" if "pooler" in module else "final norm"), last
    return "embeddings", "norm" if "norm" in last.lower() else last.removesuffix("_embeddings")


def parameter_map(model, title: str = ""):
    """Draw the parameters of a model with a head, a row a part: area tells how many, color whether they train.

    `title` comes before the counts.
    """
    table = trainable_parameters(model)
    places = [_place(name, model.base_model_prefix) for name in table["module"]]
    table["part"], table["label"] = zip(*places, strict=True)
    table = table.groupby(["part", "label"], sort=False, as_index=False).sum(numeric_only=True)
    rows = list(dict.fromkeys(table["part"]))
    heights = [y + HEAD * ("layer 0" in rows[: y + 1]) for y in range(len(rows))]
    figure = Figure(figsize=(8.4, 1.2 + 0.6 * max(heights)), layout="constrained")
    axis = figure.subplots()
    biggest = table.loc[table["part"].str.startswith("layer"), "parameters"].max()
    for y, part in zip(heights, rows, strict=True):
        _draw_part(axis, y, table[table["part"] == part], biggest)
    total, trained = table["parameters"].sum(), table["trainable"].sum()
    axis.set(xlim=(-0.7, len(LABELS) + 2), ylim=(max(heights) + 0.6, -0.6), aspect="equal")
    axis.set_yticks(heights, rows)
    axis.tick_params(length=0, bottom=False, labelbottom=False)
    axis.set_frame_on(False)
    counts = f"{trained:,} of {total:,} parameters train ({trained / total:.2%})"
    # between the two dollar signs of a pattern matplotlib would read TeX
    figure.suptitle(f"{title}{': ' if title else ''}{counts}", fontsize=11, parse_math=False)
    looks = {"trains": (TRAINED, TRAINED), "frozen": (FROZEN, EDGE)}
    keys = [Patch(fc=face, ec=edge, label=name) for name, (face, edge) in looks.items()]
    figure.legend(handles=keys, loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    return figure


def _draw_part(axis, y: int, modules: pd.DataFrame, biggest: int) -> None:
    """Draw one row of the map and its counts; over the first layer the names of its modules."""
    part = modules["part"].iloc[0]
    in_layer = part.startswith("layer")
    if part == "layer 0":
        for x, label in enumerate(LABELS):
            axis.text(x, y - 0.5, label, ha="center", va="bottom", fontsize=8)
        for left, right, name in ((0, 3, "attention"), (5, 6, "feed-forward")):
            axis.text((left + right) / 2, y - 0.8, name, ha="center", va="bottom", fontsize=8)
            axis.plot([left - 0.4, right + 0.4], [y - 0.8] * 2, color=EDGE, lw=0.8)
    for place, row in enumerate(modules.itertuples()):
        x = LABELS.index(row.label) if in_layer and row.label in LABELS else 2 * place
        size, label = row.parameters / biggest, row.label
        side = float(np.clip(0.86 * np.sqrt(size), 0.1, 0.86))
        _square(axis, x, y, side, row.trainable / row.parameters)
        if not in_layer:
            if size > 1:  # the word embeddings, many times as large
                label += f" (1/{size:.0f}\nof its area)"
            axis.text(x + side / 2 + 0.06, y, label, va="center", fontsize=8)
    counts = f"{modules['trainable'].sum():,} of {modules['parameters'].sum():,}"
    axis.text(len(LABELS) + 2, y, counts, va="center", ha="right", fontsize=8)


def _square(axis, x: float, y: float, side: float, share: float) -> None:
    """Draw a module; where only a part of it trains, as its bias, a strip and the frame tell."""
    left, bottom = x - side / 2, y + side / 2  # the axis of y points down
    look = {"fc": TRAINED if share == 1 else FROZEN, "ec": TRAINED if share else EDGE}
    axis.add_patch(Rectangle((left, bottom - side), side, side, lw=0.8, **look))
    if 0 < share < 1:
        height = side * max(share, 0.18)
        axis.add_patch(Rectangle((left, bottom - height), side, height, fc=TRAINED, ec="none"))


def strategy_scores(runs: pd.DataFrame, against: str, caching: float = 0.0):
    """Draw F1 against parameters or seconds: a dot per run, a bar from the worst to the best, a line at the mean.

    Strategies with the same number of parameters stand side by side; seconds are where they are. A dotted line
    joins the strategies that no other beats in both F1 and cost (the Pareto front).
    `runs` has a row per run, with "label" (the strategy), "f1", "trainable", "seconds", and "bundled": where it is true,
    the run came with the course, and its dot is hollow. `against` is "trainable" or "seconds"; `caching` the seconds
    of the caching pass that cached strategies share. Raises ValueError: no such column.
    """
    names = {"trainable": "trainable parameters", "seconds": "seconds of training, each run"}
    known("cost", against, names)
    groups = list(runs.groupby("label", sort=False))
    figure = Figure(figsize=(6.4, max(3.4, 0.7 + 0.22 * len(groups))), layout="constrained")
    axis = figure.subplots()
    axis.set(xlabel=names[against], ylabel="F1")
    axis.grid(alpha=0.3)
    means: list[tuple[float, float]] = []  # cost and F1 of each strategy
    for place, (label, group) in enumerate(groups):
        x = group[against].clip(lower=0.01)  # the ledger rounds a short run's seconds to 0
        if against == "trainable":
            while any(abs(np.log10(x.mean() / other)) < 0.08 for other, _ in means):
                x = x * 1.3
                axis.set(xlabel=f"{names[against]} (equal numbers side by side)")
        means.append((x.mean(), group["f1"].mean()))
        _draw_strategy(axis, place, label, x, group)
    if groups:
        look = {"color": "#444444", "drawstyle": "steps-post", "zorder": 0}
        ordered = pd.DataFrame(means).sort_values([0, 1], ascending=[True, False])
        front = ordered[ordered[1] > ordered[1].cummax().shift(fill_value=-math.inf)]
        axis.plot(front[0], front[1], ":", gid="pareto", label="Pareto front", **look)
        _set_log_axis(axis)
        _draw_cost(axis, against, caching)
        title = "● one seed, – their mean"
        if runs["bundled"].any():
            title += "\n○ came with the course"
        look = {"fontsize": 8, "title": title, "title_fontsize": 8}
        legend = figure.legend(loc="outside right upper", **look)
        plt.setp(legend.get_texts(), parse_math=False)
    return figure


def _draw_strategy(axis, place: int, label: str, x: pd.Series, group: pd.DataFrame) -> None:
    """Draw the runs of one strategy, in the color and the mark of its place."""
    color, mark = SERIES[place % len(SERIES)], MARKS[place % len(MARKS)]
    f1, label = group["f1"], fill(label, 26)
    axis.plot([x.mean()] * 2, [f1.min(), f1.max()], color=color, lw=7, alpha=0.25)
    for bundled, some in f1.groupby(group["bundled"]):
        look = {"color": color, "fillstyle": "none" if bundled else "full", "markersize": 5}
        axis.plot(x[some.index], some, mark, label=label, alpha=0.8, **look)
        label = "_"  # named once in the legend
    axis.plot(x.mean(), f1.mean(), "_", color=color, ms=22, mew=2.5)


def _draw_cost(axis, against: str, caching: float) -> None:
    """Draw what else a strategy costs: the optimizer's memory above the parameters, or the caching pass."""
    if against == "trainable":
        megabytes = (lambda count: 8 * count / 1e6, lambda size: size * 1e6 / 8)
        above = axis.secondary_xaxis("top", functions=megabytes)
        above.set_xlabel("optimizer state, MB (Adam: two float32 per parameter)", fontsize=8)
        above.xaxis.set_major_formatter(_figure)
    elif caching:
        low, high = axis.get_xlim()
        axis.set_xlim(low, max(high, 1.8 * caching))
        bottom, top = axis.get_ylim()
        axis.set_ylim(bottom - STRIP * (top - bottom) / (1 - STRIP), top)  # no dot behind the bar
        where = {"transform": axis.get_xaxis_transform(), "left": low, "height": 0.04}
        axis.barh(0.03, caching - low, color=FROZEN, edgecolor=EDGE, **where)
        text = f" caching, once: {caching:.1f} s"
        axis.text(low, 0.07, text, fontsize=8, transform=axis.get_xaxis_transform())


def _set_log_axis(axis) -> None:
    """Give the axis a logarithmic scale with room at both ends and figures that can be read."""
    axis.set_xscale("log")
    places = np.concatenate([line.get_xdata() for line in axis.lines])
    low, high = places.min() / 1.8, places.max() * 1.8
    axis.set_xlim(low, high)
    axis.xaxis.set_major_locator(LogLocator(subs=(1,) if high > 100 * low else (1, 2, 5)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(_figure)


def _figure(value: float, position=None) -> str:
    """Return a figure of an axis in short: 0.1, 20, 5 k, 10 M."""
    return EngFormatter()(value) if value >= 1000 else f"{value:g}"
