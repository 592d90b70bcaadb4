"""Every finding is found where it is and nowhere else; splits never leak; bad rows are refused with a remedy."""

import math
import random
import re
from collections import Counter
from types import SimpleNamespace

import families
import pytest
from datasets import ClassLabel
from hypothesis import given
from hypothesis import strategies as st

from labs import own_data
from labs.own_data.duplicates import near_pairs, same_text
from labs.own_data.findings import LOOK, LOOKS, STOP, STOPS, Finding, Report
from labs.own_data.forms import Form
from labs.own_data.inspection import NEAR, label_variants, tokenized
from labs.own_data.rows import NEEDS
from labs.own_data.splits import PARTS, SHARES
from labs.own_data.tagging import scheme, to_iob2

LIBRARY = {"text": "message", "label": "topic"}
SPLITS = dict(zip(PARTS, SHARES, strict=True))


def table(rows):
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    places = [f"mine.csv, line {number}" for number in range(2, len(rows) + 2)]
    form = Form(column="label") if "spans" in columns else Form()
    return own_data.Table("mine.csv", columns, rows, places, form=form)


def prepared(rows, task, seed=0, **options):
    return own_data.prepare(table(rows), task, seed=seed, **options)


def tag_names(splits):
    return splits["train"].features["ner_tags"].feature.names


def example(name):
    return own_data.read(f"data/examples/{name}")


def texts(count=36):
    """Return clean rows of three classes."""
    names = ["bell", "wheel", "saddle"]
    return [{"text": f"{names[i % 3]} {i} w{i}x", "label": names[i % 3]} for i in range(count)]


def sentences(count=36):
    return [
        {"tokens": [f"w{i}", "Ann", f"Li{i}", "."], "tags": ["O", "B-PER", "I-PER", "O"]}
        for i in range(count)
    ]


def labeled(*labels):
    """Return rows whose labels take turns."""
    return [row | {"label": labels[i % len(labels)]} for i, row in enumerate(texts())]


def tagged(*tags):
    """Return sentences that all have these tags."""
    return [row | {"tags": [*tags]} for row in sentences()]


def marked(*spans, count=36):
    """Return sentences with a span each, the third one with others."""
    rows = []
    for i in range(count):
        text = f"w{i} Ann Li{i} was in Ulm."
        held = [own_data.Span(len(f"w{i} "), len(f"w{i} Ann Li{i}"), "PER")] if i != 3 else spans
        offsets = own_data.split_words(text)
        tags = own_data.tags_of(map(own_data.Span._make, held), offsets)
        words = [text[start:end] for start, end in offsets]
        row = {"text": text, "spans": held, "offsets": offsets, "tokens": words, "tags": tags}
        rows.append(row)
    return rows


def questions(count=36):
    return [
        {
            "question": f"What is {i}?",
            "context": f"Here {i} is answer{i}.",
            "answers": {"text": [f"answer{i}"], "answer_start": [9 + len(str(i))]},
            "id": f"q{i}",
        }
        for i in range(count)
    ]


ROWS = {"classify": texts, "few": texts, "read": texts, "tag": sentences, "answer": questions}


def changed(rows, *numbers, **values):
    """Return rows with some of them changed."""
    return [row | values if i in numbers else row for i, row in enumerate(rows)]


def parted(rows, where):
    return [row | {"split": "test" if i in where else "train"} for i, row in enumerate(rows)]


LONG = "one two three four five six seven eight nine ten"

