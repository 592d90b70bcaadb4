"""Answers to the exercises of helpers/checks/own_data.py: wrong ones, and right ones in another style."""

from collections import Counter

import numpy as np


def strange_names(labels, known):
    return list(filter(lambda label: label not in known, labels))


def rows_from_one(labels, known):
    return [row for row, label in enumerate(labels, start=1) if label not in set(known)]


def rows_that_are_fine(labels, known):
    found = []
    for row in range(len(labels)):
        if labels[row] in known:
            found.append(row)
    return found


def first_row_of_each(labels, known):
    seen, found = set(known), []
    for row, label in enumerate(labels):
        if label not in seen:
            seen.add(label)
            found.append(row)
    return found


def number_of_strange_rows(labels, known):
    return sum(label not in known for label in labels)


def all_small(labels):
    return [label.lower().strip() for label in labels]


def all_stripped(labels):
    return list(map(str.strip, labels))


def first_seen(labels):
    spelling = {}
    for label in labels:
        spelling.setdefault(label.lower().strip(), label)
    return [spelling[label.lower().strip()] for label in labels]


def last_of_equals(labels):
    groups = {}
    for label in labels:
        groups.setdefault(label.strip().lower(), Counter())[label] += 1
    last = {}
    for key, counts in groups.items():
        tied = [spelling for spelling in counts if counts[spelling] == max(counts.values())]
        last[key] = max(tied, key=lambda spelling: len(labels) - labels[::-1].index(spelling))
    return [last[label.strip().lower()] for label in labels]


def _commonest(labels, key):
    counts = Counter(labels)
    best = {}
    for label in labels:
        if counts[label] > counts[best.get(key(label), "nothing")]:
            best[key(label)] = label
    return [best[key(label)] for label in labels]


def spaces_left(labels):
    return _commonest(labels, lambda label: label.lower())


def capitals_left(labels):
    return _commonest(labels, lambda label: label.strip())


def letter_by_letter(train, test):
    return sum(text in train for text in test)


def spaces_forgotten(train, test):
    lowered = [text.lower() for text in train]
    return sum(text.lower() in lowered for text in test)


def _single(text):
    return " ".join(text.split())


def capitals_forgotten(train, test):
    return sum(_single(text) in map(_single, train) for text in test)


def _plain(text):
    return _single(text).lower()


def texts_in_common(train, test):
    return len(set(map(_plain, train)) & set(map(_plain, test)))


def training_rows(train, test):
    return sum(_plain(text) in [_plain(other) for other in test] for text in train)


def share_of_the_test(train, test):
    held = [_plain(text) for text in train]
    return float(np.mean([_plain(text) in held for text in test])) if test else 0.0


def first_rows(groups, test_rows):
    return [row for row in range(len(groups)) if row < test_rows]


def so_many_groups(groups, test_rows):
    chosen = []
    for group in groups:
        if group not in chosen and len(chosen) < test_rows:
            chosen.append(group)
    return [row for row in range(len(groups)) if groups[row] in chosen]


def no_row_too_many(groups, test_rows):
    counts, chosen, total = Counter(groups), set(), 0
    for group, count in counts.items():
        if total + count <= test_rows:
            chosen.add(group)
            total += count
    return [row for row, group in enumerate(groups) if group in chosen]


def _chosen(groups, test_rows):
    chosen, total = [], 0
    for group, count in Counter(groups).items():  # in the order of first rows
        if total >= test_rows:
            break
        chosen.append(group)
        total += count
    return chosen


def the_training_rows(groups, test_rows):
    chosen = _chosen(groups, test_rows)
    return [row for row, group in enumerate(groups) if group not in chosen]


def names_of_groups(groups, test_rows):
    return _chosen(groups, test_rows)


def until_the_first_gap(groups, test_rows):
    chosen, found = _chosen(groups, test_rows), []
    for row, group in enumerate(groups):
        if group in chosen:
            found.append(row)
        elif found:
            break
    return found


# Right answers in another style than the solution's


def unknown_with_numpy(labels, known):
    return np.flatnonzero(~np.isin(np.array(labels, dtype=str), np.array(known, dtype=str)))


def spelling_by_counting(labels):
    return _commonest(labels, lambda label: label.strip().lower())


def leaks_by_a_counter(train, test):
    rows = Counter(map(_plain, test))
    return sum(rows[text] for text in set(map(_plain, train)))


def groups_in_one_walk(groups, test_rows):
    taken, total = set(), 0
    for group in groups:
        if group not in taken and total < test_rows:
            taken.add(group)
            total += groups.count(group)
    return tuple(row for row, group in enumerate(groups) if group in taken)


WRONG = {
    "check_unknown_labels": {
        "the labels": (strange_names, "it returns the labels"),
        "from one": (rows_from_one, "counts rows from one"),
        "known rows": (rows_that_are_fine, "whose label is known"),
        "once each": (first_row_of_each, "named once"),
        "how many": (number_of_strange_rows, "how many there are"),
    },
    "check_one_spelling": {
        "small letters": (all_small, "stripped and in small letters"),
        "only stripped": (all_stripped, "only strips spaces"),
        "the first": (first_seen, "takes the first spelling"),
        "the last of equals": (last_of_equals, "takes the last"),
        "spaces": (spaces_left, "spaces still part"),
        "capitals": (capitals_left, "capitals still part"),
    },
    "check_leaked_rows": {
        "letter by letter": (letter_by_letter, "differ in capitals or spaces"),
        "spaces": (spaces_forgotten, "differ in spaces"),
        "capitals": (capitals_forgotten, "differ in capitals. Use"),
        "distinct texts": (texts_in_common, "leaked twice counts once"),
        "rows of train": (training_rows, "counts rows of train"),
        "a share": (share_of_the_test, "returns a share"),
    },
    "check_split_by_group": {
        "first rows": (first_rows, "takes the first rows"),
        "groups for rows": (so_many_groups, "as many groups as rows"),
        "never over": (no_row_too_many, "a row too many"),
        "training rows": (the_training_rows, "returns the training rows"),
        "names": (names_of_groups, "returns the groups"),
        "a gap": (until_the_first_gap, "first gap"),
    },
}

SECOND = {
    "check_unknown_labels": unknown_with_numpy,
    "check_one_spelling": spelling_by_counting,
    "check_leaked_rows": leaks_by_a_counter,
    "check_split_by_group": groups_in_one_walk,
}
