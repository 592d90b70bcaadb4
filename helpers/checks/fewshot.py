"""Checks of lesson 07."""

from __future__ import annotations

import json
import pickle
import random
from collections import Counter

import numpy as np

from helpers.checks.verdict import Verdict, compare


def _drawn(labels, order, per_class, *, grouped=False, strict=True, in_order=True):
    order = order if in_order else range(len(labels))
    taken, seen = [], Counter()
    for row in order:
        if seen[labels[row]] < per_class:
            taken.append(row)
            seen[labels[row]] += 1
    if strict and len(taken) < per_class * len(set(labels)):
        raise ValueError("too few rows of a class")
    return sorted(taken, key=lambda row: labels[row]) if grouped else taken


def _first_of_all(labels, order, per_class):
    return order[: per_class * len(set(labels))]


def _or_refused(function):
    """Return the function with a ValueError as a result that can be compared."""

    def answered(labels, order, per_class):
        try:
            return function(labels, order, per_class)
        except ValueError:
            return "ValueError"

    return answered


def check_draw_few(function) -> Verdict:
    """Check `draw_few(labels, order, per_class) -> list[int]`: k rows a class, in order, or a ValueError."""
    rng = random.Random()
    cases: list[tuple] = [
        (["neg", "neg", "neg", "pos", "pos"], [4, 1, 0, 3, 2], 2),
        (["neg", "neg", "neg", "pos"], [2, 0, 3, 1], 2),
        (["a", "b", "c"], [2, 0, 1], 1),
    ]
    for _ in range(25):
        labels = [rng.choice("xyz") for _ in range(rng.randrange(8, 30))]
        order = rng.sample(range(len(labels)), len(labels))
        cases.append((labels, order, rng.randrange(1, 5)))

    def without_return(labels, order, per_class):
        _drawn(labels, order, per_class)

    mistakes = [
        ("the function returns nothing. Did you forget `return`?", without_return),
        (
            "a class has too few rows, and nobody is told. Raise a ValueError.",
            lambda labels, order, k: _drawn(labels, order, k, strict=False),
        ),
        (
            "rows come in the order of the data set. Follow `order`: it is the shuffle.",
            lambda labels, order, k: _drawn(labels, order, k, in_order=False),
        ),
        (
            "rows come class by class. Keep the order in which you met them.",
            lambda labels, order, k: _drawn(labels, order, k, grouped=True),
        ),
        (
            "it takes the first rows whatever their class. Count each class.",
            _first_of_all,
        ),
    ]
    return compare(
        "draw_few",
        _or_refused(function),
        _or_refused(_drawn),
        cases,
        [(message, _or_refused(mistaken)) for message, mistaken in mistakes],
    )


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _as_is(rows):
    return rows


def _centroid(train, labels, new, *, rows=_unit, centroids=_unit, pool="mean"):
    classes = sorted(set(labels))
    owner = np.array(labels)
    middles = [getattr(rows(train)[owner == name], pool)(axis=0) for name in classes]
    best = (_unit(new) @ centroids(np.stack(middles)).T).argmax(axis=1)
    return [classes[place] for place in best]


def _by_distance(train, labels, new):
    classes = sorted(set(labels))
    middles = np.stack([train[np.array(labels) == name].mean(axis=0) for name in classes])
    return [classes[i] for i in ((new[:, None] - middles) ** 2).sum(axis=-1).argmin(axis=1)]


def _nearest_row(train, labels, new):
    return [labels[row] for row in (_unit(new) @ _unit(train).T).argmax(axis=1)]


def check_nearest_centroid(function) -> Verdict:
    """Check `nearest_centroid(train, labels, new) -> list[str]`: classes by cosine to their centroids."""
    rng = np.random.default_rng()
    cases: list[tuple] = [
        (np.array([[1.0, 0.0], [0.0, 1.0]]), ["neg", "pos"], np.array([[3.0, 1.0], [1.0, 3.0]])),
        (np.array([[0.0, 9.0], [1.0, 0.2]]), ["b", "a"], np.array([[2.0, 1.0], [0.1, 0.2]])),
    ]
    for _ in range(8):
        labels = list("aaaaaabbbccc")
        length = rng.uniform(0.2, 5, size=(len(labels), 1))  # embeddings are not of one length
        train, new = rng.normal(size=(len(labels), 3)) * length, rng.normal(size=(25, 3))
        cases.append((train, labels, new))
    return compare(
        "nearest_centroid",
        function,
        _centroid,
        cases,
        [
            (
                "it is the product with the mean, not the cosine: a class with close rows has a longer centroid, and wins.",
                lambda train, labels, new: _centroid(train, labels, new, centroids=_as_is),
            ),
            (
                "long embeddings pull the centroid towards them. Bring each training row to length 1 first.",
                lambda train, labels, new: _centroid(train, labels, new, rows=_as_is),
            ),
            (
                "rows and centroids keep their length: that is a product, not a cosine.",
                lambda train, labels, new: _centroid(
                    train, labels, new, rows=_as_is, centroids=_as_is
                ),
            ),
            (
                "it is a sum, not a mean, without length 1 after it: the largest class wins.",
                lambda train, labels, new: _centroid(
                    train, labels, new, centroids=_as_is, pool="sum"
                ),
            ),
            (
                "that is the smallest distance. Cosine compares directions.",
                _by_distance,
            ),
            (
                "that is the nearest training row. Take the mean of each class.",
                _nearest_row,
            ),
        ],
    )


