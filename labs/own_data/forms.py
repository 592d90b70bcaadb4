"""How annotation tools write a row: Doccano, Label Studio, Prodigy, spaCy, SQuAD; read to plain rows, written back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from labs.own_data.findings import Notes
from labs.own_data.tagging import Span, split_words, tags_of

STARTS, ENDS, LABELS = ("start", "start_offset"), ("end", "end_offset"), ("label", "labels")
DERIVED = ("spans", "tokens", "tags", "offsets")  # what `words_and_tags` adds to a row
TASK, SAID = {"id", "data", "meta", "predictions"}, {"annotations", "completions"}  # Label Studio's
CHOSEN = "choices of the annotator"  # until it is known whether there are spans beside them
PASSAGE, ANSWER = ("title", "context"), ("text", "answer_start")


@dataclass(frozen=True)
class Form:
    """How a file writes its rows, so that others can be written alike.

    `name` is "rows", "label studio", "spacy", "passages" or "squad"; `text` and `column` are the columns of the text
    and of its spans ("" for none), `keys` those of a span that is a dictionary; `tokens` tells that words are given.
    """

    name: str = "rows"
    text: str = "text"
    column: str = ""
    keys: tuple[str, ...] = ()
    tokens: bool = False


def passages(row: dict) -> Iterator[dict]:
    """Yield a row for each question of SQuAD's nested form, at whatever depth; any other row as it is."""
    for inner in ("data", "paragraphs", "qas"):
        nested = row.get(inner)
        if isinstance(nested, list) and nested and all(isinstance(one, dict) for one in nested):
            shared = {key: value for key, value in row.items() if key not in (inner, "version")}
            for one in nested:
                yield from passages(shared | one)
            return
    answers = row.get("answers")
    if row.get("is_impossible") is True and answers is None:
        answers = []
    if isinstance(answers, list) and all(isinstance(one, dict) for one in answers):
        row = row | {"answers": {key: [one.get(key) for one in answers] for key in ANSWER}}
    yield row


def answer_pairs(answers) -> list[tuple] | None:
    """Return each answer's text and start, of SQuAD's two lists; None for anything else."""
    lists = [answers.get(key) for key in ANSWER] if isinstance(answers, dict) else [None]
    alike = all(isinstance(one, list) and len(one) == len(lists[0]) for one in lists)
    return list(zip(*lists, strict=True)) if alike else None


def keys_of(item: dict) -> tuple[str, ...]:
    """Return the names under which an object has start, end and label; fewer where it lacks one."""
    named = ([key for key in names if key in item][:1] for names in (STARTS, ENDS, LABELS))
    return tuple(key for keys in named for key in keys)


def span_of(item) -> Span | None:
    """Return the span that [0, 3, "PER"] or a dictionary with start, end and label says; None for anything else."""
    if isinstance(item, dict):
        item = [item[key] for key in keys_of(item)]
    if not isinstance(item, (list, tuple)) or len(item) != 3:
        return None
    start, end, label = item
    label = label[0] if isinstance(label, list) and len(label) == 1 else label
    numbers = type(start) is int and type(end) is int
    return Span(start, end, label) if numbers and isinstance(label, str) else None


def _label_studio(place: str, task: dict, note: Notes) -> dict | None:
    """Return a task of Label Studio as a row: spans in "label", and "choices"; None for one that was skipped."""
    row = {"id": task.get("id")} | task["data"]
    given = task.get("annotations", task.get("completions"))
    said = [one for one in _objects(given) if not one.get("was_cancelled")]
    if _objects(given) and not said:
        note("rejected", place, f"skipped: {task['data']}")
        return None
    if len(said) > 1:
        note("several annotations", place, f"{len(said)}, the first is read")
    results = said[0].get("result") if said else []
    values = [one["value"] for one in _objects(results) if "value" in one]
    if given and (_objects(given) != given or _objects(results) != results):
        note("form of a span", place, f"annotations {given!r}")
    marked = [_flat(value) for value in _objects(values) if "start" in value]
    marked = [value for value in marked if value["labels"]]  # not a choice about a span
    asked = {one.get("from_name") for one in _objects(results) if "choices" in str(one.get("type"))}
    if len(asked) > 1:
        note("several questions", place, ", ".join(sorted(map(str, asked))))
    lists = [value.get("choices") for value in _objects(values)]
    choices = [choice for one in lists if isinstance(one, list) for choice in one]
    made = {"label": marked, CHOSEN: choices}
    return row | (made if said else dict.fromkeys(made))


