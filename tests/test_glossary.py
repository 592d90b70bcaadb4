"""The glossary: parsed, complete, introduced before use, linked; and the check can fail."""

import copy
import re

import nbformat
import pytest
from introductions import problems

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


def test_every_term_is_defined_once_and_introduced_before_it_is_used():
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


@pytest.mark.parametrize(
    "prose",
    [
        "Nothing of it.",
        "Call `loss`, `mean(\nloss)` and\n\n```\nloss\n```",
        "## What a loss\n\nIt is a heading.",
        "See [a loss](01_loss.ipynb) there.",
        "A glossary, a loss-like thing.",
        "<details><summary>Hint</summary>Use <code>loss</code></details>",
    ],
    ids=["nothing", "code", "heading", "title of a lesson", "other words", "html"],
)
def test_what_is_no_use_of_a_term(prose):
    assert problems(early(prose)) == []


def test_a_term_defined_twice_is_reported_but_may_have_a_second_meaning():
    twice = problems(late(FIRST, words=BATCH))
    assert "batch is defined more than once: lessons 00, 01" in twice
    said = "An oven holds a *batch*, some loaves of bread."
    assert problems(late(said, words=BREAD)) == []


@pytest.mark.parametrize(
    "recap", ["## Recap", RECAP + "*Batch*: rows.", RECAP + "- Batch: rows.", RECAP + "- *Batch*"]
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


def test_every_anchor_of_the_page_is_there_once():
    text = glossary.page(LESSONS)
    assert sorted(re.findall(r'<a id="([^"]+)"></a>', text)) == sorted(ANCHORS)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= ANCHORS
    assert len(ANCHORS) == len(TERMS)


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
