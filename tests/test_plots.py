"""Plots: what is drawn where, what is refused, and that no figure stays open."""

from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.colors import to_rgb

from helpers import IGNORE_INDEX, plots

pytestmark = pytest.mark.usefixtures("no_figure_stays_open")


def texts(found):
    return [text.get_text() for text in found]


def legend(axis):
    return texts(axis.get_legend().get_texts())


def lines(axis):
    """Return the places and values of each line."""
    return [line.get_xydata().tolist() for line in axis.lines]


def cells(axis):
    """Return the values of the first picture on an axis, NaN where it is blank."""
    return np.ma.filled(axis.images[0].get_array().astype(float), np.nan)


def test_padding_shows_each_mask_with_its_share():
    drawn = np.array([[1, 1, 1, 1], [1, 0, 0, 0]])  # 3 of 8 are padding
    left, right = plots.padding({"as drawn": drawn, "by length": [[1, 1], [1, 1]]}).axes
    assert left.get_title() == "as drawn\n4 wide, 38% padding"
    assert right.get_title() == "by length\n2 wide, 0% padding"
    assert cells(left).tolist() == [[1, 1, 1, 1], [1, 0, 0, 0]]
    np.testing.assert_array_equal(cells(right), [[1, 1, np.nan, np.nan]] * 2)  # the same scale
    assert (left.get_xlabel(), left.get_ylabel()) == ("token", "row")


HISTORY = [
    {"loss": 0.9, "epoch": 1.0},
    {"eval_loss": 0.8, "eval_f1": 0.3, "epoch": 1.0},
    {"loss": 0.5, "epoch": 2.0},
    {"eval_loss": 0.7, "eval_f1": 0.6, "epoch": 2.0},
]


def test_curves_draws_each_key_against_the_epoch():
    [axis] = plots.curves(HISTORY, ["loss", "eval_f1"], "a run").axes
    assert lines(axis) == [[[1.0, 0.9], [2.0, 0.5]], [[1.0, 0.3], [2.0, 0.6]]]
    assert legend(axis) == ["loss", "f1"]
    assert (axis.get_title(), axis.get_xlabel()) == ("a run", "epoch")
    [axis] = plots.curves(HISTORY, ["loss", "eval_loss"]).axes
    assert len(set(legend(axis))) == 2  # training and validation have different names


