"""The glossary: parsed, complete, introduced before use, linked; and the check can fail."""

import copy
import re

import nbformat
import pytest

from tools import build, glossary

PATHS = build.sources()
LESSONS = [build.lesson(path) for path in PATHS]
TERMS = [term for lesson in LESSONS for term in lesson.terms]
ANCHORS = {term.anchor for term in TERMS}
every_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem[:2])


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_every_lesson_defines_terms_and_leads_to_the_glossary(lesson):
    assert lesson.terms
    assert f"](../{glossary.PAGE})" in glossary.LIST.search(lesson.cells[-1][1])[0]
    for term in lesson.terms:
        assert term.text.endswith("."), term.name


EMPHASIS = re.compile(r"(?<![*\w])(\*{1,2})(?=[^\s*])(.{1,60}?)(?<=[^\s*])\1(?![*\w])", re.DOTALL)


def is_introduced(text, use):
    """Tell whether a use stands emphasised (or as code, for a name of code) in a sentence of six words or more."""
    ends = [m.end() for m in re.finditer(r"[.!?]\s|\n\n|\n- ", text[: use.start()])]
    end = re.compile(r"[.!?](\s|$)|\n\n|\Z").search(text, use.end()).start()
    sentence = text[max(ends, default=0) : end]
    spans = (emphasis.span() for emphasis in EMPHASIS.finditer(text))
    emphasised = any(start < use.start() and use.end() < stop for start, stop in spans)
    return (emphasised or "`" in use[0]) and len(sentence.split()) >= 6


def problems(lessons):
    """Return what breaks the rule that a term is introduced where it is first used."""
    find = glossary.finder(term for lesson in lessons for term in lesson.terms)
    found, seen = [], set()
    for lesson in lessons:
        for cell, text in lesson.cells[1:]:
            place = f"lesson {lesson.number}, cell {cell}"
            for use, meant in find(text):
                found += early_use(lesson, place, (use, meant), seen)
                new = {term for term in meant if term.lesson == lesson.number} - seen
                seen |= new
                if new and not is_introduced(text, use):
                    remedy = "say what it means, and set it in *italics*"
                    found.append(f"{place}: {use[0]!r} stands here first; {remedy}")
        for term in lesson.terms:
            place = f"lesson {lesson.number}, definition of {term.name}"
            for use in find(term.text):
                found += early_use(lesson, place, use, seen)
            if term not in seen:
                found.append(f"lesson {lesson.number}: its prose never uses {term.name!r}")
    return found


def early_use(lesson, place, use, seen):
    """Return a complaint where every meaning of the use comes later; once a term."""
    found, meant = use
    if any(term.lesson <= lesson.number for term in meant) or seen.issuperset(meant):
        return []
    seen.update(meant)
    homes = " and ".join(term.lesson for term in meant)
    return [f"{place}: {found[0]!r} is used, and introduced only in lesson {homes}"]


def test_every_term_is_introduced_before_it_is_used():
    assert problems(LESSONS) == []


RECAP = "## Recap\n\n**Words of this lesson.** See the glossary.\n\n"


def lesson(number, *prose, words):
    """Return a made-up lesson: cells of prose, and a recap with a list of words."""
    texts = ["# A title with a loss and a batch", *prose, f"{RECAP}- {words}\n\nNext: another."]
    cells = tuple((f"{number}-{index:03d}", text) for index, text in enumerate(texts))
    terms = tuple(glossary._terms(number, texts[-1]))
    return glossary.Lesson(number, f"{number}_made_up", "Made up", terms, cells)


BATCH = "*Batch*: rows that go through together."
LOSS = "*Loss* (lossy): how wrong the answers are."
FIRST = "Rows go through the model in a *batch*, a few at a time."
SECOND = "How wrong the answers are is measured by the *loss*, one number."
ONE, TWO = lesson("00", FIRST, words=BATCH), lesson("01", SECOND, words=LOSS)
USED_EARLY = "lesson 00, cell 00-002: '{}' is used, and introduced only in lesson 01"
NOT_INTRODUCED = "lesson 01, cell 01-001: '{}' stands here first"
BREAD = "*Batch of bread* (batch): what an oven holds."


def early(*prose, words=BATCH):
    """Return two lessons: the first has more prose, "loss" is a word of the second."""
    return [lesson("00", FIRST, *prose, words=words), TWO]


def late(*prose, words=LOSS):
    """Return two lessons: "batch" is a word of the first, the second has this prose alone."""
    return [ONE, lesson("01", *prose, words=words)]


@pytest.mark.parametrize(
    ("lessons", "complaint"),
    [
        (early("The losses of a\nbatch fall."), USED_EARLY.format("losses")),
        (early("It is a lossy thing."), USED_EARLY.format("lossy")),
        (early("| a | table |\n|---|---|\n| of | loss |"), USED_EARLY.format("loss")),
        (early("**What a loss!**"), USED_EARLY.format("loss")),
        (early(words="*Batch*: what the loss is a mean of."), "lesson 00, definition of Batch: 'loss' is used"),
        (late(SECOND.replace("*", "")), NOT_INTRODUCED.format("loss")),
        (late("This is the *loss*.", SECOND), NOT_INTRODUCED.format("loss")),
        (late("Nothing of the kind is said here."), "lesson 01: its prose never uses 'Loss'"),
        (late("An oven holds a batch of it.", words=BREAD), NOT_INTRODUCED.format("batch")),
    ],
    ids=["plural", "named form", "in a table", "emphasised", "in a definition", "not emphasised",
         "not explained", "never used", "second meaning"],
)  # fmt: skip
def test_a_term_that_is_used_too_early_or_not_introduced_is_found(lessons, complaint):
    (found,) = problems(lessons)
    assert found.startswith(complaint)