# task, rows, (severity, what, how many), where first and what stands there
FOUND = [
    ("classify", [{"words": "x", "label": "a"}], (STOP, "missing column", 1), "mine.csv: no 'text'"),
    ("answer", [{"question": "Who?", "passage": "Ann."}], (STOP, "missing column", 2),
     "mine.csv: no 'context', 'answers'"),
    ("classify", [*texts(), {"text": "x"}], (STOP, "missing value", 1), "line 38: label is None"),
    ("classify", changed(texts(), 3, text=" "), (STOP, "empty value", 1), "line 5: text is ' '"),
    ("classify", changed(texts(), 3, text=7), (STOP, "wrong kind of value", 1), "line 5: text is 7"),
    ("tag", changed(sentences(), 0, tokens="Ann"), (STOP, "wrong kind of value", 1), "line 2: tokens is 'Ann'"),
    ("tag", changed(sentences(), 0, tokens=["a", ""], tags=["O", "O"]), (STOP, "wrong kind of value", 1), "line 2"),
    ("answer", changed(questions(), 1, answers="no"), (STOP, "wrong kind of value", 1), "line 3: answers is 'no'"),
    ("classify", changed(texts(), 3, label="Bell "), (STOP, "spelling of a label", 1), "line 5: 'Bell ', elsewhere"),
    ("classify", changed(texts(), 3, label="bel"), (LOOK, "label like another", 1), "'bel' is much like 'bell'"),
    ("classify", labeled("['bell']", "['wheel']"), (LOOK, "label like a list", 36), """line 2: "['bell']\""""),
    ("classify", changed(texts(), 3, label="pump"), (STOP, "rare class", 1), "line 5: 'pump' has 1 row"),
    ("classify", labeled("x"), (STOP, "one class only", 1), "line 2: 'x'"),
    ("classify", labeled(*["Pump"] * 3, *["Bell"] * 33), (LOOK, "class balance", 1),
     "line 2: 'Bell' has 33 rows, 'Pump' 3"),
    ("classify", changed(texts(), 3, text="WHEEL 1  w1x!"), (STOP, "same text, other label", 1),
     "line 5: as at line 3: 'WHEEL 1"),
    ("answer", changed(questions(), 3, **questions()[1] | {"id": "z", "answers": {"text": [], "answer_start": []}}),
     (STOP, "same text, other answers", 1), "line 5: as at line 3"),
    ("tag", changed(sentences(), 3, tokens=sentences()[1]["tokens"], tags=["O"] * 4),
     (STOP, "same text, other tags", 1), "line 5: as at line 3"),
    ("classify", changed(texts(), 3, text="bell 0 w0x"), (LOOK, "duplicate", 1), "line 5: as at line 2"),
    ("classify", changed(labeled(["x", "y"]), 3, text="bell 0 w0x", label=["y", "x"]),
     (LOOK, "duplicate", 1), "line 5: as at line 2"),
    ("read", [*texts(), {"text": "bell 0 w0x"}], (LOOK, "duplicate", 1), "line 38: as at line 2"),
    ("classify", parted(changed(texts(), 3, text="Bell 0 w0x."), {3}), (STOP, "leak between splits", 1),
     "line 5: test, also train: 'bell 0 w0x'"),
    ("answer", parted(changed(questions(), 3, **questions()[0] | {"question": "Else?", "id": "z"}), {3}),
     (STOP, "leak between splits", 1), "line 5: test, also train"),
    ("classify", parted(changed(changed(texts(), 0, text=LONG), 3, text=f"{LONG} eleven"), {3}),
     (LOOK, "nearly the same in two splits", 1), "line 5: test, nearly as in train"),
    ("classify", [*parted(texts(), {3}), {"text": "x y", "label": "bell", "split": "exam"}],
     (STOP, "unknown split", 1), "line 38: 'exam'"),
    ("classify", [*parted(texts(), {3}), {"text": "x y", "label": "bell"}], (STOP, "row without a split", 1),
     "line 38: no split"),
    ("classify", parted(texts(), range(36)), (STOP, "no training rows", 1), "line 2: 'test'"),
    ("classify", parted(changed(texts(), *range(3), label="pump"), range(3)), (LOOK, "label not in train", 3),
     "line 2: 'pump', in test only"),
    ("classify", parted(labeled(*"x" * 30, *"y" * 6), range(30, 36)), (STOP, "label not in train", 6),
     "line 32: 'y', in test only"),
    ("classify", changed(labeled(["bell"], ["wheel"]), 3, label=[]), (LOOK, "no label", 1), "line 5: 'bell 3 w3x'"),
    ("tag", parted(changed(sentences(), *range(12), tags=["O", "B-LOC", "I-LOC", "O"]), range(12)),
     (LOOK, "label not in train", 12), "line 2: 'LOC', in test only"),
    ("classify", changed(texts(), 3, text="word " * 40), (LOOK, "long text", 1), "line 5: 42 tokens: 'word word"),
    ("classify", texts(18), (LOOK, "few rows", 1), "line 19: 18 rows"),
    ("read", [{"text": ""}], (STOP, "no usable row", 1), "mine.csv: 0 rows"),
    ("read", [{"text": "Bell!"}, {"text": "bell"}], (STOP, "too few texts", 1), "mine.csv: 1 text that differ"),
    ("classify", changed(texts(), 3, text="自行车的铃坏了"), (LOOK, "strange script", 1), "line 5: "),
    ("tag", changed(sentences(), 3, tags=["O"]), (STOP, "number of tags", 1), "line 5: 4 words, 1 tags"),
    ("tag", changed(sentences(), 3, tags=["O", "I-PER", "I-PER", "O"]), (STOP, "order of tags", 1),
     "line 5: I-PER at word 1 continues nothing"),
    ("tag", tagged("O", "S-PER", "B-PER", "O"), (STOP, "order of tags", 36), "line 2: O after B-PER"),
    ("tag", tagged("O", "I-PER", "B-PER", "O"), (LOOK, "other scheme of tags", 36),
     "line 2: IOB1: Ann I-PER → B-PER"),
    ("tag", tagged(0, 1, 2, 0), (LOOK, "tags as numbers", 36), "line 2: 0 1 2 0"),
    ("tag", changed(sentences(), 3, tags=["O", "B-PER", "PER", "O"]), (STOP, "tag that is no IOB2", 1),
     "line 5: 'PER'"),
    ("tag", tagged(*["O"] * 4), (STOP, "no entity", 1), "line 2: every tag is O"),
    ("tag", changed(sentences(), 3, tags=["O", "B-LOC", "I-LOC", "O"]), (LOOK, "rare type", 1),
     "line 5: LOC: 1 mentions"),
    ("tag", marked((3, 10, "PER"), (30, 33, "PER")), (STOP, "span outside the text", 1), "line 5: [30, 33, 'PER']"),
    ("tag", marked((6, 7, "PER")), (STOP, "span outside the text", 1), "line 5: [6, 7, 'PER'] ' '"),
    ("tag", marked((3, 10, "PER"), (7, 14, "PER")), (STOP, "overlapping spans", 1), "line 5: [7, 14, 'PER']"),
    ("tag", marked((3, 10, "PER"), (7, 10, "PER")), (STOP, "nested spans", 1), "line 5: [7, 10, 'PER'] 'Li3'"),
    ("tag", marked((18, 20, "PER"), (20, 21, "PER")), (STOP, "two spans in a word", 1), "line 5: [20, 21, 'PER']"),
    ("tag", marked((18, 21, "PER")), (LOOK, "span that cuts a word", 1), "line 5: [18, 21, 'PER'] 'Ulm'"),
    ("tag", marked((3, 11, "PER")), (LOOK, "space at the end of a span", 1), "line 5: [3, 11, 'PER'] 'Ann Li3 '"),
    ("answer", changed(questions(), 3, answers={"text": ["is"], "answer_start": [0]}),
     (STOP, "answer not in its place", 1), "line 5: it stands at 7; at 0 stands 'He', not 'is'"),
    ("classify", [row | {"label": i % 2 - (i < 5)} for i, row in enumerate(texts())], (LOOK, "label -1 or nan", 3),
     "line 2: 'bell 0 w0x'"),
    ("classify", labeled("a;b", "a", "b"), (LOOK, "labels in one text", 12), "line 2: 'a;b'"),
    ("few", labeled("a#b", "a", "b"), (LOOK, "labels in one text", 12), "line 2: 'a#b'"),
    ("answer", changed(questions(), 3, answers={"text": [""], "answer_start": [-1]}),
     (STOP, "answer not in its place", 1), "for no answer, leave both lists empty"),
    ("answer", changed(questions(), 3, answers={"text": ["gone"], "answer_start": [0]}),
     (STOP, "answer not in its place", 1), "it stands nowhere"),
    ("answer", changed(questions(), 3, answers={"text": ["is"], "answer_start": []}),
     (STOP, "form of the answers", 1), "line 5: {'text'"),
    ("answer", changed(questions(), 3, answers={"answer": "is"}), (STOP, "form of the answers", 1), "line 5"),
    ("answer", changed(questions(), 3, id="q0"), (STOP, "id stands twice", 2), "line 2: 'q0'"),
]  # fmt: skip


