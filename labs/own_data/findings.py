"""What reading and inspecting a file says: findings, one a kind of problem, and the report that holds them."""

from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from helpers.tables import cut, table

STOP, LOOK = "stop", "look"

# Kinds of problems and what to do, in the order of the checks. Where training would fail or its score would be wrong:
STOPS = {
    "encoding": "It is not {codec}; read as Windows-1252 here. If that reads well, pass encoding='cp1252'; where only a "
    "few lines are wrong, correct them and save as UTF-8.",
    "header": "Give each column a name of its own in the first line. One without a name, the first, is often the index "
    "of pandas: save with index=False.",
    "broken quotes": "From there on nothing could be read. Put the whole text between quotes, and double those within "
    'it: """Wow"", she said."',
    "number of cells": 'Left out. Too many: put a text that holds the separator between quotes, "one, two". Too few: a '
    "text with a line break was cut; put it between quotes too.",
    "not JSON": 'Left out. Write one object on one line: {"text": "…", "label": "…"}.',
    "number of columns": "The sentence is left out. Write word, tab, tag; an empty line only between sentences. Texts "
    "without tags belong in a CSV or JSONL file.",
    "impossible, with an answer": "Empty its answers, or write false for is_impossible.",
    "text of a span": "Count characters, as Python does: an emoji is one.",
    "form of a span": 'Beside a text, write [0, 3, "PER"], or start, end and label by name.',
    "missing column": "The file has {held}. Set COLUMNS = {example}, with a name of your file in place of each …. If "
    "these are no names, the first line is no header, or the ending is wrong: a table is .csv or .tsv, words with tags "
    "are .conll or .txt.",
    "missing value": "Fill it in, or take the row out.",
    "empty value": "Fill it in, or take the row out.",
    "wrong kind of value": "Text goes between quotes; tokens and tags are lists of texts; answers are written "
    '{"text": ["…"], "answer_start": [0]}, both empty for none. A CSV holds texts only: use JSON Lines (of pandas, '
    "to_json(orient='records', lines=True)), or CoNLL for tags. A list of zeros and ones wants LABELS: a name for each.",
    "unknown split": "Use train, validation, test. If the column means something else, give it another name.",
    "row without a split": "Give all rows a split, or none.",
    "no training rows": "Call the rows to learn from train.",
    "spelling of a label": "Each spelling would be a class of its own. Write all of them like the commonest.",
    "one class only": "There is nothing to tell apart. Add another class.",
    "rare class": "A class needs {least} rows, one for each split, and many more to be learned. Add rows, join the "
    "class with another, or drop it.",
    "label not in train": "Nothing can be learned of it. Move rows with it to train, or take it out.",
    "number of tags": "Give each word one tag, O where it is nothing.",
    "span outside the text": "Mark characters of the text: from 0, the end exclusive.",
    "overlapping spans": "A word has one tag. Keep one of the two.",
    "nested spans": "A word has one tag. Keep the outer span or the inner one.",
    "two spans in a word": "Cut finer: read the file with words=tokenizer.",
    "no entity": "Tag some first.",
    "tag that is no IOB2": "Use O, B-TYPE and I-TYPE.",
    "order of tags": "Write B- on the first word of each entity; I- only continues it.",
    "answer not in its place": "answer_start counts characters from 0.",
    "form of the answers": 'Write {"text": ["…"], "answer_start": [0]}, both empty where there is no answer.',
    "id stands twice": "Give each question an id, or none of them.",
    "unknown tag": "Use one of {names}.{counting}",
    "unknown label": "Use one of {names}.{counting}",
    "same text, other {answer}": "One of the two is wrong, or both are possible. Read both rows and keep one.",
    "leak between splits": "Take the text out of all splits but one.",
    "no usable row": "Correct what the other findings name, and look again.",
    "too few texts": "Three splits need at least one each; a score needs dozens.",
}
# Where a person has to decide:
LOOKS = {
    "encoding": "It is not UTF-8; {codec} is the best guess, and read so. If it does not read well, pass the right one: "
    "encoding='…'.",
    "lines within quotes": "From a quotation mark to the next one, several lines became one cell. If they are rows of "
    "their own, put the text between quotes, and double those within it.",
    "another sheet": "Only the first sheet is read. Save the other one as a file of its own.",
    "several annotations": "Where annotators differ, export the ones you trust.",
    "several questions": "Their choices stand in one list. Keep those of one question.",
    "rejected": "Left out: the annotator skipped or rejected it.",
    "other columns": "Give the columns of all files the same names.",
    "labels in one text": "Several labels? Make lists of them: table = table.change(lambda row: row | {{'label': "
    "[one.strip() for one in row['label'].split({mark!r}) if one.strip()]}}), with your column's name, for "
    "TASK = 'classify'.",
    "label like a list": "A CSV has no lists: save the rows as JSON Lines, or write the label alone.",
    "label like another": "A slip? Then write it like the other.",
    "label -1 or nan": "Often this means: not labeled. Then take these rows out, also of the test.",
    "class balance": "Accuracy will look too good. Read macro F1, and compare with the commonest class.",
    "no label": "All other rows have one label. Take these out if nobody has labeled them; otherwise, each row may get "
    "any number of labels, none here.",
    "label not in train": STOPS["label not in train"],
    "tags as numbers": "They stay numbers. Pass their names in order: labels=['O', 'B-…', 'I-…', …].",
    "other scheme of tags": "Read as IOB2. Compare this sentence before and after.{plain}",
    "span that cuts a word": "The whole word is tagged. If most spans do, add 1 to their ends: an end is exclusive. "
    "Else cut finer with words=tokenizer, or mark whole words.",
    "space at the end of a span": "The words are right; the span ends too late, or starts too early.",
    "rare type": "Too few to learn from. Tag more, or join two types.",
    "name without a row": "Misspelled? Or a number?{counting}",
    "duplicate": "Keep one of each: duplicates count twice, and a split must not separate them.",
    "nearly the same in two splits": "Read both. If one was made from the other, keep them in one split.",
    "long text": "What follows the first {length} tokens is not read. Shorten it{longer}.",
    "strange script": "Most tokens are unknown, or single letters: the encoder hardly knows this script. Take one that "
    "has read the language.",
    "few rows": "Any score will have a wide margin. Label more.",
}


