"""Plots: batches, scores, embeddings, masks, windows of a passage."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.core.pylabtools import print_figure
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from sklearn.metrics import ConfusionMatrixDisplay

from helpers import IGNORE_INDEX, expect

# Told apart by color-blind readers, and in grey (after Okabe and Ito, 2008).
COLORS = ("#d55e00", "#0072b2", "#009e73", "#777777", "#cc79a7")
LOOKS = [{"color": color, "marker": m} for color, m in zip(COLORS, "ov^Ds", strict=True)]
GREY, PINK, ICE, SKY = "#e3e3e3", "#e6c3dc", "#cfe6f5", "#7fb2d6"
SUN, LEAF, INK = "#e69f00", "#6b9e3f", "#0b3c5d"
FATES = {"padding": "w", "visible": ICE, "hidden": INK, "another token": SUN, "left as it is": LEAF}
FILLS = {"CLS": GREY, "question": PINK, "passage": ICE, "overlap": SKY, "target": SUN}
BESIDE = {"fontsize": 8, "loc": "upper left", "bbox_to_anchor": (1.01, 1)}


def finished(figure):
    """Close a figure and return it, so that a cell shows it once, not twice."""
    plt.close(figure)
    return figure


def png(figure) -> bytes:
    """Return a figure as a PNG, 100 dots an inch."""
    return print_figure(figure, dpi=100)


def _with_legend_above(figure):
    figure.axes[0].spines[["top", "right", "left"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=len(FILLS), frameon=False)
    return finished(figure)


def padding(batches: dict[str, np.ndarray]):
    """Draw attention masks, (batch, seq_len), side by side, real tokens dark; padding's share is above."""
    masks = {title: np.asarray(mask) for title, mask in batches.items()}
    width = max(mask.shape[1] for mask in masks.values())
    size = (4.2 * len(masks), 3.2)
    figure, axes = plt.subplots(1, len(masks), figsize=size, squeeze=False, layout="tight")
    for axis, (title, mask) in zip(axes[0], masks.items(), strict=True):
        shown = pd.DataFrame(mask).reindex(columns=range(width))  # blank beyond its own width
        axis.imshow(shown, "Blues", aspect="auto", vmin=-0.3, vmax=1.2, interpolation="nearest")
        title = f"{title}\n{mask.shape[1]} wide, {1 - mask.mean():.0%} padding"
        axis.set(title=title, xlabel="token", ylabel="row")
    return finished(figure)


def curves(history: Sequence[dict], keys: Sequence[str], title: str = ""):
    """Draw figures of a Trainer's `log_history` against the epoch. Raises ValueError: no key was logged."""
    logged = pd.DataFrame(history)
    if not (drawn := [key for key in keys if key in logged]):
        raise ValueError(f"None of {list(keys)} was logged. The history has {sorted(logged)}.")
    figure, axis = plt.subplots(figsize=(6, 3))
    for key in drawn:
        name = "validation loss" if key == "eval_loss" else key.removeprefix("eval_")
        logged.dropna(subset=key).plot("epoch", key, marker="o", label=name, ax=axis)
    axis.set(xlabel="epoch", title=title)
    axis.locator_params("x", integer=True)
    axis.grid(alpha=0.3)
    return finished(figure)


def confusion(counts, names: Sequence[str]):
    """Draw a confusion matrix, (references, predictions), with its counts; empty cells stay blank."""
    counts = np.asarray(counts)
    size = (1.8 + 0.55 * len(names), 1.4 + 0.45 * len(names))
    figure, axis = plt.subplots(figsize=size, layout="tight")
    # color grows with the root of a count, so that rare mistakes show
    drawn = ConfusionMatrixDisplay(np.sqrt(counts), display_labels=names)
    drawn.plot(cmap="Blues", colorbar=False, xticks_rotation=45, ax=axis)
    for text, count in zip(drawn.text_.flat, counts.flat, strict=True):
        text.set(text=f"{count:,}", fontsize=9)
        if not count:
            text.remove()
    axis.set(xlabel="predicted", ylabel="reference")
    return finished(figure)