def report_of(rows, task, tokenizer, **options):
    return own_data.examine(table(rows), task, tokenizer=tokenizer, max_length=32, **options)


# What a problem may bring along: any of them, or one of its own.
SIDE_EFFECTS = {"rare class", "label like another", "leak between splits"}
SIDE_EFFECTS |= {"few rows", "too few texts", "no usable row"}
ALLOWED = {
    "no usable row": {"empty value"},
    "too few texts": {"duplicate"},
    "tag that is no IOB2": {"order of tags"},
    "order of tags": {"other scheme of tags"},
    "two spans in a word": {"span that cuts a word"},
}


@pytest.mark.parametrize(
    ("task", "rows", "expected", "first"),
    [pytest.param(*case, id=f"{case[0]}: {case[2][1]}") for case in FOUND],
)
def test_a_problem_is_found_once_with_its_place_and_a_remedy(
    task, rows, expected, first, tokenizer
):
    report = report_of(rows, task, tokenizer)
    (finding,) = [one for one in report.findings if one.what == expected[1]]
    assert (finding.severity, finding.what, finding.rows) == expected
    assert first in finding.first + " "
    assert finding.remedy.endswith((".", "}."))
    others = set(report.kinds()) - {finding.what} - SIDE_EFFECTS
    assert others <= ALLOWED.get(finding.what, set())


