"""A learner's file, CSV, JSONL or CoNLL, to rows that know their line; what cannot be read is noted, not fatal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import helpers
from labs.own_data.findings import LOOK, STOP, Finding, found
from labs.own_data.formats import read_conll, read_csv, read_jsonl

KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".conll": "conll",
    ".iob": "conll",
    ".iob2": "conll",
    ".bio": "conll",
    ".txt": "conll",
}
READERS = {"csv": read_csv, "jsonl": read_jsonl, "conll": read_conll}
SPREADSHEETS = (".xlsx", ".xls", ".ods")


@dataclass(frozen=True)
class Table:
    """The rows of a file as they stand there, the line of each, and what reading met on the way.

    A row is a dictionary from column to value. `places` names file and line of each row.
    """

    file: str
    columns: tuple[str, ...]
    rows: list[dict]
    places: list[str]
    findings: list[Finding] = field(default_factory=list)

    def keep(self, wanted) -> Table:
        """Return the table with the rows for which `wanted(row)` is true; places stay with their rows."""
        kept = [i for i, row in enumerate(self.rows) if wanted(row)]
        rows, places = [self.rows[i] for i in kept], [self.places[i] for i in kept]
        return replace(self, rows=rows, places=places)

    def change(self, function) -> Table:
        """Return the table with `function(row)` in place of each row."""
        rows = [function(dict(row)) for row in self.rows]
        columns = dict.fromkeys([*self.columns, *(name for row in rows for name in row)])
        return replace(self, rows=rows, columns=tuple(columns))


def read(file: str | Path | Mapping[str, str], encoding: str = "utf-8") -> Table:
    """Read a file of one's own, or one file a split.

    Args:
        file: a path, from the working directory or from the course's root; or split to path, which adds
            the column "split".
        encoding: of the text; a mark of UTF-8 at the beginning is left out.

    Returns:
        A `Table`. Lines that cannot be read are in its findings.

    Raises:
        ValueError: no such file, an empty one, a spreadsheet, another ending than those of KINDS, UTF-16,
            bytes of value 0, an encoding that does not exist.
    """
    if isinstance(file, Mapping):
        return _joined({split: read(part, encoding) for split, part in file.items()})
    path = find(file)
    lines, findings = read_lines(path, encoding)
    placed = list(READERS[KINDS[path.suffix.lower()]](path.name, lines, findings))
    if not placed and not findings:
        raise ValueError(f"{path.name} holds no rows below its header. Write one example a line.")
    columns = dict.fromkeys(column for _, row in placed for column in row)
    return Table(
        path.name, tuple(columns), [r for _, r in placed], [p for p, _ in placed], findings
    )


def find(file: str | Path) -> Path:
    """Return where a file is; `read` names the errors."""
    candidates = [Path(file).expanduser(), helpers.ROOT / file]
    path = next((one for one in candidates if one.is_file()), None)
    if path is None:
        where = " nor ".join(str(one.parent) or "." for one in dict.fromkeys(candidates))
        raise ValueError(
            f"There is no file {Path(file).name!r} in {where}. Check the name; in Colab or Binder, upload it."
        )
    if path.suffix.lower() in SPREADSHEETS:
        raise ValueError(
            f"{path.name} is a spreadsheet. Save the sheet as CSV (UTF-8) and name that file."
        )
    if path.suffix.lower() not in KINDS:
        raise ValueError(
            f"{path.name} ends in {path.suffix!r}. Rename it by what it holds: {', '.join(KINDS)}."
        )
    return path


def read_lines(path: Path, encoding: str = "utf-8") -> tuple[list[str], list[Finding]]:
    """Return a file's lines, and a finding where bytes are not in the encoding; `read` names the errors.

    Bytes that are not in it are read as Windows-1252, so that the rest of the file can be inspected.
    """
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise ValueError(f"{path.name} is empty. Save it again, with one example a line.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") and not encoding.lower().startswith("utf-16"):
        raise ValueError(f"{path.name} is UTF-16. Save it as UTF-8, or pass encoding='utf-16'.")
    if b"\0" in content and not encoding.lower().startswith("utf-16"):
        raise ValueError(
            f"{path.name} holds bytes of value 0, which no text file does. Save it as text in UTF-8."
        )
    try:
        return _split(content.decode(encoding)), []
    except LookupError as error:
        raise ValueError(
            f"There is no encoding {encoding!r}. Use utf-8, cp1252 or latin-1, for example."
        ) from error
    except UnicodeDecodeError:
        lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    text, hits = [], []
    for number, line in enumerate(lines, start=1):
        try:
            text.append(line.decode(encoding))
        except UnicodeDecodeError as error:
            text.append(line.decode("cp1252", errors="replace"))
            byte = f"byte 0x{line[error.start]:02X} in {text[-1][: error.start + 12][-30:]!r}"
            hits.append((f"{path.name}, line {number}", byte))
    remedy = (
        f"It is not {encoding.upper()}; read as Windows-1252 here. If that reads well, pass "
        "encoding='cp1252'; where a few lines only are hit, mend them and save as UTF-8."
    )
    return text, list(found(STOP, "encoding", hits, remedy))


def _split(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _joined(tables: dict[str, Table]) -> Table:
    legible = [table for table in tables.values() if table.columns]
    first = next(iter(legible), None)
    hits = [
        (table.file, f"{', '.join(table.columns)}; {first.file} has {', '.join(first.columns)}")
        for table in legible
        if set(table.columns) != set(first.columns)
    ]
    differ = found(LOOK, "other columns", hits, "Give the columns of all files the same names.")
    rows = [row | {"split": split} for split, table in tables.items() for row in table.rows]
    columns = dict.fromkeys(name for table in tables.values() for name in table.columns)
    return Table(
        ", ".join(table.file for table in tables.values()),
        (*columns, "split"),
        rows,
        [place for table in tables.values() for place in table.places],
        [*(finding for table in tables.values() for finding in table.findings), *differ],
    )
