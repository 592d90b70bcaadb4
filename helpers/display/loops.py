"""Pictures of a training loop: who gets which rows, and figures step by step."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt

from helpers.display.plots import finished
from helpers.display.tables import Html

_CELL = "padding:2px 8px;text-align:center;border:1px solid #bbb;"
_ROUNDS = ("#a9d4f0", "#f5c9a6")  # light fills that take dark text, in turn
_AGAIN = "background:#fff;color:#b3261e;border:2px dashed #b3261e;"


def shards(held: Sequence[Sequence[Sequence[int]]]) -> Html:
    """Draw which rows of a data set each process gets, one colour a round; a row seen before is framed.

    Args:
        held: for each process its batches, one a round; a batch is a sequence of row numbers.

    Raises:
        ValueError: the processes differ in their number of batches.
    """
    if len({len(batches) for batches in held}) > 1:
        raise ValueError(
            f"Batches of each process: {[len(batches) for batches in held]}. Give all the same number."
        )
    lines, seen = (
        [[f"<th style='text-align:right'>process {i}</th>"] for i in range(len(held))],
        set(),
    )
    for place, batches in enumerate(zip(*held, strict=True)):
        for line, batch in zip(lines, batches, strict=True):
            for row in map(int, batch):
                look = _AGAIN if row in seen else f"background:{_ROUNDS[place % 2]};color:#111;"
                line.append(f"<td style='{_CELL}{look}'>{row}</td>")
                seen.add(row)
    body = "".join(f"<tr>{''.join(line)}</tr>" for line in lines)
    return Html(f"<table style='border-collapse:collapse'>{body}</table>")


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
