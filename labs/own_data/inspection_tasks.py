"""What can be wrong with labels, tags and answers: checks that know the task."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from helpers.metrics import spans
from labs.own_data.findings import LOOK, STOP, Finding, counted, found
from labs.own_data.rows import PARTS, Row

LEAST = len(PARTS)  # rows of a class: one for each split
IMBALANCE = 10  # times as many rows in the commonest class as in the rarest
ALIKE = 0.8  # likeness from which a rare label may be a slip of a common one
FEW_MENTIONS = 10


def label_variants(labels):
    """Group spellings that differ in capitals and outer spaces only.

    Args:
        labels: one a row.

    Returns:
        Cleaned label to its spellings, the commonest first; only labels with more than one.

    Taught in: lesson 09.
    """
    groups = {}
    for spelling, _ in Counter(labels).most_common():
        groups.setdefault(spelling.strip().casefold(), []).append(spelling)
    return {label: found for label, found in groups.items() if len(found) > 1}


def _where(placed: Sequence[Row], label: str) -> str:
    return next(row.place for row in placed if row.values["label"] == label)


def spelling_variants(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find labels spelled in more than one way, and rare ones that look like a slip of another."""
    labels = [row.values["label"] for row in placed]
    counts, hits = Counter(labels), []
    for spellings in label_variants(labels).values():
        for other in spellings[1:]:
            shown = f"{other!r}, elsewhere {spellings[0]!r}"
            hits += [(row.place, shown) for row in placed if row.values["label"] == other]
    remedy = "Each spelling would be a class of its own. Write all of them like the commonest."
    yield from found(STOP, "spelling of a label", sorted(hits, key=_by_line(placed)), remedy)
    clean = Counter(label.strip().casefold() for label in labels)
    slips = []
    for label in counts:
        name = label.strip().casefold()
        common = [other for other, count in clean.items() if count > 5 * clean[name]]
        if near := difflib.get_close_matches(name, common, 1, ALIKE):
            slips.append((_where(placed, label), f"{label!r} is much like {near[0]!r}"))
    yield from found(LOOK, "label like another", slips, "A slip? Then write it like the other.")


def _by_line(placed: Sequence[Row]):
    order = {row.place: number for number, row in enumerate(placed)}
    return lambda hit: order[hit[0]]


