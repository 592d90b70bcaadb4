"""Answers to lesson 09, Exercise 2 · One spelling for each label."""

from collections import Counter


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


def only_small(labels):
    return [label.lower() for label in labels]


def _groups(labels):
    groups = {}
    for label in labels:
        groups.setdefault(label.strip().lower(), []).append(label)
    return groups


def last_seen(labels):
    spelling = {label.strip().lower(): label for label in labels}
    return [spelling[label.strip().lower()] for label in labels]


def any_of_equals(labels):
    best = {key: max(set(group), key=group.count) for key, group in _groups(labels).items()}
    return [best[label.strip().lower()] for label in labels]


def alphabet_among_equals(labels):
    best = {
        key: min(group, key=lambda spelling: (-group.count(spelling), spelling))
        for key, group in _groups(labels).items()
    }
    return [best[label.strip().lower()] for label in labels]


def stripped_at_the_end(labels):
    return [label.strip() for label in spelling_by_counting(labels)]


def stripped_at_the_start(labels):
    return spelling_by_counting(list(map(str.strip, labels)))


def one_each(labels):
    return [Counter(group).most_common(1)[0][0] for group in _groups(labels).values()]


def spelling_by_counting(labels):
    return _commonest(labels, lambda label: label.strip().lower())


WRONG = {
    "small letters": (all_small, "stripped and in small letters"),
    "only stripped": (all_stripped, "only strips spaces"),
    "only small": (only_small, "it only puts labels into small letters"),
    "the last": (last_seen, "takes the last spelling"),
    "any of equals": (any_of_equals, "`set` gives any"),
    "alphabet": (alphabet_among_equals, "first of the alphabet"),
    "stripped at the end": (stripped_at_the_end, "strips the spelling that it returns"),
    "stripped at the start": (stripped_at_the_start, "strips spellings before it counts"),
    "one each": (one_each, "one spelling for each group"),
    "the first": (first_seen, "takes the first spelling"),
    "the last of equals": (last_of_equals, "spellings it takes the last."),
    "spaces": (spaces_left, "spaces still part"),
    "capitals": (capitals_left, "capitals still part"),
}

SECOND = spelling_by_counting
