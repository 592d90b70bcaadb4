"""A learner's file is read whatever wrote it, lines that cannot be read are noted, and errors name the remedy."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import helpers
from labs import own_data
from labs.own_data.files import delimiter

EXAMPLES = helpers.ROOT / "data" / "examples"


@pytest.fixture
def write(tmp_path):
    """Return a function that writes bytes or text under a name, and returns the path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def kinds(table):
    return [(finding.what, finding.rows) for finding in table.findings]


# The examples


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        pytest.param("library.csv", 176, ("message", "topic"), id="csv"),
        pytest.param("workshop.conll", 110, ("tokens", "tags"), id="conll"),
        pytest.param("broken.jsonl", 38, ("text", "label", "split"), id="jsonl"),
    ],
)
def test_an_example_has_its_rows_and_columns(name, rows, columns):
    table = own_data.read(f"data/examples/{name}")
    assert (len(table.rows), len(table.places), table.columns) == (rows, rows, columns)


def test_a_passage_becomes_a_row_a_question_at_the_line_of_the_passage():
    table = own_data.read(EXAMPLES / "rules.jsonl")
    assert len(table.rows) == 40
    assert table.places[4:6] == ["rules.jsonl, line 1", "rules.jsonl, line 2"]
    assert {"context", "question", "answers", "id"} <= set(table.rows[0])


def test_the_examples_hold_what_the_data_s_readme_says():
    readme = (helpers.ROOT / "data" / "README.md").read_text(encoding="utf-8")
    topics = Counter(row["topic"] for row in own_data.read(EXAMPLES / "library.csv").rows)
    types = Counter(
        tag[2:]
        for row in own_data.read(EXAMPLES / "workshop.conll").rows
        for tag in row["tags"]
        if tag[:2] == "B-"
    )
    questions = own_data.read(EXAMPLES / "rules.jsonl").rows
    silent = sum(not row["answers"]["text"] for row in questions)
    assert ", ".join(f"{name} {count}" for name, count in topics.most_common()) in readme
    assert ", ".join(f"{name} {count}" for name, count in types.most_common()) in readme
    assert (
        f"{len({row['context'] for row in questions})} passages, {len(questions)} questions"
        in readme
    )
    assert f"of these {silent} have no answer" in readme
    assert f"{len((EXAMPLES / 'broken.jsonl').read_bytes().splitlines())} lines" in readme


def test_places_are_lines_of_the_file():
    table = own_data.read(EXAMPLES / "broken.jsonl")
    lines = (EXAMPLES / "broken.jsonl").read_bytes().splitlines()
    for place, row in zip(table.places, table.rows, strict=True):
        number = int(place.rpartition(" ")[2])
        assert json.loads(lines[number - 1].decode("cp1252")) == row


# CSV as programs write it


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("text,label\nOne fine day,a\n", id="plain"),
        pytest.param("text;label\nOne fine day;a\n", id="semicolons"),
        pytest.param("text\tlabel\nOne fine day\ta\n", id="tabs"),
        pytest.param("sep=;\ntext;label\nOne fine day;a\n", id="Excel's sep"),
        pytest.param("text,label\r\nOne fine day,a\r\n", id="Windows line ends"),
        pytest.param("text,label\rOne fine day,a\r", id="old Mac line ends"),
        pytest.param(b"\xef\xbb\xbftext,label\nOne fine day,a\n", id="mark of UTF-8"),
        pytest.param('"text","label"\n"One fine day","a"\n', id="quotes"),
        pytest.param("text,label\n\nOne fine day,a\n\n,\n", id="empty lines"),
        pytest.param(" text , label \nOne fine day,a", id="spaces in the header"),
    ],
)
def test_a_csv_is_read_however_it_was_written(write, content):
    table = own_data.read(write("a.csv", content))
    assert table.rows == [{"text": "One fine day", "label": "a"}]
    assert table.findings == []


def test_semicolons_are_told_from_commas_in_texts(write):
    table = own_data.read(write("a.csv", "text;label\nWell, well, well;a\nNo, thanks;b\n"))
    assert [row["text"] for row in table.rows] == ["Well, well, well", "No, thanks"]


def test_one_column_needs_no_separator(write):
    table = own_data.read(write("a.csv", "text\nOne, two\nThree\n"))
    assert table.rows == [{"text": "One, two"}, {"text": "Three"}]


def test_a_text_of_several_lines_counts_where_it_begins(write):
    table = own_data.read(write("a.csv", 'text,label\n"one\ntwo",a\nthree,b\n'))
    assert [row["text"] for row in table.rows] == ["one\ntwo", "three"]
    assert table.places == ["a.csv, line 2", "a.csv, line 4"]


