"""Plots: batches, scores, embeddings, masks, windows of a passage."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from sklearn.metrics import ConfusionMatrixDisplay

from helpers.ner import IGNORE_INDEX

# Told apart by colour-blind readers, and in grey (after Okabe and Ito, 2008).
LOOKS = (("#d55e00", "o"), ("#0072b2", "v"), ("#009e73", "^"), ("#777777", "D"), ("#cc79a7", "s"))
FATES = {
    "padding": "#ffffff",
    "visible": "#cfe6f5",
    "hidden": "#0b3c5d",
    "another token": "#e69f00",
    "left as it is": "#6b9e3f",
}
FILLS = {
    "CLS": "#e3e3e3",
    "question": "#e6c3dc",
    "passage": "#cfe6f5",
    "overlap": "#7fb2d6",
    "target": "#e69f00",
}


def finished(figure):
    """Close a figure and return it, so that a cell shows it once, not twice."""
    plt.close(figure)
    return figure


def png(figure) -> bytes:
    """Return a figure as a PNG, 100 dots an inch."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=100, bbox_inches="tight")
    return drawn.getvalue()


def _with_legend_above(figure, axis):
    axis.spines[["top", "right", "left"]].set_visible(False)
    handles, names = axis.get_legend_handles_labels()
    figure.legend(handles, names, ncols=len(names), loc="outside upper center", frameon=False)
    return finished(figure)


def padding(batches: dict[str, np.ndarray]):
    """Draw attention masks side by side: real tokens dark, padding light, its share in the title.

    Args:
        batches: title to attention mask, (batch, seq_len).
    """
    masks = {title: np.asarray(mask) for title, mask in batches.items()}
    figure, axes = plt.subplots(1, len(masks), figsize=(4.2 * len(masks), 3.2), squeeze=False)
    width = max(mask.shape[1] for mask in masks.values())
    for axis, (title, mask) in zip(axes[0], masks.items(), strict=True):
        shown = np.full((len(mask), width), np.nan)
        shown[:, : mask.shape[1]] = mask
        axis.imshow(
            shown, aspect="auto", cmap="Blues", vmin=-0.3, vmax=1.2, interpolation="nearest"
        )
        title = f"{title}\n{mask.shape[1]} wide, {1 - mask.mean():.0%} padding"
        axis.set(title=title, xlabel="token", ylabel="row")
    figure.tight_layout()
    return finished(figure)


def curves(history: Sequence[dict], keys: Sequence[str], title: str = ""):
    """Draw figures of a Trainer's `log_history` against the epoch.

    Raises:
        ValueError: none of the keys was logged.
    """
    logged = pd.DataFrame(history)
    drawn = [key for key in keys if key in logged]
    if not drawn:
        known = sorted({key for entry in history for key in entry})
        raise ValueError(f"None of {list(keys)} was logged. The history has {known}.")
    figure, axis = plt.subplots(figsize=(6, 3))
    for key in drawn:
        name = "validation loss" if key == "eval_loss" else key.removeprefix("eval_")
        logged.dropna(subset=key).plot("epoch", key, marker="o", label=name, ax=axis)
    axis.set(xlabel="epoch", title=title)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3)
    return finished(figure)


def confusion(counts, names: Sequence[str], title: str = ""):
    """Draw a confusion matrix, (references, predictions), with its counts; empty cells stay blank."""
    counts = np.asarray(counts)
    figure, axis = plt.subplots(figsize=(1.8 + 0.55 * len(names), 1.4 + 0.45 * len(names)))
    # colour grows with the root of a count, so that rare mistakes show
    drawn = ConfusionMatrixDisplay(np.sqrt(counts), display_labels=names)
    drawn.plot(cmap="Blues", colorbar=False, xticks_rotation=45, ax=axis)
    for text, count in zip(drawn.text_.flat, counts.flat, strict=True):
        text.set(text=f"{count:,}", fontsize=9)
        if not count:
            text.remove()
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


def embeddings(
    views: dict[str, np.ndarray], labels: Sequence[int], names: Sequence[str], train: int = 0
):
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
            look = dict(zip(("color", "marker"), LOOKS[label % len(LOOKS)], strict=True))
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
    return finished(figure)


def crossover(runs, chance: float, live: Sequence[dict] = ()):
    """Draw scores against the number of rows: a line through the means, a dot for each seed.

    Args:
        runs: DataFrame with "method", "per_class", "accuracy"; one row a run.
        chance: accuracy of always answering with the same class.
        live: runs of this session with the same three keys, drawn as stars.

    Raises:
        ValueError: more methods than can be told apart.
    """
    methods = list(dict.fromkeys([*runs["method"], *(run["method"] for run in live)]))
    if len(methods) > len(LOOKS):
        raise ValueError(f"{len(methods)} methods; at most {len(LOOKS)} can be told apart.")
    figure, axis = plt.subplots(figsize=(6.4, 3.8))
    sizes = sorted({*runs["per_class"], *(run["per_class"] for run in live)})
    for number, (method, (colour, marker)) in enumerate(zip(methods, LOOKS, strict=False)):
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
    return finished(figure)


