"""Texts cut into words, character spans as IOB2 tags and back, and other schemes of tags as IOB2."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from seqeval.metrics.sequence_labeling import get_entities
from tokenizers import Regex, pre_tokenizers

from labs.own_data.duplicates import ALONE

SCHEMES = ("BIOES", "BILOU", "BMEWO", "BMEOS")  # those that mark the end, beside IOB1 and IOB2
OPEN, CONTINUES, BEGINS, ENDS = map(set, ("BIM", "IMEL", "BSUW", "ELSUW"))  # letters of a tag
# The same for all tokenizers: what theirs cut differs, and they join again what is cut too finely.
_LETTER = pre_tokenizers.Split(Regex(rf"[{ALONE}]\p{{M}}*"), "isolated")
FINER = pre_tokenizers.Sequence([_LETTER, pre_tokenizers.BertPreTokenizer()])


class Span(NamedTuple):
    """A named stretch of a text: characters, the end exclusive."""

    start: int
    end: int
    label: str


def split_words(text: str, words="whitespace") -> list[tuple[int, int]]:
    """Return (start, end) of each word of a text, in characters, end exclusive.

    `words` is "whitespace", or a fast tokenizer: then they are cut at punctuation too, and each letter of a script
    without spaces is one. Raises ValueError: `words` is neither.

    >>> split_words("Well, no.")
    [(0, 5), (6, 9)]
    """
    if isinstance(words, str) and words == "whitespace":
        return [match.span() for match in re.finditer(r"\S+", text)]
    cutter = getattr(getattr(words, "backend_tokenizer", words), "pre_tokenizer", words)
    if not hasattr(cutter, "pre_tokenize_str"):
        raise ValueError(
            f"words is {words!r}, which cuts no text. Pass 'whitespace' or a fast tokenizer."
        )
    return [place for _, place in FINER.pre_tokenize_str(text)]


def touched(span: Span, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Return the numbers of the words of which a span holds a character at least."""
    return [i for i, (start, end) in enumerate(offsets) if start < span.end and span.start < end]


def tags_of(spans: Iterable[Span], offsets: Sequence[tuple[int, int]]) -> list[str]:
    """Return an IOB2 tag for each word; of spans that share a word the longer one has it.

    >>> tags_of([Span(0, 8, "PER")], [(0, 3), (4, 8), (9, 12)])
    ['B-PER', 'I-PER', 'O']
    """
    tags = ["O"] * len(offsets)
    for span in sorted(spans, key=lambda one: one.start - one.end):
        words = touched(span, offsets)
        if all(tags[i] == "O" for i in words):
            for i in words:
                tags[i] = f"{'B' if i == words[0] else 'I'}-{span.label}"
    return tags


def spans_of(tags: Sequence[str], offsets: Sequence[tuple[int, int]]) -> list[Span]:
    """Return the spans that tagged words make, in characters of their text.

    >>> spans_of(["B-PER", "I-PER", "O"], [(0, 3), (4, 8), (9, 12)])
    [Span(start=0, end=8, label='PER')]
    """
    return [
        Span(offsets[first][0], offsets[last][1], label)
        for label, first, last in get_entities(to_iob2(tags))
    ]


def marked(text: str, spans: Iterable[Span]) -> str:
    """Return a text with each span between brackets, its label behind it.

    >>> marked("Ann Lee met Bo.", [Span(0, 7, "PER"), Span(12, 14, "PER")])
    '[Ann Lee PER] met [Bo PER].'
    """
    for start, end, label in sorted(spans, reverse=True):
        text = f"{text[:start]}[{text[start:end]} {label}]{text[end:]}"
    return text


def is_iob2(tags: Iterable[str]) -> bool:
    """Tell whether tags are entity labels: O, B-X and I-X."""
    return all(tag == "O" or tag[:2] in ("B-", "I-") for tag in tags)


def parts(tag: str) -> tuple[str, str]:
    """Return a tag's letter and its type: ("B", "PER"); without a letter ("", "PER"), of O two empty texts."""
    if re.match("(?s)[BIMELSUW]-.", tag):
        return tag[0], tag[2:]
    return "", "" if tag == "O" else tag


def to_iob2(tags: Sequence[str]) -> list[str]:
    """Turn tags of any scheme, one sentence, into IOB2.

    >>> to_iob2(["I-PER", "S-LOC", "E-LOC", "ORG", "ORG", "O"])
    ['B-PER', 'B-LOC', 'B-LOC', 'B-ORG', 'I-ORG', 'O']
    """
    found, before = [], ("", "")
    for tag in tags:
        letter, kind = parts(tag)
        begins = letter in BEGINS or before[0] in ENDS or kind != before[1]
        found.append(f"{'B' if begins else 'I'}-{kind}" if kind else "O")
        before = letter, kind
    return found


def scheme(sentences: Sequence[Sequence[str]]) -> str:
    """Return the name of the scheme of a file's tags where it can be turned into IOB2; "" for IOB2 or none."""
    used = [parts(tag) for tag in {tag for tags in sentences for tag in tags}]
    letters = {letter for letter, kind in used if kind}
    if letters == {""}:
        return "plain types" if ("", "") in used else ""  # parts of speech know no O
    if letters <= {"B", "I"}:
        pairs = [pair for tags in sentences for pair in pairwise(["O", *tags])]
        begun = any(now[0] == "B" and before[1:] != now[1:] for before, now in pairs)
        return "IOB1" if any(map(lost, sentences)) and not begun else ""
    return next((name for name in SCHEMES if letters <= set(name)), "")


def misplaced(tags: Sequence[str]) -> str:
    """Return what stands in a wrong order, in a scheme that marks the end of an entity; "" for nothing."""
    for before, now in pairwise(["O", *tags, "O"]):
        (left, kind), (right, other) = parts(before), parts(now)
        if (left in OPEN) != (right in CONTINUES) or (left in OPEN and kind != other):
            return f"{now} after {before}"
    return ""


def lost(tags: Sequence[str]) -> str:
    """Return the first I- tag, in IOB2, that continues nothing; "" for none."""
    for place, (before, now) in enumerate(pairwise(["O", *tags])):
        if now.startswith("I-") and before[2:] != now[2:]:
            return f"{now} at word {place} continues nothing"
    return ""
