"""The check of lesson 02, Exercise 3 · Continue a label."""

from __future__ import annotations

import random

from exercises.lesson_02.shared import NAMES
from exercises.verdict import Verdict, compare


def check_continue_label(function) -> Verdict:
    """Check `continue_label(label, names) -> int`: the id of I-X for B-X, any other id as it is."""
    rng = random.Random()
    odd = ["O", "B-ORG", "B-MISC", "B-PER", "I-PER", "B-LOC", "I-ORG", "I-MISC", "I-LOC"]
    own = ["I-BAND", "B-BAND", "B-CLUB", "O", "I-CLUB"]  # types with a B; an I- before its B-
    cases = [(label, names) for names in (odd, NAMES, own) for label in range(len(names))]
    for _ in range(20):
        shuffled = rng.sample(NAMES, len(NAMES))
        cases.append((rng.randrange(len(NAMES)), shuffled))

    def continued(label, names, other=lambda label, names: label):
        name = names[label]
        return names.index("I-" + name[2:]) if name[:2] == "B-" else other(label, names)

    def named(label, names):
        return names[continued(label, names)]

    def without_b(label, names):
        if "B" in names[label][2:]:
            raise ValueError("the type has a B")
        return continued(label, names)

    return compare(
        "continue_label",
        function,
        continued,
        cases,
        [
            (
                "it adds 1 to odd ids. That holds for one order of the names only: look for the name.",
                lambda label, names: label + 1 if label % 2 == 1 else label,
            ),
            (
                "it adds 1 to the id of every B- name. The I- name need not come next: look for it.",
                lambda label, names: label + 1 if names[label][:2] == "B-" else label,
            ),
            (
                "it returns the name. Return its id: `names.index(...)`.",
                named,
            ),
            (
                "it returns the name. Return its id: `names.index(...)`.",
                lambda label, names: named(label, names) if names[label][:2] == "B-" else label,
            ),
            (
                "labels other than B- become names. Return their ids.",
                lambda label, names: continued(label, names, lambda label, names: names[label]),
            ),
            ("B- labels stay as they are.", lambda label, names: label),
            ("it adds 1 to every id. Look for the I- name.", lambda label, names: label + 1),
            (
                "labels other than B- become 0. They stay as they are.",
                lambda label, names: continued(label, names, lambda label, names: 0),
            ),
            (
                "labels other than B- become O. They stay as they are.",
                lambda label, names: continued(label, names, lambda label, names: names.index("O")),
            ),
            (
                "it fails at O, which has no I- name. Labels other than B- stay as they are.",
                lambda label, names: names.index("I-" + names[label][2:]),
            ),
            (
                "a type with a B of its own, such as BAND, is spoilt. Take away the first two characters: `[2:]`.",
                without_b,
            ),
        ],
    )
