"""What lessons show, as pages in one folder; links to other lessons and to the texts of the course lead to pages there."""

import html
import re
from pathlib import Path

import nbformat

import helpers
from tools.markdown import table

LINK = re.compile(r"\]\((?P<path>[\w./-]+)\.(?:ipynb|md)(?P<anchor>#[\w-]*)?\)")


def page_of(path: Path) -> str:
    """Return the name, without ending, of a notebook's or text's page: a README is called like its folder."""
    return path.parent.name if path.stem == "README" else path.stem


def linked(markdown: str) -> str:
    """Return markdown whose links to notebooks and texts lead to their pages."""
    return LINK.sub(lambda m: f"]({page_of(Path(m['path']))}.html{m['anchor'] or ''})", markdown)


def write_notebook(notebook: nbformat.NotebookNode, name: str, folder: Path) -> None:
    """Write an executed notebook as the page `name`.html; the notebook stays as it is."""
    from nbconvert import HTMLExporter

    shown = nbformat.from_dict(notebook)
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell["source"] = linked(cell.source)
    body, _ = HTMLExporter().from_notebook_node(shown, resources={"metadata": {"name": name}})
    (folder / f"{name}.html").write_text(body, encoding="utf-8")


def texts(root: Path) -> list[Path]:
    """Return the course's own texts that lessons and one another link."""
    return [*sorted(root.glob("docs/*.md")), *sorted(root.glob("[!.]*/README.md"))]


def write_markdown(text: str, name: str, folder: Path) -> None:
    """Write a text as the page `name`.html, in the same dress."""
    cell = nbformat.v4.new_markdown_cell(text)
    write_notebook(nbformat.v4.new_notebook(cells=[cell]), name, folder)


def write_texts(root: Path, folder: Path) -> None:
    """Write the course's texts as pages."""
    for text in texts(root):
        write_markdown(text.read_text(encoding="utf-8"), page_of(text), folder)


def write_index(results: list, root: Path, folder: Path) -> None:
    """Write the page that lists every lesson run with seconds, peak memory and result, and the texts."""
    rows = [
        (
            f"[{result.lesson}]({result.lesson}.html)",
            f"{result.seconds:.0f}",
            f"{result.peak_mb:,.0f}",
            html.escape(" ".join(result.error.replace("|", "/").split())) or "passed",
        )
        for result in results
    ]
    lessons = table("lesson | seconds | peak memory, MB | result", rows)
    others = ", ".join(f"[{page_of(text)}]({page_of(text)}.html)" for text in texts(root))
    title = f"# The course on the {helpers.track()} track"
    write_markdown(f"{title}\n\n{lessons}\n\nAlso: {others}", "index", folder)
