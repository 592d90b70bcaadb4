"""Inspection of a learner's rows: all findings at once, whatever the first one is."""

import difflib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from labs.own_data.duplicates import near_pairs, same_text
from labs.own_data.files import Table
from labs.own_data.findings import LOOK, STOP, Finding, Report, counted, found
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
    findings = list(table.findings)
    if missing := list(missing_columns(table, task, columns)):
        return Report(table.file, len(table.rows), (*findings, *missing))
    placed = rows(table, task, columns, labels)
    findings += unusable(placed)
    usable = [row for row in placed if not row.problem[0]]
    findings += unknown_splits(placed)
    for check in CHECKS[task]:
        findings += check(usable)
    if labels:
        findings += outside(usable, task, labels)
    findings += repeated(usable, task)
    findings += leaks(usable)
    if tokenizer is not None:
        tokens = tokenized(usable, tokenizer)
        if max_length and task != "answer":  # answers come in windows
            findings += too_long(usable, tokens, tokenizer, max_length)
        findings += strange_script(usable, tokens, tokenizer)
    findings += too_few(usable, table.file)
    ordered = sorted(findings, key=lambda finding: finding.severity != STOP)
    return Report(table.file, len(table.rows), tuple(ordered))


# Any rows: values, splits, duplicates, leaks, length