def bars_with_seeds(scores: dict[str, Sequence[float]], label: str = "F1"):
    """Draw one bar a strategy, the mean over seeds, and a dot for each seed."""
    figure, axis = plt.subplots(figsize=(1.5 + 1.3 * len(scores), 3))
    for name, values in scores.items():
        axis.bar(name, np.mean(values), color="#a9d4f0", edgecolor="#333")
        axis.plot([name] * len(values), values, "o", color="#333", markersize=5)
    axis.set(ylabel=label, ylim=(0, 1))
    axis.grid(axis="y", alpha=0.3)
    return finished(figure)


def embeddings(views: dict, labels: Sequence[int], names: Sequence[str], train: int = 0):
    """Draw the same rows side by side in two dimensions, on the same axes, colored by class.

    `views` maps a title to points, (rows, 2), in the same order in each; `labels` holds the class id of each
    row, `names` those of the classes. The first `train` rows are training rows, drawn large and outlined.
    Raises ValueError: points that are not (rows, 2), more classes than looks, labels that are no ids.
    """
    labels = np.asarray(labels)
    few, ids = len(names) <= len(LOOKS), set(labels.tolist()) <= {*range(len(names))}
    expect(few, "names", names, f"at most {len(LOOKS)} classes: more cannot be told apart")
    expect(ids, "labels", labels, "class ids, not names")
    for title, points in views.items():
        if (shape := np.shape(points)) != (len(labels), 2):
            raise ValueError(f"{title!r} is {shape}, not {(len(labels), 2)}. Project it.")
    size = (4 * len(views), 3.8)
    figure, axes = plt.subplots(
        1, len(views), figsize=size, sharex=True, sharey=True, squeeze=False, layout="tight"
    )
    for axis, (title, points) in zip(axes[0], views.items(), strict=True):
        for label, (name, look) in enumerate(zip(names, LOOKS, strict=False)):
            unseen = points[train:][labels[train:] == label]
            axis.scatter(*unseen.T, s=18, alpha=0.5, linewidths=0, label=name, **look)
            seen = points[:train][labels[:train] == label]
            axis.scatter(*seen.T, s=80, edgecolors="black", linewidths=1.2, zorder=3, **look)
        axis.set(title=title, xlabel="first component")
    axes[0][0].set(ylabel="second component")
    outlined = "outlined: training" if train else None
    legend = axis.legend(title=outlined, markerscale=1.6, **BESIDE)
    for handle in legend.legend_handles:
        handle.set_alpha(1)  # a pale dot alone hardly shows its color
    return finished(figure)


def crossover(runs: pd.DataFrame, chance: float, live: Sequence[dict] = ()):
    """Draw scores against the number of rows: a line through the means, a dot for each seed.

    `runs` has "method", "per_class", "accuracy", one row a run; `live` holds runs of this session with the
    same three keys, drawn as stars; `chance` is the accuracy of always answering with the same class.
    Raises ValueError: more methods than can be told apart.
    """
    live = pd.DataFrame(live, columns=["method", "per_class", "accuracy"])
    methods = list(dict.fromkeys([*runs["method"], *live["method"]]))
    if len(methods) > len(LOOKS):
        raise ValueError(f"{len(methods)} methods; at most {len(LOOKS)} can be told apart.")
    figure, axis = plt.subplots(figsize=(6.4, 3.8))
    star = {"marker": "*", "ls": "", "markersize": 17, "markeredgecolor": "black", "zorder": 4}
    for number, (method, look) in enumerate(zip(methods, LOOKS, strict=False)):
        shift = 1 + 0.06 * (number - (len(methods) - 1) / 2)  # methods lie side by side
        seeds, now = (part[part["method"] == method] for part in (runs, live))
        means = seeds.groupby("per_class")["accuracy"].mean()
        axis.plot(means.index * shift, means, color=look["color"], label=method)
        axis.plot(seeds["per_class"] * shift, seeds["accuracy"], linestyle="", alpha=0.6, **look)
        axis.plot(now["per_class"] * shift, now["accuracy"], **star, color=look["color"])
    if len(live):
        axis.plot([], [], **star | {"markersize": 13}, color="white", label="this run")
    axis.axhline(chance, color="#333", linestyle=":", label="always the same class")
    axis.set_xscale("log", base=2)
    sizes = sorted({*runs["per_class"], *live["per_class"]})
    axis.set_xticks(sizes, sizes)
    axis.minorticks_off()
    axis.set(xlabel="training rows per class", ylabel="accuracy on test")
    axis.grid(alpha=0.3)
    axis.legend(**BESIDE)
    return finished(figure)


