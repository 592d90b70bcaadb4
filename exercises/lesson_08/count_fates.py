"""The check of lesson 08, Exercise 3 · What became of each token?"""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX

CLS, SEP, MASK = 101, 102, 103


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
    mask = rng.randrange(100, 200)  # another tokenizer, another id
    before = [rng.randrange(1000, 1100) for _ in range(rng.randrange(1, 25))]
    if rng.random() < 0.5:
        before[rng.randrange(len(before))] = mask
    after, labels = list(before), []
    for place, token in enumerate(before):
        chosen = token != mask and rng.random() < 0.5
        labels.append(token if chosen else IGNORE_INDEX)
        if chosen:
            after[place] = rng.choice([mask, mask, rng.randrange(2000, 2100), token])
    return before, after, labels, mask


def check_count_fates(function) -> Verdict:
    """Check `count_fates(before, after, labels, mask_id) -> dict`: hidden, random, kept and untouched tokens."""
    rng = random.Random()
    none = IGNORE_INDEX
    cases = [
        ([7, 8, 9, 10], [7, MASK, 55, 10], [none, 8, 9, 10], MASK),
        ([7, MASK, 9], [7, MASK, MASK], [none, none, 9], MASK),
        ([7], [7], [none], MASK),
        ([7, 8, 9], [7, 4, 55], [none, 8, 9], 4),
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
                "labels are not looked at. Only they tell which tokens were chosen.",
                lambda before, after, labels, mask_id: (
                    _fates_every_mask(before, after, [none] * len(before), mask_id)
                    | {
                        "random": sum(
                            new not in (old, mask_id)
                            for old, new in zip(before, after, strict=True)
                        ),
                        "untouched": sum(
                            new == old != mask_id for old, new in zip(before, after, strict=True)
                        ),
                    }
                ),
            ),
            (
                "chosen and not chosen are swapped. `IGNORE_INDEX` marks a token that was not chosen.",
                lambda before, after, labels, mask_id: _fates(
                    before, after, [none if label != none else 0 for label in labels], mask_id
                ),
            ),
            (
                "the mask's id is fixed at 103. It is `mask_id`, another one in another tokenizer.",
                lambda before, after, labels, mask_id: _fates(before, after, labels, MASK),
            ),
            *(
                (
                    "it gives shares. Count the tokens.",
                    lambda before, after, labels, mask_id, of=of: {
                        name: count / (len(of(before, labels)) or 1)
                        for name, count in _fates(before, after, labels, mask_id).items()
                    },
                )
                for of in (
                    lambda before, labels: before,
                    lambda before, labels: [label for label in labels if label != none],
                )
            ),
        ],
    )
