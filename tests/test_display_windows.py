"""Pictures of question answering: what is drawn where, and what is refused."""

import struct
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from helpers import plots, tables

pytestmark = pytest.mark.usefixtures("no_figure_stays_open")

PASSAGE = "a b c d e f g h i j"  # one letter a token: token n is characters 2n to 2n + 1


@pytest.fixture(scope="module")
def tokenizer():
    letters = ["[UNK]", "[CLS]", "[SEP]", "?", *PASSAGE.split()]
    words = Tokenizer(models.WordLevel({w: i for i, w in enumerate(letters)}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    return PreTrainedTokenizerFast(tokenizer_object=words, cls_token="[CLS]", sep_token="[SEP]")


@pytest.fixture(scope="module")
def encoding(tokenizer):
    """Return windows of 4 letters of the passage with an overlap of 1: abcd, defg, ghij."""
    return tokenizer(
        "? ?",
        PASSAGE,
        truncation="only_second",
        max_length=9,
        stride=1,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )


def bars(picture):
    """Return (part, row, left, width) of each bar that is drawn."""
    (axis,) = picture.axes
    return [
        (bar.get_gid(), round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_width())
        for bar in axis.patches
        if bar.get_width()
    ]


def places(picture, part):
    return [(row, left, width) for name, row, left, width in bars(picture) if name == part]


def test_windows_stand_where_they_are_in_the_passage(encoding):
    picture = plots.windows(encoding)
    assert places(picture, "passage") == [(0, 0, 4), (1, 3, 4), (2, 6, 4)]
    assert places(picture, "overlap") == [(1, 3, 1), (2, 6, 1)]
    assert places(picture, "target") == []


def test_windows_have_cls_and_question_left_of_the_passage(encoding):
    picture = plots.windows(encoding)
    for part in ("CLS", "question"):
        drawn = places(picture, part)
        assert [row for row, _, _ in drawn] == [0, 1, 2]
        assert all(left + width <= 0 for _, left, width in drawn)
    (axis,) = picture.axes
    assert [text.get_text() for text in axis.texts].count("9 tokens") == 3
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        "window 0",
        "window 1",
        "window 2",
    ]


def test_windows_are_read_from_the_top(encoding):
    (axis,) = plots.windows(encoding).axes
    bottom, top = axis.get_ylim()
    assert bottom > top


def test_targets_are_drawn_in_the_passage_or_on_cls(encoding):
    # [CLS] ? ? [SEP] d e f g [SEP]: e f are positions 5 and 6, tokens 4 and 5 of the passage
    picture = plots.windows(encoding, [(0, 0), (5, 6), (0, 0)])
    cls = {row: (left, width) for row, left, width in places(picture, "CLS")}
    assert places(picture, "target") == [(0, *cls[0]), (1, 4, 2), (2, *cls[2])]


def test_windows_of_a_pair_with_the_passage_first(tokenizer):
    encoding = tokenizer(
        PASSAGE,
        "? ?",
        truncation="only_first",
        max_length=9,
        stride=1,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    picture = plots.windows(encoding, context=0)
    assert places(picture, "passage") == [(0, 0, 4), (1, 3, 4), (2, 6, 4)]


def test_the_legend_names_what_is_drawn(encoding):
    (legend,) = plots.windows(encoding, [(0, 0)] * 3).legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "CLS",
        "question",
        "passage",
        "overlap",
        "target",
    ]


@pytest.mark.parametrize("count", [pytest.param(2, id="too few"), pytest.param(4, id="too many")])
def test_windows_refuses_another_number_of_targets(encoding, count):
    with pytest.raises(ValueError, match=f"3 windows, but {count} targets"):
        plots.windows(encoding, [(0, 0)] * count)


def test_windows_refuses_an_encoding_without_offsets(tokenizer):
    with pytest.raises(ValueError, match="return_offsets_mapping=True"):
        plots.windows(tokenizer("? ?", PASSAGE))


def test_a_picture_is_a_small_png(encoding):
    png = plots.png(plots.windows(encoding))
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert width > 600
    assert height > 100


TOKENS = ["[CLS]", "?", "[SEP]", "a", "b", "c", "[SEP]"]


@pytest.mark.parametrize("as_tensor", [torch.tensor, np.array, list])
def test_logits_names_the_highest_tokens_of_the_passage(as_tensor):
    start = as_tensor([9.0, 8.0, 7.0, 1.0, 3.0, 2.0, 6.0])
    end = as_tensor([9.0, 8.0, 7.0, 0.0, 1.0, 4.0, 6.0])
    (axis,) = plots.logits(TOKENS, start, end, (3, 6), top=1).axes
    assert [(note.get_text(), note.xy) for note in axis.texts] == [("b", (4, 3.0)), ("c", (5, 4.0))]
    drawn = {line.get_label(): list(line.get_ydata()) for line in axis.lines}
    assert drawn["start logit"] == [9, 8, 7, 1, 3, 2, 6]
    assert drawn["end logit"] == [9, 8, 7, 0, 1, 4, 6]


def test_span_scores_frames_the_best_and_leaves_the_illegal_blank():
    scores = torch.tensor([[1.0, 5.0, 2.0], [-torch.inf, 3.0, 4.0], [-torch.inf, -torch.inf, 0.0]])
    axis = plots.span_scores(scores, ["a", "b", "c"]).axes[0]
    shown = np.ma.filled(axis.images[0].get_array().astype(float), np.nan)
    np.testing.assert_array_equal(shown, [[1, 5, 2], [np.nan, 3, 4], [np.nan, np.nan, 0]])
    (frame,) = axis.patches
    assert frame.get_xy() == (0.5, -0.5)  # column 1, row 0
    assert axis.get_title() == "a b"
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("end", "start")


def test_span_scores_of_one_token_as_the_best():
    axis = plots.span_scores([[0.0, 1.0], [-np.inf, 7.0]], ["a", "b"]).axes[0]
    assert axis.get_title() == "b"


def test_thresholds_draws_every_score_and_the_chosen_one():
    rows = [{"threshold": -1.0, "all": 10.0, "some": 0.0}, {"threshold": 2.0, "all": 5, "some": 8}]
    picture = plots.thresholds(rows, 0.25)
    (axis,) = picture.axes
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
    assert drawn["all"] == [[-1, 10], [2, 5]]
    assert drawn["some"] == [[-1, 0], [2, 8]]
    assert [x for x, _ in drawn["chosen: 0.25"]] == [0.25, 0.25]


def pieces(html):
    """Return the marked pieces of a passage: (text, coloured, underlined)."""
    return [
        (span.text, "background" in span.get("style"), "border-bottom" in span.get("style"))
        for span in ET.fromstring(html._repr_html_()).iter("span")
    ]


@pytest.mark.parametrize(
    ("said", "truth", "expected"),
    [
        pytest.param(None, None, [], id="nothing"),
        pytest.param((2, 3), None, [("b", True, False)], id="said"),
        pytest.param(None, (2, 5), [("b c", False, True)], id="truth"),
        pytest.param((2, 5), (2, 5), [("b c", True, True)], id="the same"),
        pytest.param(
            (2, 5), (4, 7), [("b ", True, False), ("c", True, True), (" d", False, True)], id="half"
        ),
        pytest.param((0, 1), (18, 19), [("a", True, False), ("j", False, True)], id="ends"),
        pytest.param((0, 0), (2, 3), [("b", False, True)], id="nothing said"),
    ],
)
def test_passage_marks_what_was_said_and_what_is_true(said, truth, expected):
    html = tables.passage(PASSAGE, said, truth)
    assert pieces(html) == expected
    assert "".join(ET.fromstring(html).itertext()) == PASSAGE


def test_passage_escapes_its_text():
    html = tables.passage("<b>1 & 2</b>", (3, 8))
    assert "<b>" not in html
    assert pieces(html) == [("1 & 2", True, False)]
