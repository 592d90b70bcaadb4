"""Pictures of few-shot learning: pairs, embeddings on shared axes, the crossover curve."""

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from helpers import plots, tables

pytestmark = pytest.mark.usefixtures("no_figure_stays_open")


def test_pairs_draws_each_pair_once_with_its_target():
    table = ET.fromstring(tables.pairs(["good", "fine", "bad <b>"], ["pos", "pos", "neg"]))
    rows = [[cell.text for cell in row.findall("td")] for row in table.iter("tr")]
    assert rows[1:] == [
        ["pos: good", "1", "1", "0"],
        ["pos: fine", None, "1", "0"],
        ["neg: bad <b>", None, None, "1"],
    ]


def test_pairs_refuses_texts_without_labels():
    with pytest.raises(ValueError, match="2 texts, but 1 labels"):
        tables.pairs(["a", "b"], [1])


def test_embeddings_share_their_axes_and_outline_the_training_rows():
    rng = np.random.default_rng(0)
    views = {"before": rng.normal(size=(10, 2)), "after": 9 * rng.normal(size=(10, 2))}
    picture = plots.embeddings(views, [0, 1] * 5, ["neg", "pos"], train=4)
    left, right = picture.axes
    assert (left.get_xlim(), left.get_ylim()) == (right.get_xlim(), right.get_ylim())
    assert [axis.get_title() for axis in (left, right)] == ["before", "after"]
    unseen_neg, seen_neg, unseen_pos, seen_pos = left.collections
    assert np.array_equal(seen_neg.get_offsets(), views["before"][[0, 2]])
    assert np.array_equal(unseen_pos.get_offsets(), views["before"][[5, 7, 9]])
    assert seen_pos.get_sizes() > unseen_neg.get_sizes()
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["neg", "pos"]


def test_embeddings_refuses_what_is_not_on_a_plane():
    with pytest.raises(ValueError, match=r"'before' is \(3, 5\), not \(3, 2\)"):
        plots.embeddings({"before": np.zeros((3, 5))}, [0, 1, 0], ["neg", "pos"])


@pytest.fixture
def runs():
    columns = ["method", "per_class", "accuracy"]
    rows = [("one", 4, 0.5), ("one", 4, 0.7), ("one", 8, 0.8), ("two", 4, 0.4), ("two", 8, 0.9)]
    return pd.DataFrame(rows, columns=columns)


def test_crossover_draws_means_seeds_chance_and_this_run(runs):
    live = [{"method": "two", "per_class": 16, "accuracy": 0.95}]
    axis = plots.crossover(runs, 0.5, live).axes[0]
    means, seeds = axis.lines[0], axis.lines[1]
    assert list(means.get_ydata()) == pytest.approx([0.6, 0.8])
    assert list(seeds.get_ydata()) == pytest.approx([0.5, 0.7, 0.8])
    star = next(line for line in axis.lines if list(line.get_ydata()) == [0.95])
    assert star.get_marker() == "*"
    assert [label.get_text() for label in axis.get_xticklabels()] == ["4", "8", "16"]
    legend = [text.get_text() for text in axis.get_legend().get_texts()]
    assert legend == ["one", "two", "this run", "always the same class"]


def test_crossover_refuses_more_methods_than_looks(runs):
    more = pd.concat([runs.assign(method=str(n)) for n in range(6)])
    with pytest.raises(ValueError, match="6 methods; at most 5"):
        plots.crossover(more, 0.5)
