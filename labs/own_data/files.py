"""A learner's file, CSV, JSONL or CoNLL, to rows that know their line; what cannot be read is noted, not fatal."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import helpers
from labs.own_data.findings import LOOK, STOP, Finding, counted, found

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
SPREADSHEETS = (".xlsx", ".xls", ".ods")
DELIMITERS = ",;\t|"


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


def delimiter(lines: list[str]) -> str:
    """Return what separates the cells: the mark that cuts most lines as it cuts the first; "" for none."""
    agreement = {}
    for mark in DELIMITERS:
        widths = [len(cells) for cells in csv.reader(lines[:50], delimiter=mark) if cells]
        agreement[mark] = sum(width == widths[0] for width in widths) if widths[0] > 1 else 0
    best = max(agreement, key=agreement.__getitem__)  # the comma, of equals
    return best if agreement[best] else ""


def read_csv(name: str, lines: list[str], findings: list) -> Iterator[tuple[str, dict]]:
    """Read comma-separated values; also those of a spreadsheet that writes semicolons or tabs."""
    start = 0
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # Excel's own mark
        mark, start = lines[0][4], 1
    else:
        mark = delimiter([line for line in lines if line.strip()])
    ragged, header = [], None
    reader = csv.reader([f"{x}\n" for x in lines[start:]], delimiter=mark or "\x1f", strict=True)
    while True:
        place = f"{name}, line {start + reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            remedy = (
                "From there on nothing could be read. Put the whole text between quotes, and double "
                'those within it: """Wow"", she said."'
            )
            findings += found(STOP, "broken quotes", [(place, error)], remedy)
            break
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            findings += _bad_header(header, place)
        elif len(cells) != len(header):
            many = counted(len(cells), "cell")
            ragged.append((place, f"{many}, the header has {len(header)}: {cells}"))
        else:
            yield place, dict(zip(header, cells, strict=True))
    remedy = (
        'Left out. Too many: put a text that holds the separator between quotes, "one, two". Too few: '
        "a text with a line break was cut; put it between quotes too."
    )
    findings += found(STOP, "number of cells", ragged, remedy)


def _bad_header(header: list[str], place: str) -> list[Finding]:
    twice = [name or "(empty)" for name, count in Counter(header).items() if count > 1 or not name]
    remedy = (
        "Give each column a name of its own in the first line. One without a name, the first, is often "
        "the index of pandas: save with index=False."
    )
    return list(found(STOP, "header", [(place, f"{name!r}") for name in twice], remedy))


def read_jsonl(name: str, lines: list[str], findings: list) -> Iterator[tuple[str, dict]]:
    """Read one JSON object a line; a passage with its questions ("qas") becomes one row a question."""
    if lines[0].lstrip().startswith("["):
        raise ValueError(
            f"{name} begins with '[': one JSON array. Write one object a line (JSON Lines). Where it holds "
            f'rows, pandas does it: pd.read_json("{name}").to_json("rows.jsonl", orient="records", lines=True).'
        )
    if lines[0].strip() == "{":
        raise ValueError(
            f"{name} is one JSON object over many lines. Write one row on each line (JSON Lines)."
        )
    hits = []
    for number, line in enumerate(lines, start=1):
        place = f"{name}, line {number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            hits.append((place, f"{error} in {line[:40]!r}"))
            continue
        if not isinstance(row, dict):
            hits.append((place, f"{type(row).__name__} in place of an object: {line[:40]!r}"))
        elif isinstance(row.get("qas"), list) and all(isinstance(one, dict) for one in row["qas"]):
            shared = {key: value for key, value in row.items() if key != "qas"}
            yield from ((place, shared | question) for question in row["qas"])
        else:
            yield place, row
    remedy = 'Left out. Write one object on one line: {"text": "…", "label": "…"}.'
    findings += found(STOP, "not JSON", hits, remedy)


def read_conll(name: str, lines: list[str], findings: list) -> Iterator[tuple[str, dict]]:
    """Read a word a line, its tag in the last column, an empty line after each sentence."""
    cut = [line.split("\t") if "\t" in line else line.split() for line in lines]
    widths = Counter(len(cells) for cells in cut if any(cells))
    width = max(widths, key=widths.__getitem__)
    if width == 1:
        raise ValueError(
            f"{name} has one column. Write a word, a tab and its tag a line, and an empty line after "
            "each sentence; texts without tags belong into a CSV or JSONL file."
        )
    if width > 2 and _numbered([cells[0] for cells in cut if len(cells) == width]):
        raise ValueError(
            f"{name} numbers its words in the first column. Write the word first, its tag last."
        )
    hits: list[tuple[str, str]] = []
    start, sentence, sound = 0, [], True
    for number, cells in enumerate([*cut, []], start=1):
        if any(cell.strip() for cell in cells):
            if cells[0] == "-DOCSTART-" or (cells[0] == "#" and "=" in cells):
                continue
            start = start or number
            sentence.append([cell.strip() for cell in cells])
            if len(cells) != width:
                hits.append(
                    (f"{name}, line {number}", f"{len(cells)} columns, not {width}: {cells}")
                )
                sound = False
        elif sentence:
            if sound:
                yield f"{name}, line {start}", _sentence(sentence)
            start, sentence, sound = 0, [], True
    remedy = "The sentence is left out. Write word, tab, tag; an empty line only between sentences."
    findings += found(STOP, "number of columns", hits, remedy)


def _numbered(firsts: list[str]) -> bool:
    """Tell whether the first column counts words from 1, sentence by sentence, as CoNLL-U does."""
    return all(
        now == "1" or (now.isdecimal() and int(now) == int(before) + 1)
        for before, now in pairwise(["0", *firsts])
    )


def _sentence(words: list[list[str]]) -> dict:
    columns = list(map(list, zip(*words, strict=True)))
    between = {f"column {place}": column for place, column in enumerate(columns[1:-1], start=2)}
    return {"tokens": columns[0], "tags": columns[-1], **between}


READERS = {"csv": read_csv, "jsonl": read_jsonl, "conll": read_conll}
