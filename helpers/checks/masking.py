"""Checks of lesson 08."""

from __future__ import annotations

import math
import random
from itertools import chain

from helpers.checks.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX

CLS, SEP, MASK = 101, 102, 103
SPECIAL = ("[CLS]", "[SEP]", "[PAD]", "[UNK]")


def _mean_loss(losses, counts):
    return sum(loss * count for loss, count in zip(losses, counts, strict=True)) / sum(counts)


def _perplexity(losses, counts):
    return math.exp(_mean_loss(losses, counts))


def check_perplexity(function) -> Verdict:
    """Check `perplexity(losses, counts) -> float`: of mean losses of batches and their masked positions."""
    rng = random.Random()
    cases: list[tuple] = [([2.0], [10]), ([1.0, 3.0], [1, 9]), ([2.5, 0.0, 1.0], [5, 0, 3])]
    for _ in range(30):
        counts = [rng.randrange(40) for _ in range(rng.randrange(1, 9))] + [rng.randrange(1, 40)]
        cases.append(([round(rng.uniform(0.5, 6), 2) if n else 0.0 for n in counts], counts))
    return compare(
        "perplexity",
        function,
        _perplexity,
        cases,
        [
            (
                "every batch weighs the same. Weigh each mean by its masked positions.",
                lambda losses, counts: math.exp(sum(losses) / len(losses)),
            ),
            (
                "it averages perplexities. Average the losses first; e to that comes last.",
                lambda losses, counts: _mean_loss([math.exp(loss) for loss in losses], counts),
            ),
            (
                "it is the mean loss. Perplexity is e to the mean loss.",
                _mean_loss,
            ),
            (
                "it raises 2 to the loss. These losses are natural logarithms: use e.",
                lambda losses, counts: 2 ** _mean_loss(losses, counts),
            ),
            (
                "it sums the losses of all positions. Divide by their number before the exponential.",
                lambda losses, counts: math.exp(
                    min(700.0, _mean_loss(losses, counts) * sum(counts))
                ),
            ),
        ],
    )


def _numbered(tokens, special, *, first=0, pieces=False, specials=False, used_up=False):
    numbers, at = [], first - 1
    for token in tokens:
        if token in special and not specials:
            at += used_up
            numbers.append(-1)
            continue
        at += pieces or not token.startswith("##")
        numbers.append(at)
    return numbers


def _tokens(rng):
    tokens = ["[CLS]"]
    for _ in range(rng.randrange(1, 9)):
        tokens.append(rng.choice(["film", "un", "a", ".", "[UNK]", "plot"]))
        if tokens[-1] != "[UNK]":
            tokens += rng.choices(["##fat", "##s", "##able"], k=rng.choice([0, 0, 1, 3]))
    return [*tokens, "[SEP]", *["[PAD]"] * rng.randrange(3)]


def check_number_words(function) -> Verdict:
    """Check `number_words(tokens, special) -> list[int]`: each token's word, from 0; -1 for specials."""
    rng = random.Random()
    cases = [
        (["[CLS]", "an", "un", "##fat", "##hom", "##able", "film", "[SEP]"],),
        (["[CLS]", "a", "[UNK]", "film", "##s", "[SEP]", "[PAD]", "[PAD]"],),
        (["[CLS]", "[SEP]"],),
        ([],),
    ]
    cases += [(_tokens(rng),) for _ in range(30)]
    return compare(
        "number_words",
        function,
        _numbered,
        [(tokens, list(SPECIAL)) for (tokens,) in cases],
        [
            (
                "pieces count as words of their own. A token that begins with ## belongs to the word before it.",
                lambda tokens, special: _numbered(tokens, special, pieces=True),
            ),
            (
                "specials count as words. Give them -1: nobody may mask them.",
                lambda tokens, special: _numbered(tokens, special, specials=True),
            ),
            (
                "specials get -1, but use up a number. Count words only.",
                lambda tokens, special: _numbered(tokens, special, used_up=True),
            ),
            (
                "the first word is number 1. Begin with 0.",
                lambda tokens, special: _numbered(tokens, special, first=1),
            ),
        ],
    )


def _fates(before, after, labels, mask_id):
    counts = dict.fromkeys(("hidden", "random", "kept", "untouched"), 0)
    for old, new, label in zip(before, after, labels, strict=True):
        if label == IGNORE_INDEX:
            counts["untouched"] += 1
        elif new == mask_id:
            counts["hidden"] += 1
        else:
            counts["kept" if new == old else "random"] += 1
    return counts


