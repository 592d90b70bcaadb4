"""What strangers wrote runs nowhere: no pickle, no code from data, and every page shows markup as text."""

import ast
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import nbformat
import pytest
from datasets import ClassLabel, Dataset, Features, Value
from markdown_it import MarkdownIt
from nbformat import v4
from test_course_settings import LESSON
from test_freezing import bert
from test_house import ROOMS
from test_lab import DEFAULTS, experiment

import helpers
from book import pages
from exercises.table import compare
from exercises.verdict import Verdict
from helpers import course, runs, tables
from labs import own_data
from labs.freezing import panel
from labs.freezing.lab import Lab
from labs.old_code.change import Change, Half, Outcome
from labs.old_code.table import old_and_new
from labs.own_data.findings import STOP, Finding, Report
from tools.execution import Result

CODE = [
    path for room in (*ROOMS, "notebooks") for path in sorted((helpers.ROOT / room).rglob("*.py"))
]

# Code that comes from data. What runs here comes with the course: mistakes of exercises, changes of libraries.
RUNS_OUR_OWN = {
    "exercises/table.py",
    "labs/old_code/change.py",
    "notebooks/source/10_update_old_code.py",
}
# Lesson 07 shows what a stranger's pickle does, with one of its own.
SHOWS_A_PICKLE = {"notebooks/source/07_classify_from_few_examples_with_setfit.py"}
UNPICKLES = r"(pickle|cPickle|dill|cloudpickle|joblib|marshal|shelve)\.(load|loads|open|Unpickler)"
UNPICKLES += r"|(pd|pandas)\.read_pickle|SetFitModel\.from_pretrained"
UNPACKS = r"(.*\.)?(extract|extractall|unpack_archive)"


def faults(source):
    """Return what source does that a stranger's file could use."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and re.match("pickle|dill|joblib", node.module or ""):
            found.add("pickle")
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        if name in ("eval", "exec"):
            found.add("code from data")
        if re.fullmatch(UNPICKLES, name) or given.get("allow_pickle", "False") != "False":
            found.add("pickle")
        if given.get("trust_remote_code", "False") != "False":
            found.add("trust_remote_code")
        if name == "torch.load" and given.get("weights_only") != "True":
            found.add("torch.load without weights_only")
        if re.fullmatch(UNPACKS, name) and given.get("filter") != "'data'":
            found.add("archive without filter")
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.stem)
def test_no_code_opens_what_a_stranger_could_run(path):
    name = path.relative_to(helpers.ROOT).as_posix()
    allowed = {"code from data"} if name in RUNS_OUR_OWN else set()
    allowed |= {"pickle"} if name in SHOWS_A_PICKLE else set()
    assert faults(path.read_text(encoding="utf-8")) == allowed


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("joblib.load(file)", "pickle"),
        ("from pickle import loads", "pickle"),
        ("np.load(file, allow_pickle=True)", "pickle"),
        ("AutoModel.from_pretrained(name, trust_remote_code=trust)", "trust_remote_code"),
        ("torch.load(file)", "torch.load without weights_only"),
        ("torch.load(file, weights_only=False)", "torch.load without weights_only"),
        ("tar.extractall(folder)", "archive without filter"),
        ("shutil.unpack_archive(file, folder)", "archive without filter"),
        ("eval(row['label'])", "code from data"),
    ],
)
def test_each_fault_is_found(source, fault):
    assert faults(source) == {fault}


# Pages

BAD = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "x'><img src=x onerror=alert(1)>",
    'x" onmouseover="alert(1)"><b>',
    "`<svg onload=alert(1)>`",
]


class Page(HTMLParser):
    """A page as a browser reads it: its tags with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.marks, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.marks.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def random_rows(bad, folder):
    columns = {bad: Value("string"), "label": ClassLabel(names=[bad, "other"])}
    rows = Dataset.from_dict({bad: [bad], "label": [0]}, features=Features(columns))
    return tables.random_rows(rows, 1)


def examined(bad, folder):
    """A file whose name, columns, labels and texts are bad, and whose lines have too many cells."""
    path = folder / f"{bad.replace('/', '')}.csv"
    cell = '"' + bad.replace('"', '""') + '"'
    path.write_text(f"text,label\n{cell},{cell}\n{cell},b\n{cell},{cell},{cell}\n", "utf-8")
    table = own_data.read(path)
    looks = own_data.examine(table, "classify"), own_data.examine(table, "tag", {"tokens": bad})
    return "".join(report._repr_html_() for report in looks)


def report(bad, folder):
    finding = Finding(STOP, bad, 1, f"{bad}, line 1: {bad}", bad)
    return Report(bad, 1, (finding,))._repr_html_() + Report(bad, 1, ())._repr_html_()


