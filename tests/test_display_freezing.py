"""Pictures of freezing: the map of parameters, and scores against what a strategy costs."""

from io import BytesIO
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from PIL import Image
from test_freezing import MODELS, bert, distilbert

from helpers import plots
from helpers.freezing import freeze, trainable_parameters
from labs.freezing import pictures
from labs.freezing.pictures import parameter_map, strategy_scores

pytestmark = pytest.mark.usefixtures("no_figure_stays_open")


def squares(picture):
    """Return (x, row, side, color) of each module's square; strips of mixed ones are left out."""
    axis = picture.axes[0]
    heights, found = np.round(axis.get_yticks(), 3).tolist(), []
    for patch in axis.patches:
        (x, y), side = patch.get_xy(), patch.get_width()
        if side == patch.get_height():
            row = heights.index(round(y + side / 2, 3))
            color = to_hex(patch.get_facecolor())
            found.append((round(x + side / 2, 3), row, round(side, 3), color))
    return found


def texts(picture):
    return [text.get_text() for text in picture.findobj(Text)]


def rows(picture):
    return [label.get_text() for label in picture.axes[0].get_yticklabels()]


@pytest.mark.parametrize(("build", "names"), [(bert, ["pooler", "head"]), (distilbert, ["head"])])
def test_the_map_has_a_row_a_part_and_a_square_a_module(build, names):
    model = freeze(build(), "none")
    picture = parameter_map(model)
    assert rows(picture) == ["embeddings", "layer 0", "layer 1", "layer 2", *names]
    drawn = squares(picture)
    assert len(drawn) == len(trainable_parameters(model))
    for layer in (1, 2, 3):
        places = sorted(x for x, row, _, _ in drawn if row == layer)
        assert places == list(range(len(pictures.LABELS)))
    assert plots.png(picture).startswith(b"\x89PNG")


@pytest.mark.parametrize("build", MODELS)
def test_color_tells_what_trains_and_is_explained(build):
    picture = parameter_map(freeze(build(), "first-2"))
    drawn, [explained] = squares(picture), picture.legends
    colors = {row: {color for _, at, _, color in drawn if at == row} for row in range(5)}
    assert colors == {
        0: {pictures.FROZEN},
        1: {pictures.FROZEN},
        2: {pictures.FROZEN},
        3: {pictures.TRAINED},
        4: {pictures.TRAINED},
    }
    names = [text.get_text() for text in explained.get_texts()]
    colors = [to_hex(patch.get_facecolor()) for patch in explained.get_patches()]
    assert dict(zip(names, colors, strict=True)) == {
        "trains": pictures.TRAINED,
        "frozen": pictures.FROZEN,
    }


def test_a_module_that_trains_in_part_has_a_strip():
    picture = parameter_map(freeze(bert(), r"train:layer\.1\.output\.dense\.bias"))
    strips = [p for p in picture.axes[0].patches if p.get_width() != p.get_height()]
    assert [to_hex(strip.get_facecolor()) for strip in strips] == [pictures.TRAINED]
    assert round(strips[0].get_x() + strips[0].get_width() / 2) == pictures.LABELS.index("down")


def test_area_tells_how_many_parameters():
    drawn = {(x, row): side for x, row, side, _ in squares(parameter_map(bert()))}
    query, up = drawn[0, 1], drawn[pictures.LABELS.index("up"), 1]
    assert (up / query) ** 2 == pytest.approx((32 * 64 + 64) / (32 * 32 + 32), rel=0.02)


@pytest.mark.parametrize("build", MODELS)
def test_the_names_of_modules_stand_over_the_first_layer(build):
    axis = parameter_map(build()).axes[0]
    embeddings, first = axis.get_yticks()[:2]
    named = {text.get_text(): text.get_position() for text in axis.texts}
    assert [named[label][0] for label in pictures.LABELS] == [*range(len(pictures.LABELS))]
    assert all(embeddings < named[label][1] < first for label in pictures.LABELS)


