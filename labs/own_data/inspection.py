"""Inspection of a learner's rows: all findings at once, whatever the first one is.

A check takes usable rows, and `note`, which it calls once for each place where something is wrong.
"""

import difflib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from labs.own_data.duplicates import near_pairs, same_text
from labs.own_data.files import Table
from labs.own_data.findings import LOOK, STOP, Notes, Report, counted
from labs.own_data.forms import answer_pairs
from labs.own_data.rows import NEEDS, PARTS, Row, missing_columns, rows
from labs.own_data.tagging import SCHEMES, Span, is_iob2, lost, misplaced, parts, touched

NEAR = 0.5  # share of a text's runs of five words that make it a near-duplicate
FEW_ROWS = 30
LEAST = len(PARTS)  # rows of a class: one for each split
IMBALANCE = 10  # times as many rows in the commonest class as in the rarest
ALIKE = 0.8  # likeness from which a rare label may be a slip of a common one
FEW_MENTIONS = 10


def examine(
    table: Table,
    task: str,
    columns: Mapping[str, str] | None = None,
    *,
    labels: Sequence[str] | None = None,
    tokenizer=None,
    max_length: int | None = None,
) -> Report:
    """Look for everything that spoils training, and never stop at the first.

    `table` is from `own_data.read`, `task` one of NEEDS. `columns` maps the course's name to the file's, where they
    differ; also "split" and "id". `labels` are the label inventory, or for "tag" the tags, where it is known
    beforehand; where the file has numbers, their names in order. Where a `tokenizer` is given with `max_length`,
    longer texts are counted: tokens, specials included.

    Raises ValueError: no such task; `columns` names what no task uses.
    """
    note = Notes()
    if not missing_columns(table, task, columns, note):
        placed = rows(table, task, columns, labels)
        usable = [row for row in placed if is_usable(row, note)]
        check_splits(placed, note)
        for check in CHECKS[task]:
            check(usable, note)
        if labels:
            outside(usable, labels, note)
        repeated(usable, note)
        leaks(usable, note)
        if tokenizer is not None:
            tokens = tokenized(usable, tokenizer)
            if max_length and task != "answer":  # answers come in windows
                too_long(usable, tokens, tokenizer, max_length, note)
            strange_script(usable, tokens, tokenizer, note)
        too_few(usable, table.file, note)
    findings = [*table.findings, *note.values()]
    ordered = sorted(findings, key=lambda finding: finding.severity != STOP)
    return Report(table.file, len(table.rows), tuple(ordered))


# Any rows: values, splits, duplicates, leaks, length


def is_usable(row: Row, note: Notes) -> bool:
    """Tell whether a row has all values; note one that it lacks, that is empty, or not what the task wants."""
    what, name = row.problem
    if what:
        note(what, row.place, f"{name} is {row.values[name]!r}")
    return not what


def check_splits(placed: Sequence[Row], note: Notes) -> None:
    """Note split names that mean nothing, rows without one beside rows with one, and no training rows."""
    given = [row for row in placed if row.split]
    for row in placed:
        if given and not row.split:
            note("row without a split", row.place, "no split")
        elif row.split and row.split not in PARTS:
            note("unknown split", row.place, repr(row.split))
    if given and all(row.split != "train" for row in given):
        note("no training rows", given[0].place, repr(given[0].split))


def repeated(placed: Sequence[Row], note: Notes) -> None:
    """Note texts that stand twice, but for capitals, spaces and punctuation: with the same answer or another."""
    first: dict[str, Row] = {}
    for row in placed:
        answer = NEEDS[row.task][-1]
        question = f"{row.values['question']} " if row.task == "answer" else ""
        # to be tagged, a mark is a word of its own
        plain = row.text if row.task == "tag" else same_text(row.text)
        before = first.setdefault(question + plain, row)
        if before is row:
            continue
        file = row.place.partition(", ")[0] + ", "
        shown = f"as at {before.place.removeprefix(file)}: {row.text!r}"
        if row.task != "read" and before.values[answer] != row.values[answer]:
            note("same text, other {answer}", row.place, shown, answer=answer)
        elif row.split == before.split:  # in two splits it is a leak
            note("duplicate", row.place, shown)