NUMBERED = "Numbers count from 0, which is bad: if yours begin at 1, subtract 1."
OF_ALL = "A list of zeros and ones wants LABELS: a name for each."
SWITCHES = [0, 1, 0], [1, 1, 0]


@pytest.mark.parametrize(
    ("task", "rows", "labels", "kinds", "told", "remedy"),
    [
        ("classify", texts(), ["bell", "wheel"], ["unknown label"],
         "unknown label (12), first at mine.csv, line 4: 'saddle'", "Use one of bell, wheel."),
        ("classify", labeled(1, 2), ["bad", "good"], ["unknown label", "name without a row"],
         "unknown label (18), first at mine.csv, line 3: '2'", NUMBERED),
        ("classify", labeled(1, 2), ["bad", "fair", "good"], ["name without a row"],
         "name without a row (1), first at mine.csv: 'bad'", NUMBERED),
        ("tag", sentences(), ["O", "B-PER"], ["unknown tag"],
         "unknown tag (36), first at mine.csv, line 2: 'I-PER'", "Use one of O, B-PER."),
        ("classify", changed(labeled(*SWITCHES), 3, label=[1, 0]), ["a", "b", "c"],
         ["wrong kind of value", "name without a row"], "wrong kind of value (1), first at mine.csv, line 5", OF_ALL),
        ("classify", changed(labeled([*"010"], [*"110"]), 3, label=[*"10"]), ["a", "b", "c"],
         ["wrong kind of value", "name without a row"], "wrong kind of value (1), first at mine.csv, line 5", OF_ALL),
        ("classify", labeled(*SWITCHES), None,
         ["wrong kind of value", "no usable row"], "wrong kind of value (36), first at mine.csv, line 2", OF_ALL),
        *[  # a gap is no label that is called None
            ("classify", changed(labeled("None", "nan"), 3, label=gap), ["None", "nan"],
             ["missing value", "label -1 or nan"], "missing value (1), first at mine.csv, line 5", "Fill it in")
            for gap in (None, math.nan)
        ],
    ],
)  # fmt: skip
def test_what_the_inventory_lacks_is_found(task, rows, labels, kinds, told, remedy, tokenizer):
    report = report_of(rows, task, tokenizer, labels=labels)
    assert report.kinds() == kinds
    assert told in repr(report)
    assert remedy in report.findings[0].remedy


@pytest.mark.parametrize("task", list(NEEDS))
def test_nothing_is_found_in_clean_rows(task, tokenizer):
    assert report_of(ROWS[task](), task, tokenizer).findings == ()


@pytest.mark.parametrize(
    ("name", "task", "columns", "wanted"),
    [
        ("library.csv", "classify", LIBRARY, "label text"),
        ("library.csv", "few", LIBRARY, "label text"),
        ("library.csv", "read", {"text": "message"}, "text"),
        ("library.csv", "read", LIBRARY, "text"),  # a column of another task may stay in the cell
        ("workshop.conll", "tag", {}, "id ner_tags tokens"),
        ("rules.jsonl", "answer", {}, "answers context id question title"),
    ],
)
def test_an_example_is_clean_and_in_the_course_s_schema(name, task, columns, wanted, tokenizer):
    read = example(name)
    assert own_data.examine(read, task, columns, tokenizer=tokenizer, max_length=128).findings == ()
    splits = own_data.prepare(read, task, columns, seed=42)
    assert sum(map(len, splits.values())) == len(read.rows)
    assert sorted(splits["train"].column_names) == wanted.split()
    if "label" in wanted:
        assert isinstance(splits["train"].features["label"], ClassLabel)
        assert len({tuple(part.features["label"].names) for part in splits.values()}) == 1


def test_the_broken_example_is_broken_in_nine_ways(tokenizer):
    options = {"tokenizer": tokenizer, "max_length": 128}
    report = own_data.examine(example("broken.jsonl"), "classify", **options)
    assert report.kinds() == [
        "encoding", "not JSON", "missing value", "empty value", "spelling of a label", "rare class",
        "same text, other label", "leak between splits", "long text",
    ]  # fmt: skip
    assert {finding.rows for finding in report.findings} == {1}
    assert int(report.findings[-1].first.split(": ")[1].split()[0]) > 2000
    assert len(report.stops) == 8


def test_every_kind_of_finding_has_its_test():
    reading = {
        "encoding", "number of cells", "broken quotes", "header", "not JSON", "number of columns", "other columns",
        "another sheet", "several annotations", "several questions", "name without a row", "rejected", "lines within quotes", "impossible, with an answer", "text of a span", "form of a span",
    }  # fmt: skip
    proven = {case[2][1] for case in FOUND} | reading | {"unknown label", "unknown tag"}
    named = {*STOPS, *LOOKS}
    assert {kind for kind in named if not kind.startswith("same text")} <= proven
    assert len(named) > 30


