"""Run the lessons headless and write what they show, and how long each section took, to _build/html.

python -m tools.course              every lesson on the current track
python -m tools.course 03           one lesson
python -m tools.course --jobs 2     two lessons at a time, one thread each

The course's texts become pages too: links between lessons and texts lead to pages beside.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

import helpers
from tools import build, teaching
from tools.execution import execute_all
from tools.markdown import table

OUTPUT = helpers.ROOT / "_build" / "html"
# What lessons and one another link
TEXTS = [*sorted(helpers.ROOT.glob("docs/*.md")), *sorted(helpers.ROOT.glob("[!.]*/README.md"))]
LINK = re.compile(r'href="(?P<path>[\w./-]+)\.(?:ipynb|md)(?=[#"])')


def page_of(path: Path) -> str:
    """Return the name, without ending, of a notebook's or text's page: a README is called like its folder."""
    return path.parent.name if path.stem == "README" else path.stem


def linked(body: str) -> str:
    """Return HTML whose links to notebooks and texts lead to their pages."""
    return LINK.sub(lambda found: f'href="{page_of(Path(found["path"]))}.html', body)


def write_notebook(notebook: nbformat.NotebookNode, name: str, folder: Path) -> None:
    """Write an executed notebook as the page `name`.html."""
    body, _ = HTMLExporter().from_notebook_node(notebook, resources={"metadata": {"name": name}})
    (folder / f"{name}.html").write_text(linked(body), encoding="utf-8")


def write_markdown(text: str, name: str, folder: Path) -> None:
    """Write a text as the page `name`.html, in the same dress."""
    cell = nbformat.v4.new_markdown_cell(text)
    write_notebook(nbformat.v4.new_notebook(cells=[cell]), name, folder)


def write_texts(folder: Path) -> None:
    """Write the course's texts as pages."""
    for text in TEXTS:
        write_markdown(text.read_text(encoding="utf-8"), page_of(text), folder)


def write_index(results: list, folder: Path) -> None:
    """Write the page that lists every lesson run with seconds, peak memory and result, and the texts."""
    rows = []
    for one in results:
        said = html.escape(" ".join(one.error.replace("|", "/").split())) or "passed"
        link = f"[{one.lesson}]({one.lesson}.html)"
        rows.append((link, f"{one.seconds:.0f}", f"{one.peak_mb:,.0f}", said))
    lessons = table("lesson | seconds | peak memory, MB | result", rows)
    others = ", ".join(f"[{page_of(text)}]({page_of(text)}.html)" for text in TEXTS)
    title = f"# The course on the {helpers.track()} track"
    write_markdown(f"{title}\n\n{lessons}\n\nAlso: {others}", "index", folder)


def main() -> int:
    """Run the command line; return 0 when every lesson passed."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    notebooks = build.notebooks(options.lessons)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    write_texts(OUTPUT)
    threads = helpers.cores() if min(options.jobs, len(notebooks)) <= 1 else 1
    results = []
    for result in execute_all(notebooks, options.jobs):
        name = result.lesson
        if not result.error:
            teaching.record(notebooks[name], name, threads, result.peak_mb)
        write_notebook(notebooks[name], name, OUTPUT)
        results = sorted([*results, result], key=lambda result: result.lesson)
        write_index(results, OUTPUT)
    failed = [result for result in results if result.error]
    passed = len(results) - len(failed)
    print(f"{passed} of {len(results)} lessons passed. Open _build/html/index.html")
    for result in failed:
        print(f"FAILED {result.lesson}, {result.error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