def _fates_of_ids(before, after, labels, mask_id):
    seen = [old if old != new else IGNORE_INDEX for old, new in zip(before, after, strict=True)]
    return _fates(before, after, seen, mask_id)


def _fates_every_mask(before, after, labels, mask_id):
    seen = [0 if new == mask_id else label for new, label in zip(after, labels, strict=True)]
    return _fates(before, after, seen, mask_id)


def _fates_changed(before, after, labels, mask_id):
    counts = _fates(before, after, labels, mask_id)
    return counts | {"random": counts["random"] + counts["hidden"]}


def _masked_row(rng):
    before = [rng.randrange(1000, 1100) for _ in range(rng.randrange(1, 25))]
    if rng.random() < 0.5:
        before[rng.randrange(len(before))] = MASK
    after, labels = list(before), []
    for place, token in enumerate(before):
        chosen = token != MASK and rng.random() < 0.5
        labels.append(token if chosen else IGNORE_INDEX)
        if chosen:
            after[place] = rng.choice([MASK, MASK, rng.randrange(2000, 2100), token])
    return before, after, labels, MASK


def check_count_fates(function) -> Verdict:
    """Check `count_fates(before, after, labels, mask_id) -> dict`: hidden, random, kept and untouched tokens."""
    rng = random.Random()
    none = IGNORE_INDEX
    cases = [
        ([7, 8, 9, 10], [7, MASK, 55, 10], [none, 8, 9, 10], MASK),
        ([7, MASK, 9], [7, MASK, MASK], [none, none, 9], MASK),
        ([7], [7], [none], MASK),
    ]
    cases += [_masked_row(rng) for _ in range(30)]
    return compare(
        "count_fates",
        function,
        _fates,
        cases,
        [
            (
                "it compares the ids. A token that was chosen and kept looks untouched: only its label tells.",
                _fates_of_ids,
            ),
            (
                "it counts every mask token as hidden. One that stood in the text has no label: it is untouched.",
                _fates_every_mask,
            ),
            (
                "hidden tokens count as random too. Each chosen token has one fate.",
                _fates_changed,
            ),
            (
                "it gives shares. Count the tokens.",
                lambda before, *rest: {
                    name: count / len(before) for name, count in _fates(before, *rest).items()
                },
            ),
        ],
    )


def _cut(ids, room):
    return [ids[at : at + room] for at in range(0, len(ids), room)]


def _blocks(texts, size, *, room=None, joined=True, whole_only=False):
    room = room or size - 2
    parts = [list(chain(*texts))] if joined else texts
    cuts = [cut for part in parts for cut in _cut(part, room)]
    return [[CLS, *cut, SEP] for cut in cuts if len(cut) == room or not whole_only]


def check_cut_blocks(function) -> Verdict:
    """Check `cut_blocks(texts, size, cls_id, sep_id) -> list[list[int]]`: joined texts in blocks of at most `size`."""
    rng = random.Random()
    cases: list[tuple] = [
        ([[1, 2, 3], [4, 5], [6, 7, 8, 9]], 5),
        ([[1, 2], [3]], 5),
        ([[1], [], [2]], 8),
        ([], 6),
        ([[]], 6),
    ]
    for _ in range(30):
        texts = [
            [rng.randrange(1000, 2000) for _ in range(rng.randrange(9))]
            for _ in range(rng.randrange(1, 7))
        ]
        cases.append((texts, rng.randrange(3, 12)))

    def without_specials(texts, size, *ids):
        return _cut(list(chain(*texts)), size)

    return compare(
        "cut_blocks",
        function,
        lambda texts, size, *ids: _blocks(texts, size),
        [(*case, CLS, SEP) for case in cases],
        [
            (
                "the blocks are too long by two. The two specials count: leave room for them.",
                lambda texts, size, *ids: _blocks(texts, size, room=size),
            ),
            (
                "the last, shorter block is missing. Nothing should be lost.",
                lambda texts, size, *ids: _blocks(texts, size, whole_only=True),
            ),
            (
                "each text is cut on its own. Join them first: short texts share a block.",
                lambda texts, size, *ids: _blocks(texts, size, joined=False),
            ),
            (
                "the specials are missing. Each block begins with CLS and ends with SEP.",
                without_specials,
            ),
        ],
    )
