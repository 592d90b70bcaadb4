"""Answers to lesson 02, Exercise 1 · Read the other columns."""


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


def columns_by_chunk_names(row, features):
    names = features["chunk_tags"].feature.names
    ids = zip(row["tokens"], row["pos_tags"], row["chunk_tags"], strict=True)
    return [(word, names[pos], names[chunk]) for word, pos, chunk in ids]


def columns_by_first_place(row, features):
    result = []
    for word in row["tokens"]:
        place = row["tokens"].index(word)
        pos = features["pos_tags"].feature.int2str(row["pos_tags"][place])
        chunk = features["chunk_tags"].feature.int2str(row["chunk_tags"][place])
        result.append((word, pos, chunk))
    return result


def columns_of_the_first_word(row, features):
    result = []
    for word in columns_as_lists(row, features):
        result.append(tuple(word))
        return result


def the_first_word(row, features):
    for word, pos, chunk in columns_as_lists(row, features):
        return word, pos, chunk


def columns_without_repeats(row, features):
    return list(dict.fromkeys(map(tuple, columns_as_lists(row, features))))


def columns_as_lists(row, features):
    return [
        [
            row["tokens"][i],
            features["pos_tags"].feature.int2str(row["pos_tags"][i]),
            features["chunk_tags"].feature.int2str(row["chunk_tags"][i]),
        ]
        for i in range(len(row["tokens"]))
    ]


WRONG = {
    "ids": (columns_as_ids, "it gives ids"),
    "swapped": (columns_swapped, "POS and chunk are swapped"),
    "no POS": (columns_without_pos, "leaves out the POS names"),
    "no chunks": (columns_without_chunks, "leaves out the chunk names"),
    "POS names": (columns_by_pos_names, "among the POS names"),
    "side by side": (columns_side_by_side, "three long lists"),
    "chunk names": (columns_by_chunk_names, "among the chunk names"),
    "first place": (columns_by_first_place, "the later one gets the tags of the first"),
    "first word": (columns_of_the_first_word, "it stops after the first word"),
    "a tuple": (the_first_word, "it stops after the first word"),
    "no repeats": (columns_without_repeats, "of 21 inputs differ"),
}

SECOND = columns_as_lists