def leaks(placed: Sequence[Row], note: Notes) -> None:
    """Note texts of one split that stand in another one too, word for word or nearly."""
    parts: dict[str, dict[str, Row]] = {}
    home: dict[str, Row] = {}
    for row in placed:
        if row.split:
            parts.setdefault(row.split, {}).setdefault(same_text(row.text), row)
    for split, held in parts.items():
        for text, row in held.items():
            before = home.setdefault(text, row)
            if before is not row:
                shown = f"{split}, also {before.split}: {text!r}"
                note("leak between splits", row.place, shown)
    texts = {split: list(held) for split, held in parts.items()}
    for (split, number), (other, place) in near_pairs(texts, NEAR):
        one, two = texts[split][number - 1], texts[other][place - 1]
        if split != other and one != two:
            shown = f"{split}, nearly as in {other}: {one!r}"
            note("nearly the same in two splits", parts[split][one].place, shown)


def tokenized(placed: Sequence[Row], tokenizer) -> list[list[str]]:
    """Return the tokens of each text, without specials: once, for all checks; equal tokens share their memory."""
    options = {"add_special_tokens": False, "verbose": False}
    cut = (tokenizer(row.text, **options)["input_ids"] for row in placed)
    return [[*map(sys.intern, tokenizer.convert_ids_to_tokens(ids))] for ids in cut]


def too_long(placed: Sequence[Row], tokens, tokenizer, max_length: int, note: Notes) -> None:
    """Note texts of more tokens than the model is given."""
    longer = min(2 * max_length, tokenizer.model_max_length)
    specials = tokenizer.num_special_tokens_to_add()
    begin = f", or begin with lesson.settings['max_length'] = {longer}" * (longer > max_length)
    for row, one in zip(placed, tokens, strict=True):
        length = len(one) + specials
        if length > max_length:
            shown = f"{length} tokens: {row.text!r}"
            note("long text", row.place, shown, length=max_length, longer=begin)


def strange_script(placed: Sequence[Row], tokens, tokenizer, note: Notes) -> None:
    """Note texts that the tokenizer does not know, or takes apart into single letters beyond ASCII."""

    def strange(token: str) -> bool:
        letter = token.removeprefix("##")
        alone = len(letter) == 1 < len(token) and not token.isascii()
        return alone or token == tokenizer.unk_token

    for row, one in zip(placed, tokens, strict=True):
        count = sum(map(strange, one))
        if count > len(one) / 2:
            note("strange script", row.place, f"{count} of {len(one)} tokens: {row.text!r}")


def too_few(placed: Sequence[Row], file: str, note: Notes) -> None:
    """Note a file with few usable rows, too few to be split, or none."""
    differ = len({same_text(row.text) for row in placed})
    if not placed:
        note("no usable row", file, "0 rows")
    elif differ < len(PARTS) and not any(row.split for row in placed):
        note("too few texts", file, f"{counted(differ, 'text')} that differ")
    if 0 < len(placed) < FEW_ROWS:
        note("few rows", placed[-1].place, counted(len(placed), "row"))


# Labels, tags and answers: checks that know the task


def label_variants(labels):
    """Group spellings that differ in capitals and outer spaces only.
    Returns cleaned label to its spellings, the commonest first; only labels with more than one.
    Taught in: lesson 09.
    """
    groups = {}
    for spelling, _ in Counter(labels).most_common():
        groups.setdefault(spelling.strip().casefold(), []).append(spelling)
    return {label: found for label, found in groups.items() if len(found) > 1}


def labeled(placed: Sequence[Row]) -> list[tuple[str, str]]:
    """Return each label or tag of the rows with its place."""
    return [(row.place, label) for row in placed for label in row.labels]


def spellings(placed: Sequence[Row], note: Notes) -> None:
    """Note labels spelled in more than one way, those like a list, and rare ones that may be a slip of another."""
    pairs = labeled(placed)
    clean = {label: label.strip().casefold() for _, label in reversed(pairs)}
    groups = label_variants(label for _, label in pairs)
    for place, label in pairs:
        commonest = groups.get(clean[label], [label])[0]
        if label != commonest:
            note("spelling of a label", place, f"{label!r}, elsewhere {commonest!r}")
        if label.startswith(("[", "{")):
            note("label like a list", place, repr(label))
    counts = Counter(clean[label] for _, label in pairs)
    first = {label: place for place, label in reversed(pairs)}
    spelled = {name: label for label, name in clean.items()}
    for label, name in clean.items():
        common = [other for other, count in counts.items() if count > 5 * counts[name]]
        for near in difflib.get_close_matches(name, common, 1, ALIKE):
            shown = f"{label!r} is much like {spelled[near]!r}"
            note("label like another", first[label], shown)


