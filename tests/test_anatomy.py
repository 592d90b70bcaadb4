"""What every lesson keeps to: order, sizes of cells, words per line, nothing hidden."""

import ast
import re
import statistics
from functools import cache

import nbformat
import pytest

import helpers
from helpers import course
from tools import build, teaching

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
    assert [path.stem for path in build.sources()] == [row["name"] for row in course.lessons()]


@every_lesson
def test_title_aims_and_needs_come_first_exercises_and_recap_last(path):
    first, *_, last = sources = [cell.source for cell in cells(path)]
    lesson = next(row for row in course.lessons() if row["name"] == path.stem)
    assert first.splitlines()[0] == f"# {lesson['number']} · {lesson['title']}"
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
    forbidden = (*hidden, "-100", ".track ==")
    assert [word for word in forbidden if word in code] == []


EXERCISE = re.compile(r"### Exercise (\d) · .+ \((easy|medium|a small project), (\d+) minutes\)")
LADDER = ("easy", "medium", "a small project")


def exercises(path):
    """Return (cell number, number, difficulty, minutes) of each exercise of a lesson."""
    found, all_cells = [], cells(path)
    for index, cell in enumerate(all_cells):
        if "exercise" in cell.metadata.get("tags", []):
            number, difficulty, minutes = EXERCISE.search(all_cells[index - 1].source).groups()
            found.append((index, int(number), difficulty, int(minutes)))
    return found


@every_lesson
def test_exercises_are_numbered_and_climb_from_easy_to_a_project(path):
    _, numbers, difficulties, minutes = zip(*exercises(path), strict=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert sorted(difficulties, key=LADDER.index) == list(difficulties)
    assert sorted(minutes) == list(minutes)
    if path.stem[:2] in ("00", "10"):
        assert len(numbers) >= 3
        return
    assert len(numbers) >= 4
    assert difficulties[0] == "easy"
    assert minutes[0] <= (5 if path.stem[:2] <= "08" else 10)
    assert (difficulties[-1], minutes[-1]) == ("a small project", 30)


@every_lesson
def test_stub_check_and_hint_follow_each_other(path):
    all_cells = cells(path)
    for index, *_ in exercises(path):
        assert build.STUB in all_cells[index].source
        name = next(reversed(functions(ast.parse(all_cells[index].source))))
        assert all_cells[index + 1].source.endswith(f"exercises.check({name})")
        assert all_cells[index + 2].source.startswith("<details><summary>Hint")


@every_lesson
def test_minutes_are_enough_to_read_and_to_solve(path):
    lesson = next(row for row in course.lessons() if row["name"] == path.stem)
    reading = sum(section.reading for section in teaching.split(notebook(path)))
    assert lesson["minutes"] >= sum(found[3] for found in exercises(path)) + round(reading)
    assert f"{lesson['minutes']} minutes of reading" in cells(path)[0].source


def functions(tree):
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def shape(function):
    """Return a function's syntax tree without docstring and annotations."""
    function = ast.parse(ast.unparse(function)).body[0]
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    function.returns = None
    for argument in ast.walk(function):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.dump(function)


def taught():
    for module in sorted(
        f for room in ("helpers", "labs") for f in (helpers.ROOT / room).rglob("*.py")
    ):
        for function in functions(ast.parse(module.read_text(encoding="utf-8"))).values():
            if match := re.search(r"Taught in: lesson (\d\d)", ast.get_docstring(function) or ""):
                yield pytest.param(function, match[1], id=f"{module.stem}.{function.name}")


@pytest.mark.parametrize(("function", "number"), list(taught()))
def test_a_function_is_the_same_in_its_lesson_and_in_helpers(function, number):
    (path,) = build.sources([number])
    code = [c.source for c in own_code(path) if f"def {function.name}(" in c.source]
    defined = functions(ast.parse("\n".join(code)))
    assert shape(defined[function.name]) == shape(function)


def test_the_comparison_of_definitions_can_fail():
    one, two = (ast.parse(f"def f(x: int):\n    'doc'\n    return x + {n}").body[0] for n in (1, 2))
    same = ast.parse("def f(x):\n    return x + 1").body[0]
    assert shape(one) == shape(same)
    assert shape(one) != shape(two)


LITTER = r"/home/|/root/|/Users/|/tmp/|hf_[A-Za-z]{20}|\d+%\||(?<![A-Za-z])it/s"


@pytest.mark.parametrize("folder", [build.NOTEBOOKS, build.SOLUTIONS], ids=lambda f: f.name)
@every_lesson
def test_stored_outputs_are_small_and_anonymous_and_no_cell_failed_or_warned(path, folder):
    file = folder / f"{path.stem}.ipynb"
    assert file.stat().st_size <= 300_000
    notebook = nbformat.read(file, as_version=4)
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", cell.source
            assert not (output.get("name") == "stderr" and "Warning" in output.text), output.text
            # base64 holds any four letters sooner or later
            data = output.get("data", {})
            picture = data.pop("image/png", None)
            assert picture or not data.get("text/plain", "").startswith("<Figure"), cell.source
    text = nbformat.writes(notebook)
    assert str(helpers.ROOT) not in text
    assert not re.search(LITTER, text)
