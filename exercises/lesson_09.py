"""Lesson 09's exercises."""

import re  # noqa: F401  the mistakes use it

from exercises.table import exercise

LABELS = ["order", "refund", "repair", "praise"]


def labeled_rows(rng):
    misspelled = ["order", "refnud", "order", "refnud", "rpair"]
    similar = ["Order", "order", "refund ", "reorder", "repairs", "pair", ""]
    cases = [(labels, LABELS) for labels in (misspelled, similar, ["order", "repair"], [])]
    drawn = [rng.choices(LABELS, k=rng.randrange(4, 20)) for _ in range(20)]
    return cases + [(labels, rng.sample(LABELS, 2)) for labels in drawn]


@exercise(labeled_rows)
def unknown_labels(labels, known):
    """
    it returns the labels. Return the numbers of their rows, so that they can be found.
        [row for → [label for
    it counts rows from one. Row numbers count from zero.
        enumerate(labels) → enumerate(labels, start=1)
    it returns the rows whose label is known. Return the others.
        not in → in
    each unknown label is named once. Return every row that has one.
        = [labels.index(label) for label in dict.fromkeys(labels) if label not in known]
    a row that repeats a label gets the number of the first such row: `index` looks from the front. Use `enumerate`.
        [row for → [labels.index(label) for
    a label in another spelling passes for known. Compare the labels as they stand.
        label not in → label.strip().casefold() not in
        label not in → label.strip() not in
        label not in → label.lower() not in
    a label that only contains a known one passes for known. Compare whole labels.
        label not in known → not any(name in label for name in known)
    only the first such row is returned. Go on to the end.
        known] → known][:1]
    it returns how many there are. Return their row numbers.
        = len(right(labels, known))
    """
    return [row for row, label in enumerate(labels) if label not in known]


def spelled_labels(rng):
    refunds = ["REFUND", "Refund", "Refund", "refund ", "order"]
    cases = [refunds, ["Order", "order ", "order "], ["order", "Order"], ["order", "repair"], []]
    cases += [["Straße", "STRASSE", "STRASSE"], ["by bus", "by  bus", "by  bus"]]
    for _ in range(20):
        labels = []
        for label in rng.sample(LABELS, 3):
            for spelling in (label, label.capitalize(), label.upper()):
                forms = [spelling, f"{spelling} ", f" {spelling}", f"{spelling}\t"]
                labels += rng.choices(forms, k=rng.randrange(1, 4))
        cases.append(rng.sample(labels, len(labels)))
    return [(labels,) for labels in cases]


@exercise(spelled_labels)
def one_spelling(labels):
    """
    every label comes out in small letters. Take the spelling that is the commonest in the file: somebody chose it.
        = [label.strip().casefold() for label in labels]
        = [label.strip().lower() for label in labels]
        = [label.casefold() for label in labels]
    it only strips spaces. Capitals make two spellings as well.
        = [label.strip() for label in labels]
    it takes the first spelling. Take the commonest, and the first only among equals.
        max(group, key=group.count) → group[0]
    it takes the last spelling. Take the commonest, and the first only among equals.
        max(group, key=group.count) → group[-1]
    of equally common spellings it takes the last. Take the one that comes first in the file.
        max(group, → max(group[::-1],
    among equally common spellings, `set` returns any one. Go through them in the order of the file.
        max(group, → max(set(group),
    of equally common spellings it takes the first of the alphabet. Take the one that comes first in the file.
        max(group, → max(sorted(group),
    it strips the spelling that it returns. Return it as it is in the file, with its spaces.
        max(group, key=group.count) → max(group, key=group.count).strip()
    it strips spellings before it counts them. Count them as they are in the file, with their spaces.
        append(label) → append(label.strip())
    it returns one spelling for each group. Return one for each row.
        [best[label.strip().casefold()] for label in labels] → list(best.values())
    spellings that differ only in outer spaces still count as different. Strip before you compare.
        label.strip().casefold() → label.casefold()
    spellings that differ only in capitals still count as different. Use `casefold` before you compare.
        label.strip().casefold() → label.strip()
    """
    groups = {}
    for label in labels:
        groups.setdefault(label.strip().casefold(), []).append(label)
    best = {key: max(group, key=group.count) for key, group in groups.items()}
    return [best[label.strip().casefold()] for label in labels]


def training_and_test(rng):
    cases = [
        (["A bell.", "Two wheels."], ["a  bell.", "A bell.", "No wheel."]),
        (["a", "a", "a", "b"], ["a", "c", "a"]),
        (["a bell rings", "no"], ["bell", "A BELL", "no", "rings a bell", "rings no"]),
        (["A bell!"], ["A bell.", "a bell"]),
        (["no where to park"], ["nowhere to park"]),
        (["a bell rings"], ["a   bell\trings", " a bell rings"]),
    ]
    cases += [(["a"], []), ([], ["a", "b"])]
    words = ["bell", "wheel", "brake", "chain", "lamp", "saddle"]
    forms = [str, str.upper, str.title, lambda text: text.replace(" ", "  "), " {}\n".format]
    for _ in range(20):
        texts = [" ".join(rng.sample(words, 3)) for _ in range(9)]
        rows = [rng.choice(forms)(rng.choice(texts)) for _ in range(26)]
        cases.append((rows[: rng.randrange(6, 12)], rows[-rng.randrange(8, 16) :]))
    return cases