def joined(placed: Sequence[Row], note: Notes) -> None:
    """Note texts that seem to hold several labels: "refund;urgent" beside "refund" or "repair;urgent"."""
    pairs = labeled(placed)
    for mark in ";|,#":
        cut = {label: {one.strip() for one in label.split(mark)} for _, label in pairs}
        uses = Counter(one for ones in cut.values() for one in ones)
        for place, label in pairs:
            if len(cut[label] - {""}) > 1 and all(uses[one] > 1 for one in cut[label]):
                note("labels in one text", place, repr(label), mark=mark)


def class_sizes(placed: Sequence[Row], note: Notes) -> None:
    """Note a lonely class, classes too small to be split, and a lopsided inventory; variants count as one.

    Among rows of one label each, note those with an empty list: nobody may have labeled them yet.
    """
    if all(len(row.labels) < 2 for row in placed):
        for row in placed:
            if not row.labels:
                note("no label", row.place, repr(row.text))
    sizes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for place, label in labeled(placed):
        sizes[label.strip().casefold()].append((place, label))
    if len(sizes) < 2 and len({len(row.labels) for row in placed}) == 1:
        note("one class only", placed[0].place, repr(placed[0].values["label"]))
        return
    for (place, label), *others in sizes.values():
        if len(others) + 1 < LEAST:
            shown = f"{label!r} has {counted(len(others) + 1, 'row')}"
            note("rare class", place, shown, least=LEAST)
    for row in placed:
        if {"-1", "-1.0", "nan", "NaN"} & {*row.labels}:
            note("label -1 or nan", row.place, repr(row.text))
    common = [held for held in sizes.values() if len(held) >= LEAST]
    rare, big = (pick(common, key=len, default=[]) for pick in (min, max))
    if big and len(big) >= IMBALANCE * len(rare):
        shown = f"{big[0][1]!r} has {len(big)} rows, {rare[0][1]!r} {len(rare)}"
        note("class balance", rare[0][0], shown)


def unseen(placed: Sequence[Row], note: Notes) -> None:
    """Note labels, or types of entities, of another split that no training row has."""

    def held(row: Row) -> set[str]:
        return {parts(tag)[1] for tag in row.labels} if row.task == "tag" else {*row.labels}

    learned = {name for row in placed if row.split == "train" for name in held(row)}
    severity = STOP if len(learned) < 2 else LOOK  # of one there is nothing to tell apart
    for row in placed:
        if learned and row.split in PARTS:
            for name in sorted(held(row) - learned - {""}):
                note("label not in train", row.place, f"{name!r}, in {row.split} only", severity)


def tag_notation(placed: Sequence[Row], note: Notes) -> None:
    """Note more or fewer tags than words, tags that are numbers, and those of another scheme, turned into IOB2."""
    numbers = all(tag.isdecimal() for _, tag in labeled(placed))
    for row in placed:
        words, name = row.values["tokens"], row.values.get("scheme")
        if len(words) != len(row.labels):
            note("number of tags", row.place, f"{len(words)} words, {len(row.labels)} tags")
        if numbers:
            note("tags as numbers", row.place, " ".join(row.labels))
        written = row.values.get("written", row.labels)
        if written != row.labels:
            turned = zip(words, written, row.labels, strict=False)
            told = ", ".join(f"{word} {old} → {new}" for word, old, new in turned if old != new)
            joined = " Words of one type side by side became one entity; it may have been two."
            plain = joined if name == "plain types" else ""
            note("other scheme of tags", row.place, f"{name}: {told}", plain=plain)


def span_places(placed: Sequence[Row], note: Notes) -> None:
    """Note spans that words and tags cannot give back: outside the text, one over another, not whole words."""
    for row in placed:
        spans = sorted(Span(*span) for span in row.values.get("spans") or [])
        for number, span in enumerate(spans):
            for kind in _odd(span, spans[:number], row.values["text"], row.values["offsets"]):
                shown = row.values["text"][max(span.start, 0) : max(span.end, 0)]
                note(kind, row.place, f"{list(span)} {shown!r}")


