"""The check of lesson 09, Exercise 3 · Count the leaked rows."""

from __future__ import annotations

import random
from collections.abc import Callable

from exercises.verdict import Verdict, compare


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
        (["a", "a", "a", "b"], ["a", "c", "a"]),
        (["a bell rings", "no"], ["bell", "A BELL", "no", "rings a bell", "rings no"]),
        (["A bell!"], ["A bell.", "a bell"]),
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
                "it compares letter by letter, and counts a text that leaked twice once. Count rows, and compare "
                "them lower-cased, with single spaces.",
                lambda train, test: len(set(train) & set(test)),
            ),
            (
                "spaces inside a text still part two texts. Join what `split()` returns by single spaces.",
                lambda train, test: len(_leaked(train, test, lambda text: text.strip().lower())),
            ),
            (
                "only the texts of train are compared in their plain form. Change those of test as well.",
                lambda train, test: sum(text in set(map(_plain, train)) for text in test),
            ),
            (
                "only the texts of test are compared in their plain form. Change those of train as well.",
                lambda train, test: sum(_plain(text) in train for text in test),
            ),
            (
                "a text that stands in train several times counts several times. Count each test row once.",
                lambda train, test: sum(
                    _plain(text) == _plain(other) for text in test for other in train
                ),
            ),
            (
                "a text counts where it is only a part of a training text. Compare whole texts.",
                lambda train, test: sum(
                    any(_plain(text) in _plain(other) for other in train) for text in test
                ),
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
                lambda train, test: len(_leaked(train, test)) / len(test),  # no rows: not compared
            ),
        ],
    )
