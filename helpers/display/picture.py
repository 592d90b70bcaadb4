"""A figure as a small picture."""

from __future__ import annotations

from io import BytesIO

import matplotlib.pyplot as plt
from PIL import Image

COLOURS = 128


class Picture:
    """A closed figure that a notebook shows as a PNG of `COLOURS` colours.

    Flat drawings lose nothing by it, and take a quarter of the room in the notebook.
    """

    def __init__(self, figure):
        plt.close(figure)
        self.figure = figure

    def __repr__(self) -> str:
        return "Picture"

    def _repr_png_(self) -> bytes:
        drawn, small = BytesIO(), BytesIO()
        self.figure.savefig(drawn, format="png", dpi=100, bbox_inches="tight")
        # The usual method, median cut, merges the colours of small marks: pink became grey.
        flat = Image.open(drawn).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
        flat.save(small, format="PNG", optimize=True)
        return small.getvalue()
