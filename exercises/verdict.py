"""What a check says, and what it takes for the same: the verdict, and the first difference as a picture."""

import inspect
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from helpers import IGNORE_INDEX
from helpers.tables import cut

# Colors to be read on white and on black.
_LOOK = {"undone": ("○", "#967800"), "correct": ("✓", "#2a8a50"), "wrong": ("✗", "#dd3a2b")}
_CODE = re.compile("`([^`]+)`")


@dataclass(frozen=True)
class Verdict:
    """What a check found; a notebook shows it in color.

    `status` is "undone", "correct" or "wrong"; `first_difference` shows the input of the first
    difference, what the function returned and what was expected. `picture` is the same as HTML, cell by
    cell, where the two can be laid side by side.
    """

    exercise: str
    status: str
    message: str
    first_difference: tuple[tuple[str, str], ...] = ()
    picture: str = field(default="", repr=False, compare=False)

    def __repr__(self) -> str:
        rows = "".join(f"\n  {name}: {value}" for name, value in self.first_difference)
        return f"{_LOOK[self.status][0]} {self.exercise}: {self.message}{rows}"

    def _repr_html_(self) -> str:
        sign, color = _LOOK[self.status]
        message = _CODE.sub(r"<code>\1</code>", escape(self.message))
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left;white-space:pre-wrap'><code>{escape(value)}</code></td></tr>"
            for name, value in self.first_difference
        )
        return (
            f"<div style='border-left:4px solid {color};padding:4px 10px'>"
            f"<b style='color:{color}'>{sign} {escape(self.exercise)}</b> {message}"
            f"{self.picture or (rows and f'<table>{rows}</table>')}</div>"
        )


def same(left, right) -> bool:
    """Compare as a learner means it: floats within rounding, a tuple is a list, a NumPy or torch value its Python one.

    Whole numbers are compared exactly. A Boolean is no number here: True is not 1. Not a number (nan) is
    the same as not a number.
    """
    left, right = (side.tolist() if hasattr(side, "tolist") else side for side in (left, right))
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, float) or isinstance(right, float):
        return _near(left, right)
    return type(left) is type(right) and left == right


def _near(left, right) -> bool:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return False
    try:
        both_nan = math.isnan(left) and math.isnan(right)
        return both_nan or math.isclose(left, right, rel_tol=1e-5, abs_tol=1e-7)  # float32's
    except OverflowError:  # a whole number that no float can hold
        return False


# At most so much of a long answer is shown, around the first difference.
COLUMNS, CHARACTERS = 16, 110
_CELL = "padding:2px 6px;text-align:center;border:1px solid #bbb;white-space:pre;"
_HEAD = "text-align:left;padding-right:8px;"
_WRONG = "background:#f6c7c3;color:#111;font-weight:bold;"
_NOTHING = object()  # where an answer has no value left, or no such key


def draw(function: Callable, cases: Sequence[tuple], expected: Sequence, at: int, yours) -> str:
    """Draw what was returned above what was expected, cell by cell; wrong cells have a color and a ≠.

    The arguments of the learner's `function` name the rows: one with a value for each place of every answer is
    drawn above. `cases` are argument tuples, `expected` the right answers; `at` is the case to draw, and `yours` the
    learner's answer to it. Returns HTML; empty where the two are neither two lists nor two dictionaries.
    """
    yours, wanted = plain(yours), plain(expected[at])
    if isinstance(yours, dict) and isinstance(wanted, dict):
        places = [*wanted, *(key for key in yours if key not in wanted)]
        rows = [[side.get(key, _NOTHING) for key in places] for side in (yours, wanted)]
        above, title = [], "key"
    elif isinstance(yours, (list, tuple)) and isinstance(wanted, (list, tuple)):
        places = range(max(len(yours), len(wanted)))
        rows = [[*side, *[_NOTHING] * (len(places) - len(side))] for side in (yours, wanted)]
        above, title = _aligned(cases, expected), "place"
    else:
        return ""
    names = _names(function, len(cases[at]))
    inputs = {names[i]: plain(cases[at][i]) for i in range(len(names))}
    lines = {title: list(places)} | {names[i]: inputs[names[i]] for i in above}
    wrong = [_NOTHING in pair or not same(*pair) for pair in zip(*rows, strict=True)]
    rest = "".join(
        f"<div>{escape(name)} = <code>{escape(_text(value, False, 300))}</code></div>"
        for name, value in inputs.items()
        if name not in lines
    )
    return rest + _table(lines, rows, wrong)


def plain(value):
    """Return NumPy's and torch's values as Python's, inside lists, tuples and dictionaries too."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return type(value)(map(plain, value)) if type(value) in (list, tuple) else value


def shown(value, limit: int) -> str:
    """Return a value as Python writes it, or its type where Python can't, cut at `limit` characters; an error with its message."""
    try:
        if isinstance(value, Exception):
            return cut(f"{type(value).__name__}: {value}", limit)
        return cut(repr(value), limit)
    except Exception:  # a whole number of too many digits, or a list too deep
        return f"<{type(value).__name__}>"


def _names(function: Callable, count: int) -> list[str]:
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some built-in functions have none
        names = []
    return names if len(names) == count else [f"input {i + 1}" for i in range(count)]


def _aligned(cases: Sequence[tuple], expected: Sequence) -> list[int]:
    """Return which arguments have one value a place of the answer, in every case."""

    def fits(argument, answer):
        both = isinstance(argument, (list, tuple)) and isinstance(answer, (list, tuple))
        return both and len(argument) == len(answer)

    return [
        i
        for i in range(len(cases[0]))
        if all(fits(case[i], answer) for case, answer in zip(cases, expected, strict=True))
    ]


def _table(lines: dict[str, list], rows: list[list], wrong: list[bool]) -> str:
    raw = all(isinstance(value, str) for row in rows for value in row if value is not _NOTHING)
    widest = max(len(_text(value, raw)) for row in rows for value in row)
    columns = min(COLUMNS, max(3, CHARACTERS // (widest + 3)))
    start = max(0, min(wrong.index(True) - columns // 2, len(wrong) - columns))
    window, right = slice(start, start + columns), [False] * columns
    html = [
        _line(name, row[window], right, all(isinstance(value, str) for value in row))
        for name, row in lines.items()
    ]
    html += [_line("yours", rows[0][window], wrong[window], raw)]
    html += [_line("expected", rows[1][window], right, raw)]
    caption = f"<caption>{start + 1} to {start + columns} of {len(wrong)}</caption>"
    return (
        "<div style='overflow-x:auto'><table style='border-collapse:collapse'>"
        f"{caption if len(wrong) > columns else ''}{''.join(html)}</table></div>"
    )


def _line(name: str, values: Sequence, wrong: Sequence[bool], raw: bool) -> str:
    cells = "".join(
        f"<td style='{_CELL}{_WRONG if bad else ''}'>{'≠ ' if bad else ''}{escape(_text(value, raw))}</td>"
        for value, bad in zip(values, wrong, strict=False)
    )
    return f"<tr><th style='{_HEAD}'>{escape(name)}</th>{cells}</tr>"


def _text(value, raw: bool, limit: int = 40) -> str:
    """Return a value for a cell; `raw` text stands without quotes, where nothing but text is in the row."""
    if value is _NOTHING:
        return "–"
    if isinstance(value, int) and value == IGNORE_INDEX:
        return "IGNORE"
    if isinstance(value, float):
        return f"{value:.8g}"
    plainly = raw and value.strip() == value != "" and value.isprintable()
    return cut(value, limit) if plainly else shown(value, limit)
