"""What checks of lesson 03 share."""

from __future__ import annotations

import random

TYPES = ("PER", "ORG", "LOC", "MISC")


def sentence(rng: random.Random, words: int | None = None) -> list[str]:
    """Return a valid IOB2 sentence; entities touch and reach its end often."""
    names: list[str] = []
    words = words or rng.randrange(1, 12)
    while len(names) < words:
        if rng.random() < 0.45:
            names.append("O")
            continue
        kind = rng.choice(TYPES)
        names += [f"B-{kind}"] + [f"I-{kind}"] * rng.randrange(0, 3)
    return names[:words]


def find_entities(names, *, split_touching=True, keep_last=True, inclusive=False):
    """Return (type, first word, word after the last) of each entity; the switches make the usual mistakes."""
    found, start = [], None
    for i, name in enumerate([*names, "O"]):
        opens = name.startswith("B-") and (
            split_touching or start is None or names[start][2:] != name[2:]
        )
        if start is not None and (name == "O" or opens):
            if i < len(names) or keep_last:
                found.append((names[start][2:], start, i - inclusive))
            start = None
        if opens:
            start = i
    return found