def steps(
    series: dict[str, Sequence[float]], label: str, title: str = "", start: dict | None = None
):
    """Draw figures step by step, a line a series; the first of several is wide, so that others show on it.

    Args:
        series: name to one value a step.
        label: of the values.
        title: of the picture.
        start: name to the number of steps before its first value; 0 where it is left out.
    """
    figure, axis = plt.subplots(figsize=(6, 3))
    for place, (name, values) in enumerate(series.items()):
        first, wide = (start or {}).get(name, 0), len(series) > 1 and place == 0
        look = {"linewidth": 6, "alpha": 0.35} if wide else {"marker": "o", "markersize": 4}
        axis.plot(range(first, first + len(values)), values, label=name, **look)
    axis.set(xlabel="step", ylabel=label, title=title)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3)
    if len(series) > 1:
        axis.legend()
    return finished(figure)


def fates(before, batch: dict, mask_token_id: int) -> np.ndarray:
    """Return what became of each token, as a place in FATES, (batch, seq_len).

    Args:
        before: (batch, seq_len) ids before masking.
        batch: "input_ids", "attention_mask" and "labels", after masking.
        mask_token_id: the tokenizer's.
    """
    ids, seen, labels = (
        np.asarray(batch[key]) for key in ("input_ids", "attention_mask", "labels")
    )
    chosen = labels != IGNORE_INDEX
    found = np.where(seen == 1, 1, 0)
    found[chosen] = 3
    found[chosen & (ids == mask_token_id)] = 2
    found[chosen & (ids == np.asarray(before))] = 4
    return found


def masks(before, batch: dict, mask_token_id: int):
    """Draw what a masking collator did to a batch, a row a text, a column a token; arguments as `fates`."""
    found = fates(before, batch, mask_token_id)
    rows, width = found.shape
    figure, axis = plt.subplots(figsize=(9, 0.8 + 0.24 * rows), layout="constrained")
    colours = ListedColormap(list(FATES.values()))
    axis.imshow(found, cmap=colours, vmin=-0.5, vmax=len(FATES) - 0.5, aspect="auto")
    axis.set_xticks(np.arange(-0.5, width), minor=True)
    axis.set_yticks(np.arange(-0.5, rows), minor=True)
    axis.grid(which="minor", color="white", linewidth=1)
    axis.tick_params(which="minor", length=0)
    axis.set(xlabel="token", ylabel="text", yticks=range(rows))
    patches = [Patch(facecolor=FATES[name], edgecolor="#888", label=name) for name in FATES]
    figure.legend(handles=patches, loc="outside upper center", ncols=len(patches), frameon=False)
    return finished(figure)


def windows(encoding, targets: Sequence[tuple[int, int]] | None = None, *, context: int = 1):
    """Draw the windows of one question, a row a window, over the tokens of the passage.

    Args:
        encoding: the tokenizer's BatchEncoding of one question and its passage, with "offset_mapping".
        targets: for each window the first and last token (inclusive) that the model should point at.
            A target outside the passage is drawn on CLS.
        context: which sequence of the pair is the passage, 0 or 1.

    Raises:
        ValueError: no offsets, or not one target a window.
    """
    rows = _passage_tokens(encoding, context)
    if targets is not None and len(targets) != len(rows):
        raise ValueError(f"{len(rows)} windows, but {len(targets)} targets. Pass one a window.")
    place = {span: i for i, span in enumerate(sorted({s for row in rows for s in row.values()}))}
    unit = max(1.0, len(place) / 100)  # a hundredth of the passage: the narrowest to be seen
    asked = max(encoding.sequence_ids(0).count(1 - context), 11 * unit)
    figure, axis = plt.subplots(
        figsize=(8, 1 + (0.36 if len(rows) < 7 else 0.2) * len(rows)), layout="constrained"
    )
    seen: set = set()
    for y, row in enumerate(rows):
        bars = {"CLS": (-asked - 8 * unit, 6 * unit), "question": (-asked - unit, asked)}
        bars["passage"] = _extent(place[span] for span in row.values())
        bars["overlap"] = _extent(place[span] for span in row.values() if span in seen)
        if targets is not None:
            held = [place[row[t]] for t in range(targets[y][0], targets[y][1] + 1) if t in row]
            bars["target"] = _extent(held, at_least=unit) if held else bars["CLS"]
        _draw_window(axis, y, bars)
        axis.text(
            len(place) + unit, y, f"{len(encoding['input_ids'][y])} tokens", va="center", fontsize=8
        )
        seen |= set(row.values())
    axis.set_yticks(range(len(rows)), [f"window {y}" for y in range(len(rows))])
    axis.set(xlim=(-asked - 9 * unit, len(place) * 1.15), xlabel="token of the passage")
    axis.set_xticks([x for x in axis.get_xticks() if 0 <= x <= len(place)])
    axis.invert_yaxis()
    return _with_legend_above(figure, axis)


