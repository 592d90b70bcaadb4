"""Pictures of question answering: windows, logits, spans, thresholds, answers in their passage."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from helpers.display.picture import Picture
from helpers.display.tables import Html

# Told apart by colour-blind readers, and in grey (after Okabe and Ito, 2008).
FILLS = {
    "CLS": "#e3e3e3",
    "question": "#e6c3dc",
    "passage": "#cfe6f5",
    "overlap": "#7fb2d6",
    "target": "#e69f00",
}


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


def _with_legend_above(figure, axis):
    axis.spines[["top", "right", "left"]].set_visible(False)
    handles, names = axis.get_legend_handles_labels()
    figure.legend(handles, names, ncols=len(names), loc="outside upper center", frameon=False)
    return Picture(figure)


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
    return Picture(figure)


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


def passage(
    text: str, said: tuple[int, int] | None = None, truth: tuple[int, int] | None = None
) -> Html:
    """Draw a passage with the answer given in colour and the true one underlined.

    Args:
        text: the passage.
        said, truth: characters (start, end), end exclusive; None or an empty span for no answer.
    """
    said, truth = said or (0, 0), truth or (0, 0)
    cuts = sorted({0, len(text), *said, *truth})
    pieces = []
    for start, end in pairwise(cuts):
        style = "background:#f6d18b;color:#111;" if said[0] <= start < said[1] else ""
        style += "border-bottom:3px solid #0072b2;" if truth[0] <= start < truth[1] else ""
        piece = escape(text[start:end])
        pieces.append(f"<span style='{style}'>{piece}</span>" if style else piece)
    return Html(f"<p style='line-height:1.7;max-width:48em'>{''.join(pieces)}</p>")