def steps(series: dict, label: str, start: dict | None = None):
    """Draw figures step by step, a line a series; the first of several is wide, so that others show on it.

    `series` maps a name to one value a step, `start` to the number of steps before the first of them.
    """
    figure, axis = plt.subplots(figsize=(6, 3))
    for place, (name, values) in enumerate(series.items()):
        first, wide = (start or {}).get(name, 0), len(series) > 1 and place == 0
        look = {"linewidth": 6, "alpha": 0.35} if wide else {"marker": "o", "markersize": 4}
        axis.plot(range(first, first + len(values)), values, label=name, **look)
    axis.set(xlabel="step", ylabel=label)
    axis.locator_params("x", integer=True)
    axis.grid(alpha=0.3)
    if len(series) > 1:
        axis.legend()
    return finished(figure)


def masks(before, batch: dict, mask_token_id: int):
    """Draw what a masking collator did to a batch, a row a text, a column a token, colored as in FATES.

    `before` holds the ids before masking, (batch, seq_len), `batch` what the collator made of them.
    """
    ids, chosen = np.asarray(batch["input_ids"]), np.asarray(batch["labels"]) != IGNORE_INDEX
    kept, hidden = chosen & (ids == np.asarray(before)), chosen & (ids == mask_token_id)
    seen = np.asarray(batch["attention_mask"]) == 1
    fates = np.select([kept, hidden, chosen, seen], [4, 2, 3, 1])  # places in FATES
    rows, width = fates.shape
    figure, axis = plt.subplots(figsize=(9, 0.8 + 0.24 * rows), layout="constrained")
    edges = np.arange(width + 1) - 0.5, np.arange(rows + 1) - 0.5
    look = {"cmap": ListedColormap(list(FATES.values())), "vmin": 0, "vmax": len(FATES) - 1}
    axis.pcolormesh(*edges, fates, edgecolors="white", linewidth=0.7, **look)
    axis.set(xlabel="token", ylabel="text", yticks=range(rows))
    axis.invert_yaxis()
    patches = [Patch(facecolor=FATES[name], edgecolor="#888", label=name) for name in FATES]
    figure.legend(handles=patches, loc="outside upper center", ncols=len(FATES), frameon=False)
    return finished(figure)


def windows(encoding, targets: Sequence[tuple[int, int]] | None = None):
    """Draw the windows of one question, a row a window, over the tokens of the passage.

    `encoding` is the tokenizer's BatchEncoding of question and passage, in this order, with "offset_mapping";
    `targets` the first and last token (inclusive) that the model should point at in each window; one outside the
    passage is drawn on CLS. Raises ValueError: no offsets, or not one target a window.
    """
    if "offset_mapping" not in encoding:
        raise ValueError("No offset_mapping. Tokenize with return_offsets_mapping=True.")
    rows = []  # for each window its tokens' characters in the passage, None outside it
    for y, offsets in enumerate(encoding["offset_mapping"]):
        tokens = zip(encoding.sequence_ids(y), offsets, strict=True)
        rows.append([tuple(span) if sequence == 1 else None for sequence, span in tokens])
    if targets is not None and len(targets) != len(rows):
        raise ValueError(f"{len(rows)} windows, but {len(targets)} targets. Pass one a window.")
    place = {span: i for i, span in enumerate(sorted({s for row in rows for s in row if s}))}
    unit = max(1.0, len(place) / 100)  # a hundredth of the passage: the narrowest to be seen
    asked = max(encoding.sequence_ids(0).count(0), 11 * unit)
    cls, question = (-asked - 8 * unit, 6 * unit), (-asked - unit, asked)
    bars, seen = [], set()  # bars: for each window those of FILLS, as left end and width
    for y, row in enumerate(rows):
        held = [place[span] for span in row if span]
        bars.append([cls, question, _extent(held), _extent(seen.intersection(held))])
        seen.update(held)
        if targets is not None:
            first, last = targets[y]
            pointed = [place[span] for span in row[first : last + 1] if span]
            bars[-1].append(_extent(pointed, at_least=unit) if pointed else cls)
    size = (8, 1 + (0.36 if len(rows) < 7 else 0.2) * len(rows))
    figure, axis = plt.subplots(figsize=size, layout="constrained")
    for part, (left, width) in zip(FILLS, np.transpose(bars, (1, 2, 0)), strict=False):
        color = FILLS[part]
        drawn = axis.barh(range(len(rows)), width, 0.72, left, color=color, label=part, gid=part)
        if part in ("CLS", "question"):
            axis.bar_label(drawn, [part] * len(rows), label_type="center", fontsize=6)
    for y, row in enumerate(rows):
        axis.text(len(place) + unit, y, f"{len(row)} tokens", va="center", fontsize=8)
    axis.set_yticks(range(len(rows)), [f"window {y}" for y in range(len(rows))])
    axis.set(xlim=(-asked - 9 * unit, len(place) * 1.15), xlabel="token of the passage")
    axis.set_xticks([x for x in axis.get_xticks() if 0 <= x <= len(place)])
    axis.invert_yaxis()
    return _with_legend_above(figure)


