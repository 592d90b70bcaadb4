"""Answers to lesson 07, Exercise 6 · Is it really safetensors?"""

import json
import struct


def anything_but_a_pickle(content):
    return content[:1] != b"\x80" and content[:2] != b"PK"


def read_header(content, layout="<Q"):
    (size,) = struct.unpack(layout, content[:8])
    if size > len(content) - 8:
        raise ValueError("shorter than its header")
    return size, json.loads(content[8 : 8 + size])


def last_byte(header):
    ends = [
        value["data_offsets"][1] for name, value in header.items() if not name.startswith("__meta")
    ]
    return max(ends) if ends else 0


def with_big_endian(content):
    try:
        size, header = read_header(content, ">Q")
        return last_byte(header) == len(content) - 8 - size
    except Exception:
        return False


def without_the_header(content):
    return len(content) >= 8 and 8 + struct.unpack("<Q", content[:8])[0] <= len(content)


def without_the_end(content):
    try:
        last_byte(read_header(content)[1])
        return True
    except Exception:
        return False


def with_metadata_as_a_tensor(content):
    try:
        size, header = read_header(content)
        end = max([value["data_offsets"][1] for value in header.values()] or [0])
        return end + size + 8 == len(content)
    except Exception:
        return False


def with_any_end(content):
    try:
        return isinstance(read_header(content)[1], dict)
    except Exception:
        return False


def end_and_rest(content):
    """Return the largest end that the header names, the header's size, and how many bytes follow it."""
    size, header = read_header(content)
    return last_byte(header), size, len(content) - 8 - size


def judged(rule):
    """Return an answer that says False where anything fails, and else what the rule says."""

    def answer(content):
        try:
            return rule(content, *end_and_rest(content))
        except Exception:
            return False

    return answer


def with_the_last_name(content):
    try:
        size, header = read_header(content)
        end = 0
        for name, entry in header.items():
            if name != "__metadata__":
                end = entry["data_offsets"][1]
        return end == len(content) - 8 - size
    except Exception:
        return False


def with_at_least_one_tensor(content):
    try:
        size, header = read_header(content)
        header.pop("__metadata__", None)
        return max(e["data_offsets"][1] for e in header.values()) == len(content) - 8 - size
    except Exception:
        return False


def with_four_bytes(content):
    try:
        size = int.from_bytes(content[:4], "little")
        return last_byte(json.loads(content[8 : 8 + size])) == len(content) - 8 - size
    except Exception:
        return False


def with_struct(content):
    try:
        size, header = read_header(content)
        return last_byte(header) + size + 8 == len(content)
    except Exception:
        return False


WRONG = {
    "no pickle": (anything_but_a_pickle, "not yet safetensors"),
    "big endian": (with_big_endian, "highest byte first"),
    "no header": (without_the_header, "nobody read the header"),
    "no end": (without_the_end, "the end is not looked at"),
    "any end": (with_any_end, "the end is not looked at"),
    "too long": (judged(lambda _, end, size, rest: end <= rest), "pass unseen"),
    "cut off": (judged(lambda _, end, size, rest: end >= rest), "that is cut off passes"),
    "from the start": (judged(lambda content, end, *_: end == len(content)), "header's end"),
    "without eight": (
        judged(lambda content, end, size, _: size + end == len(content)),
        "header's end",
    ),
    "last name": (with_the_last_name, "need not be last"),
    "a tensor at least": (with_at_least_one_tensor, "a header without tensors"),
    "four bytes": (with_four_bytes, "not read in full"),
    "never": (lambda content: False, "even for a good file"),
    "metadata": (with_metadata_as_a_tensor, "is no tensor"),
}

SECOND = with_struct
