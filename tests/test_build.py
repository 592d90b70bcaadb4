"""Derived files: stubs, solutions, staleness, clean outputs, the README's table."""

import re
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from io import BytesIO

import nbformat
import pytest
from PIL import Image

from tools import build

SOURCE = '''\
# %% [markdown]
# # 99 · Add numbers

# %% tags=["exercise"]
def add(a, b):
    """Return the sum."""
    ### BEGIN SOLUTION
    total = a + b
    return total
    ### END SOLUTION

# %%
add
'''


@pytest.fixture
def lesson(tmp_path):
    path = tmp_path / "99_add_numbers.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_the_learner_gets_a_stub_and_the_solution_runs_without_markers(lesson):
    notebook = build.read_source(lesson)
    stub = build.learner_version(notebook).cells[2].source
    assert "total" not in stub
    assert stub.endswith('"""Return the sum."""\n    raise NotImplementedError("your turn")')
    solution, space = build.solved_version(notebook).cells[2].source, {}
    exec(solution, space)
    assert space["add"](2, 3) == 5
    assert "SOLUTION" not in solution


def test_a_solution_without_its_last_line_is_refused(lesson):
    notebook = build.read_source(lesson)
    notebook.cells[2].source = notebook.cells[2].source.replace("### END", "### ENDE")
    with pytest.raises(SystemExit, match="### END SOLUTION, each on a line:\ndef add"):
        build.learner_version(notebook)


def test_the_set_up_cell_comes_second_and_ids_are_stable(lesson):
    one, two = build.read_source(lesson), build.read_source(lesson)
    assert "google.colab" in one.cells[1].source
    assert build.repository() in one.cells[1].source
    for made in (one, two):
        assert [cell.id for cell in made.cells] == [f"99-00{i}" for i in range(4)]


def output(text):
    return [nbformat.v4.new_output("stream", text=text)]


@pytest.mark.parametrize(
    ("spoil", "stale"),
    [
        pytest.param(lambda nb: None, False, id="fresh"),
        pytest.param(lambda nb: nb.cells[3].update(outputs=output("x")), False, id="output"),
        pytest.param(lambda nb: nb.cells[0].update(source="# Other prose"), True, id="prose"),
        pytest.param(lambda nb: nb.cells[1].update(source="address = 1"), True, id="set-up"),
        pytest.param(lambda nb: nb.cells[2].update(source="other"), None, id="code"),
        pytest.param(lambda nb: nb.cells[3].update(execution_count=None), None, id="not executed"),
        pytest.param(lambda nb: nb.cells.pop(), None, id="a cell less"),
        pytest.param(lambda nb: nb.cells[2].metadata.update(tags=["x"]), None, id="tags"),
        pytest.param(lambda nb: nb.metadata.update(settings={"seed": 2}), None, id="settings"),
        pytest.param(
            lambda nb: [c.update(id=f"n{n}") for n, c in enumerate(nb.cells)], True, id="places"
        ),
    ],
)
def test_outputs_are_kept_where_only_prose_has_changed(spoil, stale, lesson, tmp_path):
    """False: nothing differs; True: prose does; None: the notebook is to be run."""
    stored = build.learner_version(build.read_source(lesson))
    for count, cell in enumerate(stored.cells[1:], start=1):
        cell.execution_count = count
    stored.cells[2].outputs = output("7\n")
    spoil(stored)
    nbformat.write(stored, tmp_path / "99.ipynb")
    notebook = build.learner_version(build.read_source(lesson))
    assert build.with_outputs(tmp_path / "99.ipynb", notebook) is stale
    if stale is not None:
        assert notebook.cells[2].outputs == output("7\n")
        assert all(cell.execution_count for cell in notebook.cells[1:])
    assert build.with_outputs(tmp_path / "none.ipynb", notebook) is None


def clean(outputs):
    """Return a cleaned notebook of one cell with these outputs."""
    cell = nbformat.v4.new_code_cell("x", outputs=outputs)
    return build.clean(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}}))


def test_clean_strips_progress_paths_and_widgets():
    texts = [
        "\r 10%|#   | 1/10 [00:01, 3.1it/s]",
        " 3/9 [00:01<00:02, 2.1it/s]\n",
        f"{build.ROOT}/data/x\n",
        f"{sys.prefix}/lib/x\n",
        "refused: _runs/few_with_setfit/saved\n",  # a path that reads like a bar
    ]
    outputs = [one for text in texts for one in output(text)]
    widget = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "bar"}
    outputs.append(nbformat.v4.new_output("display_data", widget))
    cleaned = clean(outputs)
    kept = [output.text for output in cleaned.cells[0].outputs]
    assert kept == ["data/x\n", "lib/x\n", "refused: _runs/few_with_setfit/saved\n"]
    assert cleaned.metadata == {"language_info": {"name": "python"}}


