"""Tables and colored words: what is drawn, what is escaped, what is refused."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from datasets import ClassLabel, Dataset, Features, List, Value
from torch.utils.data import DataLoader

from helpers import tables
from helpers.loop import dealt

NASTY = "<b>\"a\" & 'b'</b>"


def grid(html, tags=("th", "td")):
    """Return the texts of a drawn table, row by row; parsing fails on anything left unescaped."""
    rows = ET.fromstring(html._repr_html_()).iter("tr")
    return [["".join(cell.itertext()) for cell in row if cell.tag in tags] for row in rows]


def fills(html):
    """Return each drawn cell's background, row by row, None where it has none."""
    looks = [
        [dict(part.split(":") for part in cell.get("style").split(";") if part) for cell in row]
        for row in ([*row.iter("td")] for row in ET.fromstring(html).iter("tr"))
    ]
    return [[look.get("background") for look in row] for row in looks]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"a": ["[CLS]", "Ann"], "id": [None, 0]}, [["a", "[CLS]", "Ann"], ["id", "–", "0"]]),
        ({"label": [-100, 0, 3]}, [["label", "IGNORE", "0", "3"]]),
        ({"label": np.array([-100, 2])}, [["label", "IGNORE", "2"]]),
        ({"label": torch.tensor([-100, 2])}, [["label", "IGNORE", "2"]]),
        ({NASTY: [NASTY]}, [[NASTY, NASTY]]),
        ({"token": []}, [["token"]]),
    ],
)
def test_strip_draws(rows, expected):
    assert grid(tables.strip(rows)) == expected


@pytest.mark.parametrize("title", ["", "first", NASTY])
def test_caption(title):
    page = ET.fromstring(tables.table([{"a": 1}], title))
    assert [caption.text for caption in page.iter("caption")] == ([title] if title else [])


def test_strip_colors_labels_by_entity_type_and_nothing_else():
    names = ["B-PER", "I-PER", "B-ORG", "B-LOC", "I-MISC", "O", "B-NP", -100, "a", "special"]
    [drawn] = fills(tables.strip({"label": names}))
    per, org, loc, misc = (tables.COLORS[kind] for kind in ("PER", "ORG", "LOC", "MISC"))
    assert drawn == [per, per, org, loc, misc, None, None, "#e8e8e8", None, None]
    assert len({per, org, loc, misc}) == 4


def test_table_draws_each_value_under_its_key_and_three_decimals():
    rows = [{NASTY: NASTY, "f1": 0.12345, "n": 3}, {"f1": 1.0, NASTY: "b", "n": None}]
    drawn = [[NASTY, "f1", "n"], [NASTY, "0.123", "3"], ["b", "1.000", "None"]]
    assert grid(tables.table(rows)) == drawn
    assert ET.fromstring(tables.table([])).text == "No rows."


def test_table_puts_numbers_to_the_right_and_breaks_no_label():
    long = "a long sentence " * 3
    rows = [
        {"label": "B-PER", "count": 7, "mixed": 1, "yes": True, "text": long},
        {"label": "O", "count": 0.5, "mixed": "none", "yes": False, "text": "short"},
    ]
    lines = ET.fromstring(tables.table(rows)).iter("tr")
    head, first, second = ([cell.get("style") for cell in line] for line in lines)
    for line in (head, first, second):
        assert [("right" in look) for look in line] == [False, True, False, False, False]
    assert [("nowrap" in look) for look in first + second] == [True] * 4 + [False] + [True] * 5


FIFTY = Dataset.from_dict(
    {"text": [f"row {i}" for i in range(50)], "label": [i % 2 for i in range(50)]},
    features=Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])}),
)


def test_decode_names_labels_joins_lists_and_leaves_the_row_as_it_was():
    tags = ClassLabel(names=["O", "B-PER", "I-PER"])
    features = FIFTY.features | {"tokens": List(Value("string")), "tags": List(tags)}
    row = {"text": "good", "label": 1, "tokens": ["Ann", "ran"], "tags": [1, 0]}
    before = dict(row)
    decoded = {"text": "good", "label": "pos", "tokens": "Ann ran", "tags": "B-PER O"}
    assert list(tables.decode(row, features).items()) == list(decoded.items())
    assert row == before
    assert tables.decode({"label": -1}, FIFTY.features) == {"label": "–"}  # test rows without one
    assert tables.decode({"tags": [1, None, -1]}, features) == {"tags": "B-PER – –"}


