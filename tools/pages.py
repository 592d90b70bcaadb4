"""What lessons show, as pages in one folder; links to other lessons and to the texts of the course lead to pages there."""

from __future__ import annotations

import html
import os
import re
from pathlib import Path

import nbformat

LINK = re.compile(r"\]\((?P<path>[\w./-]+)\.(?:ipynb|md)(?P<anchor>#[\w-]*)?\)")

STYLE = (
    "body{font:16px system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}"
    "td,th{padding:.4rem .9rem;border-bottom:1px solid #ddd;text-align:left}.n{text-align:right}"
    ".good{color:#1e7d46}.bad{color:#b3261e}"
)


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


def write_texts(root: Path, folder: Path) -> None:
    """Write the course's texts as pages in the same dress."""
    for text in texts(root):
        cell = nbformat.v4.new_markdown_cell(text.read_text(encoding="utf-8"))
        write_notebook(nbformat.v4.new_notebook(cells=[cell]), page_of(text), folder)


def write_index(results: list, root: Path, folder: Path) -> None:
    """Write the page that lists every lesson run with seconds, peak memory and result, and the texts."""
    rows = "".join(
        f"<tr><td><a href='{html.escape(r.lesson)}.html'>{html.escape(r.lesson)}</a></td>"
        f"<td class=n>{r.seconds:.0f}</td><td class=n>{r.peak_mb:,.0f}</td>"
        f"<td class={'bad' if r.error else 'good'}>{html.escape(r.error or 'passed')}</td></tr>"
        for r in results
    )
    others = ", ".join(
        f"<a href='{page_of(text)}.html'>{page_of(text)}</a>" for text in texts(root)
    )
    track = html.escape(os.environ.get("COURSE_TRACK", "tiny"))
    (folder / "index.html").write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>The course, {track} track</title>"
        f"<style>{STYLE}</style><h1>The course on the {track} track</h1><table><tr><th>lesson"
        f"<th>seconds<th>peak memory, MB<th>result</tr>{rows}</table>"
        f"<p>Also: {others}</html>",
        encoding="utf-8",
    )
