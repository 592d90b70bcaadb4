"""Answers to lesson 05, Exercise 2 · Count the windows."""

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


def windows_by_stride_unguarded(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    return [1 + math.ceil(max(0, size - room) / doc_stride) for size in passages]


def windows_without_specials(passages, question, max_length, doc_stride):
    room = max_length - question
    return [max(1, math.ceil((p - doc_stride) / (room - doc_stride))) for p in passages]


def windows_with_one_sep(passages, question, max_length, doc_stride):
    room = max_length - question - 2
    return [1 + math.ceil(max(0, size - room) / (room - doc_stride)) for size in passages]


def windows_with_cls_only(passages, question, max_length, doc_stride):
    room = max_length - question - 1
    return [1 + math.ceil(max(0, size - room) / (room - doc_stride)) for size in passages]


def windows_of_passage_alone(passages, question, max_length, doc_stride):
    step = max_length - doc_stride
    return [1 + math.ceil(max(0, size - max_length) / step) for size in passages]


def windows_by_a_long_step(passages, question, max_length, doc_stride):
    room, step = max_length - question - 3, max_length - doc_stride
    return [1 + math.ceil(max(0, size - room) / step) for size in passages]


def windows_of_long_passages(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    return [math.ceil((size - doc_stride) / (room - doc_stride)) for size in passages]


def windows_after_the_first(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    return [math.ceil(max(0, size - room) / (room - doc_stride)) for size in passages]


def windows_without_the_first(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    return [max(1, math.ceil((size - room) / (room - doc_stride))) for size in passages]


def windows_and_one(passages, question, max_length, doc_stride):
    room, counts = max_length - question - 3, []
    for size in passages:
        counts.append(1 if size <= room else (size - room) // (room - doc_stride) + 2)
    return counts


def windows_not_rounded(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    return 1 + np.maximum(0, np.array(passages) - room) / (room - doc_stride)


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


def windows_by_walking(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    counts = np.ones(len(passages), dtype=int)
    for row, passage in enumerate(passages):
        end = room
        while end < passage:
            end += room - doc_stride
            counts[row] += 1
    return counts


WRONG = {
    "stride as step": (windows_by_stride, "doc_stride is taken for the step"),
    "stride as step, dividing": (
        windows_by_stride_unguarded,
        "doc_stride is taken for the step",
    ),
    "no specials": (windows_without_specials, "the special tokens are forgotten"),
    "one SEP": (windows_with_one_sep, "a special token is missing"),
    "CLS only": (windows_with_cls_only, "a special token is missing"),
    "passage alone": (windows_of_passage_alone, "neither the question nor"),
    "long step": (windows_by_a_long_step, "the step is too long"),
    "long passages": (windows_of_long_passages, "fewer than none"),
    "after the first": (windows_after_the_first, "the first window is not counted"),
    "no first": (windows_without_the_first, "the first window is not counted"),
    "and one": (windows_and_one, "a window too many is counted"),
    "not rounded": (windows_not_rounded, "it does not round"),
    "no question": (windows_without_the_question, "the question takes no room"),
    "rounded down": (windows_rounded_down, "the last, shorter window is missing"),
    "by starts": (windows_by_starts, "holds nothing new"),
    "all together": (windows_of_all, "one number for all passages"),
    "side by side": (windows_side_by_side, "the windows do not overlap"),
}

SECOND = windows_by_walking
