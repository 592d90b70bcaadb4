"""A learner's file is read whatever wrote it, lines that cannot be read are noted, and errors name the remedy."""

import csv
import io
import json
import re
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value
from hypothesis import assume, given
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

import helpers
from labs import own_data
from labs.own_data.findings import LOOK, STOP
from labs.own_data.rows import rows as rows_of

EXAMPLES = helpers.ROOT / "data" / "examples"


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Return a function that reads what a file of that name and content holds."""

    def read(name, content, *options, **named):
        path = tmp_path_factory.mktemp("own") / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return own_data.read(path, *options, **named)

    return read


def exported(table, path, **named):
    """Write a table; return what is read from the file."""
    own_data.export(table, path)
    return own_data.read(path, **named)


def lines_of(*rows):
    """Return rows as JSON Lines."""
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def studio(*annotations, **data):
    """Return a task of Label Studio, each annotation of which is the list of its results."""
    said = [{"result": results} for results in annotations]
    return {"id": 1, "data": {"text": "Ann met Bo."} | data, "annotations": said}


def choice(*names, asked="label", **more):
    """Return a result of Label Studio: the choices of an annotator, of a text or of a span."""
    return {"type": "choices", "from_name": asked, "value": {"choices": names} | more}


def kinds(table):
    """Return how bad each finding is, what it is, and its rows."""
    return [(finding.severity, finding.what, finding.rows) for finding in table.findings]


# The examples


def test_a_passage_becomes_a_row_a_question_at_the_line_of_the_passage():
    table = own_data.read(EXAMPLES / "rules.jsonl")
    assert len(table.rows) == 40
    assert table.places[4:6] == ["rules.jsonl, line 1", "rules.jsonl, line 2"]
    assert {"context", "question", "answers", "id"} <= set(table.rows[0])


def test_the_examples_hold_what_the_data_s_readme_says():
    readme = (helpers.ROOT / "data" / "README.md").read_text(encoding="utf-8")
    tagged, questions = (
        own_data.read(EXAMPLES / name).rows for name in ("workshop.conll", "rules.jsonl")
    )
    tags = (tag for row in tagged for tag in row["tags"])
    topics = Counter(row["topic"] for row in own_data.read(EXAMPLES / "library.csv").rows)
    for counts in (topics, Counter(tag[2:] for tag in tags if tag[:2] == "B-")):
        assert ", ".join(f"{name} {count}" for name, count in counts.most_common()) in readme
    assert f"{len(tagged)} sentences" in readme
    passages = {row["context"] for row in questions}
    assert f"{len(passages)} passages, {len(questions)} questions" in readme
    silent = sum(not row["answers"]["text"] for row in questions)
    assert f"{silent} questions have no answer" in readme
    assert f"{len((EXAMPLES / 'broken.jsonl').read_bytes().splitlines())} lines" in readme


def test_places_are_lines_of_the_file():
    table = own_data.read(EXAMPLES / "broken.jsonl")
    lines = (EXAMPLES / "broken.jsonl").read_bytes().splitlines()
    for place, row in zip(table.places, table.rows, strict=True):
        number = int(place.rpartition(" ")[2])
        assert json.loads(lines[number - 1].decode("cp1252")) == row


# What was written comes back


def test_a_text_of_several_lines_counts_where_it_begins(read):
    table = read("a.csv", 'text,label\n"one\ntwo",a\nthree,b\n')
    assert table.places == ["a.csv, line 2", "a.csv, line 4"]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\0\x1f"), min_size=1)
WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6)
SENTENCE = st.lists(st.tuples(WORD, st.sampled_from(["O", "B-A", "I-A"])), min_size=1, max_size=6)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_csv_comes_back_as_it_was_written(read, rows, mark):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=mark, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([("text", "label"), *rows])
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    assume(expected)
    assert [tuple(row.values()) for row in read("a.csv", stream.getvalue()).rows] == expected


@given(st.lists(SENTENCE, min_size=1, max_size=6), st.sampled_from("\t "))
def test_conll_comes_back_as_it_was_written(read, sentences, mark):
    text = "\n\n".join("\n".join(mark.join(pair) for pair in one) for one in sentences)
    rows = read("a.conll", text).rows
    assert [list(zip(row["tokens"], row["tags"], strict=True)) for row in rows] == sentences


@given(
    st.lists(st.dictionaries(st.text(min_size=1), st.text(), min_size=1), min_size=1, max_size=5)
)
def test_json_lines_come_back_as_they_were_written(read, rows):
    assert read("a.jsonl", "\n".join(map(json.dumps, rows))).rows == rows


# CoNLL and SQuAD


def test_a_nested_file_of_squad_becomes_a_row_a_question(read):
    answers = [{"text": "Ann", "answer_start": 0}, {"text": "Ann Lee", "answer_start": 0}]
    asked = [
        {"id": "q1", "question": "Who?", "answers": answers},
        {"id": "q2", "question": "When?", "answers": []},
    ]
    article = {"title": "T", "paragraphs": [{"context": "Ann Lee.", "qas": asked}]}
    file = {"version": "1.1", "data": [article]}
    whole = json.dumps(file, indent=1)
    opened = whole.replace("{\n ", "{", 1)  # on its first line
    contents = {json.dumps(file): (1, 1), whole: (11, 25), opened: (10, 24)}
    for content, lines in contents.items():
        table = read("dev.json", content)
        assert [row["answers"] for row in table.rows] == [
            {"text": ["Ann", "Ann Lee"], "answer_start": [0, 0]},
            {"text": [], "answer_start": []},
        ]
        ids = [f"dev.json, line {line}, id q{i}" for i, line in enumerate(lines, start=1)]
        assert table.places == ids
    numbered = whole.replace('"q1"', "1").replace('"q2"', "2").replace('"T"', '"1 T 2"')
    places = read("n.json", numbered).places
    assert places == ["n.json, line 11, id 1", "n.json, line 25, id 2"]


CONLL_U = """# text = So go\tnow
1-2\tSogo\t_\t_\t_\t_\t_\t_\t_\t_
1\tSo\tso\tADV\tRB\t_\t2\tadvmod\t_\t_
2\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\t_
2.1\t_\t_\t_\t_\t_\t_\t_\t_\t_

