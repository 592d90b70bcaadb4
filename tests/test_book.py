"""The book: what Sphinx reads, a lesson with its solutions, the description of pictures, three pages built."""

import shutil

import nbformat
import pytest

pytest.importorskip("sphinx", reason="needs the extra `book`")

from book import lessons, pages
from book.__main__ import render
from helpers import course
from tools import build

# Extensions still use what a later Sphinx will remove.
pytestmark = pytest.mark.filterwarnings("ignore:.*Sphinx")

NAMES = [lesson["name"] for lesson in course.lessons()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which all that Sphinx reads was written."""
    folder = tmp_path_factory.mktemp("book")
    pages.write(folder / "book")
    return folder


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("[x](02_align.ipynb)", "[x](02_align.ipynb)"),
        ("[x](../docs/scaling.md)", "[x](../docs/scaling.md)"),
        ("[../docs/scaling.md](../docs/scaling.md)", "[](../docs/scaling.md)"),
        ("[x](../docs/glossary.md#batch)", '[x](../docs/glossary.md#batch "'),
        ("[x](../helpers/qa.py)", "[x](/api/helpers.qa.md)"),
        ("[x](../LICENSE)", f"[x]({build.repository()}/blob/main/LICENSE)"),
        ("[x](../data/reviews)", f"[x]({build.repository()}/tree/main/data/reviews)"),
        ("[x](#here) and [y](https://example.org)", "[x](#here) and [y](https://example.org)"),
    ],
)
def test_a_link_leads_to_a_page_or_to_the_repository(link, wanted):
    assert pages.relinked(link, "notebooks").startswith(wanted)


def test_the_sidebar_has_every_lesson_and_every_text(folder):
    landing = (folder / "book" / "index.md").read_text(encoding="utf-8")
    listed = landing.split("```{toctree}", 1)[1]
    for name in NAMES:
        assert f"\nnotebooks/{name}\n" in listed
        assert f":link: /notebooks/{name}\n" in landing
        assert (folder / "book" / "notebooks" / f"{name}.ipynb").exists()
    for text in pages.TEXTS:
        assert text.removesuffix(".md") in listed
    assert "colab-badge" not in landing


def test_every_exercise_is_listed_with_its_place(folder):
    listed = (folder / "book" / "exercises.md").read_text(encoding="utf-8")
    asked = sum(len(lessons.solutions(name)) for name in NAMES)
    assert listed.count(".ipynb#exercise-") == asked
    assert "| 02.1 | [Read the other columns](notebooks/02_align_labels_for_ner.ipynb" in listed


def test_what_is_as_it_should_be_keeps_its_date_and_what_is_no_page_goes(folder):
    page, stray = folder / "book" / "run.md", folder / "book" / "notebooks" / "99_gone.ipynb"
    stray.touch()
    before = page.stat().st_mtime_ns
    pages.write(folder / "book")
    assert page.stat().st_mtime_ns == before
    assert not stray.exists()


def test_a_run_is_shown_unless_the_lesson_has_changed_since(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "RUNS", tmp_path)
    stored = build.NOTEBOOKS / f"{NAMES[0]}.ipynb"
    assert pages.lesson_file(NAMES[0]) == stored
    notebook = nbformat.read(stored, as_version=4)
    notebook.metadata["run"] = {"error": "A | B", "track": "full", "seconds": 61.2, "peak_mb": 1234}
    nbformat.write(notebook, tmp_path / stored.name)
    assert pages.lesson_file(NAMES[0]) == tmp_path / stored.name
    table = pages.run_page()
    assert f"[00 Start here](notebooks/{stored.name}) | full | 61 | 1,234 | A / B |" in table
    assert table.count("| not run |") == len(NAMES) - 1
    notebook.cells[-1].source += " Changed."
    nbformat.write(notebook, tmp_path / stored.name)
    assert pages.lesson_file(NAMES[0]) == stored


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_its_solution_below_check_and_hint(name):
    cells = nbformat.read(build.NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    solved = lessons.solutions(name)
    shown = lessons.with_solutions(list(cells), solved)
    places = [n for n, cell in enumerate(shown) if cell.source in solved.values()]
    assert len(places) == len(solved) > 0
    for place in places:
        assert shown[place].metadata == lessons.FOLDED
        before = [cell.source for cell in shown[place - 3 : place]]
        assert any("exercises.check(" in text for text in before)
    for place in set(range(len(shown))) - set(places):
        assert "hide-input" not in shown[place].metadata.get("tags", [])


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("plots.confusion(counts, names)", "A confusion matrix"),
        ("x = 1\nplots.curves(history, ['loss'], 'at first')", "the epoch: at first"),
        ("show(*lab.pictures())", "F1 against trainable parameters"),
        ("parameter_map(model, 'by hand')", "whether they train: by hand"),
    ],
)
def test_a_picture_is_described_by_what_draws_it(code, wanted):
    assert wanted in lessons.described(code)
    assert lessons.described("axis.barh(1, 2)") == ""


def test_three_pages_are_built_and_nothing_comes_from_elsewhere(folder, tmp_path):
    small = ("index.md", "docs/glossary.md", "docs/course.svg", f"notebooks/{NAMES[5]}.ipynb")
    for path in small:
        (tmp_path / "book" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "book" / path, tmp_path / "book" / path)
    assert render(tmp_path, "-Q") == 0
    landing, lesson = (
        (tmp_path / "html" / path).with_suffix(".html").read_text() for path in small[::3]
    )
    for body in (landing, lesson):
        assert 'src="http' not in body
        assert '<link rel="stylesheet" type="text/css" href="http' not in body
    assert lesson.count("Show a solution") == len(lessons.solutions(NAMES[5]))
    assert "google.colab" not in lesson
    assert 'alt="The windows of one question' in lesson
    assert f'title="{pages.definitions()["special-token"]}"' in lesson
    assert "https://mybinder.org/v2/gh/your-organization" in lesson
    source = tmp_path / "html" / "_sources" / small[3]
    assert source.read_bytes() == (folder / "book" / small[3]).read_bytes()