def test_a_stored_picture_has_few_colors_and_no_transparent_ground():
    gradient = Image.linear_gradient("L").convert("RGBA")
    gradient.putpixel((0, 0), (0, 0, 0, 0))
    drawn = BytesIO()
    gradient.save(drawn, format="PNG")
    data = {"image/png": b64encode(drawn.getvalue()).decode(), "text/plain": "x"}
    cleaned = clean([nbformat.v4.new_output("display_data", data)])
    small = cleaned.cells[0].outputs[0].data["image/png"]
    picture = Image.open(BytesIO(b64decode(small)))
    assert (picture.mode, picture.size) == ("P", gradient.size)
    assert len(picture.getcolors()) == build.COLORS
    assert min(picture.convert("RGB").getpixel((0, 0))) > 250
    assert build.small_picture(small) == small


def test_an_unknown_lesson_is_refused():
    with pytest.raises(SystemExit, match="No lesson 77"):
        build.sources(["77"])


def test_the_readme_s_table_names_every_lesson_with_its_badges():
    table = build.lesson_table()
    address = build.repository().removeprefix("https://github.com/")
    for path in build.sources():
        assert f"github/{address}/blob/main/notebooks/{path.stem}.ipynb" in table
        assert f"gh/{address}/main?urlpath=lab/tree/notebooks/{path.stem}.ipynb" in table
        assert f"?src=https://github.com/{address}/blob/main/notebooks/{path.stem}.ipynb" in table
    assert f"https://codespaces.new/{address}" in build.README.read_text(encoding="utf-8")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a function that makes a checkout with that remote `origin`, and builds in it."""
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[project]\n[project.urls]\nRepository = "https://github.com/a/b"\n')
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "PYPROJECT", pyproject)

    def make(address):
        for command in (["init", "-q"], ["remote", "add", "origin", address]):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)
        build.name_repository(build.origin())
        return build.repository()

    return make


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/you/course.git", "https://github.com/you/course"),
        ("https://github.com/you/my.course-2/", "https://github.com/you/my.course-2"),
        ("https://you:ghp_secret@github.com/you/course", "https://github.com/you/course"),
        ("git@github.com:you/course.git", "https://github.com/you/course"),
        ("ssh://git@github.com/you/course.git", "https://github.com/you/course"),
        ("https://gitlab.com/you/course.git", "https://github.com/a/b"),
        ("https://example.org/github.com/you/course", "https://github.com/a/b"),
        ("/media/stick/course", "https://github.com/a/b"),
    ],
)
def test_a_build_names_the_repository_that_was_cloned_from_github(remote, address, checkout):
    assert checkout(remote) == address


def test_a_course_in_the_folder_of_another_repository_keeps_its_address(checkout, tmp_path):
    checkout("https://github.com/you/other")
    build.ROOT = tmp_path / "course"  # put back by the fixture
    assert build.origin() is None


def test_a_notebook_that_holds_answers_is_not_written_over(monkeypatch, tmp_path):
    path = build.sources(["02"])[0]
    solved = build.SOLUTIONS / f"{path.stem}.ipynb"
    assert build.answered(solved)
    assert not build.answered(build.NOTEBOOKS / solved.name)
    shutil.copy(solved, tmp_path)
    monkeypatch.setattr(build, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(build, "write", lambda *_: pytest.fail("written over"))
    with pytest.raises(
        SystemExit, match=f"holds answers to exercises: {path.stem}. Move these files"
    ):
        build.build([path])


def test_a_check_reads_no_remote(monkeypatch):
    """What it finds is the same in a clone of GitHub, of a folder, and in a fork's CI."""
    monkeypatch.setattr(build, "origin", lambda: pytest.fail("asked for the remote"))
    monkeypatch.setattr(sys, "argv", ["build.py", "--check", "00"])
    assert build.main() == 0


def test_versions_agree():
    version = build.project()["version"]
    assert f"\nversion: {version}\n" in build.CITATION.read_text(encoding="utf-8")
    changes = (build.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", changes, re.M)[0] == version


def test_nothing_derived_is_stale():
    assert build.stale(build.sources()) == []
