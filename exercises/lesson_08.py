"""Lesson 08's exercises."""

import math

from exercises.table import exercise
from helpers import IGNORE_INDEX

CLS, SEP, MASK = 101, 102, 103


def batches_of_losses(rng):
    cases = [([2.0], [10]), ([1.0, 3.0], [1, 9]), ([2.5, 0.0, 1.0], [5, 0, 3])]
    for _ in range(30):
        counts = [rng.randrange(40) for _ in range(rng.randrange(1, 9))] + [rng.randrange(1, 40)]
        cases.append(([round(rng.uniform(0.5, 6), 2) if n else 0.0 for n in counts], counts))
    return cases


@exercise(batches_of_losses)
def perplexity(losses, counts):
    """
    every batch weighs the same. Weigh each mean by its masked positions.
        total / sum(counts) → sum(losses) / len(losses)
        total / sum(counts) → sum(losses) / sum(count > 0 for count in counts)
    it averages perplexities, and every batch weighs the same. e to the mean comes last.
        = sum(math.exp(loss) for loss in losses) / len(losses)
    it averages perplexities. Average the losses first; e to that comes last.
        loss * count → math.exp(loss) * count ; math.exp(total / sum(counts)) → total / sum(counts)
    it is the mean loss. Perplexity is e to the mean loss.
        math.exp(total / sum(counts)) → total / sum(counts)
    it raises 2 to the loss. These losses are natural logarithms: use e.
        math.exp(total → 2 ** (total
    it raises e to minus the loss. A loss is minus a logarithm already.
        math.exp(total → math.exp(-total
    it sums the losses of all positions. Divide by their number before the exponential.
        total / sum(counts) → total
    it sums the means of batches. Multiply each by its count first, then divide by all counts.
        total / sum(counts) → sum(losses)
    means are summed without their counts. Multiply each by its count first.
        total / sum(counts) → sum(losses) / sum(counts)
    it divides by the number of batches. Divide by that of masked positions.
        sum(counts) → len(counts)
    """
    total = sum(loss * count for loss, count in zip(losses, counts, strict=True))
    return math.exp(total / sum(counts))


def rows_of_tokens(rng):
    few = ["[CLS] an un ##fat ##hom ##able film [SEP]", "[CLS] a [UNK] film ##s [SEP] [PAD] [PAD]"]
    few += ["[CLS] [SEP]", "", "[CLS] film [ # 1 ] [SEP]"]  # a bracket and a hash are words
    cases = [tokens.split() for tokens in few]
    for _ in range(30):
        tokens = ["[CLS]"]
        for _ in range(rng.randrange(1, 9)):
            tokens.append(rng.choice(["film", "un", "a", ".", "[UNK]", "plot"]))
            if tokens[-1] != "[UNK]":
                tokens += rng.choices(["##fat", "##s", "##able"], k=rng.choice([0, 0, 1, 3]))
        cases.append([*tokens, "[SEP]", *["[PAD]"] * rng.randrange(3)])
    return [(tokens, ["[CLS]", "[SEP]", "[PAD]", "[UNK]"]) for tokens in cases]


@exercise(rows_of_tokens)
def number_words(tokens, special):
    """
    pieces count as words of their own. A token that begins with ## belongs to the word before it.
        word += not token.startswith("##") → word += 1
    specials count as words. Give them -1, so that they are never masked.
        = right(tokens, [])
    specials get -1, but use up a number. Count words only.
        = [-1 if token in special else word for token, word in zip(tokens, right(tokens, []))]
    specials get None. Here they get -1.
        append(-1) → append(None)
    specials get -100. Here they get -1.
        append(-1) → append(-100)
    specials get 0. Here they get -1.
        append(-1) → append(0)
    specials are left out. Return a number for each token: -1 for these.
        numbers.append(-1) → pass
    it recognizes specials by their form. Use the list `special`: all of it, and nothing else.
        in special → in ("[CLS]", "[SEP]")
        in special → in ("[CLS]", "[SEP]", "[PAD]")
        token in special → token.startswith("[")
    a piece gets the next word's number. It belongs to the word before it.
        append(word) → append(word + token.startswith("##"))
    pieces get -1. Only specials do: a piece has its word's number.
        append(word) → append(-1 if token.startswith("##") else word)
    the first word is number 1. Begin with 0.
        [], -1 → [], 0
    """
    numbers, word = [], -1
    for token in tokens:
        if token in special:
            numbers.append(-1)
        else:
            word += not token.startswith("##")
            numbers.append(word)
    return numbers