@pytest.mark.parametrize("count", [5, 50])
def test_random_rows_are_rows_of_the_dataset_each_once_and_depend_on_the_seed_alone(count):
    head, *drawn = grid(tables.random_rows(FIFTY, count))
    assert head == ["text", "label"]
    known = {(f"row {i}", "pos" if i % 2 else "neg") for i in range(50)}
    assert len(drawn) == len({text for text, _ in drawn}) == count
    assert {tuple(row) for row in drawn} <= known
    one, again, other = (tables.random_rows(FIFTY, count, seed=seed) for seed in (1, 1, 2))
    assert one == again != other


def sentence(html):
    """Return for each word: its text, the name above it, the truth below it, whether underlined."""
    drawn = []
    for piece in ET.fromstring(html):
        if piece.tag == "sub":
            drawn[-1][2] = piece.text
        else:
            underlined = "border-bottom" in piece.get("style")
            drawn.append([piece.text, piece.findtext("sup"), None, underlined])
    return [tuple(word) for word in drawn]


WORDS, SAID = ["Ann", "met", "Bo"], ["B-PER", None, None]
ANN, MET, BO = ((word, name, None, False) for word, name in zip(WORDS, SAID, strict=True))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (None, [ANN, MET, BO]),
        (["B-PER", "O", "O"], [ANN, MET, BO]),
        (["B-PER", "O", "B-LOC"], [ANN, MET, ("Bo", None, "B-LOC", True)]),
        (["O", "O", "O"], [("Ann", "B-PER", "O", True), MET, BO]),
    ],
)
def test_entities_in_text_marks_errors(reference, expected):
    html = tables.entities_in_text(WORDS, ["B-PER", "O", "O"], reference)
    assert sentence(html) == expected


def test_entities_in_text_colors_what_is_predicted():
    page = ET.fromstring(tables.entities_in_text([NASTY, "x"], ["B-ORG", "O"], ["B-ORG", NASTY]))
    first, second = page.findall("span")
    assert first.text == page.find("sub").text == NASTY
    assert tables.COLORS["ORG"] in first.get("style")
    assert "background" not in second.get("style")
    assert "nowrap" in page.find("sub").get("style")


def test_pairs_draws_each_pair_once_with_its_target():
    html = tables.pairs(["good", "fine", "bad <b>"], ["pos", "pos", "neg"])
    assert grid(html, "td")[1:] == [
        ["pos: good", "1", "1", "0"],
        ["pos: fine", "", "1", "0"],
        ["neg: bad <b>", "", "", "1"],
    ]


def test_shards_frames_a_row_that_comes_again_and_colors_the_rounds_in_turn():
    html = tables.shards(dealt(DataLoader(range(5), batch_size=2), 2, False))
    assert grid(html, "td") == [["0", "1", "4", "0"], ["2", "3", "1", "2"]]
    cells = ET.fromstring(html).iter("td")
    assert [cell.text for cell in cells if "dashed" in cell.get("style")] == ["0", "1", "2"]
    [[first, second, third]] = fills(tables.shards([[[0], [1], [2]]]))
    assert first == third != second


@pytest.mark.parametrize("truth", [(0, 1), (2, 5), (8, 9)])
def test_a_passage_s_answer_is_underlined(truth):
    page = ET.fromstring(tables.passage("a b c d e", truth)._repr_html_())
    [answer] = page.iter("span")
    assert answer.text == "a b c d e"[slice(*truth)]
    assert "border-bottom" in answer.get("style")
    assert "".join(page.itertext()) == "a b c d e"


WORDS_APART = "2 words, .* differ in length. Give each word one name"


@pytest.mark.parametrize(
    ("draw", "arguments", "message"),
    [
        (tables.strip, [{"a": [1, 2], "b": [1]}], "{'a': 2, 'b': 1}. Give each position one value"),
        (tables.strip, [{"a": [], "b": [1]}], "{'a': 0, 'b': 1}. Give each position one value"),
        (tables.random_rows, [FIFTY, 51], "count is 51. Use a number from 0 to 50"),
        (tables.entities_in_text, [["a", "b"], ["O"]], WORDS_APART),
        (tables.entities_in_text, [["a", "b"], ["O", "O"], ["O", "O", "B-PER"]], WORDS_APART),
        (tables.pairs, [["a", "b"], [1]], "2 texts, but 1 labels"),
        (tables.shards, [[[[0]], [[1], [2]]]], r"\[1, 2\]. Give all the same number"),
    ],
)
def test_what_does_not_belong_together_is_refused(draw, arguments, message):
    with pytest.raises(ValueError, match=message):
        draw(*arguments)
