"""The glossary: parsed, complete, introduced before use, linked; and the check can fail."""

import copy
import re
from pathlib import Path

import nbformat
import pytest
from introductions import problems

from tools import build, glossary

PATHS = build.sources()
LESSONS = [build.lesson(path) for path in PATHS]
TERMS = [term for lesson in LESSONS for term in lesson.terms]


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


def complaints(early=(), late=(SECOND,)):
    """Return what is wrong with two lessons: "batch" is a word of the first, "loss" one of the second."""
    return problems([lesson("00", FIRST, *early, words=BATCH), lesson("01", *late, words=LOSS)])


@pytest.mark.parametrize(
    ("prose", "complaint"),
    [
        ("The losses of a\nbatch fall.", "'losses' is used, and introduced only in lesson 01"),
        ("It is a lossy thing.", "'lossy' is used"),
        ("| a | table |\n|---|---|\n| of | loss |", "'loss' is used"),
        ("**What a loss!**", "'loss' is used"),
    ],
    ids=["plural", "named form", "in a table", "emphasised"],
)
def test_a_term_that_is_used_too_early_is_found(prose, complaint):
    (found,) = complaints(early=[prose])
    assert f"lesson 00, cell 00-002: {complaint}" in found


@pytest.mark.parametrize(
    ("prose", "complaint"),
    [
        (["The loss is one number that says how wrong the answers are."], "stands here first"),
        (["This is the *loss*.", SECOND], "stands here first"),
        (["Nothing of the kind is said here."], "its prose never uses 'Loss'"),
    ],
    ids=["not emphasised", "not explained", "never used"],
)
def test_a_term_that_is_not_introduced_is_found(prose, complaint):
    (found,) = complaints(late=prose)
    place = "lesson 01" if "never" in complaint else "lesson 01, cell 01-001: 'loss'"
    assert re.match(rf"{place}:? {complaint}", found)


@pytest.mark.parametrize(
    "prose",
    [
        pytest.param("Nothing of it.", id="nothing"),
        pytest.param("Call `loss` and\n\n```\nloss\n```", id="code"),
        pytest.param("## What a loss\n\nIt is a heading.", id="heading"),
        pytest.param("See [a loss](01_loss.ipynb) there.", id="title of a lesson"),
        pytest.param("A glossary, a loss-like thing.", id="other words"),
        pytest.param("<details><summary>Hint</summary>Use <code>loss</code></details>", id="html"),
    ],
)
def test_what_is_no_use_of_a_term(prose):
    assert complaints(early=[prose]) == []


def test_a_term_defined_twice_is_reported():
    series = [lesson("00", FIRST, words=BATCH), lesson("01", FIRST, words=BATCH)]
    assert "batch is defined more than once: lessons 00, 01" in problems(series)


def test_a_definition_may_use_what_was_introduced_only():
    early = lesson("00", FIRST, words="*Batch*: what the loss is a mean of.")
    (found,) = problems([early, lesson("01", SECOND, words=LOSS)])
    assert found.startswith("lesson 00, definition of Batch: 'loss' is used")


def test_a_second_meaning_is_introduced_in_its_own_lesson():
    other = "*Batch of bread* (batch): what an oven holds."
    said, silent = "An oven holds a *batch*, some loaves of bread.", "An oven holds a batch of it."
    one = lesson("00", FIRST, words=BATCH)
    assert problems([one, lesson("01", said, words=other)]) == []
    (found,) = problems([one, lesson("01", silent, words=other)])
    assert "lesson 01, cell 01-001: 'batch' stands here first" in found


@pytest.mark.parametrize(
    "recap", ["## Recap", RECAP + "*Batch*: rows.", RECAP + "- Batch: rows.", RECAP + "- *Batch*"]
)
def test_a_recap_without_definitions_is_refused(recap):
    with pytest.raises(ValueError, match="Lesson 07"):
        list(glossary._terms("07", recap))