def test_an_unknown_piece_is_the_unknown_token():
    assert "<unk>" in tokenized([SimpleNamespace(text="a 漢字")], families.tokenizer("XLM-R"))[0]


def test_a_long_text_is_a_finding_and_no_warning_of_the_tokenizer(tokenizer):
    options = {"tokenizer": tokenizer, "max_length": tokenizer.model_max_length}
    most = own_data.examine(table(changed(texts(), 3, text="word " * 600)), "classify", **options)
    assert most.findings[0].remedy.endswith("Shorten it.")
    tokenizer.deprecation_warnings.clear()  # it warns once
    assert report_of(changed(texts(), 3, text="word " * 600), "classify", tokenizer).findings
    assert tokenizer.deprecation_warnings == {}
    tokenizer.tokenize("word " * 600)
    assert tokenizer.deprecation_warnings != {}


def test_all_problems_of_a_file_are_told_at_once_those_to_stop_at_first(tokenizer):
    rows = changed(changed(changed(texts(), 0, text=""), 5, label=None), 9, label="BELL")
    report = report_of(changed(rows, 12, label="bel"), "classify", tokenizer)
    stops = ["empty value", "missing value", "spelling of a label", "rare class"]
    assert report.kinds() == [*stops, "label like another"]
    assert [finding.what for finding in report.stops] == stops


def test_a_report_says_how_many_findings_it_has_and_each_of_them():
    finding = Finding(STOP, "empty value", 2, "a.csv, line 3: ''", "Fill it in.")
    report = Report("a.csv", 9, (finding,))
    assert "- empty value (2), first at a.csv, line 3: ''. Fill it in." in repr(report)
    assert "1 to stop at, 0 to look at" in report._repr_html_()
    assert "✓" in Report("a.csv", 9, ())._repr_html_()


