"""The check of lesson 09, Exercise 2 · One spelling for each label."""

from __future__ import annotations

import random
from collections.abc import Callable

from exercises.lesson_09.shared import LABELS
from exercises.verdict import Verdict, compare


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
                "it only puts labels into small letters. Take the spelling that is the commonest in the file.",
                lambda labels: [label.casefold() for label in labels],
            ),
            (
                "it takes the first spelling. Take the commonest, and the first only among equals.",
                lambda labels: _one_spelling(labels, choose=lambda spellings: spellings[0]),
            ),
            (
                "it takes the last spelling. Take the commonest, and the first only among equals.",
                lambda labels: _one_spelling(labels, choose=lambda spellings: spellings[-1]),
            ),
            (
                "of equally common spellings it takes the last. Take the one that comes first in the file.",
                lambda labels: _one_spelling(
                    labels, choose=lambda spellings: max(spellings[::-1], key=spellings.count)
                ),
            ),
            (
                "of equally common spellings `set` gives any. Go through them in the order of the file.",
                lambda labels: _one_spelling(
                    labels, choose=lambda spellings: max(set(spellings), key=spellings.count)
                ),
            ),
            (
                "of equally common spellings it takes the first of the alphabet. Take the one that comes first in "
                "the file.",
                lambda labels: _one_spelling(
                    labels, choose=lambda spellings: max(sorted(spellings), key=spellings.count)
                ),
            ),
            (
                "it strips the spelling that it returns. Return it as it stands in the file, spaces too.",
                lambda labels: [label.strip() for label in _one_spelling(labels)],
            ),
            (
                "it strips spellings before it counts them. Count them as they stand in the file, spaces too.",
                lambda labels: _one_spelling([label.strip() for label in labels]),
            ),
            (
                "it returns one spelling for each group. Return one for each row.",
                lambda labels: list(dict.fromkeys(_one_spelling(labels))),
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
