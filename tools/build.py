"""Make the derived files: notebooks/source/*.py → notebooks/*.ipynb, solutions/*.ipynb, README's table, the glossary.

python -m tools.build              build what is stale, executed; delete a notebook and its solution to have them run again
python -m tools.build --check      build nothing; exit 1 and name what is stale
python -m tools.build --run        run every lesson on the current track as it is, and keep it, with what came of it, in _build/run
python -m tools.build 02 03        only these lessons; with --run --jobs 2, two at a time, one thread each
python -m tools.build --repository https://github.com/o/r   ... of that address, not of the one cloned

Every address comes from one line of pyproject.toml. A build first writes the checkout's own address there, a check
reads it alone: it finds the same in every clone.
"""

import argparse
import copy
import re
import subprocess
import sys
import tomllib
from base64 import b64decode, b64encode
from functools import cache
from io import BytesIO
from pathlib import Path

import jupytext
import nbformat
from PIL import Image

if __name__ == "__main__":  # called as a file, it finds the course beside its folder
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import helpers
from exercises.table import TURN
from helpers import course
from tools import glossary, teaching
from tools.execution import execute_all
from tools.markdown import table, with_block, write

ROOT = helpers.ROOT
SOURCES = ROOT / "notebooks" / "source"
NOTEBOOKS, SOLUTIONS = ROOT / "notebooks", ROOT / "solutions"
RUNS = ROOT / "_build" / "run"  # `make book` shows them
README, GLOSSARY, TRAPS = (ROOT / name for name in ("README.md", glossary.PAGE, "docs/traps.md"))
PYPROJECT, CITATION = ROOT / "pyproject.toml", ROOT / "CITATION.cff"
# An address of https, with or without a name and a secret in it, or of ssh
GITHUB = re.compile(
    r"(?:https://(?:[^@/]+@)?|(?:ssh://)?git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?"
)
# Where a notebook opens: `name` is the repository's; Codespaces opens the whole course
BADGES = """\
[![Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/{name}/blob/main/{file})
[![Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/{name}/main?urlpath=lab/tree/{file})
[![Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/{name}/blob/main/{file})
[![Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/{name}?quickstart=1)"""
# of a stored picture: flat drawings lose nothing by it, and take a quarter of the room
COLORS = 128

# What a lesson ran with stands in its notebook: other settings make it stale.
SETTINGS = {lesson["number"]: lesson["tiny"] for lesson in course.lessons()}
STUB = f'raise NotImplementedError("{TURN}")'
SOLUTION = re.compile(r"(?ms)^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION\n?")
MARKER = re.compile(r"(?m)^[ \t]*### (BEGIN|END) SOLUTION\n?")
HERE = "|".join(re.escape(str(folder)) for folder in (sys.prefix, ROOT))  # of the builder alone
PATHS = re.compile(rf"({HERE})/?|/tmp/\S*?ipykernel_\d+/\S+")
PROGRESS = r"(?<![A-Za-z])(it/s|s/it)|\d+%\||examples/s|Loading weights|Writing model shards"

# A lesson's links are relative: they hold in JupyterLab without a network, on GitHub and in a fork. Colab and Kaggle
# follow those to lessons at most, so there the cell prints the address of the texts.
SETUP = """\
import os, sys  # in Colab and on Kaggle: fetch the course, add what is missing

if "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
    repository = "{repository}"
    !test -d /content/course || git clone -q --depth 1 {{repository}} /content/course
    %cd -q /content/course
    !sh binder/colab.sh
    print(f"Lessons: {{repository}}  Glossary: {{repository}}/blob/main/docs/glossary.md")"""

TRAP_PAGE = """\
# Traps

Mistakes of published courses, and some that we made. In its lesson, under the heading *Trap*, each is run and its
wrong result is seen before the cure. `tests/test_traps.py` proves both halves. This page is made by `make build`.

{table}
"""


def project() -> dict:
    """Return the table [project] of pyproject.toml."""
    return tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]


