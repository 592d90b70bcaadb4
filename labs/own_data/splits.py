"""A learner's own rows as the course's datasets: inspected, split without leaks, with the names of their labels."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from helpers.data import SOURCES
from labs.own_data.duplicates import near_pairs, same_text
from labs.own_data.files import Table
from labs.own_data.findings import show
from labs.own_data.inspection import NEAR, examine
from labs.own_data.rows import PARTS, Row, rows
from labs.own_data.tagging import is_iob2

SHARES = (0.7, 0.15, 0.15)  # of the rows, in the order of PARTS


def prepare(
    table: Table,
    task: str,
    columns: Mapping[str, str] | None = None,
    *,
    seed: int,
    labels: Sequence[str] | None = None,
    near: bool = True,
) -> DatasetDict:
    """Turn inspected rows into "train", "validation" and "test", with the features the lessons use.

    A split that the file gives is kept; one that it lacks is cut off from "train", by the `seed`. The same text never
    stands in two of them, nor one passage with its questions, nor, with `near`, a near-duplicate. `table`, `task`,
    `columns` and `labels` are as in `inspection.examine`. The columns are "text" and "label" (a ClassLabel); "id",
    "tokens" and "ner_tags"; SQuAD's; or "text".

    Raises ValueError: the report names something to stop at; too few texts that differ for three splits; most texts
    are near-duplicates of one another.
    """
    report = examine(table, task, columns, labels=labels)
    if report.stops:
        others = ", ".join(finding.what for finding in report.stops[1:])
        raise ValueError(
            f"{table.file} is not ready. {show(report.stops[0])}"
            + (f" Then: {others}." if others else "")
        )
    placed = rows(table, task, columns, labels)
    parts = {name: [i for i, row in enumerate(placed) if row.split == name] for name in PARTS}
    lacking = [name for name in PARTS if not parts[name]]
    if lacking:
        parts |= _cut(placed, task, parts["train"] or range(len(placed)), lacking, seed, near)
    features = features_of(placed, task, labels)
    return DatasetDict(
        {name: dataset([placed[i] for i in sorted(parts[name])], features) for name in PARTS}
    )


def _cut(placed, task: str, pool: Sequence[int], lacking, seed: int, near: bool) -> dict[str, list]:
    texts = [same_text(placed[i].text) for i in pool]
    differ = set(texts)
    if len(differ) < len(PARTS):
        raise ValueError(
            f"{len(pool)} rows hold {len(differ)} texts that differ: no three splits can be made of them. "
            "Add rows; a score needs dozens."
        )
    groups = same_group(texts) if near else texts
    chain = max(Counter(dict(zip(texts, groups, strict=True)).values()).values())
    if len(set(groups)) < len(PARTS) or chain > max(len(differ) // 2, len(PARTS)):
        raise ValueError(
            f"{chain} of {len(differ)} texts are nearly the same as others, in a chain. Take out what they "
            "share (a greeting, a signature), or pass near=False and mistrust the score."
        )
    shares = dict(zip(PARTS, SHARES, strict=True))
    shares = {name: shares[name] for name in PARTS if name == "train" or name in lacking}
    found = split_groups(groups, strata([placed[i] for i in pool], task), shares, seed)
    return {name: [pool[place] for place in places] for name, places in found.items()}


def same_group(texts: Sequence[str]) -> list[int]:
    """Number texts so that equal ones, and near-duplicates of near-duplicates, have the same number."""
    first: dict[str, int] = {}
    links = [(number, first.setdefault(text, number)) for number, text in enumerate(texts)]
    links += [(pair.second[1] - 1, pair.first[1] - 1) for pair in near_pairs({"": texts}, NEAR)]
    graph = coo_array((np.ones(len(links)), tuple(zip(*links, strict=True))), [len(texts)] * 2)
    return connected_components(graph, directed=False)[1].tolist()


def strata(placed: Sequence[Row], task: str) -> list[str]:
    """Return what a split should hold its share of: the label, or a sentence's entity type; of several the rarest."""
    held = [{*row.labels} for row in placed]
    if task == "tag":
        held = [{tag[2:] for tag in row.labels if tag.startswith("B-")} for row in placed]
    sizes = Counter(name for names in held for name in names)
    return [min(names, key=lambda name: (sizes[name], name), default="") for names in held]


def split_groups(
    groups: Sequence, strata: Sequence[str], shares: Mapping[str, float], seed: int
) -> dict[str, list[int]]:
    """Deal rows out to splits, group by group, so that each stratum is parted by the shares.

    `groups` and `strata` have one a row: rows of the same group stay together, and of a group the stratum of its
    first row counts. `shares` maps a split to the share of the rows it should get; `seed` is that of the order.
    A stratum of enough groups gives one to each split; then each group goes where most is lacking.
    Returns split to the numbers of its rows; none is empty where there are as many groups as splits.
    """
    members, shuffled = defaultdict(list), random.Random(seed)
    for number, group in enumerate(groups):
        members[group].append(number)
    layers = defaultdict(list)
    for held in members.values():
        layers[strata[held[0]]].append(held)
    parts: dict[str, list[list[int]]] = {name: [] for name in shares}
    for _, layer in sorted(layers.items()):
        shuffled.shuffle(layer)
        layer.sort(key=len)  # a large group would fill a small split; of the rest, it comes first
        total = sum(map(len, layer)) / sum(shares.values())
        room = {name: share * total for name, share in shares.items()}
        order = list(shares) if len(layer) >= len(shares) else []
        rest = sorted(layer[len(order) :], key=len, reverse=True)
        for held in layer[: len(order)] + rest:
            name = order.pop() if order else max(room, key=room.__getitem__)
            parts[name].append(held)
            room[name] -= len(held)
    for name in shares:
        if not parts[name]:
            parts[name].append(max(parts.values(), key=len).pop())
    return {name: [row for held in parts[name] for row in held] for name in shares}


def features_of(placed: Sequence[Row], task: str, labels: Sequence[str] | None = None) -> Features:
    """Return the features of the course's schema, label names sorted; entity tags in pairs of B- and I-."""
    text = Value("string")
    if task == "answer":
        return SOURCES["squad_v2"].features
    if task == "read":
        return Features({"text": text})
    used = {label for row in placed for label in row.labels}
    if task != "tag":
        names = list(labels or sorted(used))
        several = isinstance(placed[0].values["label"], list)
        label = ClassLabel(names=names)
        return Features({"text": text, "label": List(label) if several else label})
    if labels and used <= set(labels):
        names = list(labels)
    elif is_iob2(used):
        types = sorted({tag[2:] for tag in used if tag != "O"})
        names = ["O", *(f"{prefix}-{kind}" for kind in types for prefix in "BI")]
    else:
        names = sorted(used, key=lambda tag: (tag.isdecimal() and len(tag), tag))
    return Features({"id": text, "tokens": List(text), "ner_tags": List(ClassLabel(names=names))})


def dataset(placed: Sequence[Row], features: Features) -> Dataset:
    """Return rows as a Dataset; where they have no id, their place is it."""
    listed = []
    for number, row in enumerate(placed):
        values = row.values | {"ner_tags": row.values.get("tags"), "title": ""}
        values["id"] = str(values.get("id") or f"{row.place}, {number}")
        listed.append({name: values[name] for name in features})
    return Dataset.from_list(listed, features=features)


def texts_of(part: Dataset) -> set[str]:
    """Return what the rows of a split must share with no other split: texts, sentences or passages, made plain."""
    column = next((name for name in ("context", "tokens") if name in part.column_names), "text")
    return {same_text(" ".join(one) if column == "tokens" else one) for one in part[column]}