def unusable(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find rows that lack a value, or whose value is empty or of another kind than the task wants."""
    kinds: dict[str, list] = {}
    for row in placed:
        what, name = row.problem
        if what:
            kinds.setdefault(what, []).append((row.place, f"{name} is {row.values[name]!r}"))
    remedies = {
        "missing value": "Fill it in, or take the row out.",
        "empty value": "Fill it in, or take the row out.",
        "wrong kind of value": "Text goes between quotes; tokens and tags are lists of texts; answers are "
        'written {"text": ["…"], "answer_start": [0]}, both empty for none. A CSV holds texts only: use '
        "JSON Lines (of pandas, to_json(orient='records', lines=True)), or CoNLL for tags. A list of zeros "
        "and ones wants LABELS: a name for each.",
    }
    for what, hits in kinds.items():
        yield from found(STOP, what, hits, remedies[what])


def unknown_splits(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find split names that mean nothing, rows without one beside rows with one, and no training rows."""
    given = [row for row in placed if row.split]
    hits = [(row.place, repr(row.split)) for row in given if row.split not in PARTS]
    remedy = f"Use {', '.join(PARTS)}. If the column means something else, give it another name."
    yield from found(STOP, "unknown split", hits, remedy)
    if given and len(given) < len(placed):
        hits = [(row.place, "no split") for row in placed if not row.split]
        yield from found(STOP, "row without a split", hits, "Give all rows a split, or none.")
    if given and all(row.split != "train" for row in given):
        hits = [(given[0].place, repr(given[0].split))]
        yield from found(STOP, "no training rows", hits, "Call the rows to learn from train.")


def repeated(placed: Sequence[Row], task: str) -> Iterator[Finding]:
    """Find texts that stand twice, but for capitals, spaces and punctuation: with the same answer or another."""
    first: dict[str, Row] = {}
    alike, other, answer = [], [], NEEDS[task][-1]
    for row in placed:
        question = f"{row.values['question']} " if task == "answer" else ""
        plain = row.text if task == "tag" else same_text(row.text)  # a mark is a word with a tag
        before = first.setdefault(question + plain, row)
        if before is row:
            continue
        file = row.place.partition(", ")[0] + ", "
        hit = (row.place, f"as at {before.place.removeprefix(file)}: {row.text!r}")
        if task != "read" and before.values[answer] != row.values[answer]:
            other.append(hit)
        elif row.split == before.split:  # in two splits it is a leak
            alike.append(hit)
    remedy = "One of the two is wrong, or both are possible. Read both rows and keep one."
    yield from found(STOP, f"same text, other {answer}", other, remedy)
    remedy = "Keep one of each: duplicates count twice, and a split must not separate them."
    yield from found(LOOK, "duplicate", alike, remedy)


def leaks(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find texts of one split that stand in another one too, word for word or nearly."""
    parts: dict[str, dict[str, Row]] = {}
    for row in placed:
        if row.split:
            parts.setdefault(row.split, {}).setdefault(same_text(row.text), row)
    texts = {split: list(held) for split, held in parts.items()}
    home: dict[str, Row] = {}
    exact, near = [], []
    for split, held in parts.items():
        for text, row in held.items():
            before = home.setdefault(text, row)
            if before is not row:
                exact.append((row.place, f"{split}, also {before.split}: {text!r}"))
    for pair in near_pairs(texts, NEAR):
        (split, number), (other, place) = pair.second, pair.first
        one, two = texts[split][number - 1], texts[other][place - 1]
        if split != other and one != two:
            near.append((parts[split][one].place, f"{split}, nearly as in {other}: {one!r}"))
    yield from found(STOP, "leak between splits", exact, "Take the text out of all splits but one.")
    remedy = "Read both. If one was made from the other, keep them in one split."
    yield from found(LOOK, "nearly the same in two splits", near, remedy)


def tokenized(placed: Sequence[Row], tokenizer) -> list[list[str]]:
    """Return the tokens of each text, without specials: once, for all checks; equal tokens share their memory."""
    options = {"add_special_tokens": False, "verbose": False}
    cut = (tokenizer(row.text, **options)["input_ids"] for row in placed)
    return [[*map(sys.intern, tokenizer.convert_ids_to_tokens(ids))] for ids in cut]


def too_long(
    placed: Sequence[Row], tokens: Sequence[list[str]], tokenizer, max_length: int
) -> Iterable[Finding]:
    """Find texts of more tokens than the model is given."""
    specials = tokenizer.num_special_tokens_to_add()
    hits = [
        (row.place, f"{length} tokens: {row.text!r}")
        for row, one in zip(placed, tokens, strict=True)
        if (length := len(one) + specials) > max_length
    ]
    remedy = f"What follows the first {max_length} tokens is not read. Shorten it"
    if (longer := min(2 * max_length, tokenizer.model_max_length)) > max_length:
        remedy += f", or begin with lesson.settings['max_length'] = {longer}"
    return found(LOOK, "long text", hits, f"{remedy}.")


def strange_script(
    placed: Sequence[Row], tokens: Sequence[list[str]], tokenizer
) -> Iterable[Finding]:
    """Find texts that the tokenizer does not know, or takes apart into single letters beyond ASCII."""

    def strange(token: str) -> bool:
        letter = token.removeprefix("##")
        return token == tokenizer.unk_token or (
            len(letter) == 1 < len(token) and not token.isascii()
        )

    hits = [
        (row.place, f"{count} of {len(one)} tokens: {row.text!r}")
        for row, one in zip(placed, tokens, strict=True)
        if (count := sum(map(strange, one))) > len(one) / 2
    ]
    remedy = (
        "Most tokens are unknown, or single letters: the encoder hardly knows this script. Take one that "
        "has read the language."
    )
    return found(LOOK, "strange script", hits, remedy)


def too_few(placed: Sequence[Row], file: str) -> Iterator[Finding]:
    """Find a file with few usable rows, too few to be split, or none."""
    if not placed:
        remedy = "Correct what the other findings name, and look again."
        yield from found(STOP, "no usable row", [(file, "0 rows")], remedy)
        return
    differ = len({same_text(row.text) for row in placed})
    if differ < len(PARTS) and not any(row.split for row in placed):
        hits = [(file, f"{counted(differ, 'text')} that differ")]
        remedy = "Three splits need at least one each; a score needs dozens."
        yield from found(STOP, "too few texts", hits, remedy)
    if len(placed) < FEW_ROWS:
        hits = [(placed[-1].place, counted(len(placed), "row"))]
        remedy = "Any score will have a wide margin. Label more."
        yield from found(LOOK, "few rows", hits, remedy)


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


def spelling_variants(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find labels spelled in more than one way, and rare ones that look like a slip of another."""
    pairs = [(row.place, label) for row in placed for label in row.labels]
    groups = label_variants([label for _, label in pairs]).values()
    commonest = {other: spellings[0] for spellings in groups for other in spellings[1:]}
    hits = [
        (place, f"{label!r}, elsewhere {commonest[label]!r}")
        for place, label in pairs
        if label in commonest
    ]
    remedy = "Each spelling would be a class of its own. Write all of them like the commonest."
    yield from found(STOP, "spelling of a label", hits, remedy)
    hits = [(place, repr(label)) for place, label in pairs if label.startswith(("[", "{"))]
    remedy = "A CSV has no lists: save the rows as JSON Lines, or write the label alone."
    yield from found(LOOK, "label like a list", hits, remedy)
    clean = Counter(label.strip().casefold() for _, label in pairs)
    first = {label: place for place, label in reversed(pairs)}
    slips, spelled = [], {label.strip().casefold(): label for label in first}
    for label, place in first.items():
        name = label.strip().casefold()
        common = [other for other, count in clean.items() if count > 5 * clean[name]]
        if near := difflib.get_close_matches(name, common, 1, ALIKE):
            slips.append((place, f"{label!r} is much like {spelled[near[0]]!r}"))
    yield from found(LOOK, "label like another", slips, "A slip? Then write it like the other.")


def joined(placed: Sequence[Row]) -> Iterable[Finding]:
    """Find texts that seem to hold several labels: "refund;urgent" beside "refund" or "repair;urgent"."""
    pairs = [(row.place, label) for row in placed for label in row.labels]
    for mark in ";|,#":
        cut = {label: {one.strip() for one in label.split(mark)} for _, label in pairs}
        uses = Counter(one for ones in cut.values() for one in ones)
        hits = [
            (place, repr(label))
            for place, label in pairs
            if len(cut[label] - {""}) > 1 and all(uses[one] > 1 for one in cut[label])
        ]
        remedy = (
            "Several labels? Make lists of them: table = table.change(lambda row: row | {'label': "
            f"[one.strip() for one in row['label'].split({mark!r}) if one.strip()]}}), with your column's name, for "
            "TASK = 'classify'."
        )
        yield from found(LOOK, "labels in one text", hits, remedy)


def class_sizes(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find a lonely class, classes too small to be split, and a lopsided inventory; variants count as one."""
    sizes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in placed:
        for label in row.labels:
            sizes[label.strip().casefold()].append((row.place, label))
    if len(sizes) < 2 and len({len(row.labels) for row in placed}) == 1:
        hits = [(placed[0].place, repr(placed[0].values["label"]))]
        remedy = "There is nothing to tell apart. Add another class."
        yield from found(STOP, "one class only", hits, remedy)
        return
    hits = [
        (held[0][0], f"{held[0][1]!r} has {counted(len(held), 'row')}")
        for held in sizes.values()
        if len(held) < LEAST
    ]
    remedy = (
        f"A class needs {LEAST} rows, one for each split, and many more to be learned. Add rows, join "
        "the class with another, or drop it."
    )
    yield from found(STOP, "rare class", hits, remedy)
    none = {"-1", "-1.0", "nan", "NaN"}
    hits = [(row.place, repr(row.text)) for row in placed if none & {*row.labels}]
    remedy = "Often this means: not labeled. Then take these rows out, also of the test."
    yield from found(LOOK, "label -1 or nan", hits, remedy)
    common = {name: len(held) for name, held in sizes.items() if len(held) >= LEAST}
    if common and max(common.values()) >= IMBALANCE * min(common.values()):
        rare, big = min(common, key=common.__getitem__), max(common, key=common.__getitem__)
        shown = f"{sizes[big][0][1]!r} has {common[big]} rows, {sizes[rare][0][1]!r} {common[rare]}"
        remedy = "Accuracy will look too good. Read macro F1, and compare with the commonest class."
        yield from found(LOOK, "class balance", [(sizes[rare][0][0], shown)], remedy)


def unseen(placed: Sequence[Row]) -> Iterable[Finding]:
    """Find labels, or types of entities, of another split that no training row has."""

    def held(row: Row) -> set[str]:
        return {parts(tag)[1] for tag in row.values["tags"]} if row.task == "tag" else {*row.labels}

    learned = {name for row in placed if row.split == "train" for name in held(row)}
    hits = [
        (row.place, f"{name!r}, in {row.split} only")
        for row in placed
        if learned and row.split in PARTS
        for name in sorted(held(row) - learned - {""})
    ]
    remedy = "Nothing can be learned of it. Move rows with it to train, or take it out."
    alone = len(learned) < 2  # nothing to tell apart
    return found(STOP if alone else LOOK, "label not in train", hits, remedy)


def unlabeled(placed: Sequence[Row]) -> Iterable[Finding]:
    """Find rows with an empty list of labels among rows of one label each: nobody may have labeled them yet."""
    hits = [(row.place, repr(row.text)) for row in placed if not row.labels]
    remedy = (
        "All other rows have one label. Take these out if nobody has labeled them; otherwise, each row may "
        "get any number of labels, none here."
    )
    one_each = all(len(row.labels) < 2 for row in placed)
    return found(LOOK, "no label", hits if one_each else [], remedy)


def tag_numbers(placed: Sequence[Row]) -> Iterable[Finding]:
    """Find sentences with more or fewer tags than words."""
    hits = [
        (row.place, f"{len(row.values['tokens'])} words, {len(row.values['tags'])} tags")
        for row in placed
        if len(row.values["tokens"]) != len(row.values["tags"])
    ]
    return found(STOP, "number of tags", hits, "Give each word one tag, O where it is nothing.")


def scheme_of_tags(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find tags that are numbers, and those of another scheme than IOB2, which they were turned into."""
    if all(tag.isdecimal() for row in placed for tag in row.values["tags"]):
        hits = [(row.place, " ".join(row.values["tags"])) for row in placed]
        remedy = "They stay numbers. Pass their names in order: labels=['O', 'B-…', 'I-…', …]."
        yield from found(LOOK, "tags as numbers", hits, remedy)
    turned = [row for row in placed if row.values.get("written") not in (None, row.values["tags"])]
    if not turned:
        return
    name, hits = turned[0].values["scheme"], []
    for row in turned:
        words = zip(*(row.values[column] for column in ("tokens", "written", "tags")), strict=False)
        told = ", ".join(f"{word} {old} → {new}" for word, old, new in words if old != new)
        hits.append((row.place, f"{name}: {told}"))
    remedy = "Read as IOB2. Compare this sentence before and after."
    if name == "plain types":
        remedy += " Words of one type side by side became one entity; it may have been two."
    yield from found(LOOK, "other scheme of tags", hits, remedy)


def span_places(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find spans that words and tags cannot give back: outside the text, one over another, not whole words."""
    kinds: dict[str, list] = {kind: [] for kind in SPANS}
    for row in placed:
        spans = sorted(Span(*span) for span in row.values.get("spans") or [])
        for number, span in enumerate(spans):
            for kind in _odd(span, spans[:number], row.values["text"], row.values["offsets"]):
                shown = row.values["text"][max(span.start, 0) : max(span.end, 0)]
                kinds[kind].append((row.place, f"{list(span)} {shown!r}"))
    for kind, hits in kinds.items():
        severity, remedy = SPANS[kind]
        yield from found(severity, kind, hits, remedy)


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


SPANS = {
    "span outside the text": (STOP, "Mark characters of the text: from 0, the end exclusive."),
    "overlapping spans": (STOP, "A word has one tag. Keep one of the two."),
    "nested spans": (STOP, "A word has one tag. Keep the outer span or the inner one."),
    "two spans in a word": (STOP, "Cut finer: read the file with words=tokenizer."),
    "span that cuts a word": (
        LOOK,
        "The whole word is tagged. If most spans do, add 1 to their ends: an end is exclusive. "
        "Else cut finer with words=tokenizer, or mark whole words.",
    ),
    "space at the end of a span": (
        LOOK,
        "The words are right; the span ends too late, or starts too early.",
    ),
}


def tag_order(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find I- tags that continue nothing, types hardly ever mentioned, and tags without any entity."""
    counts = Counter(tag for row in placed for tag in row.values["tags"])
    if set(counts) == {"O"}:
        hits = [(placed[0].place, "every tag is O")]
        yield from found(STOP, "no entity", hits, "Tag some first.")
    entities = [tag for tag in counts if tag[:2] in ("B-", "I-")]
    if not entities:
        return  # parts of speech, for example
    tags = [(row.place, tag) for row in placed for tag in row.values["tags"]]
    hits = [(place, repr(tag)) for place, tag in tags if not is_iob2([tag])]
    yield from found(STOP, "tag that is no IOB2", hits, "Use O, B-TYPE and I-TYPE.")
    hits = []
    for row in placed:
        ends = row.values.get("scheme") in SCHEMES
        odd = misplaced(row.values["written"]) if ends else lost(row.values["tags"])
        hits += [(row.place, odd)] if odd else []
    remedy = "Write B- on the first word of each entity; I- only continues it."
    yield from found(STOP, "order of tags", hits, remedy)
    first = {tag: place for place, tag in reversed(tags)}
    hits = [
        (first[tag], f"{tag[2:]}: {count} mentions")
        for tag, count in counts.items()
        if tag.startswith("B-") and count < FEW_MENTIONS
    ]
    yield from found(LOOK, "rare type", hits, "Too few to learn from. Tag more, or join two types.")


def answer_places(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find answers that do not stand where they say, in lists of different length, and ids that stand twice."""
    wrong, ragged = [], []
    for row in placed:
        answers, context = row.values["answers"], row.values["context"]
        pairs = answer_pairs(answers)
        if pairs is None or {(type(text), type(start)) for text, start in pairs} - {(str, int)}:
            ragged.append((row.place, answers))
            continue
        for text, start in pairs:
            there = context[start : start + len(text)]
            if there != text or not text:
                place = context.find(text)
                hint = f"it stands at {place}" if place >= 0 else "it stands nowhere in the context"
                hint = hint if text else "for no answer, leave both lists empty"
                wrong.append((row.place, f"{hint}; at {start} stands {there!r}, not {text!r}"))
    yield from found(
        STOP, "answer not in its place", wrong, "answer_start counts characters from 0."
    )
    remedy = 'Write {"text": ["…"], "answer_start": [0]}, both empty where there is no answer.'
    yield from found(STOP, "form of the answers", ragged, remedy)
    given = [(row.place, str(row.values["id"])) for row in placed if row.values.get("id")]
    ids = Counter(name for _, name in given)
    hits = [(place, repr(name)) for place, name in given if ids[name] > 1]
    yield from found(STOP, "id stands twice", hits, "Give each question an id, or none of them.")


def outside(placed: Sequence[Row], task: str, labels: Sequence[str]) -> Iterator[Finding]:
    """Find labels or tags that are not in the inventory, and labels of the inventory that no row has."""
    tagged = task == "tag"
    known = set(labels)
    if tagged and not is_iob2(labels):  # the tags were turned into IOB2
        known |= {f"{letter}-{parts(name)[1]}" for name in labels for letter in "BI"}
    hits = [
        (row.place, repr(label))
        for row in placed
        for label in (row.values["tags"] if tagged else row.labels)
        if label not in known
    ]
    what, remedy = "unknown tag" if tagged else "unknown label", f"Use one of {', '.join(labels)}."
    counting = f" Numbers count from 0, which is {labels[0]}: if yours begin at 1, subtract 1."
    held = [row.labels for row in placed if task in ("classify", "few")]
    numbers = any(shown.strip("'").isdecimal() for _, shown in hits)
    yield from found(STOP, what, hits, remedy + counting * numbers)
    unused = set(labels).difference(*held) if held else ()
    hits = [(placed[0].place.partition(", ")[0], repr(name)) for name in labels if name in unused]
    yield from found(LOOK, "name without a row", hits, f"Misspelled? Or a number?{counting}")


CHECKS = {
    "classify": (joined, spelling_variants, class_sizes, unlabeled, unseen),
    "few": (joined, spelling_variants, class_sizes, unlabeled, unseen),
    "tag": (tag_numbers, scheme_of_tags, span_places, tag_order, unseen),
    "answer": (answer_places,),
    "read": (),
}
