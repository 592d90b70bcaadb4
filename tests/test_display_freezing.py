"""Pictures of freezing: the map of parameters, and scores against what a strategy costs."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text
from test_freezing import MODELS, bert, distilbert

from helpers import display
from helpers.display.freezing import FROZEN, LABELS, TRAINED
from helpers.freezing import freeze, trainable_parameters

pytestmark = pytest.mark.usefixtures("no_figure_stays_open")


def squares(picture):
    """Return (x, row, side, colour) of each module's square; strips of mixed ones are left out."""
    patches = [p for p in picture.figure.axes[0].patches if p.get_width() == p.get_height()]
    return [
        (
            round(p.get_x() + p.get_width() / 2, 3),
            round(p.get_y() + p.get_height() / 2, 3),
            round(p.get_width(), 3),
            to_hex(p.get_facecolor()),
        )
        for p in patches
    ]


def texts(picture):
    return [text.get_text() for text in picture.figure.findobj(Text)]


def rows(picture):
    return [label.get_text() for label in picture.figure.axes[0].get_yticklabels()]


@pytest.mark.parametrize(
    ("build", "names"),
    [
        pytest.param(bert, ["pooler", "head"], id="bert"),
        pytest.param(distilbert, ["head"], id="distilbert"),
    ],
)
def test_the_map_has_a_row_a_part_and_a_square_a_module(build, names):
    model = freeze(build(), "none")
    picture = display.parameter_map(model)
    assert rows(picture) == ["embeddings", "layer 0", "layer 1", "layer 2", *names]
    drawn = squares(picture)
    assert len(drawn) == len(trainable_parameters(model))
    for layer in (1, 2, 3):
        places = sorted(x for x, row, _, _ in drawn if row == layer)
        assert places == list(range(len(LABELS)))
    assert picture._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("build", MODELS)
def test_colour_tells_what_trains(build):
    drawn = squares(display.parameter_map(freeze(build(), "first-2")))
    colours = {row: {colour for _, at, _, colour in drawn if at == row} for row in range(5)}
    assert colours == {0: {FROZEN}, 1: {FROZEN}, 2: {FROZEN}, 3: {TRAINED}, 4: {TRAINED}}


def test_a_module_that_trains_in_part_has_a_strip():
    picture = display.parameter_map(freeze(bert(), r"train:layer\.1\.output\.dense\.bias"))
    strips = [p for p in picture.figure.axes[0].patches if p.get_width() != p.get_height()]
    assert [to_hex(strip.get_facecolor()) for strip in strips] == [TRAINED]
    assert round(strips[0].get_x() + strips[0].get_width() / 2) == LABELS.index("down")


def test_area_tells_how_many_parameters():
    drawn = {(x, row): side for x, row, side, _ in squares(display.parameter_map(bert()))}
    query, up = drawn[0, 1], drawn[LABELS.index("up"), 1]
    assert (up / query) ** 2 == pytest.approx((32 * 64 + 64) / (32 * 32 + 32), rel=0.02)


def test_the_title_and_the_rows_count():
    model = freeze(bert(), "head-only")
    total = sum(value.numel() for value in model.parameters())
    found = texts(display.parameter_map(model, "mine"))
    assert f"mine: 66 of {total:,} parameters train ({66 / total:.2%})" in found
    assert "66 of 66" in found
    assert any(text.startswith("0 of ") for text in found)


RUNS = pd.DataFrame(
    {
        "label": ["head-only"] * 3 + ["none"] * 2,
        "f1": [0.5, 0.6, 0.55, 0.7, 0.8],
        "trainable": [770] * 3 + [22_000_000] * 2,
        "seconds": [0.1, 0.2, 0.3, 20.0, 22.0],
    }
)


@pytest.mark.parametrize(
    ("against", "places", "scale"),
    [
        pytest.param("trainable", [770, 22_000_000], "log", id="parameters"),
        pytest.param("seconds", [0.2, 21], "linear", id="seconds"),
    ],
)
def test_scores_have_a_dot_a_run_a_band_and_a_mean(against, places, scale):
    picture = display.strategy_scores(RUNS, against)
    axis = picture.figure.axes[0]
    bands, dots, means = axis.lines[::3], axis.lines[1::3], axis.lines[2::3]
    assert [list(band.get_ydata()) for band in bands] == [[0.5, 0.6], [0.7, 0.8]]
    assert [list(dot.get_ydata()) for dot in dots] == [[0.5, 0.6, 0.55], [0.7, 0.8]]
    assert [mean.get_ydata()[0] for mean in means] == pytest.approx([0.55, 0.75])
    assert [mean.get_xdata()[0] for mean in means] == pytest.approx(places)
    assert [mean.get_label() for mean in means] == ["head-only", "none"]
    assert axis.get_xscale() == scale
    assert {"head-only", "none"} <= set(texts(picture))
    assert picture._repr_png_().startswith(b"\x89PNG")


def test_scores_against_something_else_are_refused():
    with pytest.raises(ValueError, match="F1 against 'memory'.*trainable, seconds"):
        display.strategy_scores(RUNS, "memory")


@pytest.mark.parametrize("against", ["trainable", "seconds"])
def test_no_runs_are_an_empty_picture(against):
    assert display.strategy_scores(RUNS.iloc[:0], against)._repr_png_().startswith(b"\x89PNG")
