"""Answers to the exercises of helpers/checks/windows.py, as learners write them: wrong ones, and right ones in another style."""

import math

import numpy as np


def windows_by_stride(passages, question, max_length, doc_stride):
    counts = []
    for passage in passages:
        windows, covered = 1, max_length - question - 3
        while covered < passage:
            covered += doc_stride or 1
            windows += 1
        counts.append(windows)
    return counts


def windows_without_specials(passages, question, max_length, doc_stride):
    room = max_length - question
    return [max(1, math.ceil((p - doc_stride) / (room - doc_stride))) for p in passages]


def windows_without_the_question(passages, question, max_length, doc_stride):
    room = max_length - 3
    return [max(1, math.ceil((p - doc_stride) / (room - doc_stride))) for p in passages]


def windows_rounded_down(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    return [max(1, 1 + (passage - room) // (room - doc_stride)) for passage in passages]


def windows_by_starts(passages, question, max_length, doc_stride):
    return [len(range(0, p, max_length - question - 3 - doc_stride)) for p in passages]


def windows_side_by_side(passages, question, max_length, doc_stride):
    return [-(-passage // (max_length - question - 3)) for passage in passages]


def windows_of_all(passages, question, max_length, doc_stride):
    return sum(windows_by_walking(passages, question, max_length, doc_stride))


def text_without_its_end(context, offsets, start, end):
    characters = [place for span in offsets[start:end] for place in span]
    return context[characters[0] : characters[-1]] if characters else ""


def text_to_the_last_beginning(context, offsets, start, end):
    return context[offsets[start][0] : offsets[end][0]]


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


# Right answers in another style than the solution's


def windows_by_walking(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    counts = np.ones(len(passages), dtype=int)
    for row, passage in enumerate(passages):
        end = room
        while end < passage:
            end += room - doc_stride
            counts[row] += 1
    return counts


def text_by_character(context, offsets, start, end):
    if end < start:
        return ""
    kept = range(offsets[start][0], offsets[end][1])
    return "".join(sign for place, sign in enumerate(context) if place in kept)


WRONG = {
    "check_count_windows": {
        "stride as step": (windows_by_stride, "doc_stride is taken for the step"),
        "no specials": (windows_without_specials, "the special tokens are forgotten"),
        "no question": (windows_without_the_question, "the question takes no room"),
        "rounded down": (windows_rounded_down, "the last, shorter window is missing"),
        "by starts": (windows_by_starts, "holds nothing new"),
        "all together": (windows_of_all, "one number for all passages"),
        "side by side": (windows_side_by_side, "the windows do not overlap"),
    },
    "check_answer_text": {
        "no end": (text_without_its_end, "the last token is left out"),
        "end's beginning": (text_to_the_last_beginning, "where its last token begins"),
        "no spaces": (text_without_spaces, "spaces between the words are lost"),
        "pieces": (text_of_pieces, "several sub-tokens falls apart"),
        "numbers": (text_by_token_numbers, "Look their characters up"),
        "numbers, inclusive": (text_by_token_numbers_inclusive, "the end inclusive"),
        "swapped": (text_either_way, "an end before its start"),
    },
}

SECOND = {
    "check_count_windows": windows_by_walking,
    "check_answer_text": text_by_character,
}
