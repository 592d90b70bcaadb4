"""Derived files: stubs, solutions, staleness, clean outputs, the README's table."""

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


def test_the_learner_gets_a_stub(lesson):
    code = build.learner_version(build.read_source(lesson)).cells[2].source
    assert "total" not in code
    assert code.endswith('"""Return the sum."""\n    raise NotImplementedError("your turn")')


def test_the_solution_runs_and_shows_no_markers(lesson):
    code = build.solved_version(build.read_source(lesson)).cells[2].source
    space = {}
    exec(code, space)
    assert space["add"](2, 3) == 5
    assert "SOLUTION" not in code


def test_the_set_up_cell_comes_second_and_ids_are_stable(lesson):
    one, two = build.read_source(lesson), build.read_source(lesson)
    assert "google.colab" in one.cells[1].source
    assert build.repository() in one.cells[1].source
    assert (
        [cell.id for cell in one.cells]
        == [cell.id for cell in two.cells]
        == [f"99-00{i}" for i in range(4)]
    )


def run(notebook):
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
    return notebook


def output(text):
    return [nbformat.v4.new_output("stream", text=text)]


@pytest.mark.parametrize(
    ("spoil", "stale"),
    [
        pytest.param(lambda nb: None, False, id="fresh"),
        pytest.param(lambda nb: nb.cells[3].update(outputs=output("x")), False, id="output"),
        pytest.param(lambda nb: nb.cells[0].update(source="# Other prose"), True, id="prose"),
        pytest.param(lambda nb: nb.cells[1].update(source="address = 1"), True, id="set-up cell"),
        pytest.param(lambda nb: nb.cells[2].update(source="other"), None, id="code"),
        pytest.param(lambda nb: nb.cells[3].update(execution_count=None), None, id="not executed"),
        pytest.param(lambda nb: nb.cells.pop(), None, id="a cell less"),
        pytest.param(lambda nb: nb.cells[2].metadata.update(tags=["x"]), None, id="tags"),
    ],
)
def test_outputs_are_kept_where_only_prose_has_changed(lesson, tmp_path, spoil, stale):
    """False: nothing differs; True: prose does; None: the notebook is to be run."""
    stored = run(build.learner_version(build.read_source(lesson)))
    stored.cells[2].outputs = output("7\n")
    spoil(stored)
    nbformat.write(stored, tmp_path / "99.ipynb")
    notebook = build.learner_version(build.read_source(lesson))
    assert build.with_outputs(tmp_path / "99.ipynb", notebook) is stale
    if stale is not None:
        assert notebook.cells[2].outputs == output("7\n")
        assert all(cell.execution_count for cell in notebook.cells[1:])


def test_a_missing_notebook_is_to_be_run(lesson, tmp_path):
    assert build.with_outputs(tmp_path / "none.ipynb", build.read_source(lesson)) is None


def test_clean_strips_progress_paths_and_widgets():
    texts = [
        "\r 10%|#   | 1/10 [00:01, 3.1it/s]",
        " 3/9 [00:01<00:02, 2.1it/s]\n",
        f"{build.ROOT}/data/x\n",
        f"{sys.prefix}/lib/x\n",
        "refused: _runs/few_with_setfit/saved\n",  # a path that reads like a bar
    ]
    outputs = [nbformat.v4.new_output("stream", text=text) for text in texts]
    widget = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "bar"}
    outputs.append(nbformat.v4.new_output("display_data", widget))
    cell = nbformat.v4.new_code_cell("x", outputs=outputs)
    cleaned = build.clean(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}}))
    kept = [output.text for output in cleaned.cells[0].outputs]
    assert kept == ["data/x\n", "lib/x\n", "refused: _runs/few_with_setfit/saved\n"]
    assert "widgets" not in cleaned.metadata


def test_a_stored_picture_has_few_colours_and_no_transparent_ground():
    gradient = Image.linear_gradient("L").convert("RGBA")
    gradient.putpixel((0, 0), (0, 0, 0, 0))
    drawn = BytesIO()
    gradient.save(drawn, format="PNG")
    data = {"image/png": b64encode(drawn.getvalue()).decode(), "text/plain": "x"}
    outputs = [nbformat.v4.new_output("display_data", data)]
    cell = nbformat.v4.new_code_cell("x", outputs=outputs)
    cleaned = build.clean(nbformat.v4.new_notebook(cells=[cell]))
    small = cleaned.cells[0].outputs[0].data["image/png"]
    picture = Image.open(BytesIO(b64decode(small)))
    assert (picture.mode, picture.size) == ("P", gradient.size)
    assert len(picture.getcolors()) == build.COLOURS
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


def test_nothing_derived_is_stale():
    assert build.stale(build.sources()) == []
