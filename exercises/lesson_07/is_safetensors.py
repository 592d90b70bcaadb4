"""The check of lesson 07, Exercise 6 · Is it really safetensors?"""

from __future__ import annotations

import json
import operator
import pickle

import numpy as np

from exercises.verdict import Verdict, compare

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)


def _safetensors(
    content, *, order="little", bytes_=8, parse=True, last=max, none=0, fits=operator.eq
):
    size = int.from_bytes(content[:bytes_], order)
    if len(content) < 8 or size > len(content) - 8:
        return False
    if not parse:
        return True
    try:
        header = json.loads(content[8 : 8 + size])
        ends = [e["data_offsets"][1] for name, e in header.items() if name != "__metadata__"]
    except _UNREADABLE:
        return False
    return fits(last(ends) if ends else none, len(content) - 8 - size)


def _no_pickle(content):
    return not content.startswith((b"\x80", b"PK"))


def _any_header(content):
    try:
        return isinstance(json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]), dict)
    except ValueError:
        return False


def _metadata_is_a_tensor(content):
    size = int.from_bytes(content[:8], "little")
    try:
        header = json.loads(content[8 : 8 + size])
        ends = [entry["data_offsets"][1] for entry in header.values()]
    except _UNREADABLE:
        return False
    return len(content) >= 8 and max(ends, default=0) == len(content) - 8 - size


def _file(tensors: dict[str, np.ndarray], metadata: dict | None = None, order="little") -> bytes:
    """Return the bytes of a safetensors file. Source: the format's description in its README."""
    header, place = {"__metadata__": metadata} if metadata else {}, 0
    for name, array in tensors.items():
        end = place + array.nbytes
        offsets = [place, end]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": offsets}
        place = end
    if metadata:  # a JSON object has no order: the first tensor may be named last
        header = dict(reversed(header.items()))
    text = json.dumps(header).encode()
    body = b"".join(array.tobytes() for array in tensors.values())
    return len(text).to_bytes(8, order) + text + body


def check_is_safetensors(function) -> Verdict:
    """Check `is_safetensors(content) -> bool`: a whole file of the format, and nothing else."""
    rng = np.random.default_rng()

    def array():
        return rng.normal(size=rng.integers(1, 4, size=2)).astype(np.float32)

    good = _file({"coef": array(), "intercept": array()})
    short = pickle.dumps([1.0, 2.0])
    text_first = pickle.dumps({"a": 1}, protocol=0)
    marked = _file({"a": array(), "b": array()}, {"format": "pt"})
    contents = [good, _file({"a": array()}, {"format": "pt"}), b"", good[:5], short, text_first]
    contents += [marked, marked[:-1], _file({f"layer.{i}.weight": array() for i in range(9)})]
    contents += [_file({"a": array()}, order="big"), good[:5] + b"\x01" + good[6:]]
    # 400 bytes of numbers, more than the header has
    wide = _file({"a": np.zeros((10, 10), np.float32)})
    contents += [wide, wide[:400], wide[:408], wide[:-8]]
    contents += [b"PK\x03\x04" + bytes(40), good[:-1], good + b"\x00", bytes(8), b"{}" * 20]
    contents += [len(short).to_bytes(8, "little") + short, (2).to_bytes(8, "little") + b"[]"]
    contents += [
        good + short,
        (999).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}",
    ]
    for _ in range(5):
        made = _file({f"t{i}": array() for i in range(rng.integers(1, 4))})
        contents += [made, made[: rng.integers(8, len(made))], rng.bytes(30)]
    return compare(
        "is_safetensors",
        function,
        _safetensors,
        [(content,) for content in contents],
        [
            (
                "what is no pickle is not yet safetensors. Ask for what a good file has, not for signs of a bad one.",
                _no_pickle,
            ),
            (
                "the length of the header is read with the highest byte first. The lowest comes first.",
                lambda content: _safetensors(content, order="big"),
            ),
            (
                "nobody read the header: eight bytes and a fitting length are no proof.",
                lambda content: _safetensors(content, parse=False),
            ),
            (
                "the end is not looked at: the file may be cut, or go on after its last tensor.",
                lambda content: _safetensors(content, fits=lambda end, rest: True),
            ),
            (
                "the end is not looked at: the file may be cut, or go on after its last tensor.",
                _any_header,
            ),
            (
                "bytes after the last tensor pass unseen. The file ends where the last tensor does.",
                lambda content: _safetensors(content, fits=operator.le),
            ),
            (
                "a file that is cut off passes. It has all bytes of its last tensor.",
                lambda content: _safetensors(content, fits=operator.ge),
            ),
            (
                "the tensor that the header names last need not be last in the file. Take the largest end.",
                lambda content: _safetensors(content, last=lambda ends: ends[-1]),
            ),
            (
                "a header without tensors is a header too: nothing follows it.",
                lambda content: _safetensors(content, none=-1),
            ),
            *(
                (
                    "`data_offsets` count from the header's end. Eight bytes and the header come before.",
                    lambda content, shift=shift: _safetensors(
                        content,
                        fits=lambda end, rest: end == rest + shift(len(content) - 8 - rest),
                    ),
                )
                for shift in (lambda size: 8 + size, lambda size: 8, lambda size: size)
            ),
            *(
                (
                    "the length is not read in full. It takes eight bytes.",
                    lambda content, count=count: _safetensors(content, bytes_=count),
                )
                for count in (1, 4)
            ),
            (
                "the answer is `False` even for a good file. Is the first check too strict?",
                lambda content: False,
            ),
            (
                "`__metadata__` is no tensor and has no `data_offsets`. Leave it out.",
                _metadata_is_a_tensor,
            ),
        ],
    )
