"""Pictures: what is drawn, what is refused, and that no figure stays open."""

import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pytest
from datasets import ClassLabel, Dataset, Features, List, Value
from matplotlib.figure import Figure

from helpers import plots, tables

pytestmark = pytest.mark.usefixtures("no_figure_stays_open")

NASTY = "<b>\"a\" & 'b'</b>"


def grid(html):
    """Return the texts of a drawn table, row by row; parsing fails on anything left unescaped."""
    rows = ET.fromstring(html._repr_html_()).iter("tr")
    return [["".join(cell.itertext()) for cell in row] for row in rows]


def fills(html):
    """Return each drawn cell's background, row by row, None where it has none."""
    styles = [
        [cell.get("style") for cell in row.findall("td")] for row in ET.fromstring(html).iter("tr")
    ]
    return [
        [
            dict(part.split(":") for part in style.split(";") if part).get("background")
            for style in row
        ]
        for row in styles
    ]


def caption(html):
    found = ET.fromstring(html).find(".//caption")
    return None if found is None else found.text


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            {"token": ["[CLS]", "Ann"], "word id": [None, 0]},
            [["token", "[CLS]", "Ann"], ["word id", "–", "0"]],
            id="None is a dash",
        ),
        pytest.param(
            {"label": [-100, 0, 3]}, [["label", "IGNORE", "0", "3"]], id="IGNORE_INDEX by name"
        ),
        pytest.param(
            {"label": np.array([-100, 2])}, [["label", "IGNORE", "2"]], id="an array's values"
        ),
        pytest.param({NASTY: [NASTY]}, [[NASTY, NASTY]], id="markup is text"),
        pytest.param({"token": []}, [["token"]], id="no position"),
    ],
)
def test_strip_draws(rows, expected):
    assert grid(tables.strip(rows)) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("", None, id="none"),
        pytest.param("first", "first", id="given"),
        pytest.param(NASTY, NASTY, id="markup is text"),
    ],
)
@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda title: tables.strip({"a": [1]}, title), id="strip"),
        pytest.param(lambda title: tables.table([{"a": 1}], title), id="table"),
    ],
)
def test_caption(draw, title, expected):
    assert caption(draw(title)) == expected


def test_strip_colours_labels_by_entity_type():
    names = ["B-PER", "I-PER", "B-ORG", "B-LOC", "I-MISC", "O", "B-NP", -100]
    [drawn] = fills(tables.strip({"label": names}))
    assert drawn == [
        tables.COLOURS["PER"],
        tables.COLOURS["PER"],
        tables.COLOURS["ORG"],
        tables.COLOURS["LOC"],
        tables.COLOURS["MISC"],
        None,
        None,
        "#e8e8e8",
    ]
    assert len(set(tables.COLOURS.values())) == 4


def test_strip_leaves_ordinary_words_uncoloured():
    assert fills(tables.strip({"token": ["a", "special", "film"]})) == [[None, None, None]]


@pytest.mark.parametrize(
    ("rows", "lengths"),
    [
        pytest.param({"a": [1, 2], "b": [1]}, "{'a': 2, 'b': 1}", id="one short"),
        pytest.param({"a": [], "b": [1]}, "{'a': 0, 'b': 1}", id="one empty"),
    ],
)
def test_strip_refuses_ragged_rows(rows, lengths):
    with pytest.raises(ValueError, match="Give each position one value") as caught:
        tables.strip(rows)
    assert lengths in str(caught.value)


def test_table_draws_floats_with_three_decimals_and_markup_as_text():
    rows = [{NASTY: NASTY, "f1": 0.12345, "n": 3}, {NASTY: "b", "f1": 1.0, "n": None}]
    assert grid(tables.table(rows)) == [
        [NASTY, "f1", "n"],
        [NASTY, "0.123", "3"],
        ["b", "1.000", "None"],
    ]


def test_table_puts_numbers_to_the_right_and_breaks_no_label():
    page = ET.fromstring(
        tables.table(
            [
                {
                    "label": "B-PER",
                    "count": 7,
                    "mixed": 1,
                    "yes": True,
                    "text": "a long sentence " * 3,
                },
                {"label": "O", "count": 0.5, "mixed": "none", "yes": False, "text": "short"},
            ]
        )
    )
    sides = [cell.get("style") for cell in page.iter("th")]
    assert [("right" in side) for side in sides] == [False, True, False, False, False]
    first, second = ([cell.get("style") for cell in row.iter("td")] for row in list(page)[1:])
    assert [("right" in side) for side in first] == [False, True, False, False, False]
    assert [("nowrap" in side) for side in first] == [True, True, True, True, False]
    assert all("nowrap" in side for side in second)


def test_table_of_nothing_says_so():
    assert ET.fromstring(tables.table([])).text == "No rows."


