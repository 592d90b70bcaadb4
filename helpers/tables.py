"""Tables and colored words, as HTML."""

from collections.abc import Iterable, Sequence
from html import escape
from numbers import Number

from datasets import ClassLabel, Dataset, List

from helpers import IGNORE_INDEX, expect, listed, whole

# Light fills with dark text, told apart by color-blind readers (after Okabe and Ito, 2008).
COLORS = {"PER": "#f5c9a6", "ORG": "#a9d4f0", "LOC": "#a5dfc9", "MISC": "#e6c3dc"}
WRONG = "#dd3a2b"  # to be read on white and on black
_BLUE, _ORANGE = "background:#a9d4f0;color:#111;", "background:#f5c9a6;color:#111;"
_AGAIN = "background:#fff;color:#b3261e;border:2px dashed #b3261e;"
_WHOLE = "white-space:nowrap;"  # a line must not break at the hyphen of B-PER
_CELL = f"padding:2px 6px;text-align:center;border:1px solid #bbb;{_WHOLE}"


class Html(str):
    """HTML that a notebook shows as a picture."""

    def _repr_html_(self) -> str:
        return str(self)


def cut(text: str, limit: int) -> str:
    """Return the first `limit` characters of a text, with a mark where more follow."""
    return text if len(text) <= limit else text[:limit] + " …"


def _cell(value, look: str = _CELL, tag: str = "td") -> str:
    return f"<{tag} style='{look}'>{escape(str(value))}</{tag}>"


def _rows(lines: Iterable[Iterable[str]], title: str = "") -> str:
    caption = _cell(title, f"text-align:left;{_WHOLE}", "caption") if title else ""
    return caption + "".join(f"<tr>{''.join(cells)}</tr>" for cells in lines)


def _grid(lines: Iterable[Iterable[str]]) -> Html:
    """Lay out lines of cells side by side; a wide table scrolls."""
    drawn = f"<table style='border-collapse:collapse'>{_rows(lines)}</table>"
    return Html(f"<div style='overflow-x:auto'>{drawn}</div>")


def _fill(label: str) -> str:
    if label == "IGNORE":
        return "background:#e8e8e8;color:#666;"
    color = COLORS.get(str(label).partition("-")[2])
    return f"background:{color};color:#111;" if color else ""


def strip(rows: dict[str, Sequence]) -> Html:
    """Draw sequences of equal length one under the other, one column a position, a title on the left.

    IGNORE_INDEX is drawn as IGNORE, None as a dash, entity labels in the color of their type.
    Raises ValueError: rows of different length.
    """
    right = isinstance(rows, dict) and all(map(listed, rows.values()))
    expect(right, "rows", rows, "a list of values for each title, in a dict")
    lengths = {name: len(values) for name, values in rows.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"Rows of different length: {lengths}. Give each position one value.")
    lines = []
    for name, values in rows.items():
        values = values.tolist() if hasattr(values, "tolist") else values
        texts = ["IGNORE" if v == IGNORE_INDEX else "–" if v is None else str(v) for v in values]
        head = _cell(name, "text-align:right;padding-right:8px", "th")
        lines.append([head, *(_cell(text, _CELL + _fill(text)) for text in texts)])
    return _grid(lines)


def table(rows: Sequence[dict], title: str = "") -> Html:
    """Draw dictionaries with the same keys as a table; floats with three decimals, numbers to the right."""
    right = listed(rows) and all(isinstance(row, dict) for row in rows)
    expect(right, "rows", rows, "a list of dicts with the same keys")
    if not len(rows):
        return Html("<p>No rows.</p>")
    sides = dict.fromkeys(rows[0], "text-align:left;")
    for key in sides:
        values = [row[key] for row in rows]
        if all(isinstance(value, Number) and not isinstance(value, bool) for value in values):
            sides[key] = "text-align:right;"
    lines = [[_cell(key, side, "th") for key, side in sides.items()]]
    for row in rows:
        texts = [f"{v:.3f}" if isinstance(v, float) else str(v) for v in map(row.get, sides)]
        looks = [f"{_WHOLE if len(text) <= 24 else ''}vertical-align:top" for text in texts]
        parts = zip(texts, sides.values(), looks, strict=True)
        lines.append([_cell(text, side + look) for text, side, look in parts])
    return Html(f"<table>{_rows(lines, title)}</table>")


