"""Answers to lesson 05, Exercise 1 · From tokens to text."""


def text_without_its_end(context, offsets, start, end):
    characters = [place for span in offsets[start:end] for place in span]
    return context[characters[0] : characters[-1]] if characters else ""


def text_to_the_last_beginning(context, offsets, start, end):
    return context[offsets[start][0] : offsets[end][0]]


def text_to_the_character_after(context, offsets, start, end):
    if end < start:
        return ""
    return context[offsets[start][0] : offsets[end][1] + 1]


def text_of_several_tokens(context, offsets, start, end):
    return context[offsets[start][0] : offsets[end][1]] if start < end else ""


def text_or_nothing(context, offsets, start, end):
    if start <= end:
        return context[offsets[start][0] : offsets[end][1]]
    return None


def text_of_words(context, offsets, start, end):
    return " ".join(context.split()[start : end + 1])


def text_without_spaces(context, offsets, start, end):
    return "".join(context[first:last] for first, last in offsets[start : end + 1])


def text_of_pieces(context, offsets, start, end):
    pieces = []
    for token in range(start, end + 1):
        first, last = offsets[token]
        pieces.append(context[first:last])
    return " ".join(pieces)


def text_by_token_numbers(context, offsets, start, end):
    return context[start:end]


def text_by_token_numbers_inclusive(context, offsets, start, end):
    return "".join(context[place] for place in range(start, end + 1))


def text_either_way(context, offsets, start, end):
    if start > end:
        start, end = end, start
    return context[offsets[start][0] : offsets[end][1]]


def text_by_character(context, offsets, start, end):
    if end < start:
        return ""
    kept = range(offsets[start][0], offsets[end][1])
    return "".join(sign for place, sign in enumerate(context) if place in kept)


WRONG = {
    "no end": (text_without_its_end, "the last token is left out"),
    "end's beginning": (text_to_the_last_beginning, "where its last token begins"),
    "character after": (text_to_the_character_after, "a character too many"),
    "several tokens": (text_of_several_tokens, "a span of one token is lost"),
    "None": (text_or_nothing, "it returns None"),
    "words": (text_of_words, "tokens are not words"),
    "no spaces": (text_without_spaces, "spaces between the words are lost"),
    "pieces": (text_of_pieces, "several sub-tokens falls apart"),
    "numbers": (text_by_token_numbers, "Look their characters up"),
    "numbers, inclusive": (text_by_token_numbers_inclusive, "the end inclusive"),
    "swapped": (text_either_way, "an end before its start"),
}

SECOND = text_by_character