@pytest.mark.parametrize(
    ("task", "columns", "labels", "message"),
    [
        ("clasify", {}, None, "no task 'clasify'. Use one of classify"),
        ("read", {"lable": "topic"}, None,
         "names 'lable', which no task uses. Write the course's name first, for 'read' one of text"),
        ("classify", ["text", "label"], None, "COLUMNS is .*Use names in pairs"),
        ("classify", {}, {0: "a", 1: "b"}, "labels is .*Use a list of names"),
        ("classify", {}, [0, 1], "labels is .*Use a list of names"),
        ("classify", {}, "ab", "labels is .*Use a list of names"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_refused(task, columns, labels, message):
    with pytest.raises(ValueError, match=message):
        own_data.examine(table(texts()), task, columns, labels=labels)


@pytest.mark.parametrize(
    ("columns", "lacking", "remedy"),
    [
        ({}, "no 'text', 'label'", 'COLUMNS = {"text": "…", "label": "…"}'),
        ({"text": "message"}, "no 'label'", 'COLUMNS = {"text": "message", "label": "…"}'),
    ],
)
def test_a_missing_column_names_those_there_are_and_keeps_what_is_right(columns, lacking, remedy):
    (finding,) = own_data.examine(example("library.csv"), "classify", columns).findings
    assert finding.what == "missing column"
    assert lacking in finding.first
    assert "The file has 'message', 'topic'" in finding.remedy
    assert remedy in finding.remedy


def test_a_file_of_which_no_line_can_be_read_is_told_so(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("{'text': 'a dictionary of Python'}\n", encoding="utf-8")
    report = own_data.examine(own_data.read(path), "classify")
    assert report.kinds() == ["not JSON", "no usable row"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], {}),
        (["a", "b"], {}),
        (["a", "A", "A"], {"a": ["A", "a"]}),  # the commonest first
        ([" a", "a"], {"a": [" a", "a"]}),
        (["Straße", "STRASSE"], {"strasse": ["Straße", "STRASSE"]}),
    ],
)
def test_label_variants(labels, expected):
    assert label_variants(labels) == expected


# Tags of other schemes, and numbers

IOB2 = ["O", "B-A", "I-A", "I-A", "B-A", "O", "B-B", "B-A"]
SCHEMES = {
    "IOB1": "O I-A I-A I-A B-A O I-B I-A",
    "BIOES": "O B-A I-A E-A S-A O S-B S-A",
    "BILOU": "O B-A I-A L-A U-A O U-B U-A",
    "BMEWO": "O B-A M-A E-A W-A O W-B W-A",
    "BMEOS": "O B-A M-A E-A S-A O S-B S-A",
    "plain types": "O A A A A O B A",
    "": "O B-A I-A I-A B-A O B-B B-A",
}


@pytest.mark.parametrize("name", list(SCHEMES))
def test_a_scheme_is_recognized_and_becomes_iob2(name):
    tags = SCHEMES[name].split()
    expected = [
        tag.replace("B-A", "I-A") if name == "plain types" and i == 4 else tag
        for i, tag in enumerate(IOB2)
    ]
    assert (scheme([tags]), to_iob2(tags)) == (name, expected)
    rows = [{"tokens": [f"w{i}", *"abcdefg"], "tags": tags} for i in range(30)]
    report = own_data.examine(table(rows), "tag")
    assert report.kinds() == (["other scheme of tags"] if name else [])
    assert all("before and after" in finding.remedy for finding in report.findings)
    splits = prepared(rows, "tag", near=False)
    assert [tag_names(splits)[tag] for tag in splits["train"]["ner_tags"][0]] == expected


@pytest.mark.parametrize("tags", [["NOUN", "VERB"], ["B-A", "PER"], ["O", "O"]])
def test_what_is_no_scheme_stays(tags):
    assert scheme([tags]) == ""


def test_numbers_get_their_names():
    rows = tagged(0, 1, 2, 0)
    assert own_data.examine(table(rows), "tag", labels=["O", "B-PER", "I-PER"]).findings == ()
    splits = prepared(rows, "tag", labels=["O", "S-PER", "S-LOC"])
    assert tag_names(splits) == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    plain = prepared(rows, "tag")
    assert tag_names(plain) == ["0", "1", "2"]
    assert plain["train"]["ner_tags"][0] == [0, 1, 2, 0]
    named = prepared(tagged(*"0120"), "tag", labels=["O", "B-X", "I-X"])
    assert named["train"]["ner_tags"][0] == [0, 1, 2, 0]  # as CoNLL has them


ALIKE = ("V\u00e9lo neuf", "Ve\u0301lo neuf", "V\u00e9lo\u00a0neuf", "V\u00e9lo  neuf")


@pytest.mark.parametrize(
    ("given_labels", "labels", "names", "counts"),
    [
        pytest.param(["0", "1.0", "0.0", "1", "0.0", "1.0"], None, ["0", "1"], {0: 12, 1: 12}, id="numbers of pandas"),
        pytest.param(["0", "1"], ["neg", "pos"], ["neg", "pos"], {0: 12, 1: 12}, id="numbers as texts"),
        pytest.param(["False", "True"], ["neg", "pos"], ["neg", "pos"], {0: 12, 1: 12}, id="truths as texts"),
        pytest.param([0, 1], None, ["0", "1"], {0: 12, 1: 12}, id="numbers"),
        pytest.param([1, 2], ["1", "2"], ["1", "2"], {0: 12, 1: 12}, id="numbers that are names"),
        pytest.param(["1.0", "1.5"], ["1.0", "1.5"], ["1.0", "1.5"], {0: 12, 1: 12}, id="names like numbers"),
        pytest.param(["False", True, True], ["true", "false"], ["true", "false"], {0: 17, 1: 8}, id="a truth"),
        pytest.param(["False", "TRUE", "TRUE"], ["true", "false"], ["true", "false"], {0: 17, 1: 8}, id="its name"),
        pytest.param(SWITCHES, ["a", "b", "c"], ["a", "b", "c"], {(1,): 12, (0, 1): 12}, id="0 and 1"),
        pytest.param([[*"010"], [*"110"]], ["a", "b", "c"], ["a", "b", "c"], {(1,): 12, (0, 1): 12}, id="of a CSV"),
        pytest.param([[0, 1], [1, 0]], ["a", "b"], ["a", "b"], {0: 12, 1: 12}, id="0 and 1 of two classes"),
        pytest.param([*ALIKE, "pump"], None, ["V\u00e9lo neuf", "pump"], {0: 20, 1: 5}, id="labels that look alike"),
        pytest.param([ALIKE[1], "pump"], [ALIKE[1], "pump"], [ALIKE[1], "pump"], {0: 12, 1: 12}, id="as the learner writes"),
    ],
)  # fmt: skip
def test_labels_get_their_names(given_labels, labels, names, counts):
    train = prepared(labeled(*given_labels), "classify", labels=labels)["train"]
    feature = train.features["label"]
    assert getattr(feature, "feature", feature).names == names
    said = [tuple(label) if isinstance(label, list) else label for label in train["label"]]
    assert Counter(said) == counts


# Duplicates


def test_texts_that_differ_in_capitals_spaces_and_marks_are_the_same():
    assert same_text("My  lights, again!") == same_text("my lights again")
    assert same_text("?!") == "?!"
    assert same_text("caf\u00e9") == same_text("Cafe\u0301")
    assert same_text("so ❤") == same_text("So❤\ufe0f")
    assert same_text("a|b ~ `c`") == same_text("A, b: c!")
    quoted = ("I don't say 'no'.", "I don’t say “no”", "I don′t say ‘no’")
    assert len(set(map(same_text, quoted))) == 1


@pytest.mark.parametrize("pair", [("so 😀", "so 😡"), ("की", "का"), ("กิน", "กัน"), ("5 €", "5 $")])
def test_texts_that_differ_in_an_emoji_or_a_vowel_sign_are_not(pair):
    assert same_text(pair[0]) != same_text(pair[1])


def test_near_pairs_are_those_with_enough_shared_runs():
    splits = {"a": [LONG, "quite another text with seven words"], "b": [f"{LONG} more"]}
    assert list(near_pairs(splits, 0.5)) == [(("b", 1), ("a", 1))]


HALF = "one two three four five six seven and nothing else"
REPLY = f"Thank you, that is fine with us. You wrote: {LONG}"


@pytest.mark.parametrize(
    ("texts", "shared", "of"),
    [
        pytest.param([LONG, HALF], 3, 6, id="half"),
        pytest.param([LONG, REPLY], 6, 6, id="within a longer one"),
        pytest.param([REPLY, LONG], 6, 6, id="the longer one first"),
        pytest.param([f"我的自行车的灯又坏了，谁{can}修" for can in "能会"], 7, 9, id="Chinese, by its letters"),
    ],
)  # fmt: skip
def test_of_a_near_pair_the_shorter_text_counts(texts, shared, of):
    pairs = [list(near_pairs({"": texts}, share)) for share in (shared / of, (shared - 0.5) / of)]
    assert list(map(len, pairs)) == [0, 1]


def test_sentences_that_differ_in_a_mark_are_two_sentences():
    rows = [
        {"tokens": words, "tags": ["O"] * len(words)} for words in (["Thanks"], ["Thanks", "!"])
    ]
    assert own_data.examine(table(sentences() + rows), "tag").findings == ()


def test_a_phrase_that_all_texts_share_does_not_compare_each_with_all():
    texts_ = [f"{LONG} {i}" for i in range(3000)]
    pairs = list(near_pairs({"": texts_}, 0.5))
    assert len(pairs) < 60 * len(texts_)
    assert {pair.second[1] for pair in pairs} == set(range(2, 3001))  # yet nobody is overlooked


# Splits


def test_sentences_with_many_types_are_split_by_the_shares():
    draw, names = random.Random(0), [f"B-T{i}" for i in range(10)]
    rows = [
        {"tokens": [f"w{i}", *"abc"], "tags": ["O", *draw.choices(names, k=3)]} for i in range(200)
    ]
    assert list(prepared(rows, "tag").num_rows.values()) == pytest.approx([140, 30, 30], abs=4)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from("xyz")), min_size=1, max_size=60),
    st.integers(0, 3),
)
def test_groups_are_never_parted_and_every_row_is_used_once(rows, seed):
    groups, strata = zip(*rows, strict=True)
    parts = own_data.split_groups(groups, strata, SPLITS, seed)
    assert sorted(row for held in parts.values() for row in held) == list(range(len(rows)))
    held = [{groups[row] for row in part} for part in parts.values()]
    assert sum(map(len, held)) == len(set(groups))
    if len(set(groups)) >= len(SPLITS):
        assert all(parts.values())
    assert own_data.split_groups(groups, strata, SPLITS, seed) == parts


