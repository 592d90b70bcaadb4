"""What can be wrong with any rows: values, splits, duplicates, leaks, length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from labs.own_data.duplicates import near_pairs, same_text
from labs.own_data.findings import LOOK, STOP, Finding, counted, found
from labs.own_data.rows import NEEDS, PARTS, SPLITS, Row, problem, text_of

NEAR = 0.5  # share of a text's runs of five words that make it a near-duplicate
FEW_ROWS = 30


def unusable(placed: Sequence[Row], task: str) -> Iterator[Finding]:
    """Find rows that lack a value, or whose value is empty or of another kind than the task wants."""
    kinds: dict[str, list] = {}
    for row in placed:
        what, name = problem(row, task)
        if what:
            kinds.setdefault(what, []).append((row.place, f"{name} is {row.values[name]!r}"))
    remedies = {
        "missing value": "Fill it in, or take the row out.",
        "empty value": "Fill it in, or take the row out.",
        "wrong kind of value": "Text goes between quotes; tokens and tags are lists of texts; answers are "
        'written {"text": ["…"], "answer_start": [0]}, both empty for none. A CSV holds texts only: use '
        "JSON Lines, or CoNLL for tags.",
    }
    for what, hits in kinds.items():
        yield from found(STOP, what, hits, remedies[what])


def unknown_splits(placed: Sequence[Row]) -> Iterator[Finding]:
    """Find split names that mean nothing, rows without one beside rows with one, and no training rows."""
    given = [row for row in placed if row.split]
    hits = [(row.place, repr(row.split)) for row in given if row.split not in SPLITS.values()]
    yield from found(STOP, "unknown split", hits, f"Use {', '.join(PARTS)}.")
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
        before = first.setdefault(question + same_text(text_of(row, task)), row)
        if before is row:
            continue
        hit = (row.place, f"as at {before.place.rpartition(', ')[2]}: {text_of(row, task)!r}")
        same = task == "read" or before.values[answer] == row.values[answer]
        if not same:
            other.append(hit)
        elif row.split == before.split:  # in two splits it is a leak
            alike.append(hit)
    remedy = "One of the two is wrong, or it is a matter of taste. Read both and keep one."
    yield from found(STOP, f"same text, other {answer}", other, remedy)
    remedy = (
        "Keep one of each. Duplicates weigh double in training, and must not be parted by a split."
    )
    yield from found(LOOK, "duplicate", alike, remedy)


def leaks(placed: Sequence[Row], task: str) -> Iterator[Finding]:
    """Find texts of one split that stand in another one too, word for word or nearly."""
    parts: dict[str, dict[str, Row]] = {}
    for row in placed:
        if row.split:
            parts.setdefault(row.split, {}).setdefault(same_text(text_of(row, task)), row)
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


def tokenized(placed: Sequence[Row], task: str, tokenizer) -> list[list[str]]:
    """Return the tokens of each text, without specials: once, for all checks of tokens."""
    texts = [text_of(row, task) for row in placed]
    options = {"add_special_tokens": False, "verbose": False}
    found_ids = tokenizer(texts, **options)["input_ids"] if texts else []
    return [tokenizer.convert_ids_to_tokens(ids) for ids in found_ids]


def too_long(
    placed: Sequence[Row], task: str, tokens: Sequence[list[str]], tokenizer, max_length: int
) -> Iterable[Finding]:
    """Find texts of more tokens than the model is given."""
    specials = tokenizer.num_special_tokens_to_add()
    hits = [
        (row.place, f"{length} tokens: {text_of(row, task)!r}")
        for row, length in zip(placed, (len(one) + specials for one in tokens), strict=True)
        if length > max_length
    ]
    remedy = (
        f"What follows the first {max_length} tokens is not read. Shorten it, or raise max_length."
    )
    return found(LOOK, "long text", hits, remedy)


def strange_script(
    placed: Sequence[Row], task: str, tokens: Sequence[list[str]], tokenizer
) -> Iterable[Finding]:
    """Find texts that the tokenizer does not know, or takes apart into single letters beyond ASCII."""

    def strange(token: str) -> bool:
        letter = token.removeprefix("##")
        return token == tokenizer.unk_token or (
            len(letter) == 1 < len(token) and not token.isascii()
        )

    counts = [sum(map(strange, one)) for one in tokens]
    hits = [
        (row.place, f"{count} of {len(one)} tokens: {text_of(row, task)!r}")
        for row, count, one in zip(placed, counts, tokens, strict=True)
        if count > len(one) / 2
    ]
    remedy = (
        "Most tokens are unknown, or single letters: the encoder hardly knows this script. Take one that "
        "has read the language."
    )
    return found(LOOK, "strange script", hits, remedy)


def too_few(placed: Sequence[Row], task: str, file: str) -> Iterator[Finding]:
    """Find a file with few usable rows, too few to be split, or none."""
    differ = {same_text(text_of(row, task)) for row in placed}
    if 0 < len(differ) < len(PARTS) and not any(row.split for row in placed):
        hits = [(file, f"{counted(len(differ), 'text')} that differ")]
        remedy = "Three splits need at least one each; a score needs dozens."
        yield from found(STOP, "too few texts", hits, remedy)
    if not placed:
        remedy = "Mend what the other findings name, and look again."
        yield from found(STOP, "no usable row", [(file, "0 rows")], remedy)
    elif len(placed) < FEW_ROWS:
        remedy = "Any score will have a wide margin. Label more."
        yield from found(
            LOOK, "few rows", [(placed[-1].place, counted(len(placed), "row"))], remedy
        )
