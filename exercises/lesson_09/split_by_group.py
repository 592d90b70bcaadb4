"""The check of lesson 09, Exercise 4 · Split by group."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from exercises.verdict import Verdict, compare


def _by_group(groups: list[str], test_rows: int, order: Callable = dict.fromkeys) -> list[int]:
    chosen: list[str] = []
    for group in order(groups):
        if sum(map(groups.count, chosen)) < test_rows:
            chosen.append(group)
    return _rows(groups, chosen)


def _rows(groups, chosen) -> list[int]:
    return [row for row, group in enumerate(groups) if group in chosen]


def _counted_again(groups, test_rows):
    chosen: list[str] = []
    for group in groups:
        if sum(map(groups.count, chosen)) < test_rows:
            chosen.append(group)
    return _rows(groups, chosen)


def _never_over(groups, test_rows):
    chosen: list[str] = []
    for group in dict.fromkeys(groups):
        if sum(map(groups.count, [*chosen, group])) <= test_rows:
            chosen.append(group)
    return _rows(groups, chosen)


def _until_over(groups, test_rows):
    chosen: list[str] = []
    for group in dict.fromkeys(groups):
        if sum(map(groups.count, [*chosen, group])) > test_rows:
            break
        chosen.append(group)
    return _rows(groups, chosen)


def _first_rows_only(groups, test_rows):
    rows = _by_group(groups, test_rows)
    ends = [i for i in range(1, len(rows)) if rows[i] != rows[i - 1] + 1]
    return rows[: ends[0]] if ends else rows


def check_split_by_group(function) -> Verdict:
    """Check `split_by_group(groups, test_rows) -> list[int]`: whole groups, until the test has enough rows."""
    rng = random.Random()
    cases: list[tuple] = [
        (["ann", "bo", "ann", "cy"], 2),
        (["ann", "ann", "ann", "bo", "cy"], 1),
        (["ann", "bo", "cy", "bo", "ann", "dee"], 3),
        (["ann", "ann", "bo", "cy"], 3),
        (["dee", "bo", "ann", "bo", "cy"], 2),
        (["ann", "bo"], 0),
        (["ann", "bo", "ann"], 9),
        ([], 2),
    ]
    for _ in range(20):
        groups = [rng.choice("abcdef") for _ in range(rng.randrange(12, 24))]
        cases.append((groups, rng.randrange(3, 8)))
    return compare(
        "split_by_group",
        function,
        _by_group,
        cases,
        [
            (
                "it takes the first rows. A group that has rows further down is then parted, and leaks.",
                lambda groups, test_rows: list(range(min(test_rows, len(groups)))),
            ),
            (
                "it takes as many groups as rows were asked for. Count the rows of a group.",
                lambda groups, test_rows: _rows(groups, list(dict.fromkeys(groups))[:test_rows]),
            ),
            (
                "it takes every group that stands among the first rows. Stop when the rows of the groups are enough.",
                lambda groups, test_rows: _rows(groups, groups[:test_rows]),
            ),
            (
                "the rows of a group are counted again when it comes up again. Count those of new groups only.",
                _counted_again,
            ),
            (
                "it goes on when the test has just enough rows. Stop at `test_rows`.",
                lambda groups, test_rows: _by_group(groups, test_rows + 1),
            ),
            (
                "some rows of the last group are cut off, and leak. Take all of them.",
                lambda groups, test_rows: _by_group(groups, test_rows)[:test_rows],
            ),
            (
                "it takes the groups in the order of the alphabet. Take them in the order of their first rows.",
                lambda groups, test_rows: _by_group(
                    groups, test_rows, lambda names: sorted(set(names))
                ),
            ),
            (
                "it takes the groups in the order of a `set`, which is none. `dict.fromkeys` keeps that of their first "
                "rows.",
                lambda groups, test_rows: _by_group(groups, test_rows, set),
            ),
            (
                "it takes the largest groups first. Take them in the order of their first rows.",
                lambda groups, test_rows: _by_group(
                    groups, test_rows, lambda names: dict(Counter(names).most_common())
                ),
            ),
            (
                "a group that would give a row too many is left out. Take it: a few rows more do no harm.",
                _never_over,
            ),
            (
                "it stops before a group that would give a row too many. Take that one: a few rows more do no harm.",
                _until_over,
            ),
            (
                "it returns the training rows. Return those of the test.",
                lambda groups, test_rows: [
                    row for row in range(len(groups)) if row not in _by_group(groups, test_rows)
                ],
            ),
            (
                "it returns the groups. Return the numbers of their rows.",
                lambda groups, test_rows: list(
                    dict.fromkeys(groups[row] for row in _by_group(groups, test_rows))
                ),
            ),
            (
                "it stops at the first gap. A group's rows need not stand together.",
                _first_rows_only,
            ),
        ],
    )