def test_table_puts_each_value_under_its_key():
    assert grid(tables.table([{"a": 1, "b": 2}, {"b": 4, "a": 3}])) == [
        ["a", "b"],
        ["1", "2"],
        ["3", "4"],
    ]


FEATURES = Features(
    {
        "tokens": List(Value("string")),
        "tags": List(ClassLabel(names=["O", "B-PER", "I-PER"])),
        "label": ClassLabel(names=["neg", "pos"]),
        "text": Value("string"),
        "score": Value("float64"),
    }
)
ROW = {"tokens": ["Ann", "ran"], "tags": [1, 0], "label": 1, "text": "good", "score": 0.5}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        pytest.param("tags", "B-PER O", id="a list of label ids"),
        pytest.param("tokens", "Ann ran", id="a list of words"),
        pytest.param("label", "pos", id="a label id"),
        pytest.param("text", "good", id="a string"),
        pytest.param("score", 0.5, id="a number"),
    ],
)
def test_decode(column, expected):
    assert tables.decode({column: ROW[column]}, FEATURES) == {column: expected}


def test_decode_keeps_the_columns_in_order_and_the_row_as_it_was():
    row = dict(ROW)
    assert list(tables.decode(row, FEATURES)) == ["tokens", "tags", "label", "text", "score"]
    assert row == ROW


@pytest.fixture
def fifty():
    features = Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])})
    columns = {"text": [f"row {i}" for i in range(50)], "label": [i % 2 for i in range(50)]}
    return Dataset.from_dict(columns, features=features)


@pytest.mark.parametrize("count", [pytest.param(5, id="five"), pytest.param(50, id="all of them")])
def test_random_rows_are_rows_of_the_dataset_each_once(fifty, count):
    head, *drawn = grid(tables.random_rows(fifty, count))
    assert head == ["text", "label"]
    known = {(f"row {i}", "pos" if i % 2 else "neg") for i in range(50)}
    assert len(drawn) == count
    assert {tuple(row) for row in drawn} <= known
    assert len({text for text, _ in drawn}) == count


def test_random_rows_depend_on_the_seed_alone(fifty):
    assert tables.random_rows(fifty, 5, seed=1) == tables.random_rows(fifty, 5, seed=1)
    assert tables.random_rows(fifty, 5, seed=1) != tables.random_rows(fifty, 5, seed=2)


def test_random_rows_refuses_more_than_there_are(fifty):
    with pytest.raises(ValueError, match="51 rows asked for, but the dataset has 50") as caught:
        tables.random_rows(fifty, 51)
    assert "Ask for fewer" in str(caught.value)


def sentence(html):
    """Return for each word: its text, the name above it, the truth below it, whether underlined."""
    drawn = []
    for piece in ET.fromstring(html):
        if piece.tag == "span":
            name = piece.find("sup")
            drawn.append(
                [
                    piece.text,
                    None if name is None else name.text,
                    None,
                    "border-bottom" in piece.get("style"),
                ]
            )
        else:
            drawn[-1][2] = piece.text
    return [tuple(word) for word in drawn]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param(
            None,
            [("Ann", "B-PER", None, False), ("met", None, None, False), ("Bo", None, None, False)],
            id="without a reference",
        ),
        pytest.param(
            ["B-PER", "O", "O"],
            [("Ann", "B-PER", None, False), ("met", None, None, False), ("Bo", None, None, False)],
            id="all right",
        ),
        pytest.param(
            ["B-PER", "O", "B-LOC"],
            [
                ("Ann", "B-PER", None, False),
                ("met", None, None, False),
                ("Bo", None, "B-LOC", True),
            ],
            id="one missed",
        ),
        pytest.param(
            ["O", "O", "O"],
            [("Ann", "B-PER", "O", True), ("met", None, None, False), ("Bo", None, None, False)],
            id="one too many",
        ),
    ],
)
def test_entities_in_text_marks_errors(reference, expected):
    words, predicted = ["Ann", "met", "Bo"], ["B-PER", "O", "O"]
    assert sentence(tables.entities_in_text(words, predicted, reference)) == expected


def test_entities_in_text_colours_what_is_predicted_and_escapes():
    page = ET.fromstring(tables.entities_in_text([NASTY, "x"], ["B-ORG", "O"], ["B-ORG", NASTY]))
    first, second = page.findall("span")
    assert first.text == NASTY
    assert tables.COLOURS["ORG"] in first.get("style")
    assert "background" not in second.get("style")
    assert page.find("sub").text == NASTY
    assert "nowrap" in page.find("sub").get("style")


@pytest.mark.parametrize(
    ("predicted", "reference"),
    [
        pytest.param(["O"], None, id="too few predictions"),
        pytest.param(["O", "O", "O"], None, id="too many predictions"),
        pytest.param(
            ["O", "O"],
            ["O", "O", "B-PER"],
            id="reference too long",
        ),
        pytest.param(
            ["O", "O"],
            ["O"],
            id="reference too short",
        ),
    ],
)
def test_entities_in_text_refuses_other_lengths(predicted, reference):
    with pytest.raises(ValueError, match="short|long|length"):
        tables.entities_in_text(["Ann", "ran"], predicted, reference)


