"""Pictures of masking: each token has the colour of what became of it."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from helpers import plots
from helpers.ner import IGNORE_INDEX
from helpers.plots import FATES, fates, masks

pytestmark = pytest.mark.usefixtures("no_figure_stays_open")

MASK, NONE = 4, IGNORE_INDEX
BEFORE = torch.tensor([[1, 7, 8, 9, 4, 2], [1, 6, 2, 0, 0, 0]])
BATCH = {
    "input_ids": torch.tensor([[1, MASK, 55, 9, MASK, 2], [1, 6, 2, 0, 0, 0]]),
    "attention_mask": torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]]),
    "labels": torch.tensor([[NONE, 7, 8, 9, NONE, NONE], [NONE] * 6]),
}
EXPECTED = [
    ["visible", "hidden", "another token", "left as it is", "visible", "visible"],
    ["visible", "visible", "visible", "padding", "padding", "padding"],
]


def test_every_fate_is_told_apart():
    names = list(FATES)
    assert [[names[place] for place in row] for row in fates(BEFORE, BATCH, MASK)] == EXPECTED


def test_the_picture_has_a_cell_a_token_in_the_colour_of_its_fate():
    picture = masks(BEFORE, BATCH, MASK)
    assert plots.png(picture).startswith(b"\x89PNG")
    (axis,) = picture.axes
    (image,) = axis.images
    drawn = image.to_rgba(image.get_array())[..., :3]
    expected = [[to_rgb(FATES[name]) for name in row] for row in EXPECTED]
    assert np.allclose(drawn, expected, atol=0.01)


def test_the_legend_names_every_fate():
    (legend,) = masks(BEFORE, BATCH, MASK).legends
    assert [text.get_text() for text in legend.get_texts()] == list(FATES)
    assert plt.get_fignums() == []
