"""A table's rows under the course's column names, whatever the file calls them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from labs.own_data.files import Table
from labs.own_data.findings import STOP, Finding, found

NEEDS = {
    "classify": ("text", "label"),
    "few": ("text", "label"),
    "tag": ("tokens", "tags"),
    "answer": ("question", "context", "answers"),
    "read": ("text",),
}
SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
PARTS = tuple(dict.fromkeys(SPLITS.values()))


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
    def problem(self) -> tuple[str, str]:
        """What makes the row unusable, and the column's name; two empty texts where nothing does."""
        kinds = {"tokens": list, "tags": list, "answers": dict}
        for name in NEEDS[self.task]:
            value, kind = self.values[name], kinds.get(name, str)
            if value is None:
                return "missing value", name
            if not isinstance(value, kind):
                return "wrong kind of value", name
            if not (value.strip() if kind is str else value):
                return "empty value", name
            if kind is list and not all(isinstance(item, str) and item.strip() for item in value):
                return "wrong kind of value", name
        return "", ""


def names(table: Table, task: str, columns: Mapping[str, str] | None) -> dict[str, str]:
    """Return the course's column names to the file's; `examine` names the errors."""
    if task not in NEEDS:
        raise ValueError(f"There is no task {task!r}. Use one of {', '.join(NEEDS)}.")
    used = (*NEEDS[task], "split", "id")
    known, columns = {*used, *(name for needs in NEEDS.values() for name in needs)}, columns or {}
    if strange := [name for name in columns if name not in known]:
        raise ValueError(
            f"COLUMNS names {strange[0]!r}, which no task uses. Write the course's name first, for "
            f"{task!r} one of {', '.join(used)}, then your file's."
        )
    given = {name: name for name in ("split", "id") if name in table.columns}
    given |= {name: name for name in NEEDS[task]}
    return given | {ours: theirs for ours, theirs in columns.items() if ours in used}


def missing_columns(table: Table, task: str, columns) -> Iterable[Finding]:
    """Find the columns that the file does not have at all."""
    wanted = names(table, task, columns)
    lacking = {
        ours: theirs
        for ours, theirs in wanted.items()
        if table.columns and theirs not in table.columns  # without any row there is nothing to name
    }
    kept = {ours: theirs for ours, theirs in (columns or {}).items() if ours not in lacking}
    example = json.dumps(kept | dict.fromkeys(lacking, "…"), ensure_ascii=False)
    hits = [(table.file, "no " + ", ".join(map(repr, lacking.values())))] * len(lacking)
    remedy = (
        f"The file has {', '.join(map(repr, table.columns))}. Set COLUMNS = {example}, with a name of your "
        "file in place of each …. If these are no names, a CSV lacks its header line."
    )
    return found(STOP, "missing column", hits, remedy)


def rows(table: Table, task: str, columns: Mapping[str, str] | None = None) -> list[Row]:
    """Return the table's rows under the course's names; numbers and truth values as labels become text."""
    wanted, placed = names(table, task, columns), []
    for place, row in zip(table.places, table.rows, strict=True):
        values = {ours: row.get(theirs) for ours, theirs in wanted.items()}
        if isinstance(label := values.get("label"), (int, float)):
            if isinstance(label, float) and label.is_integer():  # what gaps in a column make of 1
                label = int(label)
            values["label"] = str(label)
        split = str(values.pop("split", None) or "").strip().lower()
        placed.append(Row(place, values, SPLITS.get(split, split), task))
    return placed
