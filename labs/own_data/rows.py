"""A table's rows under the course's column names, whatever the file calls them."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import compress
from typing import NamedTuple

import helpers
from helpers.tables import cut
from labs.own_data.files import Table
from labs.own_data.findings import Notes
from labs.own_data.tagging import scheme, to_iob2

NEEDS = {
    "classify": ("text", "label"),
    "few": ("text", "label"),
    "tag": ("tokens", "tags"),
    "answer": ("question", "context", "answers"),
    "read": ("text",),
}
PARTS = ("train", "validation", "test")
# Other names of them
SPLITS = {"training": "train", "nan": ""} | dict.fromkeys(("valid", "val", "dev"), "validation")
MARKS = (0, 1, "0", "1", "0.0", "1.0")  # whether a class is one of the row's


class Row(NamedTuple):
    """A row under the course's names: file and line, values, the split it is given, "" for none, and its task."""

    place: str
    values: dict
    split: str
    task: str

    @property
    def text(self) -> str:
        """The text of the row that no two splits may share: of a question, its passage."""
        if self.task == "tag":
            return " ".join(self.values["tokens"])
        return self.values["context" if self.task == "answer" else "text"]

    @property
    def labels(self) -> list[str]:
        """The labels of the row: one, any number where the task is to find several, a sentence's tags, or none."""
        label = self.values.get("tags" if self.task == "tag" else "label", [])
        return label if isinstance(label, list) else [label]

    @property
    def problem(self) -> tuple[str, str]:
        """What makes the row unusable, and the column's name; two empty texts where nothing does."""
        kinds = {"tokens": list, "tags": list, "answers": dict}
        if isinstance(self.values.get("label"), list):
            kinds["label"] = list
        for name in NEEDS[self.task]:
            value, kind = self.values[name], kinds.get(name, str)
            if value is None:
                return "missing value", name
            if not isinstance(value, kind):
                return "wrong kind of value", name
            if not (value.strip() if kind is str else value or name == "label"):
                return "empty value", name
            if kind is list and not all(isinstance(item, str) and item.strip() for item in value):
                return "wrong kind of value", name
        return "", ""


def names(table: Table, task: str, columns: Mapping[str, str] | None) -> dict[str, str]:
    """Return the course's column names to the file's; `examine` names the errors."""
    helpers.known("task", task, NEEDS)
    right = isinstance(columns or {}, Mapping)
    helpers.expect(right, "COLUMNS", columns, 'names in pairs, as {"text": "message"}')
    used = (*NEEDS[task], "split", "id")
    known, columns = {*used, *(name for needs in NEEDS.values() for name in needs)}, columns or {}
    if strange := [name for name in columns if name not in known]:
        raise ValueError(
            f"COLUMNS names {strange[0]!r}, which no task uses. Write the course's name first, for "
            f"{task!r} one of {', '.join(used)}, then your file's."
        )
    given = {name: name for name in used if name in (*NEEDS[task], *table.columns)}
    given |= {ours: theirs for ours, theirs in columns.items() if ours in used}
    if "tags" in table.columns and given.get("tags") in (table.form.column, "upos"):
        given["tags"] = "tags"  # made of the spans; of CoNLL-U, the same
    return given


def missing_columns(table: Table, task: str, columns, note: Notes) -> bool:
    """Tell whether the file lacks columns altogether, and note them."""
    wanted = names(table, task, columns)
    lacking = {
        ours: theirs
        for ours, theirs in wanted.items()
        if table.columns and theirs not in table.columns  # without any row there is nothing to name
    }
    kept = {ours: theirs for ours, theirs in (columns or {}).items() if ours not in lacking}
    example = json.dumps(kept | dict.fromkeys(lacking, "…"), ensure_ascii=False)
    held, told = (", ".join(map(repr, names)) for names in (table.columns, lacking.values()))
    for _ in lacking:
        note("missing column", table.file, f"no {told}", held=cut(held, 300), example=example)
    return bool(lacking)