def test_the_title_and_the_rows_count():
    model = freeze(bert(), "head-only")
    total = sum(value.numel() for value in model.parameters())
    found = texts(parameter_map(model, "mine"))
    assert f"mine: 66 of {total:,} parameters train ({66 / total:.2%})" in found
    assert "66 of 66" in found
    assert any(text.startswith("0 of ") for text in found)


RUNS = pd.DataFrame(
    [("head-only", 0.5, 770, 0.1), ("head-only", 0.6, 770, 0.2), ("head-only", 0.55, 770, 0.3),
     ("none", 0.7, 22_000_000, 20.0), ("none", 0.8, 22_000_000, 22.0)],
    columns=["label", "f1", "trainable", "seconds"],
).assign(bundled=False)  # fmt: skip


@pytest.mark.parametrize(
    ("against", "places"), [("trainable", [770, 22_000_000]), ("seconds", [0.2, 21])]
)
def test_scores_have_a_dot_a_run_a_band_and_a_mean(against, places):
    picture = strategy_scores(RUNS, against)
    axis = picture.axes[0]
    bands, dots, means = (axis.lines[:-1][place::3] for place in range(3))
    assert axis.lines[-1].get_gid() == "pareto"
    assert list(axis.lines[-1].get_ydata()) == pytest.approx([0.55, 0.75])
    assert [list(band.get_ydata()) for band in bands] == [[0.5, 0.6], [0.7, 0.8]]
    assert [list(dot.get_ydata()) for dot in dots] == [[0.5, 0.6, 0.55], [0.7, 0.8]]
    assert [mean.get_ydata()[0] for mean in means] == pytest.approx([0.55, 0.75])
    assert [mean.get_xdata()[0] for mean in means] == pytest.approx(places)
    assert [dot.get_label() for dot in dots] == ["head-only", "none"]
    assert axis.get_xscale() == "log"
    assert {"head-only", "none"} <= set(texts(picture))
    assert plots.png(picture).startswith(b"\x89PNG")


def places_of(picture):
    """Return where on the axis each strategy's dots stand, name to list."""
    dots = picture.axes[0].lines[:-1][1::3]
    return {dot.get_label(): list(dot.get_xdata()) for dot in dots}


def test_strategies_of_the_same_size_stand_side_by_side():
    runs = RUNS.assign(label=["a", "b", "c", "d", "e"])
    picture = strategy_scores(runs, "trainable")
    found = places_of(picture)
    assert (found["a"], found["d"]) == ([770], [22_000_000])
    in_order = [found[name][0] for name in "abc"]
    assert all(b > 1.2 * a for a, b in pairwise(in_order))
    assert "side by side" in picture.axes[0].get_xlabel()
    assert list(picture.axes[0].lines[-1].get_ydata()) == [0.5, 0.6, 0.7, 0.8]  # "b" beats "c"
    assert places_of(strategy_scores(runs, "seconds"))["b"] == [0.2]


@pytest.mark.parametrize(
    ("count", "seconds"),
    [
        pytest.param(3, [1.60, 1.62, 1.63], id="one strategy"),
        pytest.param(5, [0.0, 0.01, 0.02, 30.0, 900.0], id="from 0.01 s to a quarter of an hour"),
        pytest.param(5, [0.11] * 3 + [0.12] * 2, id="all alike"),
    ],
)
def test_every_dot_is_inside_and_some_ticks_have_figures(count, seconds):
    picture = strategy_scores(RUNS.iloc[:count].assign(seconds=seconds), "seconds")
    axis = picture.axes[0]
    low, high = axis.get_xlim()
    assert all(low < x < high for dots in places_of(picture).values() for x in dots)
    plots.png(picture)
    ticks = [tick.get_text() for tick in axis.get_xticklabels()]
    inside = [text for text, x in zip(ticks, axis.get_xticks(), strict=True) if low < x < high]
    assert inside
    assert all(inside)