def test_padding_shows_each_mask_with_its_share():
    figure = plots.padding(
        {
            "as drawn": np.array([[1, 1, 1, 1], [1, 0, 0, 0]]),  # 3 of 8 are padding
            "by length": [[1, 1], [1, 1]],
        }
    )
    assert isinstance(figure, Figure)
    left, right = figure.axes
    assert left.get_title() == "as drawn\n4 wide, 38% padding"
    assert right.get_title() == "by length\n2 wide, 0% padding"
    drawn = np.ma.filled(left.images[0].get_array().astype(float), np.nan)
    assert drawn.tolist() == [[1, 1, 1, 1], [1, 0, 0, 0]]
    narrow = np.ma.filled(right.images[0].get_array().astype(float), np.nan)
    np.testing.assert_array_equal(narrow, [[1, 1, np.nan, np.nan]] * 2)  # the same scale
    assert (left.get_xlabel(), left.get_ylabel()) == ("token", "row")


def test_padding_of_one_batch():
    [axis] = plots.padding({"all": np.array([[1, 1, 1, 0]])}).axes
    assert axis.get_title() == "all\n4 wide, 25% padding"


HISTORY = [
    {"loss": 0.9, "epoch": 1.0},
    {"eval_loss": 0.8, "eval_f1": 0.3, "epoch": 1.0},
    {"loss": 0.5, "epoch": 2.0},
    {"eval_loss": 0.7, "eval_f1": 0.6, "epoch": 2.0},
    {"train_runtime": 3.2, "epoch": 2.0},
]


def test_curves_draws_each_key_against_the_epoch():
    figure = plots.curves(HISTORY, ["loss", "eval_f1"], "a run")
    assert isinstance(figure, Figure)
    [axis] = figure.axes
    assert [line.get_xydata().tolist() for line in axis.lines] == [
        [[1.0, 0.9], [2.0, 0.5]],
        [[1.0, 0.3], [2.0, 0.6]],
    ]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["loss", "f1"]
    assert (axis.get_title(), axis.get_xlabel()) == ("a run", "epoch")


def test_curves_gives_training_and_validation_loss_different_names():
    [axis] = plots.curves(HISTORY, ["loss", "eval_loss"]).axes
    assert len({text.get_text() for text in axis.get_legend().get_texts()}) == 2


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(HISTORY, id="other keys"),
        pytest.param([], id="nothing logged"),
    ],
)
def test_curves_refuses_unknown_keys(history):
    with pytest.raises(ValueError, match=r"None of \['f1', 'recall'\] was logged") as caught:
        plots.curves(history, ["f1", "recall"])
    assert str(sorted({key for entry in history for key in entry})) in str(caught.value)
    plt.close("all")  # what stays open is the next test's concern


def test_curves_leaves_no_figure_open_when_it_refuses():
    with pytest.raises(ValueError, match="was logged"):
        plots.curves(HISTORY, ["f1"])
    left_open = plt.get_fignums()
    plt.close("all")
    assert left_open == []


def test_confusion_writes_the_counts_where_they_are():
    figure = plots.confusion([[1200, 0, 3], [0, 40, 0], [5, 0, 0]], ["O", "PER", "LOC"], "mixed up")
    assert isinstance(figure, Figure)
    [axis] = figure.axes
    written = {text.get_position(): text.get_text() for text in axis.texts}
    assert written == {(0, 0): "1,200", (2, 0): "3", (1, 1): "40", (0, 2): "5"}  # (column, row)
    assert [text.get_text() for text in axis.get_xticklabels()] == ["O", "PER", "LOC"]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["O", "PER", "LOC"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted", "reference")
    assert axis.get_title() == "mixed up"


def test_confusion_of_nothing_is_blank():
    [axis] = plots.confusion(np.zeros((2, 2), dtype=int), ["a", "b"]).axes
    assert len(axis.texts) == 0


def test_bars_are_means_and_dots_are_seeds():
    figure = plots.bars_with_seeds({"first": [0.2, 0.4], "repeat": [0.6]}, "entity F1")
    assert isinstance(figure, Figure)
    [axis] = figure.axes
    assert [bar.get_height() for bar in axis.patches] == pytest.approx([0.3, 0.6])
    assert [line.get_xydata().tolist() for line in axis.lines] == [
        [[0, 0.2], [0, 0.4]],
        [[1, 0.6]],
    ]
    assert [text.get_text() for text in axis.get_xticklabels()] == ["first", "repeat"]
    assert axis.get_ylabel() == "entity F1"
    assert axis.get_ylim() == (0, 1)
