"""Make the derived files: notebooks/source/*.py → notebooks/*.ipynb, solutions/*.ipynb, README's table, the glossary.

python tools/build.py              build what is stale, executed
python tools/build.py --all        build everything again
python tools/build.py --check      build nothing; exit 1 and name what is stale
python tools/build.py 02 03        only these lessons
"""

from __future__ import annotations

import argparse
import copy
import re
import sys
import tomllib
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "notebooks" / "source"
NOTEBOOKS, SOLUTIONS = ROOT / "notebooks", ROOT / "solutions"
GLOSSARY, TRAPS = ROOT / "docs" / "glossary.md", ROOT / "docs" / "traps.md"

STUB = 'raise NotImplementedError("your turn")'
SOLUTION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION\n?", re.MULTILINE | re.DOTALL
)
MARKER = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
HERE = "|".join(re.escape(str(folder)) for folder in (sys.prefix, ROOT))  # of the builder alone
PATHS = re.compile(rf"({HERE})/?|/tmp/\S*?ipykernel_\d+/\S+")
PROGRESS = re.compile(
    r"((?<![A-Za-z])(it/s|s/it)|\d+%\||examples/s|Loading weights|Writing model shards)"
)

SETUP = """\
import sys

if "google.colab" in sys.modules:  # in Colab: fetch the course, add what is missing
    repository = "{repository}"
    !test -d /content/course || git clone -q --depth 1 {{repository}} /content/course
    %cd -q /content/course
    !sh binder/colab.sh
    print("Other lessons and the glossary:", repository)"""


def repository() -> str:
    """Return the course's address, from the one line of pyproject.toml that holds it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def sources(numbers: list[str] | None = None) -> list[Path]:
    """Return the lessons' source files, all or those whose number is given."""
    found = sorted(SOURCES.glob("[0-9][0-9]_*.py"))
    if numbers and (unknown := set(numbers) - {path.name[:2] for path in found}):
        raise SystemExit(f"No lesson {', '.join(sorted(unknown))} in {SOURCES.relative_to(ROOT)}.")
    return [path for path in found if not numbers or path.name[:2] in numbers]


