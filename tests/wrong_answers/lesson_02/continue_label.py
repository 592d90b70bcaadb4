"""Answers to lesson 02, Exercise 3 · Continue a label."""

import numpy as np


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


def always_continued_by_the_next_id(label, names):
    return np.int64(label) + 1


def continued_or_o(label, names):
    return {f"B-{name[2:]}": i for i, name in enumerate(names) if name[0] == "I"}.get(
        names[label], 0
    )


def continued_whatever_it_is(label, names):
    kind = names[label][2:]
    return names.index(f"I-{kind}")


def continued_by_name_or_id(label, names):
    if names[label].startswith("B-"):
        return "I-" + names[label][2:]
    return label


def continued_or_name(label, names):
    if names[label].startswith("B-"):
        return names.index("I-" + names[label][2:])
    return names[label]


def continued_or_the_id_of_o(label, names):
    prefix, _, kind = names[label].partition("-")
    return names.index("I-" + kind if prefix == "B" else "O")


def continued_by_replacing_b(label, names):
    return names.index(names[label].replace("B", "I"))


def continued_by_stripping(label, names):
    if not names[label].startswith("B-"):
        return label
    return names.index("I-" + names[label].lstrip("B-"))


def continued_by_table(label, names):
    inside = {name: index for index, name in enumerate(names) if name.startswith("I-")}
    return np.int64(inside.get(names[label].replace("B-", "I-"), label))


WRONG = {
    "parity": (continued_by_parity, "adds 1 to odd ids"),
    "next id": (continued_by_the_next_id, "adds 1 to the id of every B- name"),
    "the name": (continued_by_name, "returns the name"),
    "never": (never_continued, "B- labels stay"),
    "always": (always_continued_by_the_next_id, "adds 1 to every id"),
    "or O": (continued_or_o, "become 0"),
    "name or id": (continued_by_name_or_id, "returns the name"),
    "or name": (continued_or_name, "become names"),
    "or the id of O": (continued_or_the_id_of_o, "become O"),
    "replacing B": (continued_by_replacing_b, "a B of its own"),
    "stripping": (continued_by_stripping, "a B of its own"),
    "fails at O": (continued_whatever_it_is, "it fails at O"),
}

SECOND = continued_by_table