def repository() -> str:
    """Return the course's address, from the one line of pyproject.toml that holds it."""
    return project()["urls"]["Repository"]


def origin() -> str | None:
    """Return the GitHub address that this checkout was cloned from, without secrets; None where there is none."""
    if not (ROOT / ".git").exists():
        return None  # git would answer for a repository that the course lies in
    asked = ["git", "remote", "get-url", "origin"]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    found = GITHUB.fullmatch(answer)
    return f"https://github.com/{found[1]}" if found else None


def name_repository(address: str | None) -> None:
    """Write an address into pyproject's line; leave the line as it is where there is none, or it says so already."""
    if address and address != repository():
        line = f'Repository = "{address}"'
        text = PYPROJECT.read_text(encoding="utf-8")
        PYPROJECT.write_text(re.sub(r"(?m)^Repository = .*$", line, text), encoding="utf-8")


def sources(numbers: list[str] | None = None) -> list[Path]:
    """Return the lessons' source files, all or those whose number is given."""
    found = sorted(SOURCES.glob("[0-9][0-9]_*.py"))
    if numbers and (unknown := set(numbers) - {path.name[:2] for path in found}):
        raise SystemExit(f"No lesson {', '.join(sorted(unknown))}. Give two digits: LESSON=03.")
    return [path for path in found if not numbers or path.name[:2] in numbers]


def notebooks(numbers: list[str] | None = None) -> dict[str, nbformat.NotebookNode]:
    """Return name -> notebook, as a learner opens it, of all lessons or of those whose number is given."""
    names = [path.stem for path in sources(numbers)]
    return {name: nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4) for name in names}


def read_source(path: Path) -> nbformat.NotebookNode:
    """Read a lesson's source as a notebook: cell ids by place, the set-up cell put first, solutions in."""
    notebook = jupytext.read(path, fmt="py:percent")
    code = SETUP.format(repository=repository())
    setup = nbformat.v4.new_code_cell(code, metadata={"tags": ["setup"]})
    notebook.cells.insert(1, setup)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"{path.name[:2]}-{index:03d}"
        cell.metadata = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "settings": SETTINGS.get(path.name[:2]),
    }
    return notebook


def _changed(notebook: nbformat.NotebookNode, pattern: re.Pattern, new) -> nbformat.NotebookNode:
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        cell.source = pattern.sub(new, cell.source).rstrip("\n")
    notebook.cells[-1].source = glossary.shortened(notebook.cells[-1].source)
    return notebook


