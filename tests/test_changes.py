"""Every row of lesson 10's table, both halves as they run here; the runner, and that it can fail."""

import re
from dataclasses import replace
from html import unescape

import datasets
import nbformat
import pytest
from huggingface_hub import HfApi, constants

from labs.old_code import change, changes
from labs.old_code.change import TOPICS, Change
from labs.old_code.sandbox import HubNotReached, listening_hub
from labs.old_code.table import old_and_new
from tools import build

ROWS = changes.rows()
LESSON = next(path for path in build.sources() if path.stem.startswith("10"))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.topic}: {row.name}" for row in ROWS])
def test_both_forms_do_what_the_row_tells_and_those_that_run_do_it_a_second_time(row):
    for _ in range(1 if row.does == "error" else 2):
        outcome = changes.run(row)
        assert outcome.holds, f"changed again: {outcome.old_problem} {outcome.new_problem}"


def test_names_are_unique_and_topics_complete():
    assert len({row.name for row in ROWS}) == len(ROWS) > 100
    assert [topic for topic in TOPICS if not changes.rows(topic)] == []
    assert sorted({row.topic for row in ROWS}) == sorted(TOPICS)


def test_a_new_form_says_what_to_see_unless_it_only_imports():
    silent = [row for row in ROWS if not row.gives]
    assert [row.name for row in silent if not row.new.startswith("from ")] == []
    assert [row.name for row in silent if len(row.new.splitlines()) > 1] == []


# The notebook


@pytest.mark.parametrize("folder", [build.NOTEBOOKS, build.SOLUTIONS], ids=lambda f: f.name)
def test_the_notebook_shows_every_row_with_both_halves_ticked(folder):
    notebook = nbformat.read(folder / f"{LESSON.stem}.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    html = "".join(one.data.get("text/html", "") for one in outputs if "data" in one)
    shown = {}
    for line in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL):
        if cells := re.findall(r"<code[^>]*>(.*?)</code><br><span[^>]*>(.)", line, re.DOTALL):
            name = unescape(re.search(r"<th[^>]*>(.*?)</th>", line, re.DOTALL)[1])
            shown.setdefault(name, []).append(tuple((unescape(c), sign) for c, sign in cells))
    for row in ROWS:
        assert ((row.old, "✓"), (row.new, "✓")) in shown[row.name], row.name


# The runner can fail

HALVES = {"old": "int('x')", "new": "int('7')", "gives": "7"}
TOLD = {"does": "error", "error": "ValueError", "tells": "invalid literal"}
ERROR = Change("datasets", "made up", **HALVES, **TOLD)
SILENT = replace(ERROR, old="round(2.5)", does="silent", error="", tells="2")
WARNS = replace(SILENT, does="warns", tells="going away", setup="import logging, warnings")
WARNS = replace(WARNS, old="warnings.warn('going away', FutureWarning)")
LOGS = "logging.getLogger('transformers.x').warning('going away')"


# a warning counts where the course's libraries give it
HEARD = "import {0}, warnings\nwarnings.warn_explicit('beware', UserWarning, {0}.__file__, 1)\nround(2.5)"
OF_JSON, OF_DATASETS = (replace(SILENT, old=HEARD.format(place)) for place in ("json", "datasets"))


@pytest.mark.parametrize("row", [ERROR, WARNS, replace(WARNS, old=LOGS), SILENT, OF_JSON])
def test_a_true_row_holds_and_is_drawn_with_two_ticks(row):
    outcome = changes.run(row)
    assert (outcome.old_problem, outcome.new_problem, outcome.holds) == ("", "", True)
    drawn = old_and_new([outcome])
    assert (drawn.count("✓"), drawn.count("✗"), drawn.count("changed again")) == (2, 0, 0)
    assert "works: 7" in drawn
    assert repr(drawn) == "✓✓ made up"


