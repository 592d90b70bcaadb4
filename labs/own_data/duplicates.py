"""Texts that are the same, or nearly: shared by the bundled corpora and by a learner's own files."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

SHINGLE = 5  # words
# Letters of scripts without spaces: Thai, Lao, Khmer, Japanese, Chinese
ALONE = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
MOST = 50  # texts that a shingle remembers: a greeting in every mail would compare each with all


class NearPair(NamedTuple):
    """Two texts that share runs of words: each as (split, number)."""

    second: tuple[str, int]
    first: tuple[str, int]


def words(text: str) -> list[str]:
    """Return the lower-case words of a text: letters with their marks, and digits; each emoji or other symbol.

    In scripts without spaces each letter is one. An apostrophe counts inside a word only, however it is written.
    """
    plain = unicodedata.normalize("NFC", text.lower())
    found = re.findall(rf"[{ALONE}]|[^\s{ALONE}]+", "".join(map(_kept, plain)))
    return [bare for word in found if (bare := word.strip("'"))]


@cache
def _kept(letter: str) -> str:
    """Return a letter of a text where it counts, a space in place of punctuation."""
    if letter in "\ufe0e\ufe0f":  # how an emoji is to be drawn
        return ""
    if letter in "’‘‛ʼ´`′＇":
        return "'"
    kind = unicodedata.category(letter)[0]
    if kind in "LMN" or letter in "'_\u200c\u200d":  # the last two join letters, and emoji
        return letter
    return f" {letter} " if kind == "S" and not letter.isascii() else " "


def same_text(text: str) -> str:
    """Return what two texts share when they differ in capitals, spaces and punctuation only.

    >>> same_text("My  lights, again!") == same_text("my lights again")
    True
    """
    return " ".join(words(text)) or text.strip()


def near_pairs(splits: dict[str, Sequence[str]], share: float) -> Iterator[NearPair]:
    """Yield pairs of texts, of one split or two, that share more than a share of their shingles.

    `splits` maps a split to its texts; the numbers in a pair count them from 1. `share` is that of the shingles (runs
    of SHINGLE words) of the text that has fewer; a text of fewer words has none. A shingle of more than MOST texts
    counts for the first MOST of them: each later text still meets these.
    """
    seen: dict[int, list[tuple[str, int]]] = defaultdict(list)
    sizes: dict[tuple[str, int], int] = {}
    for split, texts in splits.items():
        for number, text in enumerate(texts, start=1):
            tokens, here = words(text), (split, number)
            starts = range(len(tokens) - SHINGLE + 1)
            shingles = {hash(tuple(tokens[i : i + SHINGLE])) for i in starts}
            shared = Counter(other for shingle in shingles for other in seen[shingle])
            for other, count in shared.items():
                if count > share * min(len(shingles), sizes[other]):
                    yield NearPair(here, other)
            sizes[here] = len(shingles)
            for shingle in shingles:
                if len(seen[shingle]) < MOST:
                    seen[shingle].append(here)
