"""Answers to lesson 08, Exercise 2 · Number the words."""

from helpers.ner import IGNORE_INDEX


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


def words_with_other(other):
    """Return an answer that gives specials another number than -1."""

    def numbered(tokens, special):
        return [other if number < 0 else number for number in words_by_starts(tokens, special)]

    return numbered


def words_alone(tokens, special):
    return [number for number in words_by_starts(tokens, special) if number >= 0]


def words_of_three_specials(tokens, special):
    return words_by_starts(tokens, ["[CLS]", "[SEP]", "[PAD]"])


def words_by_brackets(tokens, special):
    return words_by_starts(tokens, [token for token in tokens if token[0] == "["])


def words_counted_too_soon(tokens, special):
    numbers, count = [], 0
    for token in tokens:
        if token in special:
            numbers.append(-1)
            continue
        numbers.append(count)
        if not token.startswith("##"):
            count += 1
    return numbers


def words_at_their_starts(tokens, special):
    numbers, count = [], -1
    for token in tokens:
        if token in special or token.startswith("##"):
            numbers.append(-1)
        else:
            count += 1
            numbers.append(count)
    return numbers


def words_by_starts(tokens, special):
    starts = [token not in special and not token.startswith("##") for token in tokens]
    return [
        -1 if token in special else int(sum(starts[: place + 1])) - 1
        for place, token in enumerate(tokens)
    ]


WRONG = {
    "pieces": (words_by_piece, "pieces count as words"),
    "specials": (words_with_specials, "specials count as words"),
    "used up": (words_after_specials, "use up a number"),
    "from one": (words_from_one, "number 1"),
    "None": (words_with_other(None), "specials get None"),
    "IGNORE_INDEX": (words_with_other(IGNORE_INDEX), "specials get -100"),
    "0": (words_with_other(0), "specials get 0"),
    "alone": (words_alone, "specials are left out"),
    "three specials": (words_of_three_specials, "by their looks"),
    "brackets": (words_by_brackets, "by their looks"),
    "too soon": (words_counted_too_soon, "the next word's number"),
    "starts": (words_at_their_starts, "pieces get -1"),
}

SECOND = words_by_starts