def _templated(words, templates, *, cycle=True, word_first=True, label=lambda name, word: name):
    most = max(map(len, words.values()))
    rows = []
    for name, found in words.items():
        chosen = [found[i % len(found)] for i in range(most)] if cycle else found
        pairs = [(word, template) for word in chosen for template in templates]
        if not word_first:
            pairs = [(word, template) for template in templates for word in chosen]
        rows += [(template.format(word), label(name, word)) for word, template in pairs]
    return rows


def _cut_to_the_fewest(words, templates):
    least = min(map(len, words.values()))
    return _templated({name: found[:least] for name, found in words.items()}, templates)


def _last_word_repeated(words, templates):
    most = max(map(len, words.values()))
    filled = {name: found + found[-1:] * (most - len(found)) for name, found in words.items()}
    return _templated(filled, templates)


def check_templated_rows(function) -> Verdict:
    """Check `templated_rows(words, templates) -> list[(text, class)]`: every word, as many rows a class."""
    rng = random.Random()
    films = ["This film is {}", "A {} film", "I found it {}.", "{}!"]
    pool = ["dull", "flat", "poor", "warm", "rich", "fine", "neat", "rare", "loud"]
    cases: list[tuple] = [
        ({"neg": ["dull"], "pos": ["fine"]}, films[:1]),
        ({"neg": ["dull", "flat", "poor"], "pos": ["fine", "warm"]}, films[:2]),
        ({"neg": ["dull"], "pos": ["warm", "fine", "rare"]}, films[:2]),
    ]
    for _ in range(20):
        words = {name: rng.sample(pool, rng.randrange(1, 6)) for name in ("neg", "pos", "mixed")}
        cases.append((words, rng.sample(films, rng.randrange(1, 4))))
    return compare(
        "templated_rows",
        function,
        _templated,
        cases,
        [
            (
                "classes differ in their number of rows. Start again with the first word of the shorter ones.",
                lambda words, templates: _templated(words, templates, cycle=False),
            ),
            (
                "words are lost: the class with most words sets the number, not the one with fewest.",
                _cut_to_the_fewest,
            ),
            (
                "the last word fills up. Start again with the first.",
                _last_word_repeated,
            ),
            (
                "the word is not the class: `terrible` belongs to `neg`.",
                lambda words, templates: _templated(
                    words, templates, label=lambda name, word: word
                ),
            ),
            (
                "templates come first. Word by word: all templates of a word, then the next word.",
                lambda words, templates: _templated(words, templates, word_first=False),
            ),
        ],
    )


def _safetensors(content, *, order="little", parse=True, whole=True):
    size = int.from_bytes(content[:8], order)
    if len(content) < 8 or size > len(content) - 8:
        return False
    if not parse:
        return True
    try:
        header = json.loads(content[8 : 8 + size])
        ends = [e["data_offsets"][1] for name, e in header.items() if name != "__metadata__"]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return False
    return not whole or max(ends, default=0) == len(content) - 8 - size


def _no_pickle(content):
    return not content.startswith((b"\x80", b"PK"))


def _metadata_is_a_tensor(content):
    size = int.from_bytes(content[:8], "little")
    try:
        header = json.loads(content[8 : 8 + size])
        ends = [entry["data_offsets"][1] for entry in header.values()]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return False
    return len(content) >= 8 and max(ends, default=0) == len(content) - 8 - size


def _file(tensors: dict[str, np.ndarray], metadata: dict | None = None) -> bytes:
    """Return the bytes of a safetensors file. Source: the format's description in its README."""
    header, place = {"__metadata__": metadata} if metadata else {}, 0
    for name, array in tensors.items():
        end = place + array.nbytes
        offsets = [place, end]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": offsets}
        place = end
    text = json.dumps(header).encode()
    body = b"".join(array.tobytes() for array in tensors.values())
    return len(text).to_bytes(8, "little") + text + body


def check_is_safetensors(function) -> Verdict:
    """Check `is_safetensors(content) -> bool`: a whole file of the format, and nothing else."""
    rng = np.random.default_rng()

    def array():
        return rng.normal(size=rng.integers(1, 4, size=2)).astype(np.float32)

    good = _file({"coef": array(), "intercept": array()})
    short = pickle.dumps([1.0, 2.0])
    text_first = pickle.dumps({"a": 1}, protocol=0)
    contents = [good, _file({"a": array()}, {"format": "pt"}), b"", good[:5], short, text_first]
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
                lambda content: _safetensors(content, whole=False),
            ),
            (
                "`__metadata__` is no tensor and has no `data_offsets`. Leave it out.",
                _metadata_is_a_tensor,
            ),
        ],
    )
