"""Checks of lesson 09: labels, leaks and splits of one's own rows."""

from __future__ import annotations

import random
from collections.abc import Callable

from helpers.checks.verdict import Verdict, compare

LABELS = ["order", "refund", "repair", "praise"]


def _unknown(labels, known):
    return [row for row, label in enumerate(labels) if label not in known]


def check_unknown_labels(function) -> Verdict:
    """Check `unknown_labels(labels, known) -> list[int]`: the numbers of rows whose label is not known."""
    rng = random.Random()
    cases: list[tuple] = [
        (["order", "refnud", "order", "refnud", "rpair"], LABELS),
        (["order", "repair"], LABELS),
        ([], LABELS),
    ]
    for _ in range(20):
        known = rng.sample(LABELS, 2)
        cases.append(([rng.choice(LABELS) for _ in range(rng.randrange(4, 20))], known))
    return compare(
        "unknown_labels",
        function,
        _unknown,
        cases,
        [
            (
                "it returns the labels. Return the numbers of their rows, so that they can be found.",
                lambda labels, known: [label for label in labels if label not in known],
            ),
            (
                "it counts rows from one. Row numbers count from zero.",
                lambda labels, known: [row + 1 for row in _unknown(labels, known)],
            ),
            (
                "it returns the rows whose label is known. Return the others.",
                lambda labels, known: [i for i, label in enumerate(labels) if label in known],
            ),
            (
                "each unknown label is named once. Return every row that has one.",
                lambda labels, known: [
                    labels.index(label) for label in dict.fromkeys(labels) if label not in known
                ],
            ),
            (
                "it returns how many there are. Return their row numbers.",
                lambda labels, known: len(_unknown(labels, known)),
            ),
        ],
    )


def _one_spelling(
    labels: list[str],
    key: Callable = lambda label: label.strip().casefold(),
    choose: Callable = lambda spellings: max(spellings, key=spellings.count),
) -> list[str]:
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(key(label), []).append(label)
    return [choose(groups[key(label)]) for label in labels]


def _misspelled(rng: random.Random) -> list[str]:
    forms = ["{}", "{} ", " {}", "{}\t"]
    labels = []
    for label in rng.sample(LABELS, 3):
        for spelling in (label, label.capitalize(), label.upper()):
            labels += [rng.choice(forms).format(spelling) for _ in range(rng.randrange(1, 4))]
    rng.shuffle(labels)
    return labels


def check_one_spelling(function) -> Verdict:
    """Check `one_spelling(labels) -> list[str]`: each label in the commonest of its spellings."""
    rng = random.Random()
    cases: list[tuple] = [
        (["REFUND", "Refund", "Refund", "refund ", "order"],),
        (["Order", "order ", "order "],),
        (["order", "Order"],),
        (["order", "repair"],),
        ([],),
    ]
    cases += [(_misspelled(rng),) for _ in range(20)]
    return compare(
        "one_spelling",
        function,
        _one_spelling,
        cases,
        [
            (
                "every label comes out stripped and in small letters. Take the spelling that is the commonest in "
                "the file: somebody chose it.",
                lambda labels: [label.strip().casefold() for label in labels],
            ),
            (
                "it only strips spaces. Capitals make two spellings as well.",
                lambda labels: [label.strip() for label in labels],
            ),
            (
                "it takes the first spelling. Take the commonest, and the first only among equals.",
                lambda labels: _one_spelling(labels, choose=lambda spellings: spellings[0]),
            ),
            (
                "of equally common spellings it takes the last. Take the one that comes first in the file.",
                lambda labels: _one_spelling(
                    labels, choose=lambda spellings: max(spellings[::-1], key=spellings.count)
                ),
            ),
            (
                "spaces still part two spellings. Strip before you compare.",
                lambda labels: _one_spelling(labels, key=str.casefold),
            ),
            (
                "capitals still part two spellings. Compare in small letters.",
                lambda labels: _one_spelling(labels, key=str.strip),
            ),
        ],
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _leaked(train, test, plain=_plain) -> list[str]:
    held = set(map(plain, train))
    return [plain(text) for text in test if plain(text) in held]


def _texts(rng: random.Random) -> tuple[list[str], list[str]]:
    words = ["bell", "wheel", "brake", "chain", "lamp", "saddle"]
    texts = [" ".join(rng.sample(words, 3)) for _ in range(9)]
    forms: list[Callable[[str], str]] = [
        str,
        str.upper,
        str.title,
        lambda text: text.replace(" ", "  "),
        lambda text: f" {text}\n",
    ]

    def drawn(count: int) -> list[str]:
        return [rng.choice(forms)(rng.choice(texts)) for _ in range(count)]

    return drawn(rng.randrange(6, 12)), drawn(rng.randrange(8, 16))


def check_leaked_rows(function) -> Verdict:
    """Check `leaked_rows(train, test) -> int`: how many test texts stand in train, but for capitals and spaces."""
    rng = random.Random()
    cases: list[tuple] = [
        (["A bell.", "Two wheels."], ["a  bell.", "A bell.", "No wheel."]),
        (["a", "a", "a", "b"], ["a", "c"]),
        (["a"], []),
        ([], ["a", "b"]),
    ]
    cases += [_texts(rng) for _ in range(20)]
    return compare(
        "leaked_rows",
        function,
        lambda train, test: len(_leaked(train, test)),
        cases,
        [
            (
                "it misses texts that differ in capitals or spaces. Compare them lower-cased, with single spaces.",
                lambda train, test: len(_leaked(train, test, str)),
            ),
            (
                "it misses texts that differ in spaces. Join what `split()` returns by single spaces.",
                lambda train, test: len(_leaked(train, test, str.lower)),
            ),
            (
                "it misses texts that differ in capitals. Use `lower()` as well.",
                lambda train, test: len(_leaked(train, test, lambda text: " ".join(text.split()))),
            ),
            (
                "a text that leaked twice counts once. Every test row is scored, so count rows.",
                lambda train, test: len(set(_leaked(train, test))),
            ),
            (
                "it counts rows of train. The score is spoiled by rows of test: count these.",
                lambda train, test: len(_leaked(test, train)),
            ),
            (
                "it returns a share. Return the number of rows.",
                lambda train, test: len(_leaked(train, test)) / len(test) if test else 0.0,
            ),
        ],
    )


def _by_group(groups: list[str], test_rows: int) -> list[int]:
    chosen: list[str] = []
    for group in dict.fromkeys(groups):
        if sum(map(groups.count, chosen)) < test_rows:
            chosen.append(group)
    return [row for row, group in enumerate(groups) if group in chosen]


def _never_over(groups, test_rows):
    chosen: list[str] = []
    for group in dict.fromkeys(groups):
        if sum(map(groups.count, [*chosen, group])) <= test_rows:
            chosen.append(group)
    return [row for row, group in enumerate(groups) if group in chosen]


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
                lambda groups, test_rows: [
                    row
                    for row, group in enumerate(groups)
                    if group in list(dict.fromkeys(groups))[:test_rows]
                ],
            ),
            (
                "a group that would give a row too many is left out. Take it: a few rows more do no harm.",
                _never_over,
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
