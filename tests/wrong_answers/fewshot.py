"""Answers to the exercises of helpers/checks/fewshot.py, as learners write them: wrong ones, and right ones in another style."""

import json
import struct
from itertools import cycle, islice, product

import numpy as np
import torch


def draw_in_silence(labels, order, per_class):
    taken = []
    for row in order:
        if sum(labels[other] == labels[row] for other in taken) < per_class:
            taken.append(row)
    return taken


def draw_from_the_top(labels, order, per_class):
    taken = draw_in_silence(labels, list(range(len(labels))), per_class)
    if len(taken) != per_class * len(set(labels)):
        raise ValueError
    return taken


def draw_class_by_class(labels, order, per_class):
    taken = []
    for name in sorted(set(labels)):
        found = [row for row in order if labels[row] == name][:per_class]
        if len(found) < per_class:
            raise ValueError(name)
        taken.extend(found)
    return taken


def draw_any(labels, order, per_class):
    wanted = per_class * len(set(labels))
    return [row for place, row in enumerate(order) if place < wanted]


def classes_of(labels):
    return list(dict.fromkeys(labels))


def nearest(scores, names):
    return [names[place] for place in np.asarray(scores).argmax(axis=1)]


def length_one(rows):
    return np.array([row / np.sqrt((row**2).sum()) for row in rows])


def means(rows, labels):
    return [
        np.mean([row for row, label in zip(rows, labels, strict=True) if label == name], axis=0)
        for name in classes_of(labels)
    ]


def centroid_by_product(train, labels, new):
    return nearest(
        length_one(new) @ np.array(means(length_one(train), labels)).T, classes_of(labels)
    )


def centroid_of_raw_rows(train, labels, new):
    middle = length_one(means(train, labels))
    return nearest(new @ middle.T, classes_of(labels))


def centroid_all_raw(train, labels, new):
    return nearest(new @ np.array(means(train, labels)).T, classes_of(labels))


def centroid_by_sum(train, labels, new):
    names = classes_of(labels)
    sums = np.zeros((len(names), train.shape[1]))
    for row, label in zip(length_one(train), labels, strict=True):
        sums[names.index(label)] += row
    return nearest(new @ sums.T, names)


def centroid_by_distance(train, labels, new):
    middle = np.array(means(train, labels))
    distances = [np.linalg.norm(middle - row, axis=1) for row in new]
    return nearest(-np.array(distances), classes_of(labels))


def centroid_as_nearest_row(train, labels, new):
    return nearest(length_one(new) @ length_one(train).T, labels)


def rows_of_all_words(words, templates):
    return [
        (template.format(word), name)
        for name in words
        for word in words[name]
        for template in templates
    ]


def rows_cut(words, templates):
    count = min(len(found) for found in words.values())
    return rows_of_all_words({name: found[:count] for name, found in words.items()}, templates)


def rows_with_the_last_word(words, templates):
    count = max(len(found) for found in words.values())
    return [
        (template.format(words[name][min(place, len(words[name]) - 1)]), name)
        for name in words
        for place in range(count)
        for template in templates
    ]


def rows_labelled_by_word(words, templates):
    count = max(len(found) for found in words.values())
    rows = []
    for found in words.values():
        for word in islice(cycle(found), count):
            rows += [(template.format(word), word) for template in templates]
    return rows


def rows_by_template(words, templates):
    count = max(len(found) for found in words.values())
    rows = []
    for name, found in words.items():
        for template in templates:
            rows += [(template.format(word), name) for word in islice(cycle(found), count)]
    return rows


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


# Right answers in another style than the solution's


def draw_by_rank(labels, order, per_class):
    names = [labels[row] for row in order]
    if any(names.count(name) < per_class for name in names):
        raise ValueError("too few")
    return tuple(
        row for place, row in enumerate(order) if names[:place].count(names[place]) < per_class
    )


def centroid_with_torch(train, labels, new):
    names = sorted(set(labels))
    rows = torch.nn.functional.normalize(torch.tensor(train), dim=1)
    which = torch.tensor([names.index(label) for label in labels])
    middle = torch.stack([rows[which == place].mean(0) for place in range(len(names))])
    scores = torch.cosine_similarity(torch.tensor(new)[:, None], middle[None], dim=-1)
    return [names[place] for place in scores.argmax(1)]


def rows_with_product(words, templates):
    most = len(max(words.values(), key=len))
    rows = []
    for name, found in words.items():
        pairs = product(islice(cycle(found), most), templates)
        rows.extend([template.format(word), name] for word, template in pairs)
    return rows


def with_struct(content):
    try:
        size, header = read_header(content)
        return last_byte(header) + size + 8 == len(content)
    except Exception:
        return False


WRONG = {
    "check_draw_few": {
        "in silence": (draw_in_silence, "nobody is told"),
        "from the top": (draw_from_the_top, "in the order of the data set"),
        "class by class": (draw_class_by_class, "come class by class"),
        "any": (draw_any, "whatever their class"),
    },
    "check_nearest_centroid": {
        "product": (centroid_by_product, "the product with the mean"),
        "raw rows": (centroid_of_raw_rows, "long embeddings pull"),
        "all raw": (centroid_all_raw, "keep their length"),
        "sum": (centroid_by_sum, "a sum, not a mean"),
        "distance": (centroid_by_distance, "the smallest distance"),
        "nearest row": (centroid_as_nearest_row, "the nearest training row"),
    },
    "check_templated_rows": {
        "unbalanced": (rows_of_all_words, "differ in their number"),
        "cut": (rows_cut, "words are lost"),
        "last word": (rows_with_the_last_word, "the last word fills up"),
        "labelled by word": (rows_labelled_by_word, "the word is not the class"),
        "by template": (rows_by_template, "templates come first"),
    },
    "check_is_safetensors": {
        "no pickle": (anything_but_a_pickle, "not yet safetensors"),
        "big endian": (with_big_endian, "highest byte first"),
        "no header": (without_the_header, "nobody read the header"),
        "no end": (without_the_end, "the end is not looked at"),
        "metadata": (with_metadata_as_a_tensor, "is no tensor"),
    },
}

SECOND = {
    "check_draw_few": draw_by_rank,
    "check_nearest_centroid": centroid_with_torch,
    "check_templated_rows": rows_with_product,
    "check_is_safetensors": with_struct,
}