@exercise(training_and_test)
def leaked_rows(train, test):
    r"""
    it misses texts that differ in capitals or spaces. Compare them lower-cased, with single spaces.
        " ".join(text.lower().split()) → text
    it misses texts that differ in spaces. Join what `split()` returns by single spaces.
        " ".join(text.lower().split()) → text.lower()
    two words become one where spaces are removed. Join them by single spaces.
        " ".join(text.lower().split()) → "".join(text.lower().split())
    it misses texts that differ in capitals. Use `lower()` as well.
        text.lower() → text
    it compares letter by letter, and counts a text that leaked twice once. Count rows, and compare them lower-cased, with single spaces.
        = len(set(train) & set(test))
    texts that differ only in inner spaces still count as different. Join what `split()` returns by single spaces.
        " ".join(text.lower().split()) → text.strip().lower()
        " ".join(text.lower().split()) → text.strip().lower().replace("  ", " ")
    texts that differ only in spaces at the start or the end still count as different. Strip these too.
        " ".join(text.lower().split()) → re.sub(r"\s+", " ", text.lower())
    it normalizes the texts of train only. Normalize those of test as well.
        plain(text) in held → text in held
    it normalizes the texts of test only. Normalize those of train as well.
        plain(text) in held → plain(text) in train
    a text that stands in train several times counts several times. Count each test row once.
        plain(text) in held → held.count(plain(text))
    a text counts where it is only a part of a training text. Compare whole texts.
        plain(text) in held → any(plain(text) in other for other in held)
    a text that leaked twice counts once. Every test row is scored, so count rows.
        plain(text) in held for text in test → text in held for text in set(map(plain, test))
    it counts rows of train. The score is spoiled by rows of test: count these.
        = right(test, train)
    it returns a share. Return the number of rows.
        = right(train, test) / len(test)
    """

    def plain(text):
        return " ".join(text.lower().split())

    held = [plain(text) for text in train]
    return sum(plain(text) in held for text in test)


def grouped_rows(rng):
    cases = [(["ann", "bo", "ann", "cy"], 2), (["ann", "ann", "ann", "bo", "cy"], 1), ([], 2)]
    cases += [(["ann", "bo", "cy", "bo", "ann", "dee"], 3), (["ann", "ann", "bo", "cy"], 3)]
    cases += [(["dee", "bo", "ann", "bo", "cy"], 2), (["ann", "bo"], 0), (["ann", "bo", "ann"], 9)]
    for _ in range(20):
        cases.append((rng.choices("abcdef", k=rng.randrange(12, 24)), rng.randrange(3, 8)))
    return cases


@exercise(grouped_rows)
def split_by_group(groups, test_rows):
    """
    it takes the first rows. If a group has more rows further down, it ends up in both parts, and leaks.
        = list(range(len(groups)))[:test_rows]
    it takes as many groups as rows were asked for. Count the rows of a group.
        count += groups.count(group) → count += 1
    it takes every group that stands among the first rows. Stop when the rows of the groups are enough.
        in chosen] → in groups[:test_rows]]
    the rows of a group are counted again when it comes up again. Count those of new groups only.
        dict.fromkeys(groups) → groups
    it goes on when the test has just enough rows. Stop at `test_rows`.
        count >= test_rows → count > test_rows
    some rows of the last group are cut off, and leak. Take all of them.
        in chosen] → in chosen][:test_rows]
    it takes the groups in the order of the alphabet. Take them in the order of their first rows.
        dict.fromkeys(groups) → sorted(set(groups))
    it takes the groups in the order of a `set`, which is arbitrary. `dict.fromkeys` keeps the order of their first rows.
        dict.fromkeys(groups) → set(groups)
    it takes the largest groups first. Take them in the order of their first rows.
        dict.fromkeys(groups) → sorted(dict.fromkeys(groups), key=groups.count, reverse=True)
    a group that would give a row too many is left out. Take it: a few rows more do no harm.
        count >= test_rows → count + groups.count(group) > test_rows ; break → continue
    it stops before a group that would give a row too many. Take that one: a few rows more do no harm.
        count >= test_rows → count + groups.count(group) > test_rows
    it returns the training rows. Return those of the test.
        group in chosen → group not in chosen
    it returns the groups. Return the numbers of their rows.
        [row for row, group in enumerate(groups) if group in chosen] → chosen
    it stops at the first gap. The rows of a group can be anywhere in the file.
        = [row for i, row in enumerate(right(groups, test_rows)) if row == i]
    """
    chosen, count = [], 0
    for group in dict.fromkeys(groups):
        if count >= test_rows:
            break
        chosen.append(group)
        count += groups.count(group)
    return [row for row, group in enumerate(groups) if group in chosen]
