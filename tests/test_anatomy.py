"""What every lesson keeps to: order, sizes of cells, words per line, nothing hidden."""

import ast
import re
import statistics
from functools import cache

import nbformat
import pytest

import helpers
from exercises import progress
from helpers import course
from tools import build, teaching

LESSONS = {lesson["name"]: lesson for lesson in course.lessons()}
every_lesson = pytest.mark.parametrize("path", build.sources(), ids=lambda path: path.stem[:2])


@cache
def notebook(path):
    return build.learner_version(build.read_source(path))


def cells(path, kind=None):
    return [cell for cell in notebook(path).cells if kind in (None, cell.cell_type)]


def own_code(path):
    """Return the code cells of a lesson without the set-up cell that every notebook shares."""
    return [c for c in cells(path, "code") if "setup" not in c.metadata.get("tags", [])]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def test_every_lesson_has_its_settings():
    assert [path.stem for path in build.sources()] == list(LESSONS)


@every_lesson
def test_title_aims_and_needs_come_first_exercises_and_recap_last(path):
    first, *_, last = sources = [cell.source for cell in cells(path)]
    assert first.splitlines()[0] == "# {number} · {title}".format_map(LESSONS[path.stem])
    places = [first.index(f"**What you'll {word}") for word in ("do", "learn", "need")]
    assert places == sorted(places)
    assert 3 <= len(re.findall(r"^- ", first, re.MULTILINE)) <= 5
    assert 25 <= next(i for i, source in enumerate(sources) if "### Exercise 1" in source) <= 60
    prose = "\n".join(cell.source for cell in cells(path, "markdown"))
    assert re.findall(r"^## (.+)$", prose, re.MULTILINE)[-1] == "Recap"
    assert "**Words of this lesson.**" in last
    assert prose.count("**Check.**") >= 2
    judged = [c for c in own_code(path) if re.search(r"\bassert |lesson\.expect\(", c.source)]
    assert len(judged) >= 2


@every_lesson
def test_code_cells_are_small_few_in_a_row_and_carried_by_prose(path):
    sizes = sorted(len(lines(cell)) for cell in own_code(path))
    assert statistics.median(sizes) <= 4
    assert sizes[int(0.9 * (len(sizes) - 1))] <= 15
    assert sizes[-1] <= 25
    assert [line for cell in own_code(path) for line in lines(cell) if len(line) > 88] == []
    assert "cccc" not in "".join(cell.cell_type[0] for cell in cells(path))  # code, code, ...
    assert sum(len(cell.source.split()) for cell in cells(path, "markdown")) >= 5 * sum(sizes)


@every_lesson
def test_nothing_is_hidden_or_hard_wired(path):
    code = "\n".join(cell.source for cell in own_code(path))
    hidden = ("sys.path", "chdir", "import *", "filterwarnings", "logging.disable")
    assert [word for word in (*hidden, "-100", ".track ==") if word in code] == []


LADDER = ("easy", "medium", "a small project")


@every_lesson
def test_exercises_are_numbered_and_climb_from_easy_to_a_project(path):
    found = progress.exercises(path.stem[:2])
    assert [item.number for item in found] == list(range(1, len(found) + 1))
    steps = [(LADDER.index(item.level), item.minutes) for item in found]
    for climbing in zip(*steps, strict=True):
        assert sorted(climbing) == list(climbing)
    if path.stem[:2] in ("00", "10"):
        assert len(found) >= 3
        return
    assert len(found) >= 4
    assert found[0].level == "easy"
    assert found[0].minutes <= (5 if path.stem[:2] <= "08" else 10)
    assert (found[-1].level, found[-1].minutes) == ("a small project", 30)


@every_lesson
def test_heading_stub_check_and_hint_follow_each_other(path):
    tags = [cell.metadata.get("tags", []) for cell in cells(path)]
    places = [place for place, own in enumerate(tags) if "exercise" in own]
    for place, item in zip(places, progress.exercises(path.stem[:2]), strict=True):
        heading, stub, check, hint = (cell.source for cell in cells(path)[place - 1 : place + 3])
        assert f"### Exercise {item.number} · {item.title} ({item.level}, " in heading
        assert build.STUB in stub
        assert list(functions(stub))[-1] == item.name
        assert check.endswith(f"exercises.check({item.name})")
        assert hint.startswith("<details><summary>Hint")


@every_lesson
def test_minutes_are_enough_to_read_and_to_solve(path):
    minutes = LESSONS[path.stem]["minutes"]
    reading = sum(section.reading for section in teaching.split(notebook(path)))
    solving = sum(item.minutes for item in progress.exercises(path.stem[:2]))
    assert minutes >= solving + round(reading)
    assert f"{minutes} minutes of reading" in cells(path)[0].source


def functions(source):
    nodes = ast.walk(ast.parse(source))
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}


def shape(function):
    """Return a function's syntax tree without docstring and annotations."""
    function = ast.parse(ast.unparse(function)).body[0]
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    function.returns = None
    for argument in ast.walk(function):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(function)


def taught():
    modules = [*helpers.ROOT.glob("helpers/**/*.py"), *helpers.ROOT.glob("labs/**/*.py")]
    for module in sorted(modules):
        for function in functions(module.read_text(encoding="utf-8")).values():
            if match := re.search(r"Taught in: lesson (\d\d)", ast.get_docstring(function) or ""):
                yield pytest.param(function, match[1], id=f"{module.stem}.{function.name}")


@pytest.mark.parametrize(("function", "number"), list(taught()))
def test_a_function_is_the_same_in_its_lesson_and_in_helpers(function, number):
    (path,) = build.sources([number])
    code = [c.source for c in own_code(path) if f"def {function.name}(" in c.source]
    assert shape(functions("\n".join(code))[function.name]) == shape(function), path.name


def test_the_comparison_of_definitions_can_fail():
    one, two, same = "def f(x: int):\n 'doc'\n return x", "def f(x): return 2", "def f(x): return x"
    one, two, same = (shape(functions(source)["f"]) for source in (one, two, same))
    assert one == same != two


@pytest.mark.parametrize("folder", [build.NOTEBOOKS, build.SOLUTIONS], ids=lambda f: f.name)
@every_lesson
def test_stored_outputs_are_small_and_anonymous_and_no_cell_failed_or_drew_no_picture(path, folder):
    file = folder / f"{path.stem}.ipynb"
    assert file.stat().st_size <= 300_000
    notebook = nbformat.read(file, as_version=4)
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", cell.source
            # Jupyter shows in red what goes to stderr, and learners take it for an error
            assert output.get("name") != "stderr", (cell.id, output.text)
            # base64 holds any four letters sooner or later
            data = output.get("data", {})
            picture = data.pop("image/png", None)
            assert picture or not data.get("text/plain", "").startswith("<Figure"), cell.source
    text = nbformat.writes(notebook)
    assert str(helpers.ROOT) not in text
    assert not re.search(r"\d+%\||(?<![A-Za-z])it/s", text)  # a bar of progress
