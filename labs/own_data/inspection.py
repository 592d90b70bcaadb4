"""Inspection of a learner's rows: all findings at once, whatever the first one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labs.own_data import inspection_texts as texts
from labs.own_data.files import Table
from labs.own_data.findings import STOP, Report
from labs.own_data.inspection_tasks import CHECKS, outside
from labs.own_data.rows import missing_columns, problem, rows


def examine(
    table: Table,
    task: str,
    columns: Mapping[str, str] | None = None,
    *,
    labels: Sequence[str] | None = None,
    tokenizer=None,
    max_length: int | None = None,
) -> Report:
    """Look for everything that spoils training, and never stop at the first.

    Args:
        table: from `own.read`.
        task: one of NEEDS.
        columns: the course's name to the file's, where they differ; also "split" and "id".
        labels: the label inventory, or for "tag" the tags, where it is known beforehand.
        tokenizer: where it is given with `max_length`, longer texts are counted.
        max_length: tokens, specials included.

    Returns:
        A `Report`.

    Raises:
        ValueError: no such task; `columns` names what no task uses.
    """
    findings = list(table.findings)
    if missing := list(missing_columns(table, task, columns)):
        return Report(table.file, len(table.rows), (*findings, *missing))
    placed = rows(table, task, columns)
    findings += texts.unusable(placed, task)
    usable = [row for row in placed if not problem(row, task)[0]]
    findings += texts.unknown_splits(placed)
    for check in CHECKS[task]:
        findings += check(usable)
    if labels:
        findings += outside(usable, task, labels)
    findings += texts.repeated(usable, task)
    findings += texts.leaks(usable, task)
    if tokenizer is not None:
        tokens = texts.tokenized(usable, task, tokenizer)
        if max_length and task != "answer":  # answers come in windows
            findings += texts.too_long(usable, task, tokens, tokenizer, max_length)
        findings += texts.strange_script(usable, task, tokens, tokenizer)
    findings += texts.too_few(usable, task, table.file)
    ordered = sorted(findings, key=lambda finding: finding.severity != STOP)
    return Report(table.file, len(table.rows), tuple(ordered))
