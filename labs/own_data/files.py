"""A learner's file, of text or not, to rows that know their line; what cannot be read is noted, not fatal."""

import codecs
import csv
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from charset_normalizer import from_bytes

import helpers
from helpers import expect
from labs.own_data import containers
from labs.own_data.findings import LOOK, STOP, Finding, Notes, counted
from labs.own_data.forms import Form, as_written, plain_rows

ENDINGS = {
    "csv": ".csv .tsv",
    "jsonl": ".jsonl .ndjson",
    "json": ".json",
    "conll": ".conll .conllu .iob .iob2 .bio .txt .train .dev .test .testa .testb",
    "parquet": ".parquet",
    "xlsx": ".xlsx",
}
KINDS = {ending: kind for kind, endings in ENDINGS.items() for ending in endings.split()}
REFUSED = {
    ".xls .ods": "is an old spreadsheet. Save the sheet as CSV (UTF-8) or .xlsx and name that file.",
    ".zip .gz .tgz .bz2 .xz .7z .rar .tar .zst": "is packed. Unpack it, and name the file that was in it.",
}
# Of CoNLL files; another # is a word, unless they are CoNLL-U.
COMMENT = "# .+=|# new(doc|par)|# id |#(begin|end) document|-DOCSTART-"
DELIMITERS = ",;\t|"
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What Windows writes in Europe, the Near East, Japan, China and Korea; others are too easily taken for them
WINDOWS = [f"cp{n}" for n in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 932, 936, 949, 950)]
MANY = 20  # lines of which a single strange one is a slip, and no reason to guess an encoding
csv.field_size_limit(2**31 - 1)  # the characters of a cell: the usual limit is 131,072
CONLL_U = ["number", "tokens", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc"]


@dataclass(frozen=True)
class Table:
    """The rows of a file as they stand there, the line of each, and what reading met on the way.

    A row is a dictionary from column to value. `places` names file and line of each row, `form` how it was written.
    """

    file: str
    columns: tuple[str, ...]
    rows: list[dict]
    places: list[str]
    findings: list[Finding] = field(default_factory=list)
    form: Form = field(default_factory=Form)

    def keep(self, wanted) -> Self:
        """Return the table with the rows for which `wanted(row)` is true; places stay with their rows."""
        kept = [i for i, row in enumerate(self.rows) if wanted(row)]
        rows, places = [self.rows[i] for i in kept], [self.places[i] for i in kept]
        return replace(self, rows=rows, places=places)

    def change(self, function) -> Self:
        """Return the table with `function(row)` in place of each row."""
        rows = [function(dict(row)) for row in self.rows]
        for row in rows:
            known = "a function that returns a row, as row | {...}"
            expect(isinstance(row, dict), "A changed row", row, known)
        columns = dict.fromkeys([*self.columns, *(name for row in rows for name in row)])
        return replace(self, rows=rows, columns=tuple(columns))


def read(
    file: str | Path | Mapping[str, str], encoding: str | None = None, words="whitespace"
) -> Table:
    """Read a file of one's own, or one file a split; lines that cannot be read are in the table's findings.

    `file` is a path, from the working directory or from the course's root; or split to path, which adds the column
    "split". `encoding` is that of the text: a mark at the beginning goes before, and without both it is UTF-8, or
    a guess. `words` is what cuts texts with marked spans into words: "whitespace", or a fast tokenizer.
    Rows with spans have "text", "spans", and "tokens", "tags" (IOB2) and "offsets" (characters of each word), which
    come from them.

    Raises ValueError: no path, no such file, an empty one, another ending than those of KINDS, bytes of value 0, an
    encoding that does not exist, `words` that cuts nothing, a spreadsheet that cannot be read.
    """
    if isinstance(file, Mapping):
        return _joined({split: read(part, encoding, words) for split, part in file.items()})
    wanted = 'a path, or one per split: {"train": "one.csv", "test": "other.csv"}'
    expect(isinstance(file, (str, Path)), "file", file, wanted)
    path, lines, note = find(file), [], Notes()
    kind = KINDS.get(path.suffix.lower(), "folder")
    if kind in containers.READERS:
        placed = list(containers.READERS[kind](path, note))
    else:
        lines = read_lines(path, encoding, note)
        if not any(map(str.strip, lines)):
            raise ValueError(f"{path.name} is empty. Save it again, with one example a line.")
        if any("\0" in line for line in lines):
            raise ValueError(
                f"{path.name} holds bytes of value 0, which no text file does. Save it as text in UTF-8."
            )
        placed = list(READERS[kind](path.name, lines, note))
    placed, form = plain_rows(placed, words, note)
    if form.name == "squad":
        placed = list(_located(path.name, lines, placed))
    if not placed and not note:
        raise ValueError(f"{path.name} holds no rows below its header. Write one example a line.")
    columns = dict.fromkeys(column for _, row in placed for column in row)
    rows, places = [row for _, row in placed], [place for place, _ in placed]
    return Table(path.name, tuple(columns), rows, places, [*note.values()], form)


def export(table: Table, path: str | Path) -> None:
    """Write a table, such as the predictions of a task, in the format that its file was read from.

    Raises ValueError: the path's ending is of another format.
    """
    path, ending = Path(path), Path(table.file).suffix.lower()
    kind = KINDS.get(ending, "folder")
    if KINDS.get(path.suffix.lower(), "folder") != kind:
        raise ValueError(
            f"{path.name} has another format than {table.file}, whose rows these are. Let it end in {ending!r}."
        )
    containers.WRITERS[kind](path, as_written(table.rows, table.form))


def find(file: str | Path) -> Path:
    """Return where a file is, or a folder that `save_to_disk` made; `read` names the errors."""
    candidates = [Path(file).expanduser(), helpers.ROOT / file]
    path = next((one for one in candidates if one.is_file() or containers.is_saved(one)), None)
    if path is None:
        where = " nor ".join(str(one.parent) or "." for one in dict.fromkeys(candidates))
        raise ValueError(
            f"There is no file {Path(file).name!r} in {where}. Check the name; in Colab or Binder, upload it."
        )
    for endings, why in REFUSED.items():
        if path.suffix.lower() in endings.split():
            raise ValueError(f"{path.name} {why}")
    if path.is_file() and path.suffix.lower() not in KINDS:
        raise ValueError(
            f"{path.name} ends in {path.suffix!r}. Rename it by what it holds: {', '.join(KINDS)}."
        )
    return path


def read_lines(path: Path, encoding: str | None, note: Notes) -> list[str]:
    """Return a file's lines; note where bytes are not in the encoding; `read` names the errors.

    Where none is named and the file is not UTF-8, one is guessed. In a file that is UTF-8 but for a few bytes,
    or is not in the named one, lines with such bytes are read as Windows-1252, so that the rest can be inspected.
    """
    content = path.read_bytes()
    mark = next((mark for mark in MARKS if content.startswith(mark)), b"")
    codec = MARKS.get(mark) or encoding or "utf-8"
    try:
        return re.split("\r\n?|\n", content.decode(codec))
    except LookupError as error:
        raise ValueError(
            f"There is no encoding {encoding!r}. Use utf-8, cp1252 or latin-1, for example."
        ) from error
    except UnicodeDecodeError:
        if b"\0" in content and not re.match("utf.?(16|32)", codec.lower()):
            return ["\0"]  # no text: to guess at an encoding would take eight times its memory
    raw = re.split(b"\r\n?|\n", content.removeprefix(mark))
    bad = _bad_bytes(codec, raw)
    sound = any(number not in bad and not line.isascii() for number, line in enumerate(raw))
    if encoding or sound or len(bad) == 1 < MANY <= len(raw):
        severity, other, named = STOP, "cp1252", codec.upper()
    else:
        named = codec = other = guessed(b"\n".join(raw[number] for number in list(bad)[:1000]))
        severity = LOOK
    lines = [
        line.decode(other if number in bad else codec, errors="replace")
        for number, line in enumerate(raw)
    ]
    for number, at in bad.items():
        shown = f"byte 0x{raw[number][at]:02X} in {lines[number][: at + 12][-30:]!r}"
        note("encoding", f"{path.name}, line {number + 1}", shown, severity, codec=named)
    return lines


def _bad_bytes(codec: str, lines: list[bytes]) -> dict[int, int]:
    """Return the number of each line that is not in the encoding, to the place of its first bad byte."""
    bad = {}
    for number, line in enumerate(lines):
        try:
            line.decode(codec)
        except UnicodeDecodeError as error:
            bad[number] = error.start
    return bad


def guessed(content: bytes) -> str:
    """Return the likeliest encoding of bytes that are no UTF-8: Windows-1252, unless another of Windows fits better."""
    matches = from_bytes(content, cp_isolation=WINDOWS)
    if not matches:
        return "cp1252"
    fit, clear = max(one.coherence for one in matches), min(one.chaos for one in matches) + 0.05
    likely = [one for one in matches if one.coherence >= fit and one.chaos < clear]
    usual = any("cp1252" in one.could_be_from_charset for one in likely)
    return "cp1252" if usual else matches.best().encoding


def _joined(tables: dict[str, Table]) -> Table:
    names, note = ", ".join(table.file for table in tables.values()), Notes()
    legible = [table for table in tables.values() if table.columns]
    first, *_ = [*legible, Table(names, (), [], [])]
    for table in legible:
        if set(table.columns) != set(first.columns):
            held = f"{', '.join(table.columns)}; {first.file} has {', '.join(first.columns)}"
            note("other columns", table.file, held)
    rows = [row | {"split": split} for split, table in tables.items() for row in table.rows]
    columns = dict.fromkeys(column for table in legible for column in table.columns)
    places = [place for table in tables.values() for place in table.places]
    findings = [finding for table in tables.values() for finding in table.findings]
    findings += note.values()
    return Table(names, (*columns, "split"), rows, places, findings, first.form)


def delimiter(lines: list[str]) -> str:
    """Return what separates the cells: the mark that cuts most lines as it cuts the first; "" for none."""
    agreement = {}
    for mark in DELIMITERS:
        widths = [len(cells) for cells in csv.reader(lines[:50], delimiter=mark) if cells]
        agreement[mark] = widths.count(widths[0]) if widths[0] > 1 else 0
    best = max(agreement, key=agreement.__getitem__)  # the comma, of equals
    return best if agreement[best] else ""


def read_csv(name: str, lines: list[str], note: Notes) -> Iterator[tuple[str, dict]]:
    """Read comma-separated values; also those of a spreadsheet that writes semicolons or tabs."""
    start = 0
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # Excel's own mark
        mark, start = lines[0][4], 1
    else:
        mark = delimiter([line for line in lines if line.strip()])
    header, begins = None, start + 1
    reader = csv.reader([f"{x}\n" for x in lines[start:]], delimiter=mark or "\x1f", strict=True)
    try:
        for cells in reader:
            place, begins = f"{name}, line {begins}", start + reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                for column, count in Counter(header).items():
                    if count > 1 or not column:
                        note("header", place, repr(column or "(empty)"))
            elif len(cells) != len(header):
                many = counted(len(cells), "cell")
                note("number of cells", place, f"{many}, the header has {len(header)}: {cells}")
            else:
                inner = [line for cell in cells for line in cell.split("\n")[1:-1]]
                rows = len(inner) > 1 and {line.count(mark) for line in inner} == {len(header) - 1}
                if rows or (mark == "\t" and any("\n" in cell and mark in cell for cell in cells)):
                    note("lines within quotes", place, f"{cells}")
                yield place, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        note("broken quotes", f"{name}, line {begins}", error)


def read_json(name: str, lines: list[str], note: Notes) -> Iterator[tuple[str, object]]:
    """Read one JSON value a line, an array of them, or one object over many lines."""
    text, first = "\n".join(lines), next(line.strip() for line in lines if line.strip())
    if first.startswith("[") and not _is_row(_decoded(first)):
        values = _array(name, text)
    elif not _is_row(_decoded(first)) and isinstance(whole := _decoded(text), dict):
        values = [(f"{name}, line 1", whole)]
    else:
        values = [
            (f"{name}, line {number}", _decoded(line))
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]
    for place, value in values:
        if _is_row(value):
            yield place, value
        elif isinstance(value, Exception):
            note("not JSON", place, value)
        else:
            kind = type(value).__name__
            note("not JSON", place, f"{kind} in place of an object: {str(value)[:40]!r}")


def _is_row(value) -> bool:
    """Tell whether a value is an object, or a text and an object, as spaCy writes it."""
    pair = isinstance(value, list) and [type(part) for part in value] == [str, dict]
    return pair or isinstance(value, dict)


def _decoded(text: str):
    """Return the value of a JSON text, or the error in it."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        return ValueError(f"{error} in {text[:40]!r}")


def _array(name: str, text: str) -> Iterator[tuple[str, object]]:
    decoder, space = json.JSONDecoder(), re.compile(r"[\s,]*")
    line, before, one_line = 1, 0, "\n" not in text.strip()
    cursor = space.match(text, text.index("[") + 1).end()
    for number in itertools.count(1):
        if text.startswith("]", cursor):
            return
        line, before = line + text.count("\n", before, cursor), cursor
        place = f"{name}, line {line}" + f", row {number}" * one_line
        try:
            value, cursor = decoder.raw_decode(text, cursor)
        except (json.JSONDecodeError, RecursionError) as error:
            yield place, ValueError(f"nothing is read from here on: {error}")
            return
        yield place, value
        cursor = space.match(text, cursor).end()


def _located(name: str, lines: list[str], placed) -> Iterator[tuple[str, dict]]:
    """Yield questions of a nested file with the line where each one's id stands, in place of the article's."""
    text, cursor, line = "\n".join(lines), 0, 1
    key = next((one for one in ('"id": ', '"id":') if one in text), "")
    for place, row in placed:
        mark = key + json.dumps(row.get("id"), ensure_ascii=False)
        if "id" in row and (there := text.find(mark, cursor)) >= 0:
            line, cursor = line + text.count("\n", cursor, there), there + 1
            place = f"{name}, line {line}, id {row['id']}"
        yield place, row


def read_conll(name: str, lines: list[str], note: Notes) -> Iterator[tuple[str, dict]]:
    """Read a word a line, its tag in the last column, an empty line after each sentence."""
    table = [
        [cell.strip() for cell in line.split("\t" if "\t" in line else None)] for line in lines
    ]
    widths = Counter(len(cells) for cells in table if any(cells))
    width = max(widths, key=widths.__getitem__)
    if width == 1:
        raise ValueError(
            f"{name} has one column. Write a word, a tab and its tag a line, and an empty line after "
            "each sentence; texts without tags belong in a CSV or JSONL file."
        )
    for place in (0, 2)[: 1 + (width > len(CONLL_U))]:  # the third is CoNLL-2012's
        numbered = _numbered([cells[place] for cells in table if len(cells) == width])
        if 2 < width != len(CONLL_U) and numbered:
            raise ValueError(
                f"{name} numbers its words in column {place + 1}. Write the word first, its tag last."
            )
    comment = f"{COMMENT}|#" if width == len(CONLL_U) else COMMENT
    words = [
        (number, cells)
        for number, (line, cells) in enumerate(zip(lines, table, strict=True), start=1)
        if not re.match(comment, line.strip())
    ]
    for filled, group in itertools.groupby(words, key=lambda word: any(word[1])):
        sentence = list(group)
        wrong = [word for word in sentence if filled and len(word[1]) != width]
        for number, cells in wrong:
            shown = f"{len(cells)} columns, not {width}: {cells}"
            note("number of columns", f"{name}, line {number}", shown)
        if filled and not wrong:
            yield f"{name}, line {sentence[0][0]}", _sentence([cells for _, cells in sentence])


def _numbered(firsts: list[str]) -> bool:
    """Tell whether a column counts words from 1 or 0, sentence by sentence, as CoNLL-U does."""
    return ("2" in firsts or {*firsts} == {"1"}) and all(
        now in ("0", "1") or (now.isdecimal() and int(now) == int(before) + 1)
        for before, now in itertools.pairwise(["0", *firsts])
    )


def _sentence(words: list[list[str]]) -> dict:
    """Return the columns of a sentence: word first and tag last, or as CoNLL-U names them, upos as the tag."""
    if len(words[0]) == len(CONLL_U) and words[0][0].partition("-")[0] in ("1", "0.1"):
        words = [cells for cells in words if cells[0].isdecimal()]  # neither "1-2" nor "1.1" is one
        columns = dict(zip(CONLL_U, map(list, zip(*words, strict=True)), strict=True))
        return columns | {"tags": columns["upos"]}
    columns = list(map(list, zip(*words, strict=True)))
    between = {f"column {place}": column for place, column in enumerate(columns[1:-1], start=2)}
    return {"tokens": columns[0], "tags": columns[-1], **between}


READERS = {"csv": read_csv, "jsonl": read_json, "json": read_json, "conll": read_conll}
