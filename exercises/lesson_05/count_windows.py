"""The check of lesson 05, Exercise 2 · Count the windows."""

from __future__ import annotations

import math
import random

from exercises.verdict import Verdict, compare

SPECIALS = 3  # CLS, and a SEP after the question and after the passage


def _count(passages, room, step):
    return [1 + math.ceil(max(0, passage - room) / step) for passage in passages]


def check_count_windows(function) -> Verdict:
    """Check `count_windows(passages, question, max_length, doc_stride) -> list`, all in tokens."""
    rng = random.Random()
    cases = [([400, 100], 9, 192, 48), ([*range(180, 192), 312, 313], 9, 192, 48)]
    cases += [([500], 12, 384, 120), ([1], 10, 64, 0), ([5, 100], 9, 192, 48)]
    for _ in range(25):
        width, question = rng.randrange(60, 400), rng.randrange(4, 25)
        overlap = rng.randrange(1, (width - question - SPECIALS) // 2)
        passages = [rng.randrange(5, 1200) for _ in range(rng.randrange(1, 4))]
        cases.append((passages, question, width, overlap))

    def room(question, max_length):
        return max_length - question - SPECIALS

    return compare(
        "count_windows",
        function,
        lambda p, q, m, d: _count(p, room(q, m), room(q, m) - d),
        cases,
        [
            (
                "doc_stride is taken for the step. It is the overlap: a window moves on by its room less the overlap.",
                # An overlap of 0 is no step: not compared.
                lambda p, q, m, d: _count(p, room(q, m), d),
            ),
            (
                "the step is too long. A window moves on by its room less doc_stride, not by max_length less doc_stride.",
                lambda p, q, m, d: _count(p, room(q, m), m - d),
            ),
            (
                "neither the question nor the special tokens take room. Every window holds them.",
                lambda p, q, m, d: _count(p, m, m - d),
            ),
            (
                "the special tokens are forgotten: CLS, and SEP twice.",
                lambda p, q, m, d: _count(p, m - q, m - q - d),
            ),
            *[
                (
                    "a special token is missing, or two. There are three: CLS, and SEP behind the question and behind the passage.",
                    lambda p, q, m, d, some=some: _count(p, m - q - some, m - q - some - d),
                )
                for some in (2, 1)
            ],
            (
                "the question takes no room. Every window holds all of it.",
                lambda p, q, m, d: _count(p, room(0, m), room(0, m) - d),
            ),
            (
                "the last, shorter window is missing. Round up.",
                lambda p, q, m, d: [1 + max(0, one - room(q, m)) // (room(q, m) - d) for one in p],
            ),
            *[
                (
                    "a last window is counted that holds nothing new. The first window takes its whole room, not a step.",
                    lambda p, q, m, d, up=up: [up(one / (room(q, m) - d)) for one in p],
                )
                for up in (math.ceil, lambda windows: math.floor(windows) + 1)
            ],
            (
                "where a passage just fits, a window too many is counted. Round up: nothing is left there.",
                lambda p, q, m, d: [
                    2 + (one - room(q, m)) // (room(q, m) - d) if one > room(q, m) else 1
                    for one in p
                ],
            ),
            (
                "a passage much shorter than the room makes no window, or fewer than none. It makes one.",
                lambda p, q, m, d: [
                    1 + math.ceil((one - room(q, m)) / (room(q, m) - d)) for one in p
                ],
            ),
            *[
                (
                    "the first window is not counted. Add it to the further ones.",
                    lambda p, q, m, d, least=least: [
                        max(least, count - 1) for count in _count(p, room(q, m), room(q, m) - d)
                    ],
                )
                for least in (0, 1)
            ],
            (
                "it does not round. A short window is a window: round up.",
                lambda p, q, m, d: [1 + max(0, one - room(q, m)) / (room(q, m) - d) for one in p],
            ),
            (
                "the windows do not overlap. Each moves on by its room less doc_stride.",
                lambda p, q, m, d: _count(p, room(q, m), room(q, m)),
            ),
            (
                "it gives one number for all passages. Return a list, a number a passage.",
                lambda p, q, m, d: sum(_count(p, room(q, m), room(q, m) - d)),
            ),
        ],
    )
