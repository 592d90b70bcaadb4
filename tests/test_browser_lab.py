"""The lab's panel as a learner sees it: JupyterLab in a browser, with the ipywidgets of COURSE_LAB_PYTHON's packages."""

import json
import os
import re
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from urllib.request import urlopen

import nbformat
import pytest
from crash import free_port

import helpers

PYTHON = os.environ.get("COURSE_LAB_PYTHON", sys.executable)  # one with ipywidgets 7, as in Colab
SLOW = 240_000  # milliseconds: a kernel imports torch, on a busy machine
CELL = """
from test_freezing import bert
from test_lab import DEFAULTS, experiment
from labs.freezing.lab import Lab

Lab(experiment(bert), DEFAULTS).panel()
"""


@contextmanager
def server(folder):
    """Start JupyterLab on a folder; yield its address."""
    paths = [str(helpers.ROOT), str(helpers.ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    own = {"COURSE_LEDGER": folder / "ledger.jsonl", "JUPYTER_CONFIG_DIR": folder / "config"}
    environment = os.environ | {name: str(path) for name, path in own.items()}
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    port, log = free_port(), folder / "server.log"
    options = {
        "ServerApp.port": port,
        "ServerApp.root_dir": folder,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.workspaces_dir": folder / "workspaces",
        "LabApp.user_settings_dir": folder / "settings",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    with log.open("w") as stream:
        command = [PYTHON, "-m", "jupyterlab", "--no-browser", *words]
        process = subprocess.Popen(command, env=environment, stdout=stream, stderr=stream)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api/status", process, log)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(address, process, log):
    for _ in range(SLOW // 1000):
        assert process.poll() is None, log.read_text()
        try:
            urlopen(address, timeout=5)
            return
        except OSError:
            time.sleep(1)
    pytest.fail(log.read_text())


@contextmanager
def opened(page, notebook, folder):
    """Open a notebook in JupyterLab, with a copy of it in a folder; yield the page."""
    nbformat.write(notebook, folder / "opened.ipynb")
    page.set_default_timeout(SLOW)
    page.set_viewport_size({"width": 1400, "height": 1600})
    with server(folder) as address, closing(page):  # closed while it has its server
        page.goto(f"{address}/lab/tree/opened.ipynb")
        page.locator(".jp-Notebook .jp-Cell:visible").first.click()
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        yield page


@pytest.fixture
def panel(page, tmp_path):
    """The page, with the panel of a tiny experiment open in a notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.strip())])
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = spec
    with opened(page, notebook, tmp_path):
        page.locator(".jp-Notebook .cm-content").click()
        page.keyboard.press("Shift+Enter")
        button(page, "Run").wait_for()
        yield page


def button(page, name):
    return page.locator(".jupyter-button", has_text=re.compile(f"^{name}$"))


def field(page, label):
    """Return a text field or a list of choices, by what stands before it."""
    row = page.locator(".widget-text, .widget-dropdown").filter(
        has=page.locator("label", has_text=re.compile(f"^{label}$"))
    )
    return row.locator("input, select")


def fill(page, label, text):
    field(page, label).fill(text)
    field(page, label).press("Tab")


def shot(shown, name, **options):
    """Keep a picture of a page, or of a part of it; `make pictures` takes README's from here."""
    folder = helpers.ROOT / "_build" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    shown.screenshot(path=folder / f"{name}.png", **options)


def test_the_panel_runs_shows_decides_stops_and_refuses(panel, tmp_path):
    assert panel.get_by_text("No runs yet.").is_visible()
    button(panel, "Run").click()
    panel.get_by_text("Kept in the ledger.").wait_for()
    table = panel.locator(".jp-RenderedHTMLCommon table")
    assert table.locator("td", has_text="head-only").count() == 2
    pictures = panel.locator("img.widget-image")
    assert pictures.count() == 2
    before = pictures.first.get_attribute("src")
    for picture in pictures.all():
        assert picture.is_visible()
        assert picture.evaluate("image => image.naturalWidth") > 300
    shot(panel, "run")

    field(panel, "strategy").select_option("first-2")
    field(panel, "against").select_option("head-only")
    button(panel, "Until decided").click()
    panel.get_by_text(re.compile(r"\d looks?\b.*\.$")).wait_for()
    assert table.locator("td", has_text="first-2").count() >= 8
    assert pictures.first.get_attribute("src") != before
    shot(panel, "decided")

    kept = (tmp_path / "ledger.jsonl").read_text()
    fill(panel, "epochs", "100000")
    button(panel, "Run").click()
    panel.get_by_text(re.compile("s so far, about")).wait_for()
    button(panel, "Stop").click()
    panel.get_by_text(re.compile("^Stopped. Finished runs are kept")).wait_for()
    assert (tmp_path / "ledger.jsonl").read_text() == kept
    assert {json.loads(line)["run"] for line in kept.splitlines()} == {"head-only", "first-2"}

    field(panel, "strategy").select_option("train: a pattern of names")
    fill(panel, "pattern", "layer(")
    button(panel, "Run").click()
    panel.get_by_text(re.compile("is no regular expression")).wait_for()
    shot(panel, "refused")


# An exercise, with a usual mistake in it

ANSWER = """
def keep_first(labels: list[int], word_ids: list[int | None]) -> list[int]:
    \"""Return the labels with later sub-tokens of a word ignored.\"""
    kept = labels[:1]
    for before, label in pairwise(labels):
        kept.append(IGNORE_INDEX if label == before else label)
    return kept
"""
IMPORTS = "from itertools import pairwise\n\nfrom helpers import IGNORE_INDEX"


def test_a_check_says_which_mistake_it_is(page, tmp_path):
    lesson = nbformat.read(helpers.ROOT / "notebooks" / "02_align_labels_for_ner.ipynb", 4)
    place = next(i for i, cell in enumerate(lesson.cells) if "def keep_first" in cell.source)
    text, answer, check = lesson.cells[place - 1 : place + 2]
    text.source = text.source[text.source.index("### ") :]
    answer.source = ANSWER.strip()
    setup = nbformat.v4.new_code_cell(f"{IMPORTS}\nimport exercises")
    lesson.cells = [setup, text, answer, check]
    for cell in (answer, check):
        cell.outputs, cell.execution_count = [], None
    with opened(page, lesson, tmp_path):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.get_by_text("it compares labels.").wait_for()
        first, last = (page.locator(".jp-Notebook .jp-Cell").nth(i).bounding_box() for i in (1, 3))
        shot(page, "check", clip=first | {"height": last["y"] + last["height"] - first["y"]})


# All code cells have a number: none waits, none is running, and no error stopped what follows it
ALL_RAN = """() => {
    const prompts = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell .jp-InputPrompt")];
    return prompts.length > 30 && prompts.every(one => /^\\[\\d+\\]:$/.test(one.textContent));
}"""


def test_lesson_06_runs_whole_and_its_panel_adds_a_run(page, tmp_path):
    lesson = nbformat.read(helpers.ROOT / "notebooks" / "06_freeze_part_of_a_model.ipynb", 4)
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with opened(page, lesson, tmp_path):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(ALL_RAN, timeout=4 * SLOW)
        assert page.locator(".jp-OutputArea-output", has_text="Traceback").count() == 0
        before = len((tmp_path / "ledger.jsonl").read_text().splitlines())
        fill(page, "seeds", "4")
        button(page, "Run").click()
        page.get_by_text("Kept in the ledger.").wait_for()
        page.set_viewport_size({"width": 1800, "height": 1600})  # the plots side by side
        shot(page.locator(".jp-Cell", has=button(page, "Run")), "lab")
    assert len((tmp_path / "ledger.jsonl").read_text().splitlines()) > before
