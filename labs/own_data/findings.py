"""What an inspection of a file says: findings, one a kind of problem, and the report that holds them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from helpers.tables import cut, table

STOP, LOOK = "stop", "look"


class Finding(NamedTuple):
    """A kind of problem: how often, where first, and what to do.

    `severity` is "stop" where training would fail or its score would be wrong, "look" where a person
    has to decide.
    """

    severity: str
    what: str
    rows: int
    first: str
    remedy: str


@dataclass(frozen=True)
class Report:
    """The findings in a number of rows, the grave ones first; a notebook shows it as a table."""

    file: str
    rows: int
    findings: tuple[Finding, ...]

    @property
    def stops(self) -> list[Finding]:
        """The findings that have to be solved before training."""
        return [finding for finding in self.findings if finding.severity == STOP]

    def kinds(self) -> list[str]:
        """Return what was found, one name a finding."""
        return [finding.what for finding in self.findings]

    def _title(self) -> str:
        stops, rows = len(self.stops), counted(self.rows, "row")
        looks = len(self.findings) - stops
        return f"{self.file}: {rows} read, {stops} to stop at, {looks} to look at"

    def __repr__(self) -> str:
        return "\n".join([self._title(), *(f"- {show(finding)}" for finding in self.findings)])

    def _repr_html_(self) -> str:
        if not self.findings:
            return f"<p>✓ {escape(self._title())}</p>"
        return table([finding._asdict() for finding in self.findings], self._title())._repr_html_()


def show(finding: Finding) -> str:
    """Return a finding as a sentence or two."""
    return f"{finding.what} ({finding.rows}), first at {finding.first}. {finding.remedy}"


def found(
    severity: str, what: str, hits: Sequence[tuple[str, object]], remedy: str
) -> Iterable[Finding]:
    """Return one finding for all hits, each a place and what stands there, or none for no hits."""
    if not hits:
        return ()
    place, value = hits[0]
    return (Finding(severity, what, len(hits), f"{place}: {cut(str(value), 70)}", remedy),)


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: "1 row", "2 rows"."""
    return f"{number} {noun}{'s' * (number != 1)}"