@pytest.mark.parametrize("large", [30, 60])
def test_beside_a_large_group_the_shares_hold(large):
    groups = [0] * large + list(range(1, 121 - large))
    parts = own_data.split_groups(groups, [""] * 120, SPLITS, seed=0)
    assert [len(parts[name]) for name in PARTS] == [84, 18, 18]


@given(st.lists(st.sampled_from("xyz"), min_size=9, max_size=90), st.integers(0, 3))
def test_a_stratum_has_its_share_of_each_part(strata, seed):
    parts = own_data.split_groups(range(len(strata)), strata, SPLITS, seed)
    for label, count in Counter(strata).items():
        if count >= len(SPLITS):
            for name, rows in parts.items():
                got = sum(strata[row] == label for row in rows)
                assert got >= 1
                assert abs(got - SPLITS[name] * count) < 2


FORMS = st.tuples(st.integers(0, 9), st.sampled_from(["{}", " {} ", "{}!"]))


@given(st.lists(FORMS, min_size=12, max_size=40), st.integers(0, 2))
def test_equal_texts_never_stand_in_two_parts(drawn, seed):
    rows = [{"text": form.format(f"text {number} t{number}")} for number, form in drawn]
    if len({same_text(row["text"]) for row in rows}) < 3:
        return
    splits = prepared(rows, "read", seed=seed)
    held = [own_data.texts_of(part) for part in splits.values()]
    assert sum(map(len, held)) == len(set.union(*held))
    assert sum(map(len, splits.values())) == len(rows)