HTML = "<details><summary>Hint</summary>Use <code>loss</code></details>"
SECOND_MEANING = "An oven holds a *batch*, some loaves of bread."


@pytest.mark.parametrize(
    "lessons",
    [
        pytest.param(early("Nothing of it."), id="nothing"),
        pytest.param(early("Call `loss`, `mean(\nloss)` and\n\n```\nloss\n```"), id="code"),
        pytest.param(early("## What a loss\n\nIt is a heading."), id="heading"),
        pytest.param(early("See [a loss](01_loss.ipynb) there."), id="title of a lesson"),
        pytest.param(early("A glossary, a loss-like thing."), id="other words"),
        pytest.param(early(HTML), id="html"),
        pytest.param(late(SECOND_MEANING, words=BREAD), id="a second meaning, introduced"),
    ],
)
def test_what_is_no_early_use_of_a_term(lessons):
    assert problems(lessons) == []


@pytest.mark.parametrize(
    "recap",
    [
        "## Recap",
        RECAP + "*Batch*: rows.",
        RECAP + "- Batch: rows.",
        RECAP + "- *Batch*",
    ],
)
def test_a_recap_without_definitions_is_refused(recap):
    with pytest.raises(ValueError, match="Lesson 07"):
        list(glossary._terms("07", recap))


def test_learners_see_a_recap_s_words_as_links_to_the_page():
    words = BATCH + "\n- *Great loss* (lossy): a\n  bad end."
    (*_, (_, recap)) = lesson("00", FIRST, words=words).cells
    links = "[Batch](../docs/glossary.md#batch), [Great loss](../docs/glossary.md#great-loss)"
    assert glossary.shortened(recap) == f"{RECAP}{links}\n\nNext: another."
    assert glossary.shortened("## Recap\n\n- *No*: word.") == "## Recap\n\n- *No*: word."


PROSE = "## A loss\n\nThe `loss` of *losses*; a loss. **Check.** No [loss](there.md)."
AGAIN = "A loss again, and a batch."
HINT = "<details><summary>Hint</summary>A\nloss</details>"
TO_LOSS, TO_BATCH = "*[losses](../docs/glossary.md#loss)*", "[batch](../docs/glossary.md#batch)"


@pytest.mark.parametrize(
    ("number", "prose", "expected"),
    [
        ("03", [PROSE, AGAIN], [PROSE.replace("*losses*", TO_LOSS), AGAIN.replace("batch", TO_BATCH)]),
        ("03", ["| a loss |", HINT, "## A loss"], ["| a loss |", HINT, "## A loss"]),
        ("01", ["A loss of a recipe in a batch."], [f"A loss of a recipe in a {TO_BATCH}."]),
    ],
    ids=["first uses", "tables, hints and headings", "own and later terms"],
)  # fmt: skip
def test_the_first_use_of_a_term_of_an_earlier_lesson_is_linked(number, prose, expected):
    made = lesson("03", *prose, words="*Recipe*: what to do.")
    cells = [nbformat.v4.new_markdown_cell(text, id=place) for place, text in made.cells]
    glossary.link(cells, number, [term for each in (ONE, TWO, made) for term in each.terms])
    assert [cell.source for cell in cells[1:-1]] == expected


@every_path
def test_linking_changes_prose_by_links_alone(path):
    notebook = build.read_source(path)
    before = copy.deepcopy(notebook)
    glossary.link(notebook.cells, path.name[:2], TERMS)
    for old, new in zip(before.cells, notebook.cells, strict=True):
        unlinked = re.sub(r"\[([^]]*)\]\(\.\./docs/glossary\.md#[^)]*\)", r"\1", new.source)
        assert unlinked == old.source


def test_every_term_is_defined_once_and_its_anchor_stands_on_the_page():
    text = glossary.page(LESSONS)
    assert sorted(re.findall(r'<a id="([^"]+)"></a>', text)) == sorted(ANCHORS)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= ANCHORS
    assert sorted(term.anchor for term in TERMS) == sorted(ANCHORS)


@every_path
def test_every_link_of_a_notebook_has_a_target(path):
    for file, notebook in build.versions(path):
        prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", prose)
        for target, anchor in links:
            assert (file.parent / target).exists(), target
            assert not anchor or anchor in ANCHORS, anchor
        assert path.stem[:2] == "00" or any(anchor for _, anchor in links)


def test_a_page_that_was_edited_by_hand_is_stale(monkeypatch):
    monkeypatch.setattr(build, "derived_pages", lambda: {build.GLOSSARY: "# Glossary\n"})
    assert build.stale([]) == ["docs/glossary.md"]


def test_the_page_names_the_lesson_and_links_other_terms():
    text = glossary.page([lesson("00", FIRST, words=BATCH + "\n- *Loss*: mean over a batch.")])
    assert '### <a id="loss"></a>Loss\n\nMean over a [batch](#batch).' in text
    assert text.count("Introduced in [Made up](../notebooks/00_made_up.ipynb).") == 2