@pytest.mark.parametrize(
    ("row", "old_problem", "new_problem"),
    [
        pytest.param(replace(ERROR, old="int('7')"), "expected ValueError, got no error", "", id="works again"),
        pytest.param(replace(ERROR, old="1 / 0"), "got ZeroDivisionError", "", id="another error"),
        pytest.param(replace(ERROR, tells="base 7"), "the message lacks 'base 7'", "", id="another message"),
        pytest.param(replace(ERROR, new="int('y')"), "", "it fails with ValueError", id="new form fails"),
        pytest.param(replace(ERROR, gives="8"), "", "its value lacks '8'", id="new form gives something else"),
        pytest.param(replace(WARNS, old="1"), "nothing said contains 'going away'", "", id="no warning"),
        pytest.param(replace(WARNS, old="1 / 0"), "it now fails with ZeroDivisionError", "", id="a warning became an error"),
        pytest.param(replace(SILENT, tells="3"), "its value lacks '3'", "", id="behaves again"),
        pytest.param(replace(SILENT, old="1 / 0"), "it now fails", "", id="no longer silent: fails"),
        pytest.param(replace(SILENT, setup="import warnings", old="warnings.warn('beware')\n2"),
                     "it is no longer silent: beware", "", id="no longer silent: warns"),
        pytest.param(OF_DATASETS, "it is no longer silent: beware", "", id="no longer silent: a library warns"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_hold_is_reported_and_drawn(row, old_problem, new_problem):
    outcome = changes.run(row)
    assert not outcome.holds
    for found, told in ((outcome.old_problem, old_problem), (outcome.new_problem, new_problem)):
        assert told in found
        assert bool(told) == bool(found)
    drawn = old_and_new([outcome])
    assert drawn.count("changed again: ") == 1
    assert "✗" in drawn
    assert repr(drawn).endswith("made up  changed again")


def test_a_row_of_a_later_version_says_not_yet_and_runs_nothing():
    later = replace(ERROR, old="1 / 0", new="1 / 0", since="packaging 1000.1")
    outcome = changes.run(later)
    assert outcome.holds
    assert (outcome.old, outcome.new) == (None, None)
    drawn = old_and_new([outcome])
    assert drawn.count("not yet: from packaging 1000.1 on; this is ") == 2
    assert repr(drawn) == "-- made up  not yet"
    assert not changes.run(replace(later, since="packaging 1.0")).holds


def test_a_drawn_row_escapes_code_and_shows_no_folder():
    html = changes.run(replace(ERROR, old="from json import no_such_name", error="ImportError"))
    drawn = old_and_new([replace(html, change=replace(ERROR, old="'<b>'"))])
    assert "&lt;b&gt;" in drawn.replace("&#x27;", "'")
    assert "cannot import name" in drawn
    assert "/json/" not in drawn


# The parts


@pytest.mark.parametrize(
    ("source", "value"),
    [("1 + 1", 2), ("x = 3\nx", 3), ("x = 3", None), ("def f():\n    return y\nf()", 5)],
    ids=["an expression", "the last line counts", "a statement", "a function sees the set-up"],
)
def test_attempt_returns_the_value_of_the_last_line(source, value):
    assert changes.attempt(source, "y = 5") == value


def test_attempt_returns_an_error_but_of_the_set_up_and_leaks_no_names():
    assert isinstance(changes.attempt("1 / 0"), ZeroDivisionError)
    assert isinstance(changes.attempt("print 'x'"), SyntaxError)
    with pytest.raises(ZeroDivisionError):
        changes.attempt("1", "1 / 0")
    changes.attempt("leaked = 1")
    assert isinstance(changes.attempt("leaked"), NameError)


def test_a_run_leaves_nothing_in_the_reader_s_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert changes.run(changes.find("SetFitTrainer")).holds
    assert changes.run(replace(ERROR, new="open('left', 'w').close()\n7")).holds
    assert list(tmp_path.iterdir()) == []


def test_a_run_prints_nothing(capfd):
    changes.run(replace(WARNS, new="print('loud')\nimport sys\nsys.stderr.write('loud')\n7"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("error: TypeError", "say what the old form must show, after 'error' and its type"),
        ("silent: ", "say what the old form must show, after 'silent'"),
        ("gives: 1", "0 of error, warns, silent are told. Tell one."),
        ("error: TypeError: x\nsilent: x", "2 of error, warns, silent are told. Tell one."),
        ("silent: 1\nnotes: 2", r"made up: 'notes' begins no line. Use \|, - or \+ before"),
    ],
)
def test_a_row_that_could_not_fail_or_has_a_line_of_no_kind_is_refused(told, message):
    with pytest.raises(ValueError, match=message):
        change.parse("datasets", f"@@ made up\n- 1\n+ 1\n{told}\n")


def test_a_row_is_read_as_a_difference():
    text = "| x = 1\n|\n@@ made up\n| y = 2\n  if x:\n-     y\n+     -y\n\n  x\nwarns: a: b\nnote: c: d\n"
    read = {"setup": "x = 1\n\ny = 2", "old": "if x:\n    y\n\nx", "new": "if x:\n    -y\n\nx"}
    told = {"does": "warns", "tells": "a: b", "note": "c: d"}
    assert change.parse("hub", text) == [Change("hub", "made up", **read, **told)]


def test_unknown_topics_and_names_are_refused():
    with pytest.raises(ValueError, match="no topic 'news'. Use one of datasets, metrics"):
        changes.rows("news")
    with pytest.raises(ValueError, match="no change 'load_metrics'"):
        changes.find("load_metrics")
    assert changes.find("load_metric").topic == "metrics"


def test_the_listening_hub_writes_down_and_sends_nothing(quiet_network_log):
    with listening_hub() as asked, pytest.raises(HubNotReached, match="was not sent"):
        HfApi().create_repo("mine/model", token=False)
    assert asked == ["POST /api/repos/create"]
    assert not quiet_network_log.exists()


def test_no_row_asks_the_network_on_the_full_track_either(monkeypatch, quiet_network_log):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    for topic in ("datasets", "metrics", "hub"):
        for row in changes.rows(topic):
            assert changes.run(row).holds, row.name
    assert not quiet_network_log.exists()
    assert not constants.HF_HUB_OFFLINE