def learner_version(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy with stubs, which say that it is the learner's turn, for solutions, and a short recap."""
    learner = _changed(notebook, SOLUTION, rf"\1{STUB}\n")
    if left := [c.source for c in learner.cells if re.search("### (BEGIN|END) ", c.source)]:
        raise SystemExit(
            f"Write ### BEGIN SOLUTION and ### END SOLUTION, each on a line:\n{left[0]}"
        )
    return learner


def solved_version(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy with the solutions in, their markers out, and a short recap."""
    return _changed(notebook, MARKER, "")


@cache
def lesson(path: Path) -> glossary.Lesson:
    """Return what the glossary takes from a lesson's source."""
    return glossary.read(path.stem, read_source(path))


def versions(path: Path) -> list[tuple[Path, nbformat.NotebookNode]]:
    """Return (file, unexecuted notebook) of the two notebooks derived from one source, terms linked."""
    notebook = read_source(path)
    known = [lesson(source) for source in sources() if source.name <= path.name]
    glossary.link(notebook.cells, path.name[:2], [term for one in known for term in one.terms])
    return [
        (NOTEBOOKS / f"{path.stem}.ipynb", learner_version(notebook)),
        (SOLUTIONS / f"{path.stem}.ipynb", solved_version(notebook)),
    ]


def _code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _to_run(notebook: nbformat.NotebookNode) -> list:
    """Return what decides the outputs: settings and code, but that of the set-up cell, which does nothing outside Colab."""
    found = [(cell.metadata.get("tags"), cell.source) for cell in _code(notebook)]
    code = [(tags, "" if tags == ["setup"] else source) for tags, source in found]
    return [notebook.metadata.get("settings"), *code]


def with_outputs(file: Path, notebook: nbformat.NotebookNode) -> bool | None:
    """Give a notebook the outputs of the one in `file`; tell whether that changes the file, None where it must run.

    It must where there is no file, a code cell of it has not been run, or code or settings differ.
    """
    found = nbformat.read(file, as_version=4) if file.exists() else None
    if found is None or _to_run(found) != _to_run(notebook):
        return None
    for cell, ran in zip(_code(notebook), _code(found), strict=True):
        cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        if cell.source.strip() and not cell.execution_count:
            return None
    return found.cells != notebook.cells


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Strip from the outputs what is no result: bars, widgets, paths, timestamps; make pictures small."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}  # not the builder's version of it
    for cell in _code(notebook):
        cell.metadata.pop("execution", None)
        cell.outputs = [output for output in cell.outputs if _cleaned(output)]
    return notebook


def _cleaned(output: nbformat.NotebookNode) -> bool:
    """Clean an output in place; tell whether it is to be kept."""
    if output.output_type == "stream":
        lines = (line.rsplit("\r", 1)[-1] for line in output.text.split("\n"))
        output.text = PATHS.sub("", "\n".join(lines))
        return bool(output.text.strip()) and not re.search(PROGRESS, output.text)
    data = output.get("data", {})
    for kind in data.keys() & {"text/plain", "text/html"}:
        data[kind] = PATHS.sub("", data[kind])
    if "image/png" in data:
        data["image/png"] = small_picture(data["image/png"])
    return "application/vnd.jupyter.widget-view+json" not in data


def small_picture(png: str) -> str:
    """Return a PNG, in base64, with `COLORS` colors; as it is where it has a palette already."""
    picture, small = Image.open(BytesIO(b64decode(png))), BytesIO()
    if picture.mode == "P":
        return png
    white = Image.new("RGBA", picture.size, "white")
    flat = Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    # The usual method, median cut, merges the colors of small marks: pink became grey.
    flat = flat.quantize(COLORS, Image.Quantize.MAXCOVERAGE)
    flat.save(small, format="PNG", optimize=True)
    return b64encode(small.getvalue()).decode()


def answered(file: Path) -> bool:
    """Tell whether a learner's notebook holds answers to exercises, which a build would write over."""
    cells = nbformat.read(file, as_version=4).cells if file.exists() else []
    return any("exercise" in c.metadata.get("tags", ()) and STUB not in c.source for c in cells)


def build(paths: list[Path]) -> None:
    """Write what is stale of some lessons; executed, unless only its prose has changed: what failed keeps its old file.

    One at a time on all cores: seconds and threads stand in the outputs. Raises SystemExit: a notebook holds answers.
    """
    if kept := [path.stem for path in paths if answered(NOTEBOOKS / f"{path.stem}.ipynb")]:
        found = f"notebooks/ holds answers to exercises: {', '.join(kept)}"
        raise SystemExit(f"{found}. Move these files, then build.")
    to_run = {}
    for file, notebook in (version for path in paths for version in versions(path)):
        changed = with_outputs(file, notebook)
        if changed:
            write(file, nbformat.writes(clean(notebook)) + "\n")
        elif changed is None:
            to_run[str(file.relative_to(ROOT))] = notebook
    failed = []
    for result in execute_all(to_run, aside=True):
        file, notebook = ROOT / result.lesson, to_run[result.lesson]
        if result.error:
            failed.append(f"{result.lesson}, {result.error}")
            continue
        if file.parent == NOTEBOOKS:
            teaching.record(notebook, file.stem, helpers.cores(), result)
        write(file, nbformat.writes(clean(notebook)) + "\n")
    if failed:
        raise SystemExit("\n".join(failed))


def run(numbers: list[str], jobs: int) -> int:
    """Run lessons, `jobs` at a time, and keep them with what came of each; return 0 when every one passed."""
    books, failed = notebooks(numbers), []
    RUNS.mkdir(parents=True, exist_ok=True)
    threads = helpers.cores() if min(jobs, len(books)) <= 1 else 1
    for result in execute_all(books, jobs):
        name, notebook = result.lesson, books[result.lesson]
        if result.error:
            failed.append(f"FAILED {name}, {result.error}")
        else:
            teaching.record(notebook, name, threads, result)
        notebook.metadata["run"] = result._asdict() | {"track": helpers.track()}
        nbformat.write(clean(notebook), RUNS / f"{name}.ipynb")
    passed = len(books) - len(failed)
    print(f"{passed} of {len(books)} lessons passed.", *sorted(failed), sep="\n")
    return 1 if failed else 0


def badges(file: str) -> list[str]:
    """Return the badges that open a notebook: Colab, Binder, Kaggle, Codespaces."""
    name = repository().removeprefix("https://github.com/")
    return BADGES.format(name=name, file=file).splitlines()


def lesson_table() -> str:
    """Return the README's lesson table with its badges."""
    rows = []
    for row, path in zip(course.lessons(), sources(), strict=True):
        file = f"notebooks/{path.stem}.ipynb"
        title = f"[{row['number']} {row['title']}]({file})"
        core = round(teaching.core_minutes(learner_version(read_source(path))))
        rows.append((title, row["learn"], core, row["minutes"], " ".join(badges(file)[:3])))
    rows.append(("all", "", sum(row[2] for row in rows), sum(row[3] for row in rows), ""))
    return table("lesson | what you learn | core, minutes | all, minutes | open", rows)


def trap_page() -> str:
    """Return the text of docs/traps.md: a table of the headings "Trap: ..." of all lessons."""
    rows = [
        (f"[{path.stem[:2]}](../notebooks/{path.stem}.ipynb)", trap[0].upper() + trap[1:])
        for path in sources()
        for trap in re.findall(r"^# ### Trap: (.+)$", path.read_text(encoding="utf-8"), re.M)
    ]
    return TRAP_PAGE.format(table=table("lesson | trap", rows))


def derived_pages() -> dict[Path, str]:
    """Return the text of each page that is made from the lessons, wholly or between markers."""
    readme, citation = (file.read_text(encoding="utf-8") for file in (README, CITATION))
    first = badges(f"notebooks/{sources()[0].stem}.ipynb")
    readme = with_block(readme, "badges", "\n".join(first))
    cited = {"version": project()["version"], "repository-code": repository()}
    line = rf"(?m)^({'|'.join(cited)}): .*$"
    return {
        README: with_block(readme, "lessons", lesson_table()),
        CITATION: re.sub(line, lambda found: f"{found[1]}: {cited[found[1]]}", citation),
        GLOSSARY: glossary.page([lesson(path) for path in sources()]),
        TRAPS: trap_page(),
    }


def stale(paths: list[Path]) -> list[str]:
    """Return the names of derived files that do not match their sources."""
    derived = [version for path in paths for version in versions(path)]
    names = [file for file, notebook in derived if with_outputs(file, notebook) is not False]
    for file, text in derived_pages().items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            names.append(file)
    known = {path.stem for path in sources()}
    every = [*NOTEBOOKS.glob("*.ipynb"), *SOLUTIONS.glob("*.ipynb")]
    strays = [f"{file.relative_to(ROOT)} (no source)" for file in every if file.stem not in known]
    return [str(file.relative_to(ROOT)) for file in names] + strays


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--repository")
    options = parser.parse_args()
    if options.run:
        return run(options.lessons, options.jobs)
    paths = sources(options.lessons)
    if options.check:
        names = stale(paths)
        for name in names:
            print(f"stale: {name}")
        print("Run: make build" if names else "Every derived file matches its source.")
        return 1 if names else 0
    SOLUTIONS.mkdir(exist_ok=True)
    name_repository(options.repository or origin())
    build(paths)
    for file, text in derived_pages().items():
        write(file, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
