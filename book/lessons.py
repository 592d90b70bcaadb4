"""What the book makes of a lesson: solutions behind a fold, links that fit, pictures described."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx

import helpers
from book.pages import relinked
from tools import build

HINT = re.compile(r"(<details>.*?</details>)\n*(.*)", re.DOTALL)
FOLDED = {
    "tags": ["hide-input"],
    "mystnb": {"code_prompt_show": "Show a solution", "code_prompt_hide": "Hide the solution"},
}
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def solutions(name: str) -> dict[str, str]:
    """Return cell id -> code of a lesson's solved exercises."""
    solved = nbformat.read(build.SOLUTIONS / f"{name}.ipynb", as_version=4)
    return {c.id: c.source for c in solved.cells if "exercise" in c.metadata.get("tags", [])}


def with_solutions(cells: list, solved: dict[str, str]) -> list:
    """Return a lesson's cells with the solution of each exercise behind a fold, below its check and its hint."""
    shown, waiting = [], None
    for cell in cells:
        if waiting and cell.cell_type == "markdown":
            hint = HINT.match(cell.source)
            if hint:
                shown.append(nbformat.v4.new_markdown_cell(hint[1]))
                cell.source = hint[2]
            shown.append(nbformat.v4.new_code_cell(waiting, metadata=FOLDED))
            waiting = None
        waiting = solved.get(cell.id, waiting)
        shown.append(cell)
    return shown


@cache
def drawings() -> dict[str, str]:
    """Return function -> what it draws, from the first sentence of its docstring."""
    files = [helpers.ROOT / "helpers" / "plots.py", *helpers.ROOT.glob("labs/freezing/*.py")]
    found = {}
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))):
        said = ast.get_docstring(node) or "" if isinstance(node, ast.FunctionDef) else ""
        if said.startswith("Draw "):
            text = said.removeprefix("Draw ").partition("\n\n")[0].partition(". ")[0]
            found[node.name] = (text[0].upper() + text[1:]).replace("`", "").rstrip(".")
    return found


def described(code: str) -> str:
    """Return what the last drawing function that a cell calls draws, with the title that it was given; "" if there is none."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    names = {call: getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls}
    drawn = [call for call in calls if names[call] in drawings()]
    if not drawn:
        return ""
    titles = [arg.value for arg in drawn[-1].args if isinstance(getattr(arg, "value", 0), str)]
    return ": ".join([drawings()[names[drawn[-1]]], *titles])


def read_lesson(app: Sphinx, page: str, source: list[str]) -> None:
    """Change what Sphinx reads of a lesson; its file, which the page offers to download, stays as it is."""
    if not page.startswith("notebooks/"):
        return
    name = Path(page).name
    for file in (build.SOLUTIONS / f"{name}.ipynb", __file__):
        app.env.note_dependency(str(file))
    notebook = nbformat.reads(source[0], as_version=4)
    cells = [cell for cell in notebook.cells if "setup" not in cell.metadata.get("tags", [])]
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, "notebooks")
        elif any("image/png" in output.get("data", {}) for output in cell.outputs):
            cell.metadata["mystnb"] = {"image": {"alt": described(cell.source)}}
    notebook.cells = with_solutions(cells, solutions(name))
    source[0] = nbformat.writes(notebook)


def describe_pictures(app: Sphinx, document: nodes.document) -> None:
    """Give each picture without an alternative text the label that it holds, or the last sentence of the prose before it."""
    said, count = "", 0
    for node in document.findall(lambda node: isinstance(node, (nodes.paragraph, nodes.image))):
        if isinstance(node, nodes.paragraph):
            said, count = SENTENCE.split(node.astext())[-1].rstrip(":").replace("\n", " "), 0
        elif not node.get("alt"):
            count += 1
            node["alt"] = label(Path(app.srcdir, node["uri"])) or said + f" ({count})" * (count > 1)


def label(picture: Path) -> str:
    """Return the label of an SVG, nothing for other pictures."""
    if picture.suffix != ".svg":
        return ""
    found = re.search(r'aria-label="([^"]+)"', picture.read_text(encoding="utf-8"))
    return found[1] if found else ""


def setup(app: Sphinx) -> dict:
    """Register both with Sphinx."""
    app.connect("source-read", read_lesson)
    app.connect("doctree-read", describe_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
