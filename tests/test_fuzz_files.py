"""Files that learners may bring, whatever stands in them: read and inspected, or refused by name with a remedy."""

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
import test_own_files as exports
from datasets import ClassLabel, Dataset, Features, Value
from fuzzing import VALUES, altered, broken, many, refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError
from test_own_task import squad

from labs import own_data
from labs.own_data.files import ENDINGS
from labs.own_data.rows import NEEDS

LINES = 14  # of each example: near-duplicates are looked for in all pairs


@cache
def examples():
    """Return name -> content of one file of each format that a learner may bring."""
    found = {}
    for path in sorted(exports.EXAMPLES.iterdir()):
        found[path.name] = b"".join(path.read_bytes().splitlines(keepends=True)[:LINES])
    for name, (file, row) in exports.EXPORTS.items():
        listed = json.dumps([row] * 4, indent=1)
        content = listed if file == "a.json" else exports.lines_of(*[row] * 4)
        found[f"{name.replace(' ', '')}{Path(file).suffix}"] = content.encode()
    found["squad.json"] = squad(3).encode()
    found["german.csv"] = "text;label\nGröße 1;a\nStück;b\nÄpfel;a\n".encode("cp1252")
    found["wide.tsv"] = "text\tlabel\nnaïve\ta\n".encode("utf-16")
    columns = [f"{n}\tw{n}\tlemma\tNOUN\tNN\t_\t0\troot\t_\t_\n" for n in (1, 2, 3)]
    found["tree.conllu"] = ("# sent_id = 1\n" + "".join(columns) + "\n").encode() * 3
    return found | containers()


def containers():
    """Return the files that no editor opens."""
    features = Features({"text": Value("string"), "label": ClassLabel(names=["a", "b"])})
    rows = Dataset.from_dict({"text": ["x", "y", "z"], "label": [0, 1, 0]}, features=features)
    with TemporaryDirectory() as folder:
        rows.to_parquet(Path(folder, "a.parquet"))
        rows.to_pandas().astype(str).to_excel(Path(folder, "a.xlsx"), index=False)
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def damaged(content, name):
    """Return a container in which the compressed bytes of a part begin with others."""
    at = content.index(name) + len(name)
    return content[:at] + b"\xff" * 4 + content[at + 4 :]