def wrong_answer(bad, folder):
    def fails(value):
        raise ValueError(bad)

    answers = (lambda value: [bad], lambda value: {bad: 1}, lambda value: bad, fails)
    judged = (compare(bad, one, lambda value: [value], [(bad,)]) for one in answers)
    return "".join(one._repr_html_() for one in judged if one.status == "wrong")


def changes(bad, folder):
    change = Change("metrics", bad, bad, bad, "error", bad, "ValueError", note=bad)
    half = Half(error=bad, message=bad, value=bad, said=(bad,))
    fine = replace(half, error="")
    warns = replace(change, does="warns", error="")
    seen = Outcome(change, half, fine, bad, bad), Outcome(warns, fine, fine)
    return old_and_new(seen)


def lab_of(bad):
    lab = Lab(experiment(bert), DEFAULTS)
    lab.experiment.name = bad
    rate, cost = {"epochs": 2, "learning_rate": 5e-2}, {"trainable": 10, "f1": 0.5}
    named = {"seed": 42, "settings": lab.shared() | rate}
    runs.record("06", f"train:{bad}", seconds=1, peak_mb=1, **named, **cost)
    return lab


def lab_panel(bad, folder):
    board = panel.Panel(lab_of(bad))
    board.strategy.value, board.pattern.value = panel.PATTERN, f"({bad}"
    board.run.click()
    board.thread.join()
    refused = board.message.value
    board.plan_under_way = SimpleNamespace(strategy=bad, seeds=[42])

    def fails():
        raise OSError(bad)

    board._work(fails)
    return refused + board.message.value + board.table.value


def run_table(bad, folder):
    for name in course.lessons():
        notebook = v4.new_notebook(metadata={"run": Result("", 1.0, 1.0, bad)._asdict()})
        notebook.metadata["run"]["track"] = "tiny"
        nbformat.write(notebook, folder / f"{name['name']}.ipynb")
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(pages.run_page())


# name -> the file that makes the page, and how
PRODUCERS = {
    "lesson": ("helpers/course.py", lambda bad, _: replace(LESSON, encoder=bad, settings={bad: bad})._repr_html_()),
    "strip": ("helpers/tables.py", lambda bad, _: tables.strip({bad: [bad, None]})),
    "table": ("helpers/tables.py", lambda bad, _: tables.table([{bad: bad}, {bad: 1}], bad)),
    "random rows": ("helpers/tables.py", random_rows),
    "entities": ("helpers/tables.py", lambda bad, _: tables.entities_in_text([bad] * 2, [bad, "O"], [f"B-{bad}", bad])),
    "pairs": ("helpers/tables.py", lambda bad, _: tables.pairs([bad, "b"], [bad, 1])),
    "passage": ("helpers/tables.py", lambda bad, _: tables.passage(bad * 2, (1, len(bad) + 3))),
    "verdict": ("exercises/verdict.py", lambda bad, _: Verdict(bad, "wrong", bad, ((bad, bad),))._repr_html_()),
    "wrong answer": ("exercises/verdict.py", wrong_answer),
    "changes": ("labs/old_code/table.py", changes),
    "report": ("labs/own_data/findings.py", report),
    "a file examined": ("labs/own_data/findings.py", examined),
    "lab's report": ("labs/freezing/report.py", lambda bad, folder: lab_of(bad).report(folder / "report").read_text("utf-8")),
    "lab's table": ("labs/freezing/lab.py", lambda bad, _: lab_of(bad).runs()._repr_html_()),
    "lab's panel": ("labs/freezing/panel.py", lab_panel),
    "run table": ("book/pages.py", run_table),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # of a picture's letters that no font has
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", PRODUCERS)
def test_markup_in_data_is_shown_as_text(name, bad, file, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "lesson_file", lambda name: tmp_path / f"{name}.ipynb")
    page = Page(str(PRODUCERS[name][1](bad, tmp_path)))
    ours = {"b"} if name in ("verdict", "wrong answer", "changes") else set()
    assert not {"script", "svg", "b"} & {tag for tag, _ in page.marks} - ours
    assert not [at for _, given in page.marks for at in given if at.startswith("on")]
    assert [given for tag, given in page.marks if tag == "img" and given["src"] == "x"] == []
    assert "alert(1)" in page.text


def test_every_file_that_makes_html_is_among_the_producers():
    makes = re.compile(r"_repr_html_|\bHtml\(|\.to_html\(|widgets\.HTML|HTMLExporter\(")
    found = {
        path.relative_to(helpers.ROOT).as_posix()
        for path in CODE
        if "notebooks" not in path.parts and makes.search(path.read_text(encoding="utf-8"))
    }
    assert found <= {file for file, _ in PRODUCERS.values()}
