"""The check of lesson 05, Exercise 1 · From tokens to text."""

from __future__ import annotations

import random
from itertools import pairwise

from exercises.verdict import Verdict, compare


def _token_text(context, offsets, start, end, *, last=1):
    return context[offsets[start][0] : offsets[end][last]]


def _without_the_last(context, offsets, start, end):
    if not end:  # answers differ there: not compared
        raise ValueError("no token before the first")
    return _token_text(context, offsets, start, end - 1)


def _one_more(context, offsets, start, end):
    if end < start:  # answers differ there: not compared
        raise ValueError("no span")
    return context[offsets[start][0] : offsets[end][1] + 1]


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
                "a character too many at the end. The second number of a token is exclusive, as in a slice: add nothing.",
                _one_more,
            ),
            (
                "a span of one token is lost. `start` and `end` may be the same token.",
                lambda c, o, s, e: _token_text(c, o, s, e) if s != e else "",
            ),
            (
                "where there is no span it returns None. Return the empty text.",
                lambda c, o, s, e: _token_text(c, o, s, e) or None,
            ),
            (
                "tokens are not words: a word may have several, and so may its comma. Look them up in `offsets`.",
                lambda c, o, s, e: " ".join(c.split()[s : e + 1]),
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
