"""Pages of what lessons show: every link between lessons and texts leads to a page, the notebook stays as it is."""

import re
from pathlib import Path

import nbformat
import pytest

import helpers
from tools import course
from tools.execution import Result

LESSONS = sorted((helpers.ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("02_align.ipynb", "02_align.html"),
        ("../notebooks/02_align.ipynb", "02_align.html"),
        ("../docs/glossary.md#fine-tune", "glossary.html#fine-tune"),
        ("../data/README.md", "data.html"),
        ("#adam", "#adam"),
        ("https://example.org/a.md", "https://example.org/a.md"),
    ],
)
def test_a_link_leads_to_the_page_beside(link, page):
    assert course.linked(f'See <a href="{link}">x</a>.') == f'See <a href="{page}">x</a>.'


def test_every_link_of_the_course_leads_to_a_page_and_to_a_place_on_it(tmp_path):
    course.write_texts(tmp_path)
    for path in LESSONS:
        notebook = nbformat.read(path, as_version=4)
        before = nbformat.from_dict(notebook)
        course.write_notebook(notebook, path.stem, tmp_path)
        assert notebook == before
    written = {page.name: page.read_text(encoding="utf-8") for page in tmp_path.iterdir()}
    links = {
        (name, target)
        for name, body in written.items()
        for target in re.findall(r'<a href="([^":]+)"', body)
    }
    assert ("01_finetune_a_classifier_with_trainer.html", "glossary.html#batch") in links
    assert ("00_start_here.html", "01_finetune_a_classifier_with_trainer.html") in links
    dead = []
    for name, target in links:
        page, _, place = target.partition("#")
        body = written.get(page or name, "")
        if not body or (place and f'id="{place}"' not in body):
            dead.append((name, target))
    assert dead == []


def test_the_index_names_lessons_and_texts(tmp_path):
    course.write_index([Result("01_lesson", 61.2, 1234.5)], tmp_path)
    index = Path(tmp_path, "index.html").read_text(encoding="utf-8")
    for text in ("01_lesson.html", ">61<", "1,234", "passed", "glossary.html", "teaching.html"):
        assert text in index
