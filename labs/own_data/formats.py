"""CSV, JSON Lines and CoNLL: each reader yields (place, row), and adds what it cannot read to the findings."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from labs.own_data.findings import STOP, Finding, counted, found

DELIMITERS = ",;\t|"


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
