"""Checks of lesson 05: windows, tokens and their characters."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from helpers.checks.verdict import Verdict, compare

SPECIALS = 3  # CLS, and a SEP after the question and after the passage


def _count(passages, room, step):
    return [1 + math.ceil(max(0, passage - room) / step) for passage in passages]


def check_count_windows(function) -> Verdict:
    """Check `count_windows(passages, question, max_length, doc_stride) -> list`, all in tokens."""
    rng = random.Random()
    cases = [([400, 100], 9, 192, 48), ([180, 181, 312, 313], 9, 192, 48)]
    cases += [([500], 12, 384, 120), ([1], 10, 64, 0)]
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
                lambda p, q, m, d: _count(p, room(q, m), d or 1),
            ),
            (
                "the special tokens are forgotten: CLS, and SEP twice.",
                lambda p, q, m, d: _count(p, m - q, m - q - d),
            ),
            (
                "the question takes no room. Every window holds all of it.",
                lambda p, q, m, d: _count(p, room(0, m), room(0, m) - d),
            ),
            (
                "the last, shorter window is missing. Round up.",
                lambda p, q, m, d: [1 + max(0, one - room(q, m)) // (room(q, m) - d) for one in p],
            ),
            (
                "a last window is counted that holds nothing new. The first window takes its whole room, not a step.",
                lambda p, q, m, d: [math.ceil(one / (room(q, m) - d)) for one in p],
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


def _token_text(context, offsets, start, end, *, last=1):
    return context[offsets[start][0] : offsets[end][last]]


def _without_the_last(context, offsets, start, end):
    if not end:  # answers differ there: not compared
        raise ValueError("no token before the first")
    return _token_text(context, offsets, start, end - 1)


def _passage(rng: random.Random) -> tuple[str, list[tuple[int, int]]]:
    """Return a passage and its tokens' characters; a word may have several sub-tokens."""
    context, offsets = "", []
    for word in rng.choices(["The", "map", "Zwingmann", "of", "sheepmeat", "Rua"], k=6):
        cuts = [0, *sorted(rng.sample(range(1, len(word)), rng.choice([0, 0, 1]))), len(word)]
        offsets += [(len(context) + a, len(context) + b) for a, b in pairwise(cuts)]
        context += word
        if rng.random() < 0.3:
            offsets.append((len(context), len(context) + 1))
            context += ","
        context += rng.choice([" ", " ", "  "])
    return context, offsets


def check_answer_text(function) -> Verdict:
    """Check `answer_text(context, offsets, start, end) -> str`: the text of a span of tokens, both ends inclusive."""
    rng = random.Random()
    context = "Drawn by Jan Mayer."
    offsets = [(0, 5), (6, 8), (9, 12), (13, 16), (16, 18), (18, 19)]
    cases = [(context, offsets, *span) for span in ((2, 4), (0, 0), (0, 5), (4, 1), (3, 2))]
    for _ in range(30):
        passage = _passage(rng)
        span = sorted(rng.choices(range(len(passage[1])), k=2), reverse=rng.random() < 0.2)
        cases.append((*passage, *span))

    def joined(context, offsets, start, end, sign):
        return sign.join(context[slice(*offsets[t])] for t in range(start, end + 1))

    return compare(
        "answer_text",
        function,
        _token_text,
        cases,
        [
            (
                "the last token is left out. `end` is the last token itself, not the one after it.",
                _without_the_last,
            ),
            (
                "the text stops where its last token begins. Take that token's second character.",
                lambda c, o, s, e: _token_text(c, o, s, e, last=0),
            ),
            (
                "the spaces between the words are lost. Cut the passage once, from character to character.",
                lambda c, o, s, e: joined(c, o, s, e, ""),
            ),
            (
                "a word of several sub-tokens falls apart. Cut the passage once, from character to character.",
                lambda c, o, s, e: joined(c, o, s, e, " "),
            ),
            (
                "start and end are tokens, not characters. Look their characters up in `offsets`.",
                lambda c, o, s, e: c[s:e],
            ),
            (
                "start and end are tokens, not characters, the end inclusive. Look them up in `offsets`.",
                lambda c, o, s, e: c[s : e + 1],
            ),
            (
                "an end before its start is no span. Do not swap them: return the empty text.",
                lambda c, o, s, e: _token_text(c, o, *sorted((s, e))),
            ),
        ],
    )
