"""What checks of lesson 02 share."""

from __future__ import annotations

import random

NAMES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]


def some_tokens(rng: random.Random) -> tuple[list[int], list[int | None]]:
    """Return labels of some words and the word ids of their sub-tokens between two specials."""
    labels = [rng.randrange(len(NAMES)) for _ in range(rng.randrange(1, 9))]
    words = [word for word in range(len(labels)) for _ in range(rng.choice([1, 1, 2, 3]))]
    return labels, [None, *words, None]