def _draw_window(axis, y: int, bars: dict[str, tuple[float, float]]) -> None:
    for part, (left, width) in bars.items():
        axis.barh(y, width, 0.72, left, color=FILLS[part], label="" if y else part, gid=part)
    for part in ("CLS", "question"):
        left, width = bars[part]
        axis.text(left + width / 2, y, part, ha="center", va="center", fontsize=6)


def _passage_tokens(encoding, context: int) -> list[dict[int, tuple[int, int]]]:
    """Return for each window its passage's tokens: position to characters."""
    if "offset_mapping" not in encoding:
        raise ValueError("No offset_mapping. Tokenise with return_offsets_mapping=True.")
    return [
        {
            t: tuple(span)
            for t, (sequence, span) in enumerate(
                zip(encoding.sequence_ids(row), spans, strict=True)
            )
            if sequence == context
        }
        for row, spans in enumerate(encoding["offset_mapping"])
    ]


def _extent(places, at_least: float = 0.0) -> tuple[float, float]:
    """Return left end and width of a run of places; at 0 and nothing wide where there are none."""
    places = list(places)
    if not places:
        return 0, 0
    return min(places), max(max(places) - min(places) + 1, at_least)


def logits(tokens: Sequence[str], start_logits, end_logits, context: tuple[int, int], top: int = 2):
    """Draw the start and end logits of one window, the question shaded, the highest tokens named.

    Args:
        tokens: the window's tokens.
        start_logits, end_logits: (seq_len,).
        context: token positions of the passage: first, end (exclusive).
        top: how many tokens of the passage to name on each curve.
    """
    figure, axis = plt.subplots(figsize=(9, 3), layout="constrained")
    curves = {"start": (start_logits, "#0072b2"), "end": (end_logits, "#d55e00")}
    for name, (values, colour) in curves.items():
        values = np.asarray(values)
        axis.plot(values, color=colour, marker=".", linewidth=1, label=f"{name} logit")
        inside = values[context[0] : context[1]]
        for t in context[0] + np.argsort(-inside)[:top]:
            shift = (-4, 4) if name == "start" else (4, 4)
            axis.annotate(
                tokens[t],
                (t, values[t]),
                shift,
                textcoords="offset points",
                color=colour,
                ha="right" if name == "start" else "left",
            )
    axis.axvspan(0.5, context[0] - 0.5, color=FILLS["question"], alpha=0.5, label="question")
    axis.axvline(0, color="#888", linestyle=":", label="CLS")
    axis.margins(y=0.15)
    axis.set(xlabel="token of the window", ylabel="logit")
    return _with_legend_above(figure, axis)


def span_scores(scores, tokens: Sequence[str]):
    """Draw the scores of all spans as a grid, start down, end across; the best one framed.

    Args:
        scores: (tokens, tokens), start logit + end logit; -inf where a span is not allowed.
        tokens: what the rows and columns stand for.
    """
    scores = np.asarray(scores, dtype=float)
    shown = np.where(np.isfinite(scores), scores, np.nan)
    size = 1.6 + 0.33 * len(tokens)
    figure, axis = plt.subplots(figsize=(size + 0.8, size), layout="constrained")
    image = axis.imshow(shown, cmap="Blues")
    start, end = np.unravel_index(np.nanargmax(shown), shown.shape)
    frame = plt.Rectangle((end - 0.5, start - 0.5), 1, 1, fill=False, ec=FILLS["target"], lw=3)
    axis.add_patch(frame)
    axis.set_xticks(range(len(tokens)), tokens, rotation=60, ha="right")
    axis.set_yticks(range(len(tokens)), tokens)
    axis.set(xlabel="end", ylabel="start", title=" ".join(tokens[start : end + 1]))
    figure.colorbar(image, shrink=0.7, label="start logit + end logit")
    return finished(figure)


def thresholds(rows: Sequence[dict], chosen: float):
    """Draw scores against the null threshold, the chosen one as a vertical line.

    Args:
        rows: dictionaries with "threshold" and, under any other names, scores.
        chosen: a threshold.
    """
    figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
    at = [row["threshold"] for row in rows]
    colours = iter(("#0072b2", "#d55e00", "#333333", "#009e73"))
    for name in (name for name in rows[0] if name != "threshold"):
        axis.plot(at, [row[name] for row in rows], label=name, color=next(colours))
    axis.axvline(chosen, color="#888", linestyle="--", label=f"chosen: {chosen:.2f}")
    axis.set(xlabel="null threshold (higher: answers more often)", ylabel="score")
    axis.grid(alpha=0.3)
    return _with_legend_above(figure, axis)
