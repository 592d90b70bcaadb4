"""Files that no editor opens (Parquet, Excel, a saved dataset), and what writes rows to a file of any kind."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, load_from_disk

from labs.own_data.findings import Notes


def is_saved(path: Path) -> bool:
    """Tell whether a path is a folder that `save_to_disk` made."""
    return any((path / name).is_file() for name in ("dataset_dict.json", "dataset_info.json"))


@contextmanager
def _legible(path: Path, what: str, remedy: str) -> Iterator[None]:
    """Name the file in what is raised meanwhile, and the remedy: there is no list of what damaged files raise."""
    try:
        yield
    except (ImportError, MemoryError):
        raise
    except Exception as error:
        raise ValueError(f"{path.name} cannot be read as {what} ({error}). {remedy}") from error


def read_parquet(path: Path, note: Notes) -> Iterator[tuple[str, dict]]:
    """Read Parquet; numbers that `datasets` has names for become these names."""
    remedy = "Save the rows again, without columns of other kinds than texts, numbers and lists."
    with _legible(path, "Parquet", remedy):
        table = pq.read_table(path)
        rows = [*_named(table.to_pylist(), Features.from_arrow_schema(table.schema))]
    yield from ((f"{path.name}, row {number}", row) for number, row in enumerate(rows, start=1))


def read_excel(path: Path, note: Notes) -> Iterator[tuple[str, dict]]:
    """Read the first sheet with something in it, all cells as text; a row's number is the one Excel shows."""
    try:
        with _legible(path, "a spreadsheet", "Save the sheet as CSV (UTF-8) and name that file."):
            options = {"dtype": str, "keep_default_na": False, "engine": "openpyxl"}
            sheets = pd.read_excel(path, sheet_name=None, **options)
    except ImportError as error:
        raise ValueError(
            f"{path.name} is a spreadsheet, and openpyxl is not there to read it. Run `pip install openpyxl`, "
            "or save the sheet as CSV (UTF-8)."
        ) from error
    filled = {name: sheet for name, sheet in sheets.items() if len(sheet)}
    for name in list(filled)[1:]:
        note("another sheet", path.name, repr(name))
    for sheet in [one.fillna("") for one in filled.values()][:1]:  # #N/A comes as NaN
        sheet.columns = [str(column).strip() for column in sheet.columns]
        for number, row in enumerate(sheet.to_dict("records"), start=2):
            if any(cell.strip() for cell in row.values()):
                yield f"{path.name}, row {number}", row


def read_folder(path: Path, note: Notes) -> Iterator[tuple[str, dict]]:
    """Read what `save_to_disk` wrote: a dataset, or one a split, which adds the column "split"."""
    remedy = "Copy the whole folder, with its .arrow files, or save it again."
    with _legible(path, "a saved dataset", remedy):
        saved = load_from_disk(str(path))
    for split, part in saved.items() if isinstance(saved, DatasetDict) else [("", saved)]:
        for number, row in enumerate(_named(part.to_list(), part.features), start=1):
            place = ", ".join(filter(None, (path.name, split, f"row {number}")))
            yield place, row | ({"split": split} if split else {})


def _named(rows: Sequence[dict], features: Features) -> Iterator[dict]:
    """Yield rows with the names of their classes in place of numbers."""
    kinds = {name: one.feature if isinstance(one, List) else one for name, one in features.items()}
    classes = {name: one for name, one in kinds.items() if isinstance(one, ClassLabel)}

    def named(kind: ClassLabel, value):
        if isinstance(value, list):
            return [named(kind, one) for one in value]
        return value if value is None or value < 0 else kind.int2str(value)  # -1: not labeled

    for row in rows:
        yield row | {name: named(one, row[name]) for name, one in classes.items()}


READERS = {"parquet": read_parquet, "xlsx": read_excel, "folder": read_folder}


# Writers: each takes a path and rows as `forms.as_written` returns them


def write_jsonl(path: Path, rows: Sequence) -> None:
    """Write one JSON value a line."""
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def write_json(path: Path, rows: Sequence) -> None:
    """Write an array of rows, one a line; a file that is one object, as SQuAD's, stays one."""
    if len(rows) == 1 and "data" in rows[0]:
        return write_jsonl(path, rows)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def write_conll(path: Path, rows: Sequence[dict]) -> None:
    """Write a word a line, what stood between, and its tag last; in CoNLL-U the tag is upos."""
    with path.open("w", encoding="utf-8") as stream:
        for row in rows:
            names = [name for name in row if name not in ("tags", "split")]
            if "upos" in row:
                names[names.index("upos")] = "tags"
            else:
                names = ["tokens", *(name for name in names if name != "tokens"), "tags"]
            cells = zip(*(row[name] for name in names), strict=True)
            stream.write("".join("\t".join(line) + "\n" for line in cells) + "\n")


def _dataset(rows: Sequence[dict]) -> Dataset:
    """Return rows as a Dataset with the columns of all of them."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return Dataset.from_list([dict.fromkeys(columns) | row for row in rows])


def write_folder(path: Path, rows: Sequence[dict]) -> None:
    """Write a folder for `load_from_disk`; a column "split" that every row fills becomes the splits."""
    splits = dict.fromkeys(row.get("split") for row in rows)
    if all(splits):
        made = {one: _dataset([row for row in rows if row["split"] == one]) for one in splits}
        made = DatasetDict(made).remove_columns("split")
    else:
        made = _dataset(rows)
    made.save_to_disk(str(path))


def _cells(rows: Sequence[dict]) -> pd.DataFrame:
    """Return rows as a sheet, whose cells hold no lists: several labels stand in one, as "refund;urgent"."""
    return pd.DataFrame(rows).map(
        lambda one: ";".join(map(str, one)) if isinstance(one, list) else one
    )


def write_excel(path: Path, rows: Sequence[dict]) -> None:
    """Write a sheet; a text that begins with "=" stays a text."""
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        _cells(rows).to_excel(writer, index=False)
        for cell in (cell for line in writer.book.active for cell in line if cell.data_type == "f"):
            cell.data_type = "s"


WRITERS = {
    "csv": lambda path, rows: _cells(rows).to_csv(
        path, index=False, sep="\t" if path.suffix == ".tsv" else ","
    ),
    "jsonl": write_jsonl,
    "json": write_json,
    "conll": write_conll,
    "parquet": lambda path, rows: _dataset(rows).to_parquet(path),
    "xlsx": write_excel,
    "folder": write_folder,
}
