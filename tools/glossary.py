"""The glossary: read from the lessons' recaps, written to docs/glossary.md, linked in every notebook.

A lesson ends with a list under **Words of this lesson.** An item defines a term that the lesson introduces,
and names the other forms in which its prose uses it; plurals need no naming:

    - *Freeze* (frozen, unfreeze): keep a parameter at its value.

`tools/build.py` calls `page`, `link` and `shortened`. That a term is introduced before it is used is what tests/test_glossary.py
checks.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import nbformat

PAGE = "docs/glossary.md"
MARK = "**Words of this lesson.**"
LIST = re.compile(re.escape(MARK) + r".*?(?=\n\n(?!- )|\Z)", re.DOTALL)
ITEM = re.compile(r"\*(?P<name>[^*]+)\*(?: \((?P<forms>[^)]+)\))?: (?P<text>.+)", re.DOTALL)

# What is no prose, what only holds a term's name, and what shall not be linked though it is prose
CODE = r"```.*?```|<code>.*?</code>|`(?:[^`\n]|\n(?!\n))*`"
IDIOMS = r"\b(?:(?:for|in\s+this)\s+example|half\s+precision|PyTorch\s+layer|rounds?\s+(?:differently|them))\b"
LINKS = r"!?\[[^\]]*\]\([^)]*\)"
NO_PROSE = re.compile(rf"(?ims){CODE}|{IDIOMS}|^#.*?$|{LINKS}|<[^>]*>|\*\*Check\.\*\*")
NO_LINKS = re.compile(r"(?ms)^\|.*?$|<details>.*?</details>")


class Term(NamedTuple):
    """A term: its name and other forms as in the recap, what it means, and who introduces it."""

    name: str
    forms: tuple[str, ...]
    text: str
    lesson: str

    @property
    def anchor(self) -> str:
        """The term's place in the glossary's page."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    def spellings(self) -> set[str]:
        """Return all that stands for the term, in lower case: name and forms, singular and plural."""
        forms = {form.lower() for form in (self.name, *self.forms)}
        return forms | {plural(form) for form in forms if "`" not in form}


Use = tuple[re.Match, tuple[Term, ...]]


class Lesson(NamedTuple):
    """A lesson's number, file name without ending, title, terms, and markdown cells: (id, text)."""

    number: str
    stem: str
    title: str
    terms: tuple[Term, ...]
    cells: tuple[tuple[str, str], ...]


def plural(form: str) -> str:
    """Return the regular plural of an English noun."""
    if form.endswith("y") and form[-2] not in "aeiou":
        return form[:-1] + "ies"
    return form + ("es" if form.endswith(("s", "x", "sh", "ch")) else "s")


def read(name: str, notebook: nbformat.NotebookNode) -> Lesson:
    """Return what the glossary takes from the lesson of that file name.

    Raises ValueError: the recap has no list of words, or an item is no definition.
    """
    cells = tuple((c.id, c.source) for c in notebook.cells if c.cell_type == "markdown")
    title = cells[0][1].splitlines()[0].removeprefix("# ")
    return Lesson(name[:2], name, title, tuple(_terms(name[:2], cells[-1][1])), cells)


def _terms(number: str, recap: str) -> Iterator[Term]:
    if not (found := LIST.search(recap)) or "\n- " not in found[0]:
        raise ValueError(
            f"Lesson {number} defines no term. End it with a line {MARK}, an empty line, and items "
            "'- *Term* (form, form): definition.'"
        )
    for item in found[0].split("\n- ")[1:]:
        if not (parts := ITEM.fullmatch(" ".join(item.split()))):
            raise ValueError(f"Lesson {number}: {item!r} is no '*Term* (form, form): definition.'")
        forms = tuple(form.strip() for form in (parts["forms"] or "").split(",") if form)
        yield Term(parts["name"], forms, parts["text"], number)


def shortened(recap: str) -> str:
    """Return a recap as learners see it: its words are links to the glossary, which says what they mean."""

    def names(found: re.Match) -> str:
        links = [f"[{term.name}](../{PAGE}#{term.anchor})" for term in _terms("", found[0])]
        return "\n".join([found[0].split("\n- ")[0], ", ".join(links)])

    return LIST.sub(names, recap)


def finder(terms: Iterable[Term]) -> Callable[..., Iterator[Use]]:
    """Return a function (text, patterns to leave out) that finds the terms' uses, the longest first.

    A use is a match in the text, and the terms that the spelling found may stand for.
    """
    owners: dict[str, tuple[Term, ...]] = defaultdict(tuple)
    for term in terms:
        for spelling in term.spellings():
            owners[spelling] += (term,)
    longest = sorted(owners, key=lambda spelling: (-len(spelling), spelling))
    words = "|".join(re.escape(spelling).replace(r"\ ", r"\s+") for spelling in longest)
    pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)

    def find(text: str, *without: re.Pattern) -> Iterator[Use]:
        for no_prose in (LIST, *without, NO_PROSE):  # the text keeps its length
            text = no_prose.sub(
                lambda m: m[0] if m[0].lower() in owners else "\0" * len(m[0]), text
            )
        for match in pattern.finditer(text) if owners else ():
            yield match, owners[" ".join(match[0].lower().split())]

    return find


def link(cells: Iterable, number: str, terms: Iterable[Term]) -> None:
    """Link, in the markdown cells of a lesson, the first use of each term of an earlier lesson.

    The first cell (title, aims), headings, code, tables, hints and the list of words stay as they are.
    A spelling that stands for two terms by now is not linked: only a reader knows which of them is meant.
    """
    known = [term for term in terms if term.lesson <= number]
    find, open_terms = finder(known), {term for term in known if term.lesson < number}
    for cell in list(cells)[1:]:
        if cell.cell_type == "markdown":
            uses = find(cell.source, NO_LINKS)
            cell.source = _linked(cell.source, uses, open_terms, f"../{PAGE}")


def _linked(text: str, uses: Iterable[Use], open_terms: set[Term], page: str) -> str:
    """Return a text with the first use of each open term linked; take these from `open_terms`."""
    parts, done = [], 0
    for match, meant in uses:
        if len(meant) == 1 and meant[0] in open_terms:
            open_terms.discard(meant[0])
            parts.append(f"{text[done : match.start()]}[{match[0]}]({page}#{meant[0].anchor})")
            done = match.end()
    return "".join([*parts, text[done:]])


def page(lessons: list[Lesson]) -> str:
    """Return the text of docs/glossary.md: all terms by the alphabet."""
    terms = [term for lesson in lessons for term in lesson.terms]
    homes = {one.number: f"[{one.title}](../notebooks/{one.stem}.ipynb)" for one in lessons}
    find = finder(terms)
    parts = [
        "# Glossary",
        f"{len(terms)} words of the course. Each is defined once, in the recap of the lesson that introduces "
        "it; `make build` puts them together here. To change one, edit that lesson's source.",
    ]
    for term in sorted(terms, key=lambda term: term.name.lower().strip("`")):
        meaning = _linked(term.text, find(term.text), {*terms} - {term}, "")
        parts.append(f'### <a id="{term.anchor}"></a>{term.name}')
        parts.append(meaning[0].upper() + meaning[1:])
        also = f"Also: {', '.join(term.forms)}. " if term.forms else ""
        parts.append(f"{also}Introduced in {homes[term.lesson]}.")
    return "\n\n".join(parts) + "\n"
