"""Answers to the exercises of helpers/checks/labels.py, as learners write them: wrong ones, and right ones in another style."""

from collections import Counter

import numpy as np

from helpers.ner import IGNORE_INDEX


def columns_as_ids(row, features):
    return [
        (row["tokens"][i], row["pos_tags"][i], row["chunk_tags"][i])
        for i in range(len(row["tokens"]))
    ]


def columns_swapped(row, features):
    result = []
    for i, word in enumerate(row["tokens"]):
        pos = features["pos_tags"].feature.int2str(row["pos_tags"][i])
        chunk = features["chunk_tags"].feature.int2str(row["chunk_tags"][i])
        result.append((word, chunk, pos))
    return result


def columns_without_pos(row, features):
    result = []
    for word, chunk in zip(row["tokens"], row["chunk_tags"], strict=True):
        result.append((word, features["chunk_tags"].feature.int2str(chunk)))
    return result


def first_of_each_run_of_labels(labels, word_ids):
    kept, previous = [], None
    for label in labels:
        kept.append(IGNORE_INDEX if label == previous else label)
        previous = label
    return kept


def later_ones_as_o(labels, word_ids):
    kept, seen = [], set()
    for label, word in zip(labels, word_ids, strict=True):
        kept.append(0 if word in seen else label)
        if word is not None:
            seen.add(word)
    return kept


def last_of_each_word(labels, word_ids):
    kept = list(labels)
    for i in range(len(word_ids) - 1):
        if word_ids[i] is not None and word_ids[i] == word_ids[i + 1]:
            kept[i] = IGNORE_INDEX
    return kept


def firsts_only(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and word != previous:
            kept.append(label)
        previous = word
    return kept


def labels_as_they_were(labels, word_ids):
    return [
        IGNORE_INDEX if word is None else label
        for label, word in zip(labels, word_ids, strict=True)
    ]


def continued_by_parity(label, names):
    if label % 2:
        label += 1
    return label


def continued_by_the_next_id(label, names):
    if names[label].startswith("B-"):
        return label + 1
    return label


def continued_by_name(label, names):
    return names[label].replace("B-", "I-")


def never_continued(label, names):
    return names.index(names[label])


def columns_without_chunks(row, features):
    pos = features["pos_tags"].feature.int2str(row["pos_tags"])
    return [(word, tag) for word, tag in zip(row["tokens"], pos, strict=True)]


def columns_by_pos_names(row, features):
    names = features["pos_tags"].feature.names
    ids = zip(row["tokens"], row["pos_tags"], row["chunk_tags"], strict=True)
    return [(word, names[pos], names[chunk]) for word, pos, chunk in ids]


def columns_side_by_side(row, features):
    tags = [features[name].feature.int2str(row[name]) for name in ("pos_tags", "chunk_tags")]
    return (row["tokens"], *tags)


def later_ones_as_none(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        kept.append(None if word is not None and word == previous else label)
        previous = word
    return kept


def whole_words_only(labels, word_ids):
    counts = Counter(word for word in word_ids if word is not None)
    return [
        IGNORE_INDEX if counts[word] > 1 else label
        for label, word in zip(labels, word_ids, strict=True)
    ]


def all_but_the_first(labels, word_ids):
    kept, seen = [], {None}
    for label, word in zip(labels, word_ids, strict=True):
        kept.append(label if word in seen else IGNORE_INDEX)
        seen.add(word)
    return kept


def always_continued_by_the_next_id(label, names):
    return np.int64(label) + 1


def continued_or_o(label, names):
    return {f"B-{name[2:]}": i for i, name in enumerate(names) if name[0] == "I"}.get(
        names[label], 0
    )


def continued_whatever_it_is(label, names):
    kind = names[label][2:]
    return names.index(f"I-{kind}")


# Right answers in another style than the solution's


def columns_as_lists(row, features):
    return [
        [
            row["tokens"][i],
            features["pos_tags"].feature.int2str(row["pos_tags"][i]),
            features["chunk_tags"].feature.int2str(row["chunk_tags"][i]),
        ]
        for i in range(len(row["tokens"]))
    ]


def firsts_with_numpy(labels, word_ids):
    words = np.array([-1 if word is None else word for word in word_ids])
    later = np.append(False, (words[1:] == words[:-1]) & (words[1:] >= 0))
    return np.where(later, IGNORE_INDEX, labels)


def continued_by_table(label, names):
    inside = {name: index for index, name in enumerate(names) if name.startswith("I-")}
    return np.int64(inside.get(names[label].replace("B-", "I-"), label))


WRONG = {
    "check_read_columns": {
        "ids": (columns_as_ids, "it gives ids"),
        "swapped": (columns_swapped, "POS and chunk are swapped"),
        "no POS": (columns_without_pos, "leaves out the POS names"),
        "no chunks": (columns_without_chunks, "leaves out the chunk names"),
        "POS names": (columns_by_pos_names, "among the POS names"),
        "side by side": (columns_side_by_side, "three long lists"),
    },
    "check_keep_first": {
        "by label": (first_of_each_run_of_labels, "it compares labels"),
        "zero": (later_ones_as_o, "later sub-tokens get 0"),
        "last kept": (last_of_each_word, "keeps the last sub-token"),
        "dropped": (firsts_only, "later sub-tokens are dropped"),
        "specials only": (labels_as_they_were, "nothing has changed"),
        "none": (later_ones_as_none, "later sub-tokens get None"),
        "whole words": (whole_words_only, "has no label left"),
        "others": (all_but_the_first, "ignores the first sub-token"),
    },
    "check_continue_label": {
        "parity": (continued_by_parity, "adds 1 to odd ids"),
        "next id": (continued_by_the_next_id, "adds 1 to the id of every B- name"),
        "the name": (continued_by_name, "returns the name"),
        "never": (never_continued, "B- labels stay"),
        "always": (always_continued_by_the_next_id, "adds 1 to every id"),
        "or O": (continued_or_o, "become 0"),
        "fails at O": (continued_whatever_it_is, "it fails at O"),
    },
}

SECOND = {
    "check_read_columns": columns_as_lists,
    "check_keep_first": firsts_with_numpy,
    "check_continue_label": continued_by_table,
}
