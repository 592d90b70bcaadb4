"""What lessons show, as pages in one folder; links to other lessons and to the texts of the course lead to pages there."""

import html
import re
from pathlib import Path

import nbformat

import helpers
from tools.markdown import table

LINK = re.compile(r'href="(?P<path>[\w./-]+)\.(?:ipynb|md)(?=[#"])')


def page_of(path: Path) -> str:
    """Return the name, without ending, of a notebook's or text's page: a README is called like its folder."""
    return path.parent.name if path.stem == "README" else path.stem


def linked(body: str) -> str:
    """Return HTML whose links to notebooks and texts lead to their pages."""
    return LINK.sub(lambda found: f'href="{page_of(Path(found["path"]))}.html', body)


def write_notebook(notebook: nbformat.NotebookNode, name: str, folder: Path) -> None:
    """Write an executed notebook as the page `name`.html."""
    from nbconvert import HTMLExporter

    body, _ = HTMLExporter().from_notebook_node(notebook, resources={"metadata": {"name": name}})
    (folder / f"{name}.html").write_text(linked(body), encoding="utf-8")


def write_markdown(text: str, name: str, folder: Path) -> None:
    """Write a text as the page `name`.html, in the same dress."""
    cell = nbformat.v4.new_markdown_cell(text)
    write_notebook(nbformat.v4.new_notebook(cells=[cell]), name, folder)


def texts() -> list[Path]:
    """Return the course's own texts that lessons and one another link."""
    root = helpers.ROOT
    return [*sorted(root.glob("docs/*.md")), *sorted(root.glob("[!.]*/README.md"))]


def write_texts(folder: Path) -> None:
    """Write the course's texts as pages."""
    for text in texts():
        write_markdown(text.read_text(encoding="utf-8"), page_of(text), folder)


def write_index(results: list, folder: Path) -> None:
    """Write the page that lists every lesson run with seconds, peak memory and result, and the texts."""
    rows = []
    for one in results:
        said = html.escape(" ".join(one.error.replace("|", "/").split())) or "passed"
        link = f"[{one.lesson}]({one.lesson}.html)"
        rows.append((link, f"{one.seconds:.0f}", f"{one.peak_mb:,.0f}", said))
    lessons = table("lesson | seconds | peak memory, MB | result", rows)
    others = ", ".join(f"[{page_of(text)}]({page_of(text)}.html)" for text in texts())
    title = f"# The course on the {helpers.track()} track"
    write_markdown(f"{title}\n\n{lessons}\n\nAlso: {others}", "index", folder)
