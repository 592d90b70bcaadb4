"""The book in a browser: from files and from a server, searched, in the dark, on a phone, for everybody."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("sphinx", reason="needs the extra `book`")

from book import pages
from book.__main__ import render
from helpers import course

# Extensions still use what a later Sphinx will remove.
pytestmark = pytest.mark.filterwarnings("ignore:.*Sphinx")

LESSONS = [f"notebooks/{lesson['name']}.html" for lesson in course.lessons()]
OTHERS = ["setup.html", "exercises.html", "docs/traps.html", "api/helpers.freezing.html"]
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
NO_ALT = "[...document.images].filter(one => !one.alt.trim()).map(one => one.src)"
GROUNDS = "[...document.querySelectorAll('article img')].map(one => getComputedStyle(one).backgroundColor)"
WIDTH = "document.scrollingElement.scrollWidth"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The book as `make book` writes it: a warning of Sphinx is an error."""
    folder = tmp_path_factory.mktemp("book")
    pages.write(folder / "book")
    assert render(folder, "-W", "--keep-going") == 0
    return folder / "html"


@pytest.fixture(scope="module")
def server(folder):
    """The address of a server of the book."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(params=["file", "server"])
def root(request, folder):
    """The address of the book's folder."""
    return folder.as_uri() if request.param == "file" else request.getfixturevalue("server")


def test_every_kind_of_page_opens_and_every_picture_is_described(page, root):
    for path in ["index.html", *LESSONS, *OTHERS]:
        page.goto(f"{root}/{path}")
        assert page.evaluate(NO_ALT) == [], path


def test_the_search_finds_doc_stride(page, root):
    page.goto(f"{root}/search.html?q=doc_stride")
    page.wait_for_selector("#search-results li a")
    found = page.eval_on_selector_all("#search-results li a", "all => all.map(one => one.href)")
    for wanted in ("05_answer_questions_with_doc_stride.html", "glossary.html", "helpers.qa.html"):
        assert any(wanted in link for link in found), wanted


def test_code_can_be_copied_and_the_fold_of_a_solution_opens(page, folder):
    page.goto(f"{folder.as_uri()}/{LESSONS[2]}")
    assert page.locator("button.copybtn").count() >= page.locator(".cell_input pre").count() > 30
    fold = page.locator("details.hide").first
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").click()
    assert fold.locator("pre").is_visible()


def test_in_dark_mode_every_picture_has_a_light_ground(page, folder):
    page.emulate_media(color_scheme="dark")
    for path in ["index.html", *LESSONS]:
        page.goto(f"{folder.as_uri()}/{path}")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        for ground in page.evaluate(GROUNDS):
            assert min(map(float, ground.strip("rgba()").split(","))) > 190, (path, ground)


def test_a_phone_scrolls_no_prose_sideways(page, folder):
    page.set_viewport_size({"width": 380, "height": 800})
    for path in ["index.html", *LESSONS, *OTHERS]:
        page.goto(f"{folder.as_uri()}/{path}")
        assert page.evaluate(WIDTH) <= 380, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["index.html", LESSONS[0], LESSONS[2], LESSONS[3], OTHERS[3]])
def test_it_breaks_no_rule_of_wcag(page, folder, path, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{folder.as_uri()}/{path}")
    # a color that is still changing to its own has another contrast
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
    found = axe.run(page, options={"runOnly": WCAG, "preload": False})
    broken = [
        (one["id"], node["html"][:200])
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
    assert broken == []