def class_sizes(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find a lonely class, classes too small to be split, and a lopsided inventory; variants count as one."""
    sizes: dict[str, list[Row]] = defaultdict(list)
    for row in placed:
        sizes[row.values["label"].strip().casefold()].append(row)
    if len(sizes) == 1:
        hits = [(placed[0].place, repr(placed[0].values["label"]))]
        yield from found(
            STOP, "one class only", hits, "There is nothing to tell apart. Add another class."
        )
        return
    hits = [
        (held[0].place, f"{held[0].values['label']!r} has {counted(len(held), 'row')}")
        for held in sizes.values()
        if len(held) < LEAST
    ]
    remedy = (
        f"A class needs {LEAST} rows, one a split, and far more to be learned. Add, join or drop."
    )
    yield from found(STOP, "rare class", hits, remedy)
    common = {name: len(held) for name, held in sizes.items() if len(held) >= LEAST}
    if common and max(common.values()) >= IMBALANCE * min(common.values()):
        rare, big = min(common, key=common.__getitem__), max(common, key=common.__getitem__)
        shown = f"{big!r} has {common[big]} rows, {rare!r} {common[rare]}"
        remedy = "Accuracy will flatter. Read macro F1, and compare with the commonest class."
        yield from found(LOOK, "class balance", [(sizes[rare][0].place, shown)], remedy)


def tag_numbers(placed: Sequence[Row]) -> Iterable[Finding]:
    """Find sentences with more or fewer tags than words."""
    hits = [
        (row.place, f"{len(row.values['tokens'])} words, {len(row.values['tags'])} tags")
        for row in placed
        if len(row.values["tokens"]) != len(row.values["tags"])
    ]
    return found(STOP, "number of tags", hits, "Give each word one tag, O where it is nothing.")


def is_iob2(tags: Iterable[str]) -> bool:
    """Tell whether tags are entity labels: O, B-X and I-X."""
    return all(tag == "O" or tag[:2] in ("B-", "I-") for tag in tags)


def tag_order(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find I- tags that continue nothing, types hardly ever mentioned, and tags without any entity."""
    counts = Counter(tag for row in placed for tag in row.values["tags"])
    if set(counts) == {"O"}:
        yield from found(
            STOP, "no entity", [(placed[0].place, "every tag is O")], "Tag some first."
        )
    entities = [tag for tag in counts if tag[:2] in ("B-", "I-")]
    if not entities:
        return  # parts of speech, for example
    strange = [tag for tag in counts if tag != "O" and tag not in entities]
    hits = [
        (row.place, repr(tag)) for row in placed for tag in row.values["tags"] if tag in strange
    ]
    yield from found(STOP, "tag that is no IOB2", hits, "Use O, B-TYPE and I-TYPE.")
    hits = []
    for row in placed:
        try:
            spans(row.values["tags"])
        except ValueError as error:
            hits.append((row.place, str(error).partition(". ")[0]))
    remedy = "Write B- on the first word of each entity; I- only continues it. Old files (IOB1) begin with I-."
    yield from found(STOP, "order of tags", hits, remedy)
    first: dict[str, str] = {}
    for row in placed:
        for tag in row.values["tags"]:
            first.setdefault(tag, row.place)
    hits = [
        (first[tag], f"{tag[2:]}: {counts[tag]} mentions")
        for tag in counts
        if tag.startswith("B-") and counts[tag] < FEW_MENTIONS
    ]
    yield from found(LOOK, "rare type", hits, "Too few to learn from. Tag more, or join two types.")


def answer_places(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find answers that do not stand where they say, in lists of different length, and ids that stand twice."""
    wrong, ragged = [], []
    for row in placed:
        texts, starts = (row.values["answers"].get(key) for key in ("text", "answer_start"))
        lists = isinstance(texts, list) and isinstance(starts, list) and len(texts) == len(starts)
        if not lists or not all(isinstance(start, int) for start in starts):
            ragged.append((row.place, row.values["answers"]))
            continue
        for text, start in zip(texts, starts, strict=True):
            there = row.values["context"][start : start + len(text)]
            if there != text or not text:
                place = row.values["context"].find(text)
                hint = f"it stands at {place}" if place >= 0 else "it stands nowhere in the context"
                wrong.append((row.place, f"at {start} stands {there!r}, not {text!r}: {hint}"))
    yield from found(
        STOP, "answer not in its place", wrong, "answer_start counts characters from 0."
    )
    remedy = 'Write {"text": ["…"], "answer_start": [0]}, both empty where there is no answer.'
    yield from found(STOP, "form of the answers", ragged, remedy)
    ids = Counter(row.values["id"] for row in placed if row.values.get("id"))
    hits = [(row.place, repr(row.values["id"])) for row in placed if ids[row.values.get("id")] > 1]
    yield from found(STOP, "id stands twice", hits, "Give each question an id, or none of them.")


def outside(placed: Sequence[Row], task: str, labels: Sequence[str]) -> Iterator[Finding]:
    """Find labels or tags that are not in the inventory."""
    remedy = f"Use one of {', '.join(labels)}."
    if task == "tag":
        hits = [
            (row.place, repr(t)) for row in placed for t in row.values["tags"] if t not in labels
        ]
        yield from found(STOP, "unknown tag", hits, remedy)
    else:
        used = [(row.place, row.values.get("label")) for row in placed]
        hits = [(place, repr(label)) for place, label in used if label not in labels]
        yield from found(STOP, "unknown label", hits, remedy)


CHECKS = {
    "classify": (spelling_variants, class_sizes),
    "few": (spelling_variants, class_sizes),
    "tag": (tag_numbers, tag_order),
    "answer": (answer_places,),
    "read": (),
}