def _objects(values) -> list[dict]:
    """Return the objects of a list; none of anything else."""
    listed = values if isinstance(values, list) else []
    return [one for one in listed if isinstance(one, dict)]


def _choices(value):
    """Return the list in {"choices": [...]}, Label Studio's for several; any other value as it is."""
    return value["choices"] if isinstance(value, dict) and [*value] == ["choices"] else value


def _flat(value: dict) -> dict:
    """Return a value of Label Studio with its labels under "labels", whatever their kind is called."""
    named = next((value[key] for key in value if key.endswith("labels")), None)
    return {key: value.get(key) for key in ("start", "end", "text")} | {"labels": named}


def plain_rows(
    placed: Sequence[tuple[str, object]], words, note: Notes
) -> tuple[list[tuple[str, dict]], Form]:
    """Return rows as dictionaries with words and tags where they had spans, and the form they had.

    `placed` are pairs of place and row, as the file has them; `words` is as in `split_words`.
    """
    rows, name = [], "rows"
    for place, row in placed:
        if isinstance(row, list):
            name, row = "spacy", {"text": row[0]} | row[1]
        elif isinstance(row.get("data"), dict) and (row.keys() <= TASK or row.keys() & SAID):
            name, row = "label studio", _label_studio(place, row, note)
            if row is None:
                continue
        elif row.get("answer") in ("reject", "ignore") and "text" in row:
            note("rejected", place, f"{row['answer']}: {row['text']!r}")
            continue
        row = {key: _choices(value) for key, value in row.items()}
        for plain in passages(row):
            if "question" in plain and plain.keys() != row.keys():
                name = "passages" if "qas" in row else "squad"
            if plain.get("is_impossible") is True and answer_pairs(plain.get("answers")):
                hit = f"{plain.get('question', '')!r}: {plain['answers']['text']}"
                note("impossible, with an answer", place, hit)
            rows.append((place, plain))
    if name == "label studio":
        spans, chosen = (any(row.get(key) for _, row in rows) for key in ("label", CHOSEN))
        for _, row in rows:  # "label" holds the one of the two that there is, of both the spans
            choices = row.pop(CHOSEN, None)
            if chosen:
                row["choices" if spans else "label"] = choices
            elif not spans:  # nobody has annotated the file yet
                row["label"] = []
    form = _form(name, [row for _, row in rows])
    if form.column:
        rows = [(place, words_and_tags(place, row, form, words, note)) for place, row in rows]
    return rows, form


def _form(name: str, rows: Sequence[dict]) -> Form:
    """Return the form of rows: the first column with a span in it has the spans."""
    for row in rows:
        for column, value in row.items():
            if not (isinstance(value, list) and value and span_of(value[0])):
                continue
            texts = {key: len(row[key].split()) for key in row if isinstance(row[key], str)}
            text = "text" if "text" in texts else max(texts, key=texts.get, default="text")
            keys = keys_of(value[0]) if isinstance(value[0], dict) else ()
            return Form(name, text, column, keys, bool(_given(row)))
    for column in (*LABELS, "entities", "ents", "spans"):  # a file that nobody has annotated yet
        fresh = all(row.get("text") and row.get(column) == [] for row in rows)
        if name in ("rows", "spacy", "label studio") and fresh:
            keys = ("start", "end", "label") if column in ("ents", "spans") else ()
            given = any(_given(row) for row in rows)
            return Form(name, "text", column, keys, given)
    return Form(name)


def _given(row: dict) -> list[tuple[int, int]]:
    """Return the places of Prodigy's tokens, where a row has them."""
    places = [(one.get("start"), one.get("end")) for one in _objects(row.get("tokens"))]
    return places if all(type(edge) is int for pair in places for edge in pair) else []


