"""Pictures of masking: what became of each token of a batch."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from helpers.display.picture import Picture
from helpers.ner import IGNORE_INDEX

# Told apart by colour-blind readers, and in grey (after Okabe and Ito, 2008).
FATES = {
    "padding": "#ffffff",
    "visible": "#cfe6f5",
    "hidden": "#0b3c5d",
    "another token": "#e69f00",
    "left as it is": "#6b9e3f",
}


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
    return Picture(figure)