def test_labels_that_pandas_would_drop_are_kept(write):
    table = own_data.read(write("a.csv", "text,label\nx,NA\ny,None\nz,null\n"))
    assert [row["label"] for row in table.rows] == ["NA", "None", "null"]


@given(
    st.lists(
        st.tuples(
            *[st.text(st.characters(codec="utf-8", exclude_characters="\r\0\x1f"), min_size=1)] * 2
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
)
def test_csv_comes_back_as_it_was_written(tmp_path_factory, rows, mark):
    import csv

    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=mark, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([("text", "label"), *rows])
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    if not expected:
        with pytest.raises(ValueError, match="no rows below its header"):
            own_data.read(path)
        return
    assert [tuple(row.values()) for row in own_data.read(path).rows] == expected


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6),
                st.sampled_from(["O", "B-A", "I-A"]),
            ),
            min_size=1,
            max_size=6,
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from("\t "),
)
def test_conll_comes_back_as_it_was_written(tmp_path_factory, sentences, mark):
    path = tmp_path_factory.mktemp("conll") / "a.conll"
    text = "\n\n".join("\n".join(mark.join(pair) for pair in one) for one in sentences)
    path.write_text(text, encoding="utf-8")
    table = own_data.read(path)
    assert [list(zip(row["tokens"], row["tags"], strict=True)) for row in table.rows] == sentences


@given(
    st.lists(st.dictionaries(st.text(min_size=1), st.text(), min_size=1), min_size=1, max_size=5)
)
def test_json_lines_come_back_as_they_were_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert own_data.read(path).rows == rows


@pytest.mark.parametrize(
    ("lines", "mark"),
    [
        pytest.param(["a,b", "1,2"], ",", id="comma"),
        pytest.param(["a;b", "1,5;2"], ";", id="a comma within"),
        pytest.param(["a|b", "1|2"], "|", id="bar"),
        pytest.param(["text", "one, two"], "", id="one column"),
    ],
)
def test_the_separator(lines, mark):
    assert delimiter(lines) == mark


# CoNLL


def test_conll_of_2003_has_columns_between(write):
    text = "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n"
    (row,) = own_data.read(write("a.conll", text)).rows
    assert row["tokens"] == ["EU", "rejects"]
    assert row["tags"] == ["B-ORG", "O"]
    assert row["column 2"] == ["NNP", "VBZ"]


def test_comments_of_conll_u_are_left_out_and_a_hash_is_a_word(write):
    text = "# text = So\nSo O\n\n# O\n1 O\n"
    assert [row["tokens"] for row in own_data.read(write("a.conll", text)).rows] == [
        ["So"],
        ["#", "1"],
    ]


# What cannot be read is noted, and the rest is read


@pytest.mark.parametrize(
    ("name", "content", "what", "first", "rows"),
    [
        pytest.param(
            "a.csv",
            b"text,label\nna\xefve,a\nb\xfc,b\n",
            ("encoding", 2),
            "line 2: byte 0xEF",
            2,
            id="encoding",
        ),
        pytest.param(
            "a.csv",
            "text,label\none, two, three,a\nb,b\n",
            ("number of cells", 1),
            "line 2: 4 cells",
            1,
            id="cells",
        ),
        pytest.param(
            "a.csv",
            'text,label\nx,a\n"never closed,b\nz,c\n',
            ("broken quotes", 1),
            "line 3",
            1,
            id="quotes",
        ),
        pytest.param(
            "a.csv", "text,text\nx,a\n", ("header", 1), "line 1: 'text'", 1, id="header twice"
        ),
        pytest.param(
            "a.csv", "text,\nx,a\n", ("header", 1), "line 1: '(empty)'", 1, id="header empty"
        ),
        pytest.param(
            "a.jsonl",
            '{"a": "x"}\n{"a": \n["b"]\n',
            ("not JSON", 2),
            "line 2: Expecting",
            1,
            id="not JSON",
        ),
        pytest.param(
            "a.conll",
            "a O\nb O\n\nc O\nd\n\ne O\n",
            ("number of columns", 1),
            "line 5: 1 columns",
            2,
            id="columns",
        ),
    ],
)
def test_what_cannot_be_read_is_noted(write, name, content, what, first, rows):
    table = own_data.read(write(name, content))
    assert kinds(table) == [what]
    assert first in table.findings[0].first
    assert table.findings[0].remedy
    assert len(table.rows) == rows


def test_another_encoding_can_be_named(write):
    path = write("a.csv", "text,label\nnaïve,a\n".encode("cp1252"))
    assert own_data.read(path).rows[0]["text"] == "naïve"  # read so, but noted
    table = own_data.read(path, encoding="cp1252")
    assert (table.rows[0]["text"], table.findings) == ("naïve", [])


