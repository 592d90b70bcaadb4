"""Pictures of a loop: who gets which rows, and figures step by step."""

import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import pytest
import torch
from torch.utils.data import DataLoader

from helpers import plots, tables
from helpers.loop import dealt


def drawn(picture):
    """Return the rows of each process, and those that are framed as seen before."""
    rows = [row.findall("td") for row in ET.fromstring(picture._repr_html_()).iter("tr")]
    framed = [cell.text for row in rows for cell in row if "dashed" in cell.get("style")]
    return [[cell.text for cell in row] for row in rows], framed


def test_shards_frames_a_row_that_comes_again():
    held = [[[0, 1], [4, 0]], [torch.tensor([2, 3]), [1, 5]]]
    rows, framed = drawn(tables.shards(held))
    assert rows == [["0", "1", "4", "0"], ["2", "3", "1", "5"]]
    assert framed == ["0", "1"]


def test_shards_colours_the_rounds_in_turn():
    table = ET.fromstring(tables.shards([[[0], [1], [2]]]))
    fills = [cell.get("style").rpartition("background:")[2] for cell in table.iter("td")]
    assert fills[0] == fills[2] != fills[1]


def test_shards_of_what_accelerate_deals():
    rows, framed = drawn(tables.shards(dealt(DataLoader(range(5), batch_size=2), 2, False)))
    assert rows == [["0", "1", "4", "0"], ["2", "3", "1", "2"]]
    assert framed == ["0", "1", "2"]


def test_shards_refuses_processes_with_different_numbers_of_batches():
    with pytest.raises(ValueError, match=r"\[1, 2\]. Give all the same number"):
        tables.shards([[[0]], [[1], [2]]])


def test_steps_draws_each_series_from_its_start():
    plt.switch_backend("agg")
    figure = plots.steps({"whole": [3, 2, 1, 0], "resumed": [1, 0]}, "loss", start={"resumed": 2})
    axis = figure.axes[0]
    assert [list(line.get_xdata()) for line in axis.lines] == [[0, 1, 2, 3], [2, 3]]
    assert [list(line.get_ydata()) for line in axis.lines] == [[3, 2, 1, 0], [1, 0]]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("step", "loss")
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["whole", "resumed"]
    assert plt.get_fignums() == []


def test_steps_of_one_series_needs_no_legend():
    plt.switch_backend("agg")
    assert plots.steps({"loss": [1.0]}, "loss").axes[0].get_legend() is None