class Finding(NamedTuple):
    """A kind of problem: how often, where first, and what to do; `severity` is "stop" or "look"."""

    severity: str
    what: str
    rows: int
    first: str
    remedy: str


class Notes(dict):
    """The findings of a reading or an inspection under way, one a kind of problem and remedy."""

    def __call__(self, what: str, place: str, value: object, severity: str = "", **words) -> None:
        """Note one more place with a problem, and what stands there.

        `what` is of STOPS or LOOKS, which `severity` tells apart where it is in both; `words` fill in name and remedy.
        """
        severity = severity or (STOP if what in STOPS else LOOK)
        remedy = (STOPS if severity == STOP else LOOKS)[what]
        if words:
            what, remedy = what.format(**words), remedy.format(**words)
        if (what, remedy) not in self:
            first = f"{place}: {cut(str(value), 70)}"
            self[what, remedy] = Finding(severity, what, 0, first, remedy)
        finding = self[what, remedy]
        self[what, remedy] = finding._replace(rows=finding.rows + 1)


@dataclass(frozen=True)
class Report:
    """The findings in a number of rows, the grave ones first; a notebook shows it as a table."""

    file: str
    rows: int
    findings: tuple[Finding, ...]

    @property
    def stops(self) -> list[Finding]:
        """The findings that have to be solved before training."""
        return [finding for finding in self.findings if finding.severity == STOP]

    def kinds(self) -> list[str]:
        """Return what was found, one name a finding."""
        return [finding.what for finding in self.findings]

    def _title(self) -> str:
        stops, rows = len(self.stops), counted(self.rows, "row")
        looks = len(self.findings) - stops
        return f"{self.file}: {rows} read, {stops} to stop at, {looks} to look at"

    def __repr__(self) -> str:
        return "\n".join([self._title(), *(f"- {show(finding)}" for finding in self.findings)])

    def _repr_html_(self) -> str:
        if not self.findings:
            return f"<p>✓ {escape(self._title())}</p>"
        return table([finding._asdict() for finding in self.findings], self._title())._repr_html_()


def show(finding: Finding) -> str:
    """Return a finding as a sentence or two."""
    return f"{finding.what} ({finding.rows}), first at {finding.first}. {finding.remedy}"


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: "1 row", "2 rows"."""
    return f"{number} {noun}{'s' * (number != 1)}"