def decode(row: dict, features) -> dict:
    """Return a row of a dataset with label ids replaced by their names, and lists joined by spaces."""
    decoded = {}
    for column, value in row.items():
        feature = features[column]
        names = feature.feature if isinstance(feature, List) else feature
        if isinstance(names, ClassLabel):
            held = value if isinstance(value, list) else [value]
            value = ["–" if one in (-1, None) else names.int2str(one) for one in held]  # no label
        decoded[column] = " ".join(map(str, value)) if isinstance(value, list) else value
    return decoded


def random_rows(dataset: Dataset, count: int = 5, seed: int = 42) -> Html:
    """Draw `count` random rows as a table, label ids as names. Raises ValueError: more than there are."""
    right = whole(count, below=len(dataset) + 1)
    expect(right, "count", count, f"a number from 0 to {len(dataset)}, the rows of the dataset")
    drawn = dataset.shuffle(seed=seed).select(range(count))
    return table([decode(row, dataset.features) for row in drawn])


def entities_in_text(
    words: Sequence[str], predicted: Sequence[str], reference: Sequence[str] | None = None
) -> Html:
    """Draw a sentence with its predicted entities colored; where they miss the reference, it stands below.

    `predicted` and `reference` hold one IOB2 name a word. Raises ValueError: they differ in length.
    """
    reference = predicted if reference is None else reference
    given = (words, predicted, reference)
    expect(all(map(listed, given)), "A sentence", given, "lists of words and of their names")
    if len({len(words), len(predicted), len(reference)}) > 1:
        raise ValueError(
            f"{len(words)} words, but {len(predicted)} predictions and {len(reference)} references: "
            "they differ in length. Give each word one name."
        )
    pieces = []
    for word, name, truth in zip(words, predicted, reference, strict=True):
        miss = f"border-bottom:3px solid {WRONG};" if truth != name else ""
        note = _cell(truth, f"{_WHOLE}color:{WRONG}", "sub") if truth != name else ""
        tag = _cell(name, "opacity:.7", "sup") if name != "O" else ""
        look = f"padding:1px 3px;{_WHOLE}{_fill(name)}{miss}"
        pieces.append(f"<span style='{look}'>{escape(str(word))}{tag}</span>{note}")
    return Html(f"<p style='line-height:2.2'>{' '.join(pieces)}</p>")


def pairs(texts: Sequence[str], labels: Sequence) -> Html:
    """Draw every pair of a few rows once: 1 where both have the same label, 0 where they differ.

    Raises ValueError: not one label a text.
    """
    expect(listed(texts) and listed(labels), "A set of rows", (texts, labels), "two lists")
    if len(texts) != len(labels):
        raise ValueError(f"{len(texts)} texts, but {len(labels)} labels. Give each text one label.")
    numbers = [_cell(row + 1, tag="th") for row in range(len(texts))]
    same, other = _cell(1, _CELL + _BLUE), _cell(0, _CELL + _ORANGE)
    lines = [["<td></td><td></td>", *numbers]]
    for row, (text, label) in enumerate(zip(texts, labels, strict=True)):
        left = [_cell(f"{label}: {text}", "text-align:left"), numbers[row], *[_cell("")] * row]
        lines.append([*left, *(same if label == second else other for second in labels[row:])])
    return _grid(lines)


def shards(held: Sequence[Sequence[Sequence[int]]]) -> Html:
    """Draw which rows of a data set each process gets, one color a round; a row seen before is framed.

    `held` holds each process's batches, one a round; a batch is a sequence of row numbers.
    Raises ValueError: the processes differ in their number of batches.
    """
    counts = [len(batches) for batches in held]
    if len(set(counts)) > 1:
        raise ValueError(f"Batches of each process: {counts}. Give all the same number.")
    lines = [[_cell(f"process {i}", "text-align:right", "th")] for i in range(len(held))]
    seen: set[int] = set()
    for place, batches in enumerate(zip(*held, strict=True)):
        for line, batch in zip(lines, batches, strict=True):
            for row in map(int, batch):
                look = _AGAIN if row in seen else (_BLUE, _ORANGE)[place % 2]
                line.append(_cell(row, _CELL + look))
                seen.add(row)
    return _grid(lines)


def passage(text: str, truth: tuple[int, int]) -> Html:
    """Draw a passage with its answer underlined: characters (start, end), end exclusive."""
    start, end = truth
    answer = _cell(text[start:end], "border-bottom:3px solid #0072b2;", "span")
    marked = escape(text[:start]) + answer + escape(text[end:])
    return Html(f"<p style='line-height:1.7;max-width:48em'>{marked}</p>")