@given(
    st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=7, max_size=9), min_size=6, max_size=20)
)
def test_near_duplicates_never_stand_in_two_parts(drawn):
    rows = [{"text": " ".join(words)} for words in drawn]
    try:
        splits = prepared(rows, "read")
    except ValueError as error:
        assert re.search("nearly the same|[Tt]hree splits", str(error))  # noqa: PT017
        return
    parts = {name: list(part["text"]) for name, part in splits.items()}
    assert [pair for pair in near_pairs(parts, NEAR) if pair.second[0] != pair.first[0]] == []


def test_another_seed_gives_another_split():
    one, other = (prepared(texts(), "read", seed=seed)["test"]["text"][:] for seed in (0, 1))
    assert one != other


def test_a_passage_stays_in_one_part():
    splits = own_data.prepare(example("rules.jsonl"), "answer", seed=42)
    held = [set(part["context"]) for part in splits.values()]
    assert sum(map(len, held)) == len(set.union(*held)) == 8


def test_splits_of_the_file_are_kept_and_a_missing_one_is_cut_from_train():
    rows = parted(texts(), {1, 4, 8, 15})
    splits = prepared(rows, "classify")
    assert splits["test"]["text"][:] == [rows[i]["text"] for i in (1, 4, 8, 15)]
    assert len(splits["train"]) + len(splits["validation"]) == 32
    assert len(splits["train"]) > 4 * len(splits["validation"])


@pytest.mark.parametrize("name", ["dev", "VAL", "valid", "validation "])
def test_other_names_of_the_validation_split_are_known(name):
    rows = [row | {"split": ("train", "test", name)[i % 3]} for i, row in enumerate(texts())]
    splits = prepared(rows, "read")
    assert splits.num_rows == {"train": 12, "validation": 12, "test": 12}


def test_what_a_row_says_is_what_the_dataset_says():
    read = example("workshop.conll")
    splits = own_data.prepare(read, "tag", seed=42)
    names = tag_names(splits)
    assert names == ["O", "B-BIKE", "I-BIKE", "B-PART", "I-PART", "B-WHEN", "I-WHEN"]
    given_rows = {tuple(row["tokens"]): row["tags"] for row in read.rows}
    for part in splits.values():
        for row in part:
            assert [names[tag] for tag in row["ner_tags"]] == given_rows[tuple(row["tokens"])]


@pytest.mark.parametrize(
    ("tags", "names"), [(["B-A", "O"], ["O", "B-A", "I-A"]), (["VERB", "NOUN"], ["NOUN", "VERB"])]
)
def test_a_type_has_both_names_and_parts_of_speech_are_sorted(tags, names):
    rows = [{"tokens": [f"w{i}", "x"], "tags": tags} for i in range(30)]
    assert tag_names(prepared(rows, "tag")) == names


SIGNED = [{"text": f"{LONG} {i}"} for i in range(20)]


def test_rows_without_an_id_get_one_each():
    rows = [{key: value for key, value in row.items() if key != "id"} for row in questions()]
    splits = prepared(rows, "answer")
    ids = [one for part in splits.values() for one in part["id"]]
    assert len(set(ids)) == len(ids) == 36


@pytest.mark.parametrize(
    ("task", "rows", "message"),
    [
        ("classify", changed(changed(texts(), 3, text=""), 4, label="WHEEL"),
         "mine.csv is not ready. empty value (1), first at mine.csv, line 5: text is ''. Fill it in, "
         "or take the row out. Then: spelling of a label."),
        ("classify", labeled("x"), "one class only"),
        ("classify", texts(3), "rare class (3)"),
        ("read", texts(2), "too few texts (1), first at mine.csv: 2 texts"),
        ("read", parted(texts(2), {}), "2 rows hold 2 texts that differ: no three splits"),
        ("read", SIGNED, "20 of 20 texts are nearly the same as others, in a chain"),
        ("classify", [{"a": "x"}], "missing column (2)"),
    ],
)  # fmt: skip
def test_rows_that_are_not_ready_are_refused(task, rows, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        prepared(rows, task)


def test_near_duplicates_may_be_parted_on_demand():
    assert prepared(SIGNED, "read", near=False).num_rows["train"] == 14