1\t#\t#\tSYM\tNN\t_\t0\troot\t_\t_
"""


@pytest.mark.parametrize(
    ("column", "tags"), [(None, ["ADV", "VERB"]), ("upos", ["ADV", "VERB"]), ("xpos", ["RB", "VB"])]
)
def test_conll_u_has_upos_as_tags_unless_told(read, column, tags):
    table = read("a.conllu", CONLL_U)
    assert [row["tokens"] for row in table.rows] == [["So", "go"], ["#"]]
    assert table.places == ["a.conllu, line 2", "a.conllu, line 7"]
    placed = rows_of(table, "tag", {"tags": column} if column else None)
    assert placed[0].values["tags"] == tags


def test_what_was_said_of_conll_u_is_written_as_its_upos(read, tmp_path):
    table = read("a.conllu", CONLL_U)
    said = table.change(lambda row: row | {"tags": ["X"] * len(row["tokens"])})
    again = exported(said, tmp_path / "b.conllu").rows
    assert [row["upos"] for row in again] == [["X"] * 2, ["X"]]


# What cannot be read is noted, and the rest is read


@pytest.mark.parametrize(
    ("name", "content", "what", "first", "rows"),
    [
        ("a.csv", b"text,label\nna\xefve,a\nb\xfc,b\n", (LOOK, "encoding", 2), "line 2: byte 0xEF", 2),
        # a file of two encodings, and one line of many: a slip is no reason to guess
        ("a.csv", ("text,label\nnaïve,a\n" * 2).encode() + b"caf\xe9,a\n", (STOP, "encoding", 1), "line 5: byte 0xE9", 4),
        ("a.csv", b"text,label\n" + b"one,a\n" * 20 + b"caf\xe9,a\n", (STOP, "encoding", 1), "line 22: byte 0xE9", 21),
        ("a.csv", "text,label\none, two, three,a\nb,b\n", (STOP, "number of cells", 1), "line 2: 4 cells", 1),
        ("a.csv", 'text,label\nx,a\n"never closed,b\nz,c\n', (STOP, "broken quotes", 1), "line 3", 1),
        ("a.csv", "text,text\nx,a\n", (STOP, "header", 1), "line 1: 'text'", 1),
        ("a.csv", "text,\nx,a\n", (STOP, "header", 1), "line 1: '(empty)'", 1),
        ("a.jsonl", '{"a": "x"}\n{"a": \n["b"]\n', (STOP, "not JSON", 2), "line 2: Expecting", 1),
        ("a.json", '[\n{"a": 1},\n2,\n{"a" 3}\n]', (STOP, "not JSON", 2), "line 3: int in place", 1),
        ("a.conll", "a O\nb O\n\nc O\nd\n\ne O\n", (STOP, "number of columns", 1), "line 5: 1 columns", 2),
        ("a.jsonl", '{"text": "x", "spans": [], "answer": "reject"}\n{"text": "y", "answer": "accept"}',
         (LOOK, "rejected", 1), "line 1: reject: 'x'", 1),
        ("a.json", '[{"data": {"text": "x"}, "annotations": [{"was_cancelled": true, "result": []}]},'
         ' {"data": {"text": "y"}, "annotations": []}]', (LOOK, "rejected", 1), "row 1: skipped: {'text': 'x'}", 1),
        ("a.jsonl", lines_of({"question": "Who?", "context": "Ann.", "is_impossible": True,
                              "answers": {"text": ["Ann"], "answer_start": [0]}},
                             {"question": "When?", "context": "Ann.", "is_impossible": True, "answers": None}),
         (STOP, "impossible, with an answer", 1), "line 1: 'Who?': ['Ann']", 2),
        ("a.jsonl", lines_of({"query": "Who?", "context": "Ann.", "is_impossible": True,
                              "answers": {"text": ["Ann"], "answer_start": [0]}}),
         (STOP, "impossible, with an answer", 1), "line 1: '': ['Ann']", 1),
        ("a.jsonl", lines_of({"text": "🚲 Bell", "spans": [{"start": 3, "end": 7, "label": "PART", "text": "Bell"}]}),
         (STOP, "text of a span", 1), "at 3 stands 'ell', not 'Bell'", 1),
        ("a.csv", 'text,label\n"Wow,neg\ngood,pos\nbad,neg\nso",neg\n', (LOOK, "lines within quotes", 1),
         "line 2", 1),
        ("a.tsv", 'label\ttext\nham\t"Hello\nspam\tWin now\nham\tstop"\n', (LOOK, "lines within quotes", 1),
         "line 2: ['ham', 'Hello", 1),
        ("a.json", json.dumps([studio([choice("a", asked="mood"), choice("b", asked="topic")])]), (LOOK, "several questions", 1),
         "row 1: mood, topic", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_noted(read, name, content, what, first, rows):
    table = read(name, content)
    (finding,) = table.findings
    assert kinds(table) == [what]
    assert first in finding.first
    assert finding.remedy
    assert len(table.rows) == rows


@pytest.mark.parametrize(
    ("text", "codec", "count"),
    [
        ("naïve", "cp1252", 1),
        ("un café “crème”, s’il vous plaît", "cp1252", 5),
        ("Größe 1, Stück 1x", "cp1252", 5),
        ("Привет, как дела сегодня?", "cp1251", 5),
        ("Это очень хороший фильм, я доволен покупкой", "cp1251", 5),
        ("Je l'ai déjà dit à ma mère, c'était très bien passé et ça m'a plu", "cp1252", 5),
        ("È un bel film, però è lungo", "cp1252", 5),
        ("日本語のテキスト、分類の例です。", "cp932", 5),
    ],
)
def test_another_encoding_is_named_or_guessed_and_the_guess_told(read, text, codec, count):
    content = ("text;label\n" + f"{text};a\n" * count).encode(codec)
    named, guess = read("a.csv", content, encoding=codec), read("a.csv", content)
    assert [row["text"] for row in guess.rows] == [text] * count
    assert (named.rows, named.findings) == (guess.rows, [])
    (finding,) = guess.findings
    assert kinds(guess) == [(LOOK, "encoding", count)]
    assert f"not UTF-8; {codec} is the best guess" in finding.remedy


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("named", [None, "utf-8"])
def test_a_mark_at_the_beginning_names_the_encoding(read, codec, named):
    table = read("a.csv", "text,label\nnaïve,a\n".encode(codec), named)
    assert (table.rows, table.findings) == ([{"text": "naïve", "label": "a"}], [])


# What annotation tools export

TEXT = "Ann Lee met Bo in Berlin."
SPANS = [[0, 7, "PER"], [12, 14, "PER"], [18, 24, "LOC"]]
CUT = ["Ann", "Lee", "met", "Bo", "in", "Berlin", "."]
STARTS = [0, 4, 8, 12, 15, 18, 24]
TAGS = ["B-PER", "I-PER", "O", "B-PER", "O", "B-LOC", "O"]
TOKENS = [{"text": w, "start": s, "end": s + len(w), "id": i} for i, (w, s) in enumerate(zip(CUT, STARTS, strict=True))]  # fmt: skip


def spans_as(*keys, listed=False, **more):
    return [dict(zip(keys, (s, e, [n] if listed else n), strict=True)) | more for s, e, n in SPANS]


STUDIO = [
    {"type": "labels", "from_name": "label", "to_name": "text", "value": value | {"text": TEXT[value["start"] : value["end"]]}}
    for value in spans_as("start", "end", "labels", listed=True)
]  # fmt: skip
EXPORTS = {
    "Doccano": ("a.jsonl", {"id": 1, "text": TEXT, "label": SPANS, "Comments": []}),
    "Doccano, labels": ("a.jsonl", {"text": TEXT, "labels": SPANS}),
    "Doccano, entities": ("a.jsonl", {"text": TEXT, "entities": spans_as("start_offset", "end_offset", "label", id=3)}),
    "Prodigy": ("a.jsonl", {"text": TEXT, "spans": spans_as("start", "end", "label"), "answer": "accept"}),
    "Prodigy, tokens": ("a.jsonl", {"text": TEXT, "tokens": TOKENS, "spans": spans_as("start", "end", "label")}),
    "Label Studio": ("a.json", {"id": 7, "data": {"text": TEXT}, "annotations": [{"result": STUDIO}]}),
    "Label Studio, small": ("a.json", {"id": 7, "text": TEXT, "ner": spans_as("start", "end", "labels", listed=True)}),
    "spaCy": ("a.json", [TEXT, {"entities": SPANS}]),
    "spaCy, lines": ("a.jsonl", [TEXT, {"entities": SPANS}]),
    "another column": ("a.jsonl", {"sentence": TEXT, "marks": SPANS}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "given_row"), EXPORTS.values(), ids=list(EXPORTS))
def test_an_export_is_words_and_tags_and_written_alike(name, given_row, read, tokenizer, tmp_path):
    three, path = [given_row] * 3, tmp_path / f"again{Path(name).suffix}"
    whole = name.endswith(".json")
    content = json.dumps(three, indent=1) if whole else lines_of(*three)
    table = read(name, content, words=tokenizer)
    assert len(table.rows) == 3
    row = table.rows[0]
    assert (row["text"], row["spans"], row["tokens"], row["tags"]) == (TEXT, SPANS, CUT, TAGS)
    assert [*map(list, own_data.spans_of(row["tags"], row["offsets"]))] == SPANS
    lines = content.splitlines()
    starts = [i for i, line in enumerate(lines, start=1) if line[:2] in (" {", " [")] or [1, 2, 3]
    assert table.places == [f"{name}, line {line}" for line in starts]
    assert "span that cuts a word" not in own_data.examine(table, "tag").kinds()
    again = exported(table, path, words=tokenizer)
    assert (again.rows, again.form) == (table.rows, table.form)
    text = path.read_text(encoding="utf-8")
    first = json.loads(text)[0] if whole else json.loads(text.splitlines()[0])
    assert type(first) is type(given_row)
    if isinstance(first, dict):
        assert first.keys() == given_row.keys()


@pytest.mark.parametrize("cutter", ["Metaspace", "BertPreTokenizer", "ByteLevel"])
def test_any_tokenizer_cuts_at_punctuation_and_at_each_letter_of_scripts_without_spaces(cutter):
    text = "我在北京大学。กำดี ok नमस्ते Zoë’s  bell \u2014 ok"
    offsets = own_data.split_words(text, getattr(pre_tokenizers, cutter)())
    words = [*"我在北京大学。กำ", "ดี", "ok", "नमस्ते", "Zoë", "’", "s", "bell", "—", "ok"]
    assert [text[start:end] for start, end in offsets] == words
    tags = own_data.tags_of([own_data.Span(2, 6, "ORG")], offsets)
    assert tags[1:7] == ["O", "B-ORG", *["I-ORG"] * 3, "O"]


def with_span(row):
    """Return a row of JSON Lines with a span."""
    return lines_of(row | {"spans": [[0, 3, "PER"]]})


ANN = {"start": 0, "end": 3}
PERSON = {"value": ANN | {"labels": ["PER"]}}
MET = [["Ann", "met", "Bo."]]
PRAISE = {"value": {"choices": ["praise"]}}  # without a type, as some versions write it
FIRST = {"tokens": MET, "tags": [["B-PER", "O", "O"]]}
TWICE = choice("a", "b")
SKIPPED = studio([], [TWICE])
SKIPPED["annotations"][0]["was_cancelled"] = True
COMMENTED = "{}\nAnn\tB-PER\n# comes\tO\n\n#\tO\n1\tO\n".format
COMMENTS = (
    "# id e5\tdomain=train",
    "#begin document (a); part 000",
    "# newdoc",
    "# text = So",
    "-DOCSTART- (1)\tO",
)
ONE = {"text": ["One fine day"], "label": ["a"]}

# What a file holds: its name and content, and the values of its columns.
READ = {
    "CSV, plain": ("a.csv", "text,label\nOne fine day,a\n", ONE),
    "CSV, semicolons": ("a.csv", "text;label\nOne fine day;a\n", ONE),
    "CSV, tabs": ("a.csv", "text\tlabel\nOne fine day\ta\n", ONE),
    "CSV, bars": ("a.csv", "text|label\nOne fine day|a\n", ONE),
    "CSV, Excel's sep": ("a.csv", "sep=;\ntext;label\nOne fine day;a\n", ONE),
    "CSV, Windows line ends": ("a.csv", "text,label\r\nOne fine day,a\r\n", ONE),
    "CSV, old Mac line ends": ("a.csv", "text,label\rOne fine day,a\r", ONE),
    "CSV, quotes": ("a.csv", '"text","label"\n"One fine day","a"\n', ONE),
    "CSV, empty lines": ("a.csv", "text,label\n\nOne fine day,a\n\n,\n", ONE),
    "CSV, spaces in the header": ("a.csv", " text , label \nOne fine day,a", ONE),
    "commas in a text": ("a.csv", "text;label\nWell, well, well;a\nNo, thanks;b\n",
                         {"text": ["Well, well, well", "No, thanks"], "label": ["a", "b"]}),
    "one column needs no separator": ("a.csv", "text\nOne, two\nThree\n", {"text": ["One, two", "Three"]}),
    "what pandas drops": ("a.csv", "text,label\nx,NA\ny,None\nz,null\n",
                          {"text": ["x", "y", "z"], "label": ["NA", "None", "null"]}),
    **{comment: ("a.conll", COMMENTED(comment), {"tokens": [["Ann", "# comes"], ["#", "1"]]}) for comment in COMMENTS},
    "CoNLL of 2003 has columns between": (
        "a.conll", "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n",
        {"tokens": [["EU", "rejects"]], "tags": [["B-ORG", "O"]],
         "column 2": [["NNP", "VBZ"]], "column 3": [["B-NP", "B-VP"]]}),
    "a node of CoNLL-U before the first word": (
        "a.conllu", CONLL_U.replace("\n1-2", "\n0.1" + "\t_" * 9 + "\n1-2", 1), {"tokens": [["So", "go"], ["#"]]}),
    "words are cut at spaces unless told": ("a.jsonl", lines_of(EXPORTS["Doccano"][1]), {
        "tokens": [[*CUT[:5], "Berlin."]], "tags": [[*TAGS[:5], "B-LOC"]]}),
    "the longest column has the spans": ("a.jsonl", with_span({"title": "News", "content": "Ann met Bo."}), FIRST),
    "an id is no text": ("a.jsonl", with_span({"id": "3f2a-00-99-77", "content": "Ann met Bo."}), FIRST),
    "the column text has them": ("a.jsonl", with_span({"note": "It is long, long.", "text": "Ann met Bo."}), FIRST),
    "choices are labels, a skipped annotation is none": (
        "a.json", json.dumps([SKIPPED, studio([{"type": "relation"}, TWICE]), studio()]),
        {"label": [["a", "b"], ["a", "b"], None]}),
    "choices of JSON_MIN": ("a.json", json.dumps([{"text": "x", "mood": {"choices": ["a", "b"]}}, {"text": "y", "mood": "a"}]),
                            {"mood": [["a", "b"], "a"]}),
    "spans and choices are two columns": (
        "a.json", json.dumps([studio([PRAISE, PERSON, choice("sure", **ANN)]), studio([PRAISE])]),
        {"choices": [["praise", "sure"], ["praise"]], "tags": [["B-PER", "O", "O"], ["O"] * 3]}),
    "a column of the learner's": ("a.json", json.dumps([studio([PERSON], choices="x")]), {"choices": ["x"]}),
    "a bare task": ("a.json", json.dumps([{"data": {"text": "Ann met Bo."}}]), {"tokens": MET}),
    "a task without annotations": ("a.json", json.dumps([studio()]), {"tokens": MET}),
    "a task without results": ("a.json", json.dumps([studio([])]), {"tokens": MET}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "wanted"), READ.values(), ids=list(READ))
def test_a_file_holds_what_stands_there(read, name, content, wanted):
    table = read(name, content)
    assert {column: [row[column] for row in table.rows] for column in wanted} == wanted
    assert not name.endswith(".csv") or {*table.columns} == {*wanted}
    assert table.findings == []


def test_of_several_annotations_the_first_is_read_and_told(read):
    table = read("a.json", json.dumps([studio([TWICE], [choice("c")])]))
    assert table.rows[0]["label"] == ["a", "b"]
    assert kinds(table) == [(LOOK, "several annotations", 1)]


@pytest.mark.parametrize(
    "row",
    [
        {"text": "Bo", "label": [["0", 2, "P"]]},
        {"text": None, "label": SPANS},
        {"text": "Bo", "label": None},
    ],
)
def test_a_span_in_another_form_is_told_and_the_row_stays(read, tmp_path, row):
    table = read("a.jsonl", lines_of({"text": TEXT, "label": SPANS}, row))
    assert kinds(table) == [(STOP, "form of a span", 1)]
    assert "line 2: text" in table.findings[0].first
    assert exported(table, tmp_path / "b.jsonl").rows[0] == table.rows[0]


@pytest.mark.parametrize("column", ["label", "entities", "spans", ""])
def test_a_file_without_annotations_has_words_to_be_tagged(read, tmp_path, column):
    rows = ({"text": text, column: []} for text in ("Ann met Bo.", "No."))
    bare = lines_of(*(rows if column else ([row["text"], {"entities": []}] for row in rows)))
    table = read("a.jsonl", bare)
    assert [row["tokens"] for row in table.rows] == [["Ann", "met", "Bo."], ["No."]]
    own_data.export(table, tmp_path / "b.jsonl")
    assert (tmp_path / "b.jsonl").read_text(encoding="utf-8") == f"{bare.rstrip()}\n"


def test_a_label_predicted_for_a_fresh_file_is_written(read, tmp_path):
    table = read("a.jsonl", lines_of({"text": "Ann met Bo.", "label": []}))
    own_data.export(table.change(lambda row: row | {"label": "praise"}), tmp_path / "b.jsonl")
    assert json.loads((tmp_path / "b.jsonl").read_text())["label"] == "praise"


@pytest.mark.parametrize(
    ("name", "content", "message", "options"),
    [
        ("a.csv", "", "a.csv is empty. Save it again", {}),
        ("a.csv", " \n\n", "a.csv is empty", {}),
        ("a.csv", "text,label\n", "no rows below its header", {}),
        ("a.xls", "PK", "old spreadsheet. Save the sheet as CSV", {}),
        ("a.xlsx", "PK", "cannot be read as a spreadsheet", {}),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "cannot be read as a spreadsheet", {}),
        ("a.parquet", "PAR", "cannot be read as Parquet", {}),
        ("a.docx", "PK", "ends in '.docx'. Rename it", {}),
        ("a.csv.gz", "PK", "a.csv.gz is packed. Unpack it", {}),
        ("a.conll", "1 Ann B-PER\n2 met O\n\n1 Bo B-PER\n", "numbers its words in column 1", {}),
        ("a.conll", "#begin document (x)\n" + "".join(f"x 0 {n} w NN * - - - A * (1)\n" for n in (0, 1, 2)),
         "numbers its words in column 3", {}),
        ("a.txt", "Just\nwords\n", "has one column. Write a word, a tab", {}),
        ("a.csv", b"a,b\n\0,1\n", "bytes of value 0, which no text file does", {}),
        ("a.jsonl", lines_of(EXPORTS["Doccano"][1]), "no encoding 'utf-9'. Use utf-8", {"encoding": "utf-9"}),
        ("a.jsonl", lines_of(EXPORTS["Doccano"][1]), "words is 'letters', which cuts no text", {"words": "letters"}),
        ("a.csv", 'text,label\n" ",\n', "no rows below its header", {}),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(read, name, content, message, options):
    with pytest.raises(ValueError, match=re.escape(message)):
        read(name, content, **options)


def test_a_named_encoding_is_taken_for_what_looks_like_bytes_of_value_0(read):
    wide = "text,label\nho,a\n".encode("utf-16-le")
    assert read("b.csv", wide, "UTF_16_LE").rows[0]["label"] == "a"


def test_a_file_that_is_not_there_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(ValueError, match="no file 'gone.csv' in .*upload it"):
        own_data.read(tmp_path / "gone.csv")


# Files that no editor opens

ROWS = [{"text": "One fine day", "label": "b"}, {"text": "No", "label": "a"}]
NAMES = ClassLabel(names=["a", "b"])
FEATURES = Features({"text": Value("string"), "label": NAMES, "tags": List(NAMES)})
NUMBERED = Dataset.from_list([{"text": "One", "label": 1, "tags": [0, 1]}], features=FEATURES)
BLANK = Dataset.from_list([{"text": "One", "label": -1, "tags": [0, None]}], features=FEATURES)
NAMED = {"text": "One", "label": "b", "tags": ["a", "b"]}
SOME = Dataset.from_list([{"split": "train"}, {"split": None}])  # not every row names its split
UNNAMED = {"text": "One", "label": -1, "tags": ["a", None]}
MIXED = DatasetDict({"train": NUMBERED, "test": BLANK})
PARTS = DatasetDict({"train": NUMBERED, "test": NUMBERED})
BOTH = [NAMED | {"split": "train"}, UNNAMED | {"split": "test"}]


@pytest.mark.parametrize(
    ("name", "save", "rows", "place"),
    [
        ("a.xlsx", lambda path: pd.DataFrame(ROWS).to_excel(path, index=False), ROWS, "row 3"),
        ("a.parquet", NUMBERED.to_parquet, [NAMED], "row 1"),
        ("b.parquet", BLANK.to_parquet, [UNNAMED], "row 1"),
        ("plain", NUMBERED.save_to_disk, [NAMED], "row 1"),
        ("some", SOME.save_to_disk, [{"split": "train"}, {"split": None}], "row 2"),
        ("mixed", MIXED.save_to_disk, BOTH, "test, row 1"),
        ("parts", PARTS.save_to_disk, [NAMED | {"split": name} for name in PARTS], "test, row 1"),
    ],
)
def test_a_file_that_no_editor_opens_is_read_and_written_alike(name, save, rows, place, tmp_path):
    save(tmp_path / name)
    table = own_data.read(tmp_path / name)
    assert (table.rows, table.places[-1], table.findings) == (rows, f"{name}, {place}", [])
    assert exported(table, tmp_path / f"again{Path(name).suffix}").rows == rows


def test_a_file_of_mixed_forms_is_written(read, tmp_path):
    row = {"sentence": "Ann met Bo.", "marks": [[0, 3, "PER"]]}
    table = read("a.jsonl", '["", {}]\n' + lines_of(row, row, row))
    again = exported(table, tmp_path / "b.jsonl").rows
    assert [row["tags"] for row in again[1:]] == [["B-PER", "O", "O"]] * 3


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_several_labels_stand_in_one_cell(name, tmp_path):
    pd.DataFrame(ROWS).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame(ROWS).to_excel(tmp_path / "a.xlsx", index=False)
    table = own_data.read(tmp_path / name).change(lambda row: row | {"label": ["=x", 2]})
    again = exported(table.change(lambda row: row | {"text": "=1+1"}), tmp_path / name)
    assert again.rows == [{"text": "=1+1", "label": "=x;2"}] * 2


@pytest.mark.parametrize("name", ["a.parquet", "plain"])
def test_a_column_that_a_later_row_adds_is_written(name, tmp_path):
    rows = [{"text": "One"}, {"text": "Two", "note": "x"}]
    table = own_data.Table(name, ("text", "note"), rows, ["", ""])
    assert exported(table, tmp_path / name).rows == [{"text": "One", "note": None}, rows[1]]


def test_a_class_that_has_no_name_is_told_with_the_file(tmp_path):
    row = {"text": ["One"], "label": [5], "tags": [[0]]}
    pq.write_table(pa.table(row, schema=FEATURES.arrow_schema), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="a.parquet cannot be read as Parquet .* label 5"):
        own_data.read(tmp_path / "a.parquet")


def test_a_saved_dataset_that_lacks_a_file_says_what_to_do(tmp_path):
    NUMBERED.save_to_disk(tmp_path / "part")
    next((tmp_path / "part").glob("*.arrow")).unlink()
    with pytest.raises(ValueError, match="part cannot be read as a saved .* Copy the whole folder"):
        own_data.read(tmp_path / "part")


def test_an_error_in_a_cell_of_excel_is_an_empty_cell(tmp_path):
    path, rows = tmp_path / "a.xlsx", [*ROWS, dict.fromkeys(("text", "label"), "#N/A")]
    pd.DataFrame([*rows, {"text": "kept", "label": "#N/A"}]).to_excel(path, index=False)
    sheet = openpyxl.load_workbook(path)
    for cell in (*sheet.active[4], sheet.active[5][1]):
        cell.data_type = "e"
    sheet.save(path)
    assert own_data.read(path).rows == [*ROWS, {"text": "kept", "label": ""}]


def test_another_sheet_is_told_and_openpyxl_may_lack(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        for sheet in ("one", "two"):
            pd.DataFrame(ROWS).to_excel(book, sheet_name=sheet, index=False)
    table = own_data.read(path)
    assert (table.rows, kinds(table)) == (ROWS, [(LOOK, "another sheet", 1)])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ValueError, match="Run `pip install openpyxl`, or save the sheet as CSV"):
        own_data.read(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,label\none,a\n"),
        ("a.tsv", "text\tlabel\none, two\ta\n"),
        ("a.jsonl", '{"text": "ü", "label": ["a", "b"]}\n'),
        ("a.json", '[\n{"text": "ü"},\n{"text": "b"}\n]\n'),
        ("a.conll", "EU\tNNP\tB-ORG\n.\t.\tO\n\n"),
        ("a.conllu", "1\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n\n"),
        ("a.jsonl", '{"title": "T", "context": "It is 5.", "qas": [{"id": "q", "question": "5?", "answers": []}]}\n'),
    ],
)  # fmt: skip
def test_text_comes_back_as_it_was(read, tmp_path, name, content):
    path = tmp_path / f"again{Path(name).suffix}"
    own_data.export(read(name, content), path)
    assert path.read_bytes().decode().replace("\r\n", "\n") == content


# Tables


def joined(folder, train, test, ending="csv"):
    """Read a file of training rows and one of test rows as one table."""
    parts = {"train": folder / f"a.{ending}", "test": folder / f"b.{ending}"}
    parts["train"].write_text(train, encoding="utf-8")
    parts["test"].write_text(test, encoding="utf-8")
    return own_data.read(parts)


def test_two_files_make_one_table_with_a_split(tmp_path):
    table = joined(tmp_path, "text,label\nx,a\n", "text,label\ny,a\n")
    assert [(row["text"], row["split"]) for row in table.rows] == [("x", "train"), ("y", "test")]
    assert table.columns == ("text", "label", "split")
    assert table.places == ["a.csv, line 2", "b.csv, line 2"]
    double = joined(tmp_path, "text,label\nx,a\n", "text,label\nx,b\n")
    (other,) = [f for f in own_data.examine(double, "classify").stops if "other label" in f.what]
    assert other.first == "b.csv, line 2: as at a.csv, line 2: 'x'"


def test_files_with_other_columns_are_told(tmp_path):
    table = joined(tmp_path, "text,label\nx,a\n", "message,label\ny,a\n")
    assert table.columns == ("text", "label", "message", "split")
    assert kinds(table) == [(LOOK, "other columns", 1)]
    assert table.findings[0].first == "b.csv: message, label; a.csv has text, label"


def test_a_file_of_which_nothing_can_be_read_has_no_other_columns(tmp_path):
    table = joined(tmp_path, "no JSON\n", '{"text": "x"}\n', "jsonl")
    assert kinds(table) == [(STOP, "not JSON", 1)]


def test_rows_keep_their_places_when_others_go_and_a_new_column_is_one_of_the_table(read):
    table = read("a.csv", "text,label\nx,a\ny,b\nz,c\n")
    kept = table.keep(lambda row: row["label"] != "b")
    assert kept.places == ["a.csv, line 2", "a.csv, line 4"]
    changed = kept.change(lambda row: row | {"label": row["label"].upper(), "split": "train"})
    assert [row["label"] for row in changed.rows] == ["A", "C"]
    assert changed.columns == ("text", "label", "split")
    assert [row["label"] for row in table.rows] == ["a", "b", "c"]  # the first is as it was
    message = "A changed row is None. Use a function that returns a row"
    with pytest.raises(ValueError, match=message):
        table.change(lambda row: row.update(label="x"))