def test_confusion_writes_the_counts_where_they_are():
    counts = [[1200, 0, 3], [0, 40, 0], [5, 0, 0]]
    [axis] = plots.confusion(counts, ["O", "PER", "LOC"]).axes
    written = {text.get_position(): text.get_text() for text in axis.texts}
    assert written == {(0, 0): "1,200", (2, 0): "3", (1, 1): "40", (0, 2): "5"}  # (column, row)
    assert texts(axis.get_xticklabels()) == texts(axis.get_yticklabels()) == ["O", "PER", "LOC"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted", "reference")


def test_bars_are_means_and_dots_are_seeds():
    [axis] = plots.bars_with_seeds({"first": [0.2, 0.4], "repeat": [0.6]}, "entity F1").axes
    assert [bar.get_height() for bar in axis.patches] == pytest.approx([0.3, 0.6])
    assert lines(axis) == [[[0, 0.2], [0, 0.4]], [[1, 0.6]]]
    assert texts(axis.get_xticklabels()) == ["first", "repeat"]
    assert (axis.get_ylabel(), axis.get_ylim()) == ("entity F1", (0, 1))


def test_embeddings_share_their_axes_and_outline_the_training_rows():
    rng = np.random.default_rng(0)
    views = {"before": rng.normal(size=(10, 2)), "after": 9 * rng.normal(size=(10, 2))}
    left, right = plots.embeddings(views, [0, 1] * 5, ["neg", "pos"], train=4).axes
    assert (left.get_xlim(), left.get_ylim()) == (right.get_xlim(), right.get_ylim())
    assert [axis.get_title() for axis in (left, right)] == ["before", "after"]
    unseen_neg, seen_neg, unseen_pos, seen_pos = left.collections
    assert np.array_equal(seen_neg.get_offsets(), views["before"][[0, 2]])
    assert np.array_equal(unseen_pos.get_offsets(), views["before"][[5, 7, 9]])
    assert seen_pos.get_sizes() > unseen_neg.get_sizes()
    assert legend(right) == ["neg", "pos"]


@pytest.fixture
def runs():
    rows = [("one", 4, 0.5), ("one", 4, 0.7), ("one", 8, 0.8), ("two", 4, 0.4), ("two", 8, 0.9)]
    return pd.DataFrame(rows, columns=["method", "per_class", "accuracy"])


def test_crossover_draws_means_seeds_chance_and_this_run(runs):
    live = [{"method": "two", "per_class": 16, "accuracy": 0.95}]
    [axis] = plots.crossover(runs, 0.5, live).axes
    means, seeds = axis.lines[:2]
    assert list(means.get_ydata()) == pytest.approx([0.6, 0.8])
    assert list(seeds.get_ydata()) == pytest.approx([0.5, 0.7, 0.8])
    [star] = [line for line in axis.lines if list(line.get_ydata()) == [0.95]]
    assert star.get_marker() == "*"
    assert texts(axis.get_xticklabels()) == ["4", "8", "16"]
    assert legend(axis) == ["one", "two", "this run", "always the same class"]
    [axis] = plots.crossover(runs, 0.5).axes  # without runs of this session
    assert legend(axis) == ["one", "two", "always the same class"]


def test_steps_draws_each_series_from_its_start():
    series = {"whole": [3, 2, 1, 0], "resumed": [1, 0]}
    [axis] = plots.steps(series, "loss", start={"resumed": 2}).axes
    assert lines(axis) == [[[0, 3], [1, 2], [2, 1], [3, 0]], [[2, 1], [3, 0]]]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("step", "loss")
    assert legend(axis) == ["whole", "resumed"]
    [axis] = plots.steps({"loss": [1.0]}, "loss").axes
    assert axis.get_legend() is None  # one series needs none


def test_masks_draws_each_token_in_the_color_that_the_legend_gives_its_fate():
    hidden, none = 4, IGNORE_INDEX
    before = torch.tensor([[1, 7, 8, 9, 4, 2], [1, 6, 2, 0, 0, 0]])
    batch = {
        "input_ids": torch.tensor([[1, hidden, 55, 9, hidden, 2], [1, 6, 2, 0, 0, 0]]),
        "attention_mask": torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]]),
        "labels": torch.tensor([[none, 7, 8, 9, none, none], [none] * 6]),
    }
    expected = [
        ["visible", "hidden", "another token", "left as it is", "visible", "visible"],
        ["visible", "visible", "visible", "padding", "padding", "padding"],
    ]
    picture = plots.masks(before, batch, hidden)
    [named] = picture.legends
    colors = [to_rgb(patch.get_facecolor()) for patch in named.get_patches()]
    color_of = dict(zip(texts(named.get_texts()), colors, strict=True))
    assert color_of == {name: to_rgb(color) for name, color in plots.FATES.items()}
    assert len(set(colors)) == 5
    [[mesh]] = [axis.collections for axis in picture.axes]
    drawn = mesh.to_rgba(mesh.get_array())[..., :3]
    assert np.allclose(drawn, [[color_of[name] for name in row] for row in expected], atol=0.01)
    corner = mesh.get_coordinates()[:2, :2].mean((0, 1))  # the middle of the first token
    assert corner.tolist() == [0, 0]
    bottom, top = picture.axes[0].get_ylim()
    assert bottom > top


PASSAGE = "a b c d e f g h i j"  # one letter a token


@pytest.fixture(scope="module")
def encoding(tokenizer):
    """Return a pair in windows of 4 letters of the passage with an overlap of 1: abcd, defg, ghij."""
    options = {"return_overflowing_tokens": True, "return_offsets_mapping": True}
    options |= {"max_length": 9, "stride": 1, "truncation": "only_second"}
    return tokenizer("? ?", PASSAGE, **options)


def places(picture, part):
    """Return (row, left, width) of each bar of a part that is drawn."""
    [axis] = picture.axes
    return [
        (round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_width())
        for bar in axis.patches
        if bar.get_gid() == part and bar.get_width()
    ]


def test_windows_stand_where_they_are_in_the_passage_cls_and_question_left_of_it(encoding):
    picture = plots.windows(encoding)
    [axis] = picture.axes
    assert places(picture, "passage") == [(0, 0, 4), (1, 3, 4), (2, 6, 4)]
    assert places(picture, "overlap") == [(1, 3, 1), (2, 6, 1)]
    assert places(picture, "target") == []
    for part in ("CLS", "question"):
        drawn = places(picture, part)
        assert [row for row, _, _ in drawn] == [0, 1, 2]
        assert all(left + width <= 0 for _, left, width in drawn)
    assert [texts(axis.texts).count(text) for text in ("9 tokens", "CLS", "question")] == [3, 3, 3]
    assert texts(axis.get_yticklabels()) == ["window 0", "window 1", "window 2"]
    bottom, top = axis.get_ylim()
    assert bottom > top  # they are read from the top


