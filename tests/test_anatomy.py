"""What every lesson keeps to: order, sizes of cells, words per line, nothing hidden."""

import ast
import re
import statistics

import nbformat
import pytest

import helpers
from helpers import course
from tools import build, teaching

LESSONS = [pytest.param(path, id=path.stem[:2]) for path in build.sources()]


def cells(path, kind=None):
    notebook = build.learner_version(build.read_source(path))
    return [cell for cell in notebook.cells if kind in (None, cell.cell_type)]


def own_code(path):
    """Return the code cells of a lesson without the set-up cell that every notebook shares."""
    return [c for c in cells(path, "code") if "setup" not in c.metadata.get("tags", [])]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def test_every_lesson_has_its_settings():
    assert [path.stem for path in build.sources()] == [row["name"] for row in course.lessons()]


@pytest.mark.parametrize("path", LESSONS)
def test_title_aims_and_needs_come_first(path):
    first = cells(path)[0].source
    lesson = next(row for row in course.lessons() if row["name"] == path.stem)
    assert first.splitlines()[0] == f"# {lesson['number']} · {lesson['title']}"
    places = [first.index(f"**What you'll {word}") for word in ("do", "learn", "need")]
    assert places == sorted(places)
    aims = re.findall(r"^- ", first, re.MULTILINE)
    assert 3 <= len(aims) <= 5


@pytest.mark.parametrize("path", LESSONS)
def test_exercises_and_recap_come_last(path):
    headings = re.findall(r"^## (.+)$", "\n".join(c.source for c in cells(path, "markdown")), re.M)
    assert headings[-1] == "Recap"
    assert "**Words of this lesson.**" in cells(path)[-1].source


@pytest.mark.parametrize("path", LESSONS)
def test_thirty_to_sixty_cells_before_the_exercises(path):
    sources = [cell.source for cell in cells(path)]
    start = next(i for i, source in enumerate(sources) if "### Exercise 1" in source)
    assert 25 <= start <= 60


@pytest.mark.parametrize("path", LESSONS)
def test_code_cells_are_small(path):
    sizes = sorted(len(lines(cell)) for cell in own_code(path))
    assert statistics.median(sizes) <= 4
    assert sizes[int(0.9 * (len(sizes) - 1))] <= 15
    assert sizes[-1] <= 25


@pytest.mark.parametrize("path", LESSONS)
def test_lines_are_at_most_88_columns(path):
    assert [line for cell in own_code(path) for line in lines(cell) if len(line) > 88] == []


@pytest.mark.parametrize("path", LESSONS)
def test_at_most_three_code_cells_in_a_row(path):
    row = 0
    for cell in cells(path):
        row = row + 1 if cell.cell_type == "code" else 0
        assert row <= 3, cell.source


@pytest.mark.parametrize("path", LESSONS)
def test_prose_carries_the_lesson(path):
    words = sum(len(cell.source.split()) for cell in cells(path, "markdown"))
    assert words >= 5 * sum(len(lines(cell)) for cell in own_code(path))


@pytest.mark.parametrize("path", LESSONS)
def test_nothing_is_hidden_or_hard_wired(path):
    code = "\n".join(cell.source for cell in own_code(path))
    forbidden = (
        "sys.path",
        "chdir",
        "import *",
        "filterwarnings",
        "logging.disable",
        "-100",
        ".track ==",
    )
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


@pytest.mark.parametrize("path", LESSONS)
def test_exercises_are_numbered_and_climb(path):
    _, numbers, difficulties, minutes = zip(*exercises(path), strict=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert sorted(difficulties, key=LADDER.index) == list(difficulties)
    assert sorted(minutes) == list(minutes)


@pytest.mark.parametrize("path", LESSONS)
def test_exercises_reach_from_easy_to_a_project(path):
    found = exercises(path)
    if path.stem[:2] in ("00", "10"):
        assert len(found) >= 3
        return
    assert len(found) >= 4
    first, last = found[0], found[-1]
    assert first[2] == "easy"
    assert first[3] <= (5 if path.stem[:2] <= "08" else 10)
    assert last[2:] == ("a small project", 30)


@pytest.mark.parametrize("path", LESSONS)
def test_stub_check_and_hint_follow_each_other(path):
    all_cells = cells(path)
    for index, *_ in exercises(path):
        assert build.STUB in all_cells[index].source
        name = next(reversed(functions(ast.parse(all_cells[index].source))))
        assert all_cells[index + 1].source.endswith(f"exercises.check({name})")
        assert all_cells[index + 2].source.startswith("<details><summary>Hint")


@pytest.mark.parametrize("path", LESSONS)
def test_minutes_are_enough_to_read_and_to_solve(path):
    lesson = next(row for row in course.lessons() if row["name"] == path.stem)
    notebook = build.learner_version(build.read_source(path))
    reading = sum(section.reading for section in teaching.split(notebook))
    assert lesson["minutes"] >= sum(found[3] for found in exercises(path)) + round(reading)
    assert f"{lesson['minutes']} minutes of reading" in cells(path)[0].source


@pytest.mark.parametrize("path", LESSONS)
def test_a_checkpoint_asserts(path):
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    asserts = sum(bool(re.search(r"\bassert |lesson\.expect\(", c.source)) for c in own_code(path))
    assert text.count("**Checkpoint.**") >= 2
    assert asserts >= 2


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


NOTEBOOKS = [
    pytest.param(file, id=f"{file.parent.name}/{file.stem[:2]}")
    for folder in (build.NOTEBOOKS, build.SOLUTIONS)
    for file in sorted(folder.glob("*.ipynb"))
]


def readable(notebook):
    """Return all of a notebook but its pictures: base64 holds any four letters sooner or later."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("image/png", None)
    return nbformat.writes(notebook)


@pytest.mark.parametrize("file", NOTEBOOKS)
def test_stored_outputs_are_small_and_anonymous(file):
    assert file.stat().st_size <= 300_000
    notebook = nbformat.read(file, as_version=4)
    assert "widgets" not in notebook.metadata
    text = readable(notebook)
    assert str(helpers.ROOT) not in text
    assert not re.search(
        r"/home/|/root/|/Users/|/tmp/|hf_[A-Za-z]{20}|\d+%\||(?<![A-Za-z])it/s", text
    )


@pytest.mark.parametrize("file", NOTEBOOKS)
def test_no_cell_failed_or_warned_when_built(file):
    for cell in nbformat.read(file, as_version=4).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", cell.source
            assert not (output.get("name") == "stderr" and "Warning" in output.text), output.text
