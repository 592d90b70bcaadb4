"""The check of lesson 08, Exercise 4 · Lose nothing of long texts."""

from __future__ import annotations

import random
from itertools import chain

from exercises.verdict import Verdict, compare

CLS, SEP, MASK = 101, 102, 103


def _cut(ids, room):
    return [ids[at : at + room] for at in range(0, len(ids), room)]


def _blocks(texts, size, first, last, *, specials=2, joined=True, whole_only=False):
    room = size - specials
    parts = [list(chain(*texts))] if joined else texts
    cuts = [cut for part in parts for cut in _cut(part, room)]
    return [[first, *cut, last] for cut in cuts if len(cut) == room or not whole_only]


def _one_empty_block(texts, size, *ids):
    """Return the blocks of one who begins a new block as soon as one is full."""
    blocks = _blocks(texts, size, *ids)
    return blocks if blocks and len(blocks[-1]) < size else [*blocks, list(ids)]


def check_cut_blocks(function) -> Verdict:
    """Check `cut_blocks(texts, size, cls_id, sep_id) -> list[list[int]]`: joined texts in blocks of at most `size`."""
    rng = random.Random()
    cases: list[tuple] = [
        ([[1, 2, 3], [4, 5], [6, 7, 8, 9]], 5, CLS, SEP),
        ([[1, 2], [3]], 5, CLS, SEP),
        ([[1], [], [2]], 8, CLS, SEP),
        ([[1, 2, 3], [4, 5]], 6, 0, 2),
        ([], 6, CLS, SEP),
        ([[]], 6, CLS, SEP),
    ]
    for _ in range(30):
        texts = [
            [rng.randrange(1000, 2000) for _ in range(rng.randrange(9))]
            for _ in range(rng.randrange(1, 7))
        ]
        cases.append((texts, rng.randrange(3, 12), *rng.choice([(CLS, SEP), (0, 2), (1, 2)])))

    def without_specials(room):
        return lambda texts, size, *ids: _cut(list(chain(*texts)), room(size))

    def around_each_text(texts, size, first, last):
        return _cut([token for text in texts for token in (first, *text, last)], size)

    def around_everything(texts, size, first, last):
        return _cut([first, *chain(*texts), last], size)

    missing = "the specials are missing. Each block begins with CLS and ends with SEP."
    only_first = "only the first block is there. Is the `return` inside the loop?"
    around = "specials are put in before cutting. Cut first, then give each block its CLS and SEP."
    return compare(
        "cut_blocks",
        function,
        _blocks,
        cases,
        [
            (
                "the blocks are too long by two. The two specials count: leave room for them.",
                lambda *case: _blocks(*case, specials=0),
            ),
            (
                "the blocks are too long by one. Two specials count, not one.",
                lambda *case: _blocks(*case, specials=1),
            ),
            (
                "the last, shorter block is missing. Nothing should be lost.",
                lambda *case: _blocks(*case, whole_only=True),
            ),
            (
                "a block without a token stands at the end. Where the last one is full, there is no other.",
                _one_empty_block,
            ),
            (
                "each text is cut on its own. Join them first: short texts share a block.",
                lambda *case: _blocks(*case, joined=False),
            ),
            (
                "each text is cut off at `size`, and the rest lost. Join them first, and lose nothing.",
                lambda texts, size, first, last: [
                    [first, *text[: size - 2], last] for text in texts
                ],
            ),
            (missing, without_specials(lambda size: size)),
            (missing, without_specials(lambda size: size - 2)),
            (around, around_each_text),
            (around, around_everything),
            (
                "the blocks are joined again. Return a list of blocks.",
                lambda *case: list(chain(*_blocks(*case))),
            ),
            (
                "short blocks are filled up. The last one may be shorter.",
                lambda texts, size, *ids: [
                    block + [0] * (size - len(block)) for block in _blocks(texts, size, *ids)
                ],
            ),
            (
                "CLS and SEP are fixed at 101 and 102. Other tokenizers have others: `cls_id`, `sep_id`.",
                lambda texts, size, *ids: _blocks(texts, size, CLS, SEP),
            ),
            (only_first, lambda *case: _blocks(*case)[:1]),
            (only_first, lambda *case: _blocks(*case)[:1] or None),
        ],
    )
