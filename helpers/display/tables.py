"""Tables and coloured words, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from numbers import Number

from datasets import ClassLabel, Dataset, List

from helpers.ner import IGNORE_INDEX

# Light fills with dark text, told apart by colour-blind readers (after Okabe and Ito, 2008).
COLOURS = {"PER": "#f5c9a6", "ORG": "#a9d4f0", "LOC": "#a5dfc9", "MISC": "#e6c3dc"}
WRONG = "#dd3a2b"  # to be read on white and on black
_WHOLE = "white-space:nowrap;"  # a line must not break at the hyphen of B-PER
_CELL = "padding:2px 6px;text-align:center;border:1px solid #bbb;white-space:nowrap;"


class Html(str):
    """HTML that a notebook shows as a picture."""

    def _repr_html_(self) -> str:
        return str(self)


def cut(text: str, limit: int) -> str:
    """Return the first `limit` characters of a text, with a mark where more follow."""
    return text if len(text) <= limit else text[:limit] + " …"


def _fill(label: str) -> str:
    if label == "IGNORE":
        return "background:#e8e8e8;color:#666;"
    colour = COLOURS.get(label.partition("-")[2])
    return f"background:{colour};color:#111;" if colour else ""


def strip(rows: dict[str, Sequence], title: str = "") -> Html:
    """Draw sequences of equal length one under the other, one column a position.

    Args:
        rows: row title to values: tokens, word ids, label names. IGNORE_INDEX is drawn as IGNORE,
            None as a dash, entity labels in the colour of their type.
        title: caption.

    Raises:
        ValueError: rows of different length.
    """
    lengths = {name: len(values) for name, values in rows.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"Rows of different length: {lengths}. Give each position one value.")
    lines = []
    for name, values in rows.items():
        cells = []
        for value in values:
            text = "IGNORE" if value == IGNORE_INDEX else "–" if value is None else str(value)
            cells.append(f"<td style='{_CELL}{_fill(text)}'>{escape(text)}</td>")
        lines.append(
            f"<tr><th style='text-align:right;padding-right:8px'>{escape(name)}</th>{''.join(cells)}</tr>"
        )
    caption = f"<caption style='text-align:left'>{escape(title)}</caption>" if title else ""
    return Html(
        "<div style='overflow-x:auto'><table style='border-collapse:collapse'>"
        f"{caption}{''.join(lines)}</table></div>"
    )


def table(rows: Sequence[dict], title: str = "") -> Html:
    """Draw dictionaries with the same keys as a table; floats with three decimals, numbers to the right."""
    if not rows:
        return Html("<p>No rows.</p>")

    def text(value) -> str:
        return f"{value:.3f}" if isinstance(value, float) else str(value)

    def number(value) -> bool:
        return isinstance(value, Number) and not isinstance(value, bool)

    sides = {
        key: f"text-align:{'right' if all(number(row[key]) for row in rows) else 'left'};"
        for key in rows[0]
    }

    def cell(key, value: str) -> str:
        whole = _WHOLE if len(value) <= 24 else ""
        return f"<td style='{sides[key]}{whole}vertical-align:top'>{escape(value)}</td>"

    head = "".join(f"<th style='{side}'>{escape(str(key))}</th>" for key, side in sides.items())
    body = "".join(
        f"<tr>{''.join(cell(key, text(row[key])) for key in sides)}</tr>" for row in rows
    )
    look = f"text-align:left;{_WHOLE}"
    caption = f"<caption style='{look}'>{escape(title)}</caption>" if title else ""
    return Html(f"<table>{caption}<tr>{head}</tr>{body}</table>")


def decode(row: dict, features) -> dict:
    """Return a row of a dataset with label ids replaced by their names."""
    decoded = {}
    for column, value in row.items():
        feature = features[column]
        if isinstance(feature, ClassLabel):
            decoded[column] = feature.int2str(value)
        elif isinstance(feature, List) and isinstance(feature.feature, ClassLabel):
            decoded[column] = " ".join(feature.feature.int2str(item) for item in value)
        elif isinstance(value, list):
            decoded[column] = " ".join(map(str, value))
        else:
            decoded[column] = value
    return decoded


def random_rows(dataset: Dataset, count: int = 5, seed: int = 42) -> Html:
    """Draw `count` random rows as a table, label ids as names.

    Raises:
        ValueError: more rows asked for than there are.
    """
    if count > len(dataset):
        raise ValueError(
            f"{count} rows asked for, but the dataset has {len(dataset)}. Ask for fewer."
        )
    drawn = dataset.shuffle(seed=seed).select(range(count))
    return table([decode(row, dataset.features) for row in drawn])


def entities_in_text(
    words: Sequence[str], predicted: Sequence[str], reference: Sequence[str] | None = None
) -> Html:
    """Draw a sentence with its predicted entities coloured, and mark where they miss the reference.

    Args:
        words: the sentence.
        predicted: one IOB2 name a word.
        reference: one IOB2 name a word; words where the two differ are underlined, the truth below.

    Raises:
        ValueError: words, predictions and references differ in number.
    """
    reference = predicted if reference is None else reference
    if len({len(words), len(predicted), len(reference)}) > 1:
        raise ValueError(
            f"{len(words)} words, but {len(predicted)} predictions and {len(reference)} references: "
            "they differ in length. Give each word one name."
        )
    pieces = []
    for word, name, truth in zip(words, predicted, reference, strict=True):
        miss = f"border-bottom:3px solid {WRONG};" if truth != name else ""
        note = f"<sub style='{_WHOLE}color:{WRONG}'>{escape(truth)}</sub>" if truth != name else ""
        tag = f"<sup style='opacity:.7'>{escape(name)}</sup>" if name != "O" else ""
        pieces.append(
            f"<span style='padding:1px 3px;{_WHOLE}{_fill(name)}{miss}'>{escape(word)}{tag}</span>{note}"
        )
    return Html(f"<p style='line-height:2.2'>{' '.join(pieces)}</p>")