def test_targets_are_drawn_in_the_passage_or_on_cls(encoding):
    # [CLS] ? ? [SEP] d e f g [SEP]: e f are positions 5 and 6, tokens 4 and 5 of the passage
    picture = plots.windows(encoding, [(0, 0), (5, 6), (0, 0)])
    cls = {row: (left, width) for row, left, width in places(picture, "CLS")}
    assert places(picture, "target") == [(0, *cls[0]), (1, 4, 2), (2, *cls[2])]
    named = texts(picture.legends[0].get_texts())
    assert named == ["CLS", "question", "passage", "overlap", "target"]


def test_a_picture_is_a_small_png(encoding):
    png = plots.png(plots.windows(encoding))
    height, width, _ = plt.imread(BytesIO(png), format="png").shape
    assert width > 600
    assert height > 100


@pytest.mark.parametrize("as_tensor", [torch.tensor, np.array, list])
def test_logits_names_the_highest_tokens_of_the_passage(as_tensor):
    tokens = ["[CLS]", "?", "[SEP]", "a", "b", "c", "[SEP]"]
    start, end = [9, 8, 7, 1.0, 3, 2, 6], [9, 8, 7, 0.0, 1, 4, 6]
    [axis] = plots.logits(tokens, as_tensor(start), as_tensor(end), (3, 6), top=1).axes
    assert [(note.get_text(), note.xy) for note in axis.texts] == [("b", (4, 3)), ("c", (5, 4))]
    drawn = {line.get_label(): list(line.get_ydata()) for line in axis.lines}
    assert (drawn["start logit"], drawn["end logit"]) == (start, end)


def test_span_scores_frames_the_best_and_leaves_the_illegal_blank():
    scores = torch.tensor([[1.0, 5.0, 2.0], [-torch.inf, 3.0, 4.0], [-torch.inf, -torch.inf, 0.0]])
    axis = plots.span_scores(scores, ["a", "b", "c"]).axes[0]
    np.testing.assert_array_equal(cells(axis), [[1, 5, 2], [np.nan, 3, 4], [np.nan, np.nan, 0]])
    [frame] = axis.patches
    assert frame.get_xy() == (0.5, -0.5)  # column 1, row 0
    assert axis.get_title() == "a b"
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("end", "start")
    axis = plots.span_scores([[0.0, 1.0], [-np.inf, 7.0]], ["a", "b"]).axes[0]
    assert axis.get_title() == "b"  # one token is the best


def test_thresholds_draws_every_score_and_the_chosen_one():
    rows = [{"threshold": -1.0, "all": 10.0, "some": 0.0}, {"threshold": 2.0, "all": 5, "some": 8}]
    [axis] = plots.thresholds(rows, 0.25).axes
    drawn = dict(zip([line.get_label() for line in axis.lines], lines(axis), strict=True))
    assert drawn["all"] == [[-1, 10], [2, 5]]
    assert drawn["some"] == [[-1, 0], [2, 8]]
    assert [x for x, _ in drawn["chosen: 0.25"]] == [0.25, 0.25]
    [axis] = plots.thresholds(
        [{"threshold": 0.0, "all": 1.0}, {"threshold": 1.0, "all": 2.0}], 0
    ).axes
    assert lines(axis)[0] == [[0, 1], [1, 2]]


def test_what_cannot_be_drawn_is_refused(runs, encoding, tokenizer):
    logged = r"\['epoch', 'eval_f1', 'eval_loss', 'loss'\]"
    with pytest.raises(ValueError, match=rf"None of \['f1', 'recall'\] was logged.*{logged}"):
        plots.curves(HISTORY, ["f1", "recall"])
    with pytest.raises(ValueError, match=r"None of \['f1'\] was logged.*has \[\]"):
        plots.curves([], ["f1"])
    with pytest.raises(ValueError, match=r"'before' is \(3, 5\), not \(3, 2\)"):
        plots.embeddings({"before": np.zeros((3, 5))}, [0, 1, 0], ["neg", "pos"])
    points = {"before": np.zeros((2, 2))}
    with pytest.raises(ValueError, match="labels is .*Use class ids, not names"):
        plots.embeddings(points, ["neg", "pos"], ["neg", "pos"])
    with pytest.raises(ValueError, match="names is .*Use at most 5 classes"):
        plots.embeddings(points, [0, 1], list("abcdef"))
    with pytest.raises(ValueError, match="6 methods; at most 5"):
        plots.crossover(pd.concat([runs.assign(method=str(n)) for n in range(6)]), 0.5)
    for count in (2, 4):
        with pytest.raises(ValueError, match=f"3 windows, but {count} targets"):
            plots.windows(encoding, [(0, 0)] * count)
    with pytest.raises(ValueError, match="return_offsets_mapping=True"):
        plots.windows(tokenizer("? ?", PASSAGE))