def test_learners_see_a_recap_s_words_as_links_to_the_page():
    (*_, (_, recap)) = lesson(
        "00", FIRST, words=BATCH + "\n- *Great loss* (lossy): a\n  bad end."
    ).cells
    links = "[Batch](../docs/glossary.md#batch), [Great loss](../docs/glossary.md#great-loss)"
    assert glossary.shortened(recap) == f"{RECAP}{links}\n\nNext: another."
    assert glossary.shortened("## Recap\n\n- *No*: word.") == "## Recap\n\n- *No*: word."


def linked(number, *prose):
    """Return the markdown of a made-up lesson once its terms are linked."""
    made = lesson("03", *prose, words="*Recipe*: what to do.")
    cells = [nbformat.v4.new_markdown_cell(text, id=place) for place, text in made.cells]
    series = [lesson("00", FIRST, words=BATCH), lesson("01", SECOND, words=LOSS), made]
    glossary.link(cells, number, [term for each in series for term in each.terms])
    return [cell.source for cell in cells[1:-1]]


def test_the_first_use_of_a_term_of_an_earlier_lesson_is_linked():
    prose = "## A loss\n\nThe `loss` of *losses*; a loss. **Check.** No [loss](there.md)."
    (first, second) = linked("03", prose, "A loss again, and a batch.")
    assert first == prose.replace("*losses*", "*[losses](../docs/glossary.md#loss)*")
    assert second == "A loss again, and a [batch](../docs/glossary.md#batch)."


@pytest.mark.parametrize(
    "prose", ["| a loss |", "<details><summary>Hint</summary>A\nloss</details>", "## A loss"]
)
def test_tables_hints_and_headings_are_not_linked(prose):
    assert linked("03", prose) == [prose]


def test_a_lesson_does_not_link_its_own_terms_nor_later_ones():
    (text,) = linked("01", "A loss of a recipe in a batch.")
    assert text == "A loss of a recipe in a [batch](../docs/glossary.md#batch)."


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem[:2])
def test_linking_changes_prose_by_links_alone(path):
    notebook = build.read_source(path)
    before = copy.deepcopy(notebook)
    glossary.link(notebook.cells, path.name[:2], TERMS)
    for old, new in zip(before.cells, notebook.cells, strict=True):
        assert (
            re.sub(r"\[([^]]*)\]\(\.\./docs/glossary\.md#[^)]*\)", r"\1", new.source) == old.source
        )


LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")


def leads_somewhere(file, folder):
    """Tell whether a relative link from `folder` has a target; of a notebook, which is derived, its source."""
    if Path(file).suffix == ".ipynb":
        return Path(file).stem in [path.stem for path in PATHS]
    return (folder / file).exists()


def test_every_link_of_the_page_has_a_target():
    text = glossary.page(LESSONS)
    anchors = re.findall(r'<a id="([^"]+)"></a>', text)
    assert len(anchors) == len(set(anchors)) == len(TERMS)
    for file, anchor in LINK.findall(text):
        assert leads_somewhere(file, build.GLOSSARY.parent), file
        assert not anchor or anchor in anchors, anchor


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem[:2])
def test_every_link_of_a_notebook_has_a_target(path):
    anchors = {term.anchor for term in TERMS}
    for file, notebook in build.versions(path):
        prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        links = LINK.findall(prose)
        for target, anchor in links:
            assert leads_somewhere(target, file.parent), target
            assert not anchor or anchor in anchors, anchor
        assert path.stem[:2] == "00" or any(anchor for _, anchor in links)


def test_a_page_that_was_edited_by_hand_is_stale(monkeypatch):
    monkeypatch.setattr(build, "derived_pages", lambda: {build.GLOSSARY: "# Glossary\n"})
    assert build.stale([]) == ["docs/glossary.md"]


def test_the_page_names_the_lesson_and_links_other_terms():
    text = glossary.page([lesson("00", FIRST, words=BATCH + "\n- *Loss*: mean over a batch.")])
    assert '### <a id="loss"></a>Loss\n\nMean over a [batch](#batch).' in text
    assert text.count("Introduced in [Made up](../notebooks/00_made_up.ipynb).") == 2