def test_utf_16_is_read_where_it_is_named(write):
    path = write("a.csv", "text,label\nnaïve,a\n".encode("utf-16"))
    assert own_data.read(path, encoding="utf-16").rows == [{"text": "naïve", "label": "a"}]


@pytest.mark.parametrize(
    ("name", "content", "encoding", "message"),
    [
        pytest.param("a.csv", "", "utf-8", "a.csv is empty. Save it again", id="empty"),
        pytest.param("a.csv", " \n\n", "utf-8", "a.csv is empty", id="blank"),
        pytest.param(
            "a.csv", "text,label\n", "utf-8", "no rows below its header", id="header only"
        ),
        pytest.param(
            "a.csv", "a,b".encode("utf-16"), "utf-8", "is UTF-16. Save it as UTF-8", id="UTF-16"
        ),
        pytest.param(
            "a.csv", "a,b\n1,2", "utf-9", "no encoding 'utf-9'. Use utf-8", id="no such encoding"
        ),
        pytest.param(
            "a.xlsx", "PK", "utf-8", "spreadsheet. Save the sheet as CSV", id="spreadsheet"
        ),
        pytest.param("a.docx", "PK", "utf-8", "ends in '.docx'. Rename it", id="another ending"),
        pytest.param(
            "a.json", '[{"a": 1}]', "utf-8", "one JSON array. Write one object a line", id="array"
        ),
        pytest.param(
            "a.json", '{\n "data": []\n}', "utf-8", "one JSON object over many lines", id="object"
        ),
        pytest.param(
            "a.conll",
            "1 Ann B-PER\n2 met O\n\n1 Bo B-PER\n",
            "utf-8",
            "numbers its words in the first column",
            id="numbered words",
        ),
        pytest.param(
            "a.txt", "Just\nwords\n", "utf-8", "has one column. Write a word, a tab", id="no tags"
        ),
        pytest.param(
            "a.csv",
            b"a,b\n\0,1\n",
            "utf-8",
            "bytes of value 0, which no text file does",
            id="binary",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_why(write, name, content, encoding, message):
    with pytest.raises(ValueError, match=".*") as caught:
        own_data.read(write(name, content), encoding)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(ValueError, match="no file 'gone.csv' in .*upload it"):
        own_data.read(tmp_path / "gone.csv")


# Tables


def test_three_files_make_one_table_with_a_split(write):
    parts = {
        name: write(f"{name}.csv", f"text,label\nfrom {name},a\n") for name in ("train", "test")
    }
    table = own_data.read(parts)
    assert [(row["text"], row["split"]) for row in table.rows] == [
        ("from train", "train"),
        ("from test", "test"),
    ]
    assert table.columns == ("text", "label", "split")
    assert table.places == ["train.csv, line 2", "test.csv, line 2"]


def test_files_with_other_columns_are_told(write):
    parts = {
        "train": write("a.csv", "text,label\nx,a\n"),
        "test": write("b.csv", "message,label\ny,a\n"),
    }
    (finding,) = own_data.read(parts).findings
    assert finding.what == "other columns"
    assert finding.first == "b.csv: message, label; a.csv has text, label"


def test_a_column_that_one_file_has_more_stops_nobody(write):
    rows = [(f"text number {i} of this file", "ab"[i % 2]) for i in range(12)]
    train = "".join(f"{text},{label},mine\n" for text, label in rows)
    test = "".join(f"another {text},{label}\n" for text, label in rows)
    parts = {
        "train": write("a.csv", f"text,label,note\n{train}"),
        "test": write("b.csv", f"text,label\n{test}"),
    }
    table = own_data.read(parts)
    assert [finding.what for finding in table.findings] == ["other columns"]
    assert own_data.prepare(table, "classify", seed=0, near=False).num_rows["test"] == 12


def test_a_file_of_which_nothing_can_be_read_has_no_other_columns(write):
    parts = {"train": write("a.jsonl", "no JSON\n"), "test": write("b.jsonl", '{"text": "x"}\n')}
    assert [finding.what for finding in own_data.read(parts).findings] == ["not JSON"]


def test_rows_keep_their_places_when_others_go(write):
    table = own_data.read(write("a.csv", "text,label\nx,a\ny,b\nz,c\n"))
    kept = table.keep(lambda row: row["label"] != "b")
    assert kept.places == ["a.csv, line 2", "a.csv, line 4"]
    changed = kept.change(lambda row: row | {"label": row["label"].upper()})
    assert [row["label"] for row in changed.rows] == ["A", "C"]
    assert [row["label"] for row in table.rows] == ["a", "b", "c"]  # the first is as it was


def test_a_new_column_is_one_of_the_table(write):
    table = own_data.read(write("a.csv", "text,label\nx,a\n")).change(
        lambda row: row | {"split": "train"}
    )
    assert table.columns == ("text", "label", "split")
