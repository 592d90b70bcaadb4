"""The table of old and new forms, each as it ran."""

import re
from collections.abc import Sequence
from html import escape

from helpers.tables import WRONG, Html, cut

_LOOK = {True: ("✓", "#2a8a50"), False: ("✗", WRONG)}  # to be read on white and on black
_LEFT = "text-align:left;vertical-align:top"
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
    half, change = outcome.old, outcome.change
    if half.error == "HubNotReached":
        return f"asks the Hub: {short(half.message)}"
    if half.error:
        return f"{half.error}: {short(half.message)}"
    if change.does == "warns":
        return f"warns: {short(' '.join(half.said))}"
    return f"silent: {short(half.value)}"


def _halves(outcome) -> str:
    change = outcome.change
    if change.not_yet:
        below = f"not yet: {escape(change.not_yet)}"
        return _cell(change.old, below) + _cell(change.new, below)
    works = f"works: {short(outcome.new.value)}" if outcome.new.value != "None" else "works"
    return _half(change.old, _told(outcome), outcome.old_problem) + _half(
        change.new, outcome.new.error or works, outcome.new_problem
    )


def _cell(source: str, below: str) -> str:
    code = f"<code style='{_CODE}'>{escape(source)}</code>"
    return f"<td style='{_LEFT};min-width:15em'>{code}<br>{below}</td>"


def _half(source: str, shown: str, problem: str) -> str:
    sign, color = _LOOK[not problem]
    verdict = f" <b>changed again: {escape(short(problem))}</b>" if problem else ""
    return _cell(source, f"<span style='color:{color}'>{sign} {escape(shown)}{verdict}</span>")


def _line(outcome) -> str:
    if outcome.change.not_yet:
        return f"-- {outcome.change.name}  not yet"
    signs = "".join(_LOOK[not problem][0] for problem in (outcome.old_problem, outcome.new_problem))
    again = "" if outcome.holds else "  changed again"
    return f"{signs} {outcome.change.name}{again}"


def old_and_new(outcomes: Sequence) -> OldNew:
    """Draw outcomes of `labs.old_code.changes.run`: per change the old form, the new form, and what each did.

    A tick says that the half did what the change tells. A half that did not is marked "changed again", and
    a change of a later version than the installed one "not yet". The set-up of a change is left out.
    """
    lines = [
        f"<tr><th style='{_LEFT}'>{escape(outcome.change.name)}</th>{_halves(outcome)}"
        f"<td style='{_LEFT}'>{escape(outcome.change.note)}</td></tr>"
        for outcome in outcomes
    ]
    heads = "".join(
        f"<th style='{_LEFT}'>{name}</th>" for name in ("change", "old form", "new form", "note")
    )
    table = f"<table><tr>{heads}</tr>{''.join(lines)}</table>"
    drawn = OldNew(f"<div style='overflow-x:auto'>{table}</div>")
    drawn.lines = tuple(map(_line, outcomes))
    return drawn
