"""Answers to lesson 08, Exercise 4 · Lose nothing of long texts."""

from itertools import chain, pairwise


def blocks_too_long(texts, size, cls_id, sep_id):
    ids = list(chain.from_iterable(texts))
    return [[cls_id, *ids[at : at + size], sep_id] for at in range(0, len(ids), size)]


def blocks_too_long_by_one(texts, size, cls_id, sep_id):
    ids = list(chain.from_iterable(texts))
    return [[cls_id, *ids[at : at + size - 1], sep_id] for at in range(0, len(ids), size - 1)]


def blocks_with_an_empty_one(texts, size, cls_id, sep_id):
    blocks = [[cls_id]]
    for token in chain(*texts):
        blocks[-1].append(token)
        if len(blocks[-1]) == size - 1:
            blocks.append([cls_id])
    return [[*block, sep_id] for block in blocks]


def blocks_of_cut_texts(texts, size, cls_id, sep_id):
    return [[cls_id, *text[: size - 2], sep_id] for text in texts]


def blocks_of_texts_with_specials(texts, size, cls_id, sep_id):
    ids = []
    for text in texts:
        ids += [cls_id, *text, sep_id]
    return [ids[at : at + size] for at in range(0, len(ids), size)]


def blocks_of_everything_with_specials(texts, size, cls_id, sep_id):
    ids = [cls_id, *chain(*texts), sep_id]
    return [ids[at : at + size] for at in range(0, len(ids), size)]


def blocks_joined_again(texts, size, cls_id, sep_id):
    joined = []
    for block in blocks_by_places(texts, size, cls_id, sep_id):
        joined += block
    return joined


def blocks_filled_up(texts, size, cls_id, sep_id):
    blocks = blocks_by_places(texts, size, cls_id, sep_id)
    for block in blocks:
        while len(block) < size:
            block.append(0)
    return blocks


def blocks_of_bert(texts, size, cls_id, sep_id):
    return blocks_by_places(texts, size, 101, 102)


def blocks_up_to_the_return(texts, size, cls_id, sep_id):
    ids, blocks = list(chain(*texts)), []
    for at in range(0, len(ids), size - 2):
        blocks.append([cls_id, *ids[at : at + size - 2], sep_id])
        return blocks


def blocks_of_bare_ids(texts, size, cls_id, sep_id):
    return [block[1:-1] for block in blocks_by_places(texts, size, cls_id, sep_id)]


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
    "too long": (blocks_too_long, "too long by two"),
    "too long by one": (blocks_too_long_by_one, "too long by one"),
    "an empty one": (blocks_with_an_empty_one, "a block without a token"),
    "cut texts": (blocks_of_cut_texts, "cut off at `size`"),
    "texts with specials": (blocks_of_texts_with_specials, "put in before cutting"),
    "everything with specials": (blocks_of_everything_with_specials, "put in before cutting"),
    "joined again": (blocks_joined_again, "joined again"),
    "filled up": (blocks_filled_up, "filled up"),
    "BERT's": (blocks_of_bert, "fixed at 101 and 102"),
    "return": (blocks_up_to_the_return, "only the first block"),
    "bare ids": (blocks_of_bare_ids, "specials are missing"),
    "rest": (blocks_without_the_rest, "shorter block is missing"),
    "each text": (blocks_by_text, "cut on its own"),
    "specials": (blocks_without_specials, "specials are missing"),
}

SECOND = blocks_by_places