def _odd(span: Span, before: Sequence[Span], text: str, offsets) -> Iterator[str]:
    """Yield the kinds of what is odd about a span; `before` are those that start no later."""
    words = touched(span, offsets)
    if span.start < 0 or span.end > len(text) or not words:
        yield "span outside the text"
        return
    over = [one for one in before if one.end > span.start and one.start < span.end]
    if over:
        inside = any(one.end >= span.end or one.start == span.start for one in over)
        yield "nested spans" if inside else "overlapping spans"
    elif any(words[0] in touched(one, offsets) for one in before):
        yield "two spans in a word"
    marked = text[span.start : span.end]
    if marked != marked.strip():
        yield "space at the end of a span"
    start, end = offsets[words[0]][0], offsets[words[-1]][1]
    if start < span.start or end > span.end:
        yield "span that cuts a word"


def tag_order(placed: Sequence[Row], note: Notes) -> None:
    """Note I- tags that continue nothing, types hardly ever mentioned, and tags without any entity."""
    tags = labeled(placed)
    counts = Counter(tag for _, tag in tags)
    if set(counts) == {"O"}:
        note("no entity", placed[0].place, "every tag is O")
    if not any(tag[:2] in ("B-", "I-") for tag in counts):
        return  # parts of speech, for example
    for place, tag in tags:
        if not is_iob2([tag]):
            note("tag that is no IOB2", place, repr(tag))
    for row in placed:
        ends = row.values.get("scheme") in SCHEMES
        if odd := misplaced(row.values["written"]) if ends else lost(row.labels):
            note("order of tags", row.place, odd)
    first = {tag: place for place, tag in reversed(tags)}
    for tag, count in counts.items():
        if tag.startswith("B-") and count < FEW_MENTIONS:
            note("rare type", first[tag], f"{tag[2:]}: {count} mentions")


def answer_places(placed: Sequence[Row], note: Notes) -> None:
    """Note answers that do not stand where they say, in lists of different length, and ids that stand twice."""
    ids = Counter(str(row.values.get("id") or "") for row in placed)
    for row in placed:
        pairs, context = answer_pairs(row.values["answers"]), row.values["context"]
        name = str(row.values.get("id") or "")
        if name and ids[name] > 1:
            note("id stands twice", row.place, repr(name))
        if pairs is None or {(type(text), type(start)) for text, start in pairs} - {(str, int)}:
            note("form of the answers", row.place, row.values["answers"])
            continue
        for text, start in pairs:
            there = context[start : start + len(text)]
            if there != text or not text:
                place = context.find(text)
                hint = f"it stands at {place}" if place >= 0 else "it stands nowhere in the context"
                hint = hint if text else "for no answer, leave both lists empty"
                shown = f"{hint}; at {start} stands {there!r}, not {text!r}"
                note("answer not in its place", row.place, shown)


def outside(placed: Sequence[Row], labels: Sequence[str], note: Notes) -> None:
    """Note labels or tags that are not in the inventory, and labels of the inventory that no row has."""
    tagged = any(row.task == "tag" for row in placed)
    known, pairs = set(labels), labeled(placed)
    if tagged and not is_iob2(labels):  # the tags were turned into IOB2
        known |= {f"{letter}-{parts(name)[1]}" for name in labels for letter in "BI"}
    unknown = [(place, label) for place, label in pairs if label not in known]
    counting = f" Numbers count from 0, which is {labels[0]}: if yours begin at 1, subtract 1."
    words = {"names": ", ".join(labels), "counting": ""}
    if any(label.isdecimal() for _, label in unknown):
        words["counting"] = counting
    for place, label in unknown:
        note("unknown tag" if tagged else "unknown label", place, repr(label), **words)
    used = {label for _, label in pairs}
    for name in labels:
        if placed and placed[0].task in ("classify", "few") and name not in used:
            file = placed[0].place.partition(", ")[0]
            note("name without a row", file, repr(name), counting=counting)


CHECKS = {
    "classify": (joined, spellings, class_sizes, unseen),
    "few": (joined, spellings, class_sizes, unseen),
    "tag": (tag_notation, span_places, tag_order, unseen),
    "answer": (answer_places,),
    "read": (),
}
