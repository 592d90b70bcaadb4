"""Answers to the exercises of helpers/checks/masking.py, as learners write them: wrong ones, and right ones in another style."""

import math
from itertools import chain, pairwise

import numpy as np

from helpers.ner import IGNORE_INDEX


def perplexity_of_means(losses, counts):
    return math.exp(np.mean(losses))


def perplexity_averaged(losses, counts):
    total = 0
    for loss, count in zip(losses, counts, strict=True):
        total += math.exp(loss) * count
    return total / sum(counts)


def perplexity_without_exponential(losses, counts):
    return float(np.average(losses, weights=counts))


def perplexity_of_two(losses, counts):
    return float(np.exp2(np.average(losses, weights=counts)))


def perplexity_with_numpy(losses, counts):
    return np.exp(np.dot(losses, counts) / np.sum(counts))


def words_by_piece(tokens, special):
    numbers, count = [], 0
    for token in tokens:
        if token in special:
            numbers.append(-1)
        else:
            numbers.append(count)
            count += 1
    return numbers


def words_with_specials(tokens, special):
    numbers, count = [], -1
    for token in tokens:
        if not token.startswith("##"):
            count += 1
        numbers.append(count)
    return numbers


def words_after_specials(tokens, special):
    numbers = words_with_specials(tokens, special)
    return [
        -1 if token in special else number for token, number in zip(tokens, numbers, strict=True)
    ]


def words_from_one(tokens, special):
    return [number + 1 if number >= 0 else -1 for number in words_by_starts(tokens, special)]


def words_by_starts(tokens, special):
    starts = [token not in special and not token.startswith("##") for token in tokens]
    return [
        -1 if token in special else int(sum(starts[: place + 1])) - 1
        for place, token in enumerate(tokens)
    ]


def fates_by_ids(before, after, labels, mask_id):
    hidden = sum(new == mask_id != old for old, new in zip(before, after, strict=True))
    same = sum(old == new for old, new in zip(before, after, strict=True))
    return {"hidden": hidden, "random": len(before) - same - hidden, "kept": 0, "untouched": same}


def fates_of_all_masks(before, after, labels, mask_id):
    counts = {"hidden": 0, "random": 0, "kept": 0, "untouched": 0}
    for old, new, label in zip(before, after, labels, strict=True):
        if new == mask_id:
            counts["hidden"] += 1
        elif label == IGNORE_INDEX:
            counts["untouched"] += 1
        elif new != old:
            counts["random"] += 1
        else:
            counts["kept"] += 1
    return counts


def fates_overlapping(before, after, labels, mask_id):
    rows = list(zip(before, after, labels, strict=True))
    return {
        "hidden": sum(new == mask_id for _, new, label in rows if label != IGNORE_INDEX),
        "random": sum(new != old for old, new, label in rows if label != IGNORE_INDEX),
        "kept": sum(new == old for old, new, label in rows if label != IGNORE_INDEX),
        "untouched": labels.count(IGNORE_INDEX),
    }


def fates_as_shares(before, after, labels, mask_id):
    counts = fates_with_numpy(before, after, labels, mask_id)
    return {name: float(count) / len(before) for name, count in counts.items()}


def fates_with_numpy(before, after, labels, mask_id):
    before, after, labels = map(np.array, (before, after, labels))
    chosen = labels != IGNORE_INDEX
    return {
        "untouched": (~chosen).sum(),
        "hidden": (chosen & (after == mask_id)).sum(),
        "kept": (chosen & (after == before)).sum(),
        "random": (chosen & (after != before) & (after != mask_id)).sum(),
    }


def blocks_too_long(texts, size, cls_id, sep_id):
    ids = list(chain.from_iterable(texts))
    return [[cls_id, *ids[at : at + size], sep_id] for at in range(0, len(ids), size)]


def blocks_without_the_rest(texts, size, cls_id, sep_id):
    ids = list(chain(*texts))
    room = size - 2
    total = len(ids) // room * room
    return [[cls_id, *ids[at : at + room], sep_id] for at in range(0, total, room)]


def blocks_by_text(texts, size, cls_id, sep_id):
    return [block for text in texts for block in blocks_by_places([text], size, cls_id, sep_id)]


def blocks_without_specials(texts, size, cls_id, sep_id):
    ids = list(chain(*texts))
    return [ids[at : at + size] for at in range(0, len(ids), size)]


def blocks_by_places(texts, size, cls_id, sep_id):
    ids = [token for text in texts for token in text]
    places = [*range(0, len(ids), size - 2), len(ids)]
    return [[cls_id, *ids[start:end], sep_id] for start, end in pairwise(places) if start < end]


WRONG = {
    "check_perplexity": {
        "mean of means": (perplexity_of_means, "every batch weighs the same"),
        "mean of perplexities": (perplexity_averaged, "averages perplexities"),
        "no exponential": (perplexity_without_exponential, "is the mean loss"),
        "two": (perplexity_of_two, "raises 2"),
    },
    "check_number_words": {
        "pieces": (words_by_piece, "pieces count as words"),
        "specials": (words_with_specials, "specials count as words"),
        "used up": (words_after_specials, "use up a number"),
        "from one": (words_from_one, "number 1"),
    },
    "check_count_fates": {
        "ids": (fates_by_ids, "compares the ids"),
        "every mask": (fates_of_all_masks, "every mask token as hidden"),
        "twice": (fates_overlapping, "count as random too"),
        "shares": (fates_as_shares, "gives shares"),
    },
    "check_cut_blocks": {
        "too long": (blocks_too_long, "too long by two"),
        "rest": (blocks_without_the_rest, "shorter block is missing"),
        "each text": (blocks_by_text, "cut on its own"),
        "specials": (blocks_without_specials, "specials are missing"),
    },
}

SECOND = {
    "check_perplexity": perplexity_with_numpy,
    "check_number_words": words_by_starts,
    "check_count_fates": fates_with_numpy,
    "check_cut_blocks": blocks_by_places,
}