def inspected(path, content, choice):
    """Read a file as lesson 09 does, and look at it as every task; the errors are those that are documented."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with refused(path.name, ". "):  # the fault, then the remedy
        look_at(own_data.read(path), path, choice)


def look_at(table, path, choice):
    assert len(table.rows) == len(table.places)
    assert all(place.startswith(path.name) for place in table.places)
    assert {name for row in table.rows for name in row} <= set(table.columns)
    used = st.sampled_from(table.columns) if table.columns else st.nothing()
    for task, needs in NEEDS.items():
        names = st.fixed_dictionaries({}, optional=dict.fromkeys(needs, used))
        columns = choice.draw(names) if table.columns else {}
        report = own_data.examine(table, task, columns)
        report._repr_html_()
        with refused(". "):
            splits = own_data.prepare(table, task, columns, seed=0)
            assert report.stops == []
            texts = [own_data.texts_of(part) for part in splits.values()]
            assert all(texts)
            assert len(set.union(*texts)) == sum(map(len, texts))
    if table.rows:
        again = exports.exported(table, path.with_stem("again"))
        assert len(again.rows) == len(table.rows)


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("ending", [endings.split()[0] for endings in ENDINGS.values()])
@many
@given(content=st.binary(max_size=300), choice=st.data())
def test_random_bytes_are_read_or_refused(ending, folder, content, choice):
    inspected(folder / f"a{ending}", content, choice)


@pytest.mark.parametrize("name", examples())
@many
@given(choice=st.data())
def test_an_example_with_broken_bytes_is_read_or_refused(name, folder, choice):
    inspected(folder / name, choice.draw(broken(examples()[name])), choice)


@pytest.mark.parametrize("name", [name for name in examples() if ".json" in name])
@many
@given(choice=st.data())
def test_an_example_with_other_values_is_read_or_refused(name, folder, choice):
    text = examples()[name].decode(errors="replace")
    if name.endswith(".jsonl"):
        rows = [json.loads(line) for line in text.splitlines() if line.startswith(("{", "["))]
        lines = choice.draw(altered(rows))
        lines = lines if isinstance(lines, list) else [lines]
    else:
        lines = [choice.draw(altered(json.loads(text)))]
    inspected(folder / name, "\n".join(map(json.dumps, lines)), choice)


@pytest.mark.parametrize("name", ["library.csv", "workshop.conll"])
@many
@given(choice=st.data())
def test_an_example_with_other_cells_is_read_or_refused(name, folder, choice):
    lines = examples()[name].decode().splitlines()
    cells = st.sampled_from(['"', "O", "B-", "I-X", "-", "#", "1", " ", ",", "\t", "", "\ufeff"])
    for _ in range(choice.draw(st.integers(1, 5))):
        place = choice.draw(st.integers(0, len(lines) - 1))
        lines[place] = choice.draw(st.lists(cells, max_size=5).map("".join)) + lines[place]
    inspected(folder / name, "\n".join(lines), choice)


ROW = st.fixed_dictionaries({"text": VALUES, "label": VALUES})


@many
@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_columns_of_any_types_are_read_from_a_spreadsheet(folder, rows):
    path = folder / "a.xlsx"
    cells = [{name: str(value)[:50] for name, value in row.items()} for row in rows]
    with suppress(IllegalCharacterError), refused("a.xlsx"):
        pd.DataFrame(cells).to_excel(path, index=False)
        names = {frozenset(row) for row in own_data.read(path).rows}
        assert names == {frozenset(("text", "label"))}


SPAN = {"start": 0, "end": 3, "label": "PER"}
QUESTION = {"context": "a boat", "question": "Who?", "id": "1"}


def answers(texts, starts):
    return {"answers": {"text": texts, "answer_start": starts}}


FOUND = {
    "space of another encoding": ("a.json", b"\xa0"),
    "what may be of a mainframe": ("a.csv", b"%\xd8"),
    "a text as long as a book": ("a.csv", b'text,label\n"' + b"so on, " * 20_000 + b'",a\n'),
    "spaces in UTF-16": ("a.tsv", " \n".encode("utf-16")),
    "a character of value 0": ("a.csv", "text,label\nx\0,a\n".encode("utf-16")),
    "a part that cannot be unpacked": ("a.xlsx", damaged(examples()["a.xlsx"], b"sheet1.xml")),
    "tokens that are a number": ("a.jsonl", {"text": "Ann", "tokens": 1, "spans": [SPAN]}),
    "a token without a place": ("a.jsonl", {"text": "Ann", "tokens": [{}], "spans": [SPAN]}),
    "spans of no form": ("a.jsonl", {"text": "Ann", "tokens": [SPAN], "spans": [SPAN, 1]}),
    "a span with a name too many": ("a.jsonl", {"text": "Ann", "spans": [SPAN | {"labels": 1}]}),
    "a span with an empty name": ("a.jsonl", {"text": "Ann", "spans": [{"": 1, "end": 3}]}),
    "no annotation": ("a.jsonl", {"data": {"text": "Ann"}, "annotations": [None]}),
    "a number of annotations": ("a.jsonl", {"data": {"text": "Ann"}, "annotations": 5}),
    "results that are none": ("a.jsonl", {"data": {}, "annotations": [{"result": [{"value": 1}]}]}),
    "an answer without a start": ("a.jsonl", QUESTION | {"answers": {"text": ["boat"]}}),
    "answers that are none": ("a.jsonl", {"context": "a", "qas": [QUESTION | {"answers": [1]}]}),
    "an answer that is a list": ("a.jsonl", QUESTION | answers([["boat"]], [2])),
    "a question without an id": ("a.json", squad(3).replace('"id": "q1"', '"text": null')),
    "an id that is a list": ("a.jsonl", QUESTION | answers([], []) | {"id": [1]}),
}


@pytest.mark.parametrize("kind", FOUND)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(choice=st.data())
def test_what_drawing_has_found_is_read_or_refused(kind, folder, choice):
    name, content = FOUND[kind]
    content = json.dumps(content) if isinstance(content, dict) else content
    inspected(folder / name, content, choice)