def test_a_pattern_is_drawn_as_it_stands_not_as_a_formula():
    pattern = r"train:layer\.2\..*bias$|LayerNorm\.{weight$"  # between two dollar signs: TeX
    picture = strategy_scores(RUNS.assign(label=pattern), "trainable")
    assert plots.png(picture).startswith(b"\x89PNG")
    assert plots.png(parameter_map(bert(), pattern)).startswith(b"\x89PNG")
    lines = places_of(picture).popitem()[0].splitlines()
    assert max(map(len, lines)) <= 28  # a long one is broken: it must not squeeze the picture


def test_small_marks_keep_their_colors():
    labels = [f"strategy {number}" for number in range(len(pictures.SERIES))]
    runs = pd.DataFrame({"label": labels, "f1": 0.5, "seconds": 1.0, "bundled": False})
    runs[["f1", "trainable"]] = [[0.3 + n / 20, 10.0**n] for n in range(len(pictures.SERIES))]
    png = plots.png(strategy_scores(runs, "trainable"))
    shown = np.asarray(Image.open(BytesIO(png)).convert("RGB")).reshape(-1, 3).astype(int)
    for color in pictures.SERIES:
        wanted = np.round(255 * np.array(to_rgb(color)))
        assert np.abs(shown - wanted).max(axis=1).min() <= 8, color


def test_scores_against_something_else_are_refused():
    with pytest.raises(ValueError, match="no cost 'memory'.*trainable, seconds"):
        strategy_scores(RUNS, "memory")


@pytest.mark.parametrize("against", ["trainable", "seconds"])
def test_no_runs_are_an_empty_picture(against):
    assert plots.png(strategy_scores(RUNS.iloc[:0], against)).startswith(b"\x89PNG")


def test_the_optimizers_memory_stands_above_the_parameters():
    picture = strategy_scores(RUNS, "trainable")
    plots.png(picture)  # its limits follow when it is drawn
    above = picture.axes[0].child_axes[0]
    low, high = above.get_xlim()
    assert low < 22_000_000 * 8 / 1e6 < high
    assert "MB" in above.get_xlabel()


def test_the_caching_pass_is_a_bar_of_its_own_that_covers_no_dot():
    assert list(strategy_scores(RUNS, "seconds").axes[0].patches) == []
    picture = strategy_scores(RUNS, "seconds", caching=90.0)
    plots.png(picture)  # places follow when it is drawn
    axis = picture.axes[0]
    (bar,), (text,) = axis.patches, axis.texts
    assert bar.get_x() + bar.get_width() == pytest.approx(90.0)
    assert axis.get_xlim()[1] > 90
    assert "caching, once: 90.0 s" in text.get_text()
    top = max(part.get_window_extent().y1 for part in (bar, text))
    lowest = axis.transData.transform((1, RUNS["f1"].min()))[1]
    assert top < lowest < axis.transData.transform((1, RUNS["f1"].max()))[1] < axis.bbox.y1


@pytest.mark.parametrize(
    ("bundled", "wanted"),
    [
        pytest.param(2, [("full", 1), ("none", 2), ("full", 2)], id="of one strategy some"),
        pytest.param(3, [("none", 3), ("full", 2)], id="a whole strategy"),
    ],
)
def test_runs_that_came_with_the_course_are_hollow_and_marks_differ_without_color(bundled, wanted):
    runs = RUNS.assign(bundled=RUNS.index < bundled)
    picture = strategy_scores(runs, "trainable")
    dots = [line for line in picture.axes[0].lines if line.get_marker() in pictures.MARKS]
    assert [(line.get_fillstyle(), len(line.get_xdata())) for line in dots] == wanted
    assert len({line.get_marker() for line in dots}) == 2
    (legend,) = picture.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["head-only", "none", "Pareto front"]
    assert "came with the course" in legend.get_title().get_text()


def test_lora_s_matrices_are_drawn_as_a_part_of_their_own_matrix():
    model = freeze(bert(), "lora:2:query")
    drawn = texts(parameter_map(model))
    assert texts(parameter_map(freeze(bert(), "none")))[1:] != drawn
    assert not any("lora" in text or "base_layer" in text for text in drawn)
    added = 2 * 2 * 32  # A and B, rank 2, width 32, in each layer
    assert sum(text.startswith(f"{added:,} of ") for text in drawn) == 3
