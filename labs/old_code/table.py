"""The table of old and new forms, each as it ran."""

import re
from collections.abc import Sequence
from html import escape

from helpers.tables import WRONG, Html, cut

_LOOK = {True: ("✓", "#2a8a50"), False: ("✗", WRONG)}  # to be read on white and on black
_LEFT = "text-align:left;vertical-align:top"
_HEAD = f"<th style='{_LEFT}'>"
_PLACES = re.compile(r" \((?:/|[A-Za-z]:\\)[^)]*\)|\x1b\[[0-9;]*m")  # folders, colors of a terminal
_CODE = "white-space:pre-wrap;overflow-wrap:anywhere"  # a long name must not push the note away


class OldNew(Html):
    """The table as HTML; in plain text one line a change, with a sign for each half."""

    lines: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def short(text: str) -> str:
    """Return the first line of a text without folders, cut to 110 characters."""
    return cut(_PLACES.sub("", text).strip().split("\n")[0], 110)


def _told(outcome) -> str:
    """Return what the old form did."""
    half = outcome.old
    if half.error == "HubNotReached":
        return f"asks the Hub: {short(half.message)}"
    if half.error:
        return f"{half.error}: {short(half.message)}"
    if outcome.change.does == "warns":
        return f"warns: {short(' '.join(half.said))}"
    return f"silent: {short(half.value)}"


def _cell(source: str, below: str) -> str:
    code = f"<code style='{_CODE}'>{escape(source)}</code>"
    return f"<td style='{_LEFT};min-width:15em'>{code}<br>{below}</td>"


def _half(source: str, shown: str, problem: str) -> str:
    sign, color = _LOOK[not problem]
    verdict = f" <b>changed again: {escape(short(problem))}</b>" if problem else ""
    return _cell(source, f"<span style='color:{color}'>{sign} {escape(shown)}{verdict}</span>")


def _row(outcome) -> tuple[str, str]:
    """Return a change's row of the table, and its line in plain text."""
    change, new = outcome.change, outcome.new
    if change.not_yet:
        below = f"not yet: {escape(change.not_yet)}"
        halves = _cell(change.old, below) + _cell(change.new, below)
        line = f"-- {change.name}  not yet"
    else:
        works = "works" if new.value == "None" else f"works: {short(new.value)}"
        halves = _half(change.old, _told(outcome), outcome.old_problem)
        halves += _half(change.new, new.error or works, outcome.new_problem)
        signs = _LOOK[not outcome.old_problem][0] + _LOOK[not outcome.new_problem][0]
        line = f"{signs} {change.name}{'' if outcome.holds else '  changed again'}"
    name, note = escape(change.name), escape(change.note)
    return f"<tr>{_HEAD}{name}</th>{halves}<td style='{_LEFT}'>{note}</td></tr>", line


def old_and_new(outcomes: Sequence) -> OldNew:
    """Draw outcomes of `labs.old_code.changes.run`: per change the old form, the new form, and what each did.

    A tick says that the half did what the change tells. A half that did not is marked "changed again", and
    a change of a later version than the installed one "not yet". The set-up of a change is left out.
    """
    rows = [_row(outcome) for outcome in outcomes]
    heads = "".join(f"{_HEAD}{name}</th>" for name in ("change", "old form", "new form", "note"))
    table = f"<table><tr>{heads}</tr>{''.join(html for html, _ in rows)}</table>"
    drawn = OldNew(f"<div style='overflow-x:auto'>{table}</div>")
    drawn.lines = tuple(line for _, line in rows)
    return drawn