def masked_rows(rng):
    cases = [
        ([7, 8, 9, 10], [7, MASK, 55, 10], [IGNORE_INDEX, 8, 9, 10], MASK),
        ([7, MASK, 9], [7, MASK, MASK], [IGNORE_INDEX, IGNORE_INDEX, 9], MASK),
        ([7], [7], [IGNORE_INDEX], MASK),
        ([7, 8, 9], [7, 4, 55], [IGNORE_INDEX, 8, 9], 4),
    ]
    for _ in range(30):
        mask = rng.randrange(100, 200)  # another tokenizer, another id
        before = rng.choices(range(1000, 1100), k=rng.randrange(1, 25)) + [mask] * rng.randrange(2)
        rng.shuffle(before)
        after, labels = list(before), [IGNORE_INDEX] * len(before)
        for place, token in enumerate(before):
            if token != mask and rng.random() < 0.5:
                labels[place] = token
                after[place] = rng.choice([mask, mask, rng.randrange(2000, 2100), token])
        cases.append((before, after, labels, mask))
    return cases


@exercise(masked_rows)
def count_fates(before, after, labels, mask_id):
    """
    it compares the ids. A token that was chosen and kept looks untouched: only its label tells.
        label == IGNORE_INDEX → new == old
    it counts every mask token as hidden. One that stood in the text has no label: it is untouched.
        label == IGNORE_INDEX → label == IGNORE_INDEX and new != mask_id
    hidden tokens count as random too. Each chosen token has one fate.
        return counts → return counts | {"random": counts["random"] + counts["hidden"]}
    labels are not looked at. Only they tell which tokens were chosen.
        label == IGNORE_INDEX → new == old != mask_id
    chosen and not chosen are swapped. `IGNORE_INDEX` marks a token that was not chosen.
        label == IGNORE_INDEX → label != IGNORE_INDEX
    the mask's id is fixed at 103. It is `mask_id`, another one in another tokenizer.
        new == mask_id → new == 103
    it gives shares. Count the tokens.
        return counts → return {fate: count / len(labels) for fate, count in counts.items()}
        return counts → chosen = len(labels) - counts["untouched"] or 1; return {fate: count / chosen for fate, count in counts.items()}
    """
    counts = dict.fromkeys(("hidden", "random", "kept", "untouched"), 0)
    for old, new, label in zip(before, after, labels, strict=True):
        if label == IGNORE_INDEX:
            counts["untouched"] += 1
        elif new == mask_id:
            counts["hidden"] += 1
        else:
            counts["kept" if new == old else "random"] += 1
    return counts


def texts_and_sizes(rng):
    cases = [([[1, 2, 3], [4, 5], [6, 7, 8, 9]], 5, CLS, SEP), ([[1, 2], [3]], 5, CLS, SEP)]
    cases += [([[1], [], [2]], 8, CLS, SEP), ([[1, 2, 3], [4, 5]], 6, 0, 2)]
    cases += [([], 6, CLS, SEP), ([[]], 6, CLS, SEP)]
    for _ in range(30):
        lengths = [rng.randrange(9) for _ in range(rng.randrange(1, 7))]
        texts = [[rng.randrange(1000, 2000) for _ in range(length)] for length in lengths]
        cases.append((texts, rng.randrange(3, 12), *rng.choice([(CLS, SEP), (0, 2), (1, 2)])))
    return cases


@exercise(texts_and_sizes)
def cut_blocks(texts, size, cls_id, sep_id):
    """
    the blocks are too long by two. The two specials count: leave room for them.
        size - 2 → size
    the blocks are too long by one. Two specials count, not one.
        size - 2 → size - 1
    the last, shorter block is missing. Nothing should be lost.
        len(ids), room → len(ids) - room + 1, room
    a block without a token stands at the end. Where the last one is full, there is no other.
        len(ids), room → len(ids) + 1, room
    without any ids, there is a block that holds none. There should be no block.
        len(ids), room → max(len(ids), 1), room
    each text is cut on its own. Join them first: short texts share a block.
        = [block for text in texts for block in right([text], size, cls_id, sep_id)]
    each text is cut off at `size`, and the rest lost. Join them first, and lose nothing.
        = [[cls_id, *text[: size - 2], sep_id] for text in texts]
    the specials are missing. Each block begins with CLS and ends with SEP.
        = [block[1:-1] for block in right(texts, size + 2, cls_id, sep_id)]
        = [block[1:-1] for block in right(texts, size, cls_id, sep_id)]
    specials are put in before cutting. Cut first, then give each block its CLS and SEP.
        = [block[1:-1] for block in right([[cls_id, *text, sep_id] for text in texts], size + 2, 0, 0)]
        = [block[1:-1] for block in right([[cls_id], *texts, [sep_id]], size + 2, 0, 0)]
    the blocks are joined again. Return a list of blocks.
        = sum(right(texts, size, cls_id, sep_id), [])
    short blocks are filled up. The last one may be shorter.
        = [block + [0] * (size - len(block)) for block in right(texts, size, cls_id, sep_id)]
    CLS and SEP are fixed at 101 and 102. Other tokenizers have others: `cls_id`, `sep_id`.
        = right(texts, size, 101, 102)
    only the first block is there. Is the `return` inside the loop?
        = right(texts, size, cls_id, sep_id)[:1] or None
    """
    ids = [token for text in texts for token in text]
    room = size - 2
    return [[cls_id, *ids[at : at + room], sep_id] for at in range(0, len(ids), room)]