def _extent(places, at_least: float = 0.0) -> tuple[float, float]:
    """Return left end and width of a run of places; at 0 and nothing wide where there are none."""
    return (min(places), max(max(places) - min(places) + 1, at_least)) if places else (0, 0)


def logits(tokens: Sequence[str], start_logits, end_logits, context: tuple[int, int], top: int = 2):
    """Draw the start and end logits, (seq_len,), of one window, the question shaded.

    `context` holds the first token of the passage and its end (exclusive); the `top` highest there are named.
    """
    figure, axis = plt.subplots(figsize=(9, 3), layout="constrained")
    start = ("start logit", np.asarray(start_logits), COLORS[1], "right", (-4, 4))
    end = ("end logit", np.asarray(end_logits), COLORS[0], "left", (4, 4))
    for name, values, color, side, shift in (start, end):
        axis.plot(values, color=color, marker=".", linewidth=1, label=name)
        look = {"color": color, "ha": side, "textcoords": "offset points"}
        for t in context[0] + np.argsort(-values[slice(*context)])[:top]:
            axis.annotate(tokens[t], (t, values[t]), shift, **look)
    axis.axvspan(0.5, context[0] - 0.5, color=FILLS["question"], alpha=0.5, label="question")
    axis.axvline(0, color="#888", linestyle=":", label="CLS")
    axis.margins(y=0.15)
    axis.set(xlabel="token of the window", ylabel="logit")
    return _with_legend_above(figure)


def span_scores(scores, tokens: Sequence[str]):
    """Draw the scores of all spans, (tokens, tokens), start down, end across: -inf blank, the best framed."""
    shown = np.ma.masked_invalid(np.asarray(scores, dtype=float))
    size = 1.6 + 0.33 * len(tokens)
    figure, axis = plt.subplots(figsize=(size + 0.8, size), layout="constrained")
    image = axis.imshow(shown, cmap="Blues")
    start, end = np.unravel_index(shown.argmax(), shown.shape)
    frame = plt.Rectangle((end - 0.5, start - 0.5), 1, 1, fill=False, ec=FILLS["target"], lw=3)
    axis.add_patch(frame)
    axis.set_xticks(range(len(tokens)), tokens, rotation=60, ha="right")
    axis.set_yticks(range(len(tokens)), tokens)
    axis.set(xlabel="end", ylabel="start", title=" ".join(tokens[start : end + 1]))
    figure.colorbar(image, shrink=0.7, label="start logit + end logit")
    return finished(figure)


def thresholds(rows: Sequence[dict], chosen: float):
    """Draw each row's scores, under any names, against its "threshold"; the chosen one as a vertical line."""
    figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
    colors = [COLORS[1], COLORS[0], "#333333", COLORS[2]]
    pd.DataFrame(rows).plot("threshold", color=colors, legend=False, ax=axis)
    axis.axvline(chosen, color="#888", linestyle="--", label=f"chosen: {chosen:.2f}")
    axis.set(xlabel="null threshold (higher: answers more often)", ylabel="score")
    axis.grid(alpha=0.3)
    return _with_legend_above(figure)