def rows(
    table: Table,
    task: str,
    columns: Mapping[str, str] | None = None,
    labels: Sequence[str] | None = None,
) -> list[Row]:
    """Return the table's rows under the course's names, as the tasks want them.

    Numbers and truth values as labels become text, or the names that `labels` has for them. Tags of another scheme
    become IOB2; "written" then has them as they were, "scheme" its name. A list of one label each is a label.
    """
    given = [] if labels is None else labels
    right = helpers.listed(given) and all(isinstance(name, str) for name in given)
    helpers.expect(right, "labels", labels, 'a list of names, as ["negative", "positive"]')
    wanted, placed = names(table, task, columns), []
    hot = _zeros_and_ones([row.get(wanted.get("label")) for row in table.rows])
    for place, row in zip(table.places, table.rows, strict=True):
        values = {ours: row.get(theirs) for ours, theirs in wanted.items()}
        if task == "tag" and table.form.column:
            values |= {name: row.get(name) for name in ("text", "spans", "offsets")}
        if not hot:
            for name in {"label", "tags"} & values.keys():
                values[name] = _named(values[name], labels)
        elif values["label"]:
            marks = [int(float(mark)) for mark in values["label"]]
            fits = labels and len(labels) == len(marks)
            values["label"] = [*compress(labels, marks)] if fits else marks
        split = str(values.pop("split", None) or "").strip().lower()
        placed.append(Row(place, values, SPLITS.get(split, split), task))
    usable = [row for row in placed if not row.problem[0]]
    if task == "tag" and (name := scheme([row.values["tags"] for row in usable])):
        for row in usable:
            tags = row.values["tags"]
            row.values.update(written=tags, scheme=name, tags=to_iob2(tags))
    elif any(isinstance(row.values.get("label"), list) for row in usable):
        _same_kind(usable)
    return placed


def _zeros_and_ones(lists: Sequence) -> bool:
    """Tell whether rows have a 0 or 1 for each class (texts, from a CSV), in place of a list of names."""
    given = [one for one in lists if one is not None]
    if not all(isinstance(one, list) and all(mark in MARKS for mark in one) for one in given):
        return False
    alike = len({len(one) for one in given}) == 1 and len(given[0]) > 1
    return alike or any(len(set(one)) < len(one) for one in given)


def _named(value, labels: Sequence[str] | None):
    """Return a label, or each of a list, as text: a number as its name, where `labels` has one."""
    if isinstance(value, list):
        return [_named(one, labels) for one in value]
    if value is None or value != value:
        return None  # NaN, which JSON writes for a gap
    if labels and str(value) in labels:
        return str(value)
    if labels and str(value).lower() in ("true", "false"):  # of Excel TRUE, of JSON true
        value = next((one for one in labels if one.lower() == str(value).lower()), value)
    if isinstance(value, str):
        # é as one sign or two, and spaces of any kind, look the same
        value = re.sub(r"(?<=\S)\s+(?=\S)", " ", unicodedata.normalize("NFC", value))
        value = re.sub(r"^0*(\d+)\.0$", r"\1", value)  # pandas writes 1 so, beside gaps
        with suppress(ValueError):  # CSV, Excel and CoNLL hold texts only
            if labels and value not in labels:
                value = float({"true": 1, "false": 0}.get(value.lower(), value))
    if not isinstance(value, (int, float)):
        return value
    if isinstance(value, float) and value.is_integer():  # what gaps in a column make of 1
        value = int(value)
    known = labels and str(value) not in labels and value in range(len(labels))
    return labels[value] if known else str(value)


def _same_kind(placed: Sequence[Row]) -> None:
    """Make lists of one label each to labels; where a row has several or none, make all labels to sorted lists."""
    held = [sorted({*row.labels}) for row in placed]
    single = all(len(label) == 1 for label in held)
    for row, label in zip(placed, held, strict=True):
        row.values["label"] = label[0] if single else label