def words_and_tags(place: str, row: dict, form: Form, words, note: Notes) -> dict:
    """Return a row with "text", "spans", and the words, tags and word offsets that they make."""
    items, text = row.get(form.column, []), row.get(form.text)
    if not isinstance(text, str) or not isinstance(items, list) or not all(map(span_of, items)):
        note("form of a span", place, f"{form.text} {text!r}, {form.column} {items!r}")
        return row | {"tokens": None, "tags": None}
    spans = [span_of(item) for item in items]
    for item, span in zip(items, spans, strict=True):
        said = item.get("text") if isinstance(item, dict) else None
        if said and said != (there := text[span.start : span.end]):
            hit = f"at {span.start} stands {there!r}, not {said!r}"
            note("text of a span", place, hit)
    offsets = _given(row) or split_words(text, words)
    names = {form.text: "text"}
    row = {names.get(key, key): value for key, value in row.items() if key != form.column}
    return row | {
        "spans": [*map(list, spans)],
        "tokens": [text[start:end] for start, end in offsets],
        "tags": tags_of(spans, offsets),
        "offsets": [*map(list, offsets)],
    }


# Back to the form that was read


def as_written(rows: Sequence[dict], form: Form) -> list:
    """Return rows in a form again: what `plain_rows` reads."""
    if form.name in ("passages", "squad"):
        return _nested(rows, form)
    return [_row_as_written(row, form) for row in rows] if form.column else list(rows)


def _nested(rows: Sequence[dict], form: Form) -> list[dict]:
    """Return consecutive questions on the same passage under it; for SQuAD, passages under their article."""
    grouped = groupby(rows, key=lambda row: {key: row.get(key, "") for key in PASSAGE})
    found = [shared | {"qas": [_question(row) for row in held]} for shared, held in grouped]
    if form.name == "passages":
        return found
    articles = [
        {"title": title, "paragraphs": [{"context": p["context"], "qas": p["qas"]} for p in held]}
        for title, held in groupby(found, key=lambda passage: passage["title"])
    ]
    version = "v2.0" if any("is_impossible" in row for row in rows) else "1.1"
    return [{"version": version, "data": articles}]


def _question(row: dict) -> dict:
    kept = {key: value for key, value in row.items() if key not in PASSAGE}
    pairs = answer_pairs(row.get("answers"))
    if pairs is None:
        return kept  # they could not be read
    listed = [dict(zip(ANSWER, pair, strict=True)) for pair in pairs]
    impossible = {"is_impossible": not listed} if "is_impossible" in row else {}
    return kept | {"answers": listed} | impossible


def _row_as_written(row: dict, form: Form) -> object:
    if "offsets" not in row:  # it could not be read
        return row
    names = {"text": form.text}
    kept = {names.get(key, key): value for key, value in row.items() if key not in DERIVED}
    if form.column in kept and not row["spans"]:  # a label, predicted
        return kept
    spans = [Span(*span) for span in row["spans"]]
    if form.name == "spacy":
        return [kept.pop(form.text), kept | {form.column: [*map(list, spans)]}]
    if form.name == "label studio":
        number, where = kept.pop("id", None), {"from_name": "label", "to_name": "text"}
        items = [_item(span, ("start", "end", "labels")) for span in spans]
        values = [one | {"text": row["text"][one["start"] : one["end"]]} for one in items]
        result = [where | {"type": "labels", "value": value} for value in values]
        return {"id": number, "data": kept, "annotations": [{"result": result}]}
    if form.tokens:
        words = enumerate(zip(row["tokens"], row["offsets"], strict=True))
        kept["tokens"] = [
            {"text": word, "start": start, "end": end, "id": number}
            for number, (word, (start, end)) in words
        ]
    return kept | {form.column: [_item(span, form.keys) for span in spans]}


def _item(span: Span, keys: Sequence[str]) -> list | dict:
    """Return a span as a list, or under the keys of its start, end and label."""
    if not keys:
        return list(span)
    label = [span.label] if keys[2] == "labels" else span.label
    return dict(zip(keys, (span.start, span.end, label), strict=True))