def read_source(path: Path) -> nbformat.NotebookNode:
    """Read a lesson's source as a notebook: cell ids by place, the set-up cell put first, solutions in."""
    notebook = jupytext.read(path, fmt="py:percent")
    setup = nbformat.v4.new_code_cell(
        SETUP.format(repository=repository()), metadata={"tags": ["setup"]}
    )
    notebook.cells.insert(1, setup)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"{path.name[:2]}-{index:03d}"
        cell.metadata = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def learner_version(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy with every solution replaced by a stub that says it is the learner's turn."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        cell.source = SOLUTION.sub(lambda match: match[1] + STUB + "\n", cell.source).rstrip("\n")
    return notebook


def solved_version(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy with the solutions in and their markers out."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        cell.source = MARKER.sub("", cell.source).rstrip("\n")
    return notebook


def versions(path: Path) -> list[tuple[Path, nbformat.NotebookNode]]:
    """Return (file, unexecuted notebook) of the two notebooks derived from one source, terms linked."""
    from tools import glossary

    notebook = read_source(path)
    known = [glossary.read(source) for source in sources() if source.name <= path.name]
    glossary.link(notebook.cells, path.name[:2], [term for one in known for term in one.terms])
    return [
        (NOTEBOOKS / f"{path.stem}.ipynb", learner_version(notebook)),
        (SOLUTIONS / f"{path.stem}.ipynb", solved_version(notebook)),
    ]


def essence(notebook: nbformat.NotebookNode) -> list[tuple]:
    """Return what a notebook is made of, without outputs."""
    return [(c.cell_type, c.id, c.source, c.metadata.get("tags")) for c in notebook.cells]


def is_executed(notebook: nbformat.NotebookNode) -> bool:
    """Tell whether every code cell has been run."""
    return all(
        cell.execution_count
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.strip()
    )


def is_stale(file: Path, notebook: nbformat.NotebookNode) -> bool:
    """Tell whether a derived notebook is missing, differs from its source, or was not executed."""
    if not file.exists():
        return True
    found = nbformat.read(file, as_version=4)
    return not is_executed(found) or essence(found) != essence(notebook)


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Strip from the stored outputs what is no result: progress bars, widgets, paths, timestamps."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        kept = []
        for output in cell.outputs:
            if output.output_type == "stream":
                output.text = PATHS.sub("", _last_of_line(output.text))
                if not output.text.strip() or PROGRESS.search(output.text):
                    continue
            data = output.get("data", {})
            if "application/vnd.jupyter.widget-view+json" in data:
                continue
            for kind in ("text/plain", "text/html"):
                if kind in data:
                    data[kind] = PATHS.sub("", data[kind])
            kept.append(output)
        cell.outputs = kept
    return notebook


def _last_of_line(text: str) -> str:
    return "\n".join(line.rsplit("\r", 1)[-1] for line in text.split("\n"))


def with_outputs(file: Path, notebook: nbformat.NotebookNode) -> bool:
    """Give a notebook the outputs of the one in `file`, where only prose differs; tell whether that was so.

    The set-up cell counts as prose: outside Colab it does nothing, so a fork's address runs no lesson again.
    """
    if not file.exists():
        return False
    found = nbformat.read(file, as_version=4)
    prose_taken = copy.deepcopy(found)
    for old, new in zip(prose_taken.cells, notebook.cells, strict=False):
        is_setup = old.metadata.get("tags") == new.metadata.get("tags") == ["setup"]
        if old.cell_type == new.cell_type == "markdown" or is_setup:
            old.source = new.source
    if essence(prose_taken) != essence(notebook) or not is_executed(found):
        return False
    for old, new in zip(found.cells, notebook.cells, strict=True):
        if old.cell_type == "code":
            new.outputs, new.execution_count = old.outputs, old.execution_count
    return True


def build(path: Path, everything: bool) -> None:
    """Write what is stale of one lesson; executed, unless only its prose has changed."""
    from tools.course import execute

    for file, notebook in versions(path):
        if not everything and not is_stale(file, notebook):
            continue
        if everything or not with_outputs(file, notebook):
            result = execute(notebook, label=str(file.relative_to(ROOT)), aside=True)
            if result.error:
                raise SystemExit(f"{file.relative_to(ROOT)}, {result.error}")
        file.parent.mkdir(exist_ok=True)
        nbformat.write(clean(notebook), file)


def lesson_table() -> str:
    """Return the README's lesson table with its badges."""
    from helpers import course

    address = repository().removeprefix("https://github.com/")
    lines = ["| lesson | what you learn | minutes | open |", "|---|---|---|---|"]
    for lesson in course.lessons():
        file = f"notebooks/{lesson['name']}.ipynb"
        colab = f"https://colab.research.google.com/github/{address}/blob/main/{file}"
        binder = f"https://mybinder.org/v2/gh/{address}/main?urlpath=lab/tree/{file}"
        lines.append(
            f"| [{lesson['number']} {lesson['title']}]({file}) | {lesson['learn']} | {lesson['minutes']} | "
            f"[![Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) "
            f"[![Binder](https://mybinder.org/badge_logo.svg)]({binder}) |"
        )
    return "\n".join(lines)


def with_table(readme: str) -> str:
    """Return the README's text with a fresh lesson table between its two markers."""
    start, end = "<!-- lessons: made by tools/build.py -->", "<!-- end of lessons -->"
    before, _, rest = readme.partition(start)
    return f"{before}{start}\n{lesson_table()}\n{end}{rest.partition(end)[2]}"


def glossary_page() -> str:
    """Return the text of docs/glossary.md, from all lessons."""
    from tools import glossary

    return glossary.page([glossary.read(path) for path in sources()])


def trap_page() -> str:
    """Return the text of docs/traps.md: a table of the headings "Trap: ..." of all lessons."""
    rows = [
        f"| [{path.stem[:2]}](../notebooks/{path.stem}.ipynb) | {trap[0].upper()}{trap[1:]} |"
        for path in sources()
        for trap in re.findall(r"^# ### Trap: (.+)$", path.read_text(encoding="utf-8"), re.M)
    ]
    return "\n".join(
        [
            "# Traps",
            "",
            "Mistakes of published courses, and some that we made. In its lesson, under the heading *Trap*, each is run and its",
            "wrong result is seen before the cure. `tests/test_traps.py` proves both halves. This page is made by `make build`.",
            "",
            "| lesson | trap |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def stale(paths: list[Path]) -> list[str]:
    """Return the names of derived files that do not match their sources."""
    names = [
        str(f.relative_to(ROOT))
        for path in paths
        for f, notebook in versions(path)
        if is_stale(f, notebook)
    ]
    expected = {path.stem for path in sources()}
    for folder in (NOTEBOOKS, SOLUTIONS):
        names += [
            f"{p.relative_to(ROOT)} (no source)"
            for p in folder.glob("*.ipynb")
            if p.stem not in expected
        ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names += ["README.md, lesson table"] if with_table(readme) != readme else []
    pages = ((GLOSSARY, glossary_page()), (TRAPS, trap_page()))
    return names + [
        f"docs/{file.name}"
        for file, text in pages
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lessons", nargs="*", help="numbers, such as 03; none means all")
    parser.add_argument("--check", action="store_true", help="only report what is stale")
    parser.add_argument("--all", action="store_true", help="build again even what is fresh")
    options = parser.parse_args()
    paths = sources(options.lessons)
    if options.check:
        names = stale(paths)
        print(
            "\n".join(f"stale: {name}" for name in names)
            or "Every derived file matches its source."
        )
        if names:
            print("Run: make build")
        return 1 if names else 0
    for path in paths:
        build(path, options.all)
    readme = ROOT / "README.md"
    readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")
    GLOSSARY.write_text(glossary_page(), encoding="utf-8")
    TRAPS.write_text(trap_page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
