"""What Sphinx reads: the course's texts and lessons, each at its place in the repository, and pages of our own."""

from __future__ import annotations

import ast
import re
from functools import cache
from html import escape
from pathlib import Path

import nbformat
from mdit_py_plugins.anchors.index import slugify  # MyST's: it is GitHub's

import helpers
from exercises import progress
from helpers import course
from tools import build, teaching
from tools.build import RUNS
from tools.markdown import table

ROOT = helpers.ROOT
TEXTS = (
    *("docs/glossary.md", "docs/traps.md", "docs/teaching.md", "docs/scaling.md"),
    *("data/README.md", "benchmarks/README.md", "CONTRIBUTING.md"),
)
PICTURES = ("docs/course.svg", "docs/loop.svg", "docs/check.png", "docs/lab.png")
LINK = re.compile(r"(?<=\]\()(?!https?:|#)(?P<path>[^)#\s]+)(?P<place>#[^)\s]+)?(?=\))")
# A link that says the file's name says the page's title instead.
NAMED = re.compile(r"\[`?([\w./-]+\.md)`?\]\(\1\)")
BADGE = re.compile(r"\[!\[[^\]]*\]\(https?:[^)]*\)\]\([^)]*\)")
ANCHOR = re.compile(r'^##+ <a id="(.+)"></a>(.+)$', re.MULTILINE)


def modules() -> list[Path]:
    """Return the modules of helpers that have a page."""
    return sorted((ROOT / "helpers").glob("[!_]*.py"))


@cache
def definitions() -> dict[str, str]:
    """Return anchor -> definition of the glossary, as plain text."""
    terms = [term for path in build.sources() for term in build.lesson(path).terms]
    plain = {term.anchor: term.text.replace("`", "").replace('"', "'") for term in terms}
    return {anchor: text[0].upper() + text[1:] for anchor, text in plain.items()}


def relinked(text: str, folder: str) -> str:
    """Return a text of that folder whose links fit the book.

    A term of the glossary brings its definition, a module of helpers leads to its page of the API, and what is no
    page leads to the repository.
    """

    def target(found: re.Match) -> str:
        file = (ROOT / folder / found["path"]).resolve()
        if file.name == "glossary.md" and found["place"]:
            return f'{found[0]} "{definitions()[found["place"][1:]]}"'
        path = file.relative_to(ROOT.resolve()).as_posix()
        if file in map(Path.resolve, modules()):
            return f"/api/helpers.{file.stem}.md"
        if path in (*TEXTS, *PICTURES) or file.suffix == ".ipynb":
            return found[0]
        kind = "tree" if file.is_dir() else "blob"
        return f"{build.repository()}/{kind}/main/{path}"

    return LINK.sub(target, NAMED.sub(r"[](\1)", text))


def lesson_file(name: str) -> Path:
    """Return the notebook that the book shows: the one that `make course` ran, or, if it's of another text, the stored one."""
    stored, run = build.NOTEBOOKS / f"{name}.ipynb", RUNS / f"{name}.ipynb"
    if not run.exists():
        return stored
    texts = [[(c.id, c.source) for c in nbformat.read(f, 4).cells] for f in (stored, run)]
    return run if texts[0] == texts[1] else stored


def cards() -> str:
    """Return a card for each lesson: what it's about, minutes of its core, minutes of all."""
    found = []
    for lesson in course.lessons():
        notebook = nbformat.read(build.NOTEBOOKS / f"{lesson['name']}.ipynb", as_version=4)
        core = round(teaching.core_minutes(notebook))
        found.append(
            f"::::{{grid-item-card}} {lesson['number']} · {lesson['title']}\n"
            f":link: /notebooks/{lesson['name']}\n:link-type: doc\n\n"
            f"{lesson['learn'][0].upper()}{lesson['learn'][1:]}\n"
            f":::{{card-footer}}\ncore {core} minutes, all {lesson['minutes']}\n:::\n::::"
        )
    return "\n".join([":::::{grid} 1 2 2 2", ":gutter: 3\n", *found, ":::::"])


def toctree(caption: str, entries: list[str]) -> str:
    """Return a part of the sidebar."""
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}\n", *entries, "```"])


def readme_pages() -> dict[str, str]:
    """Return the landing page and the page of set-up, both parts of the README."""
    readme = BADGE.sub("", (ROOT / "README.md").read_text(encoding="utf-8"))
    opening, *sections = re.split(r"^(?=## )", readme, flags=re.MULTILINE)
    shown = re.compile(r"<!-- lessons: .*?<!-- end of lessons -->", re.DOTALL)
    (lessons,) = (section for section in sections if shown.search(section))
    others = [section for section in sections if section != lessons]
    trees = (
        toctree("Lessons", [f"notebooks/{lesson['name']}" for lesson in course.lessons()]),
        toctree("Look up", ["exercises", "docs/glossary", "docs/traps", "api/index"]),
        toctree(
            "About the course",
            [
                "Set up and use <setup>",
                "Teaching <docs/teaching>",
                "Scaling <docs/scaling>",
                "Data <data/README>",
                "Benchmarks <benchmarks/README>",
                "Contributing <CONTRIBUTING>",
                "This run <run>",
            ],
        ),
    )
    landing = [opening, shown.sub(lambda _: cards(), lessons), *trees]
    return {
        "index.md": relinked("\n\n".join(landing), ""),
        "setup.md": relinked("".join(["# Set up and use\n\n", *others]), ""),
    }


def _heading(found: re.Match) -> str:
    """Return a heading that had an anchor of its own; MyST gives it one that is the same, or gets the other beside."""
    own = "" if slugify(found[2]) == found[1] else f"({found[1]})=\n"
    return f"{own}## {found[2]}"


def exercise_page() -> str:
    """Return the list of all exercises, numbered by lesson, each linked."""
    parts = ["# Exercises"]
    for number, name, title, *_ in map(dict.values, course.lessons()):
        rows = []
        for item in progress.exercises(number):
            said = f"Exercise {item.number} · {item.title} ({item.level}, {item.minutes} minutes)"
            link = f"[{item.title}](notebooks/{name}.ipynb#{slugify(said)})"
            rows.append((f"{number}.{item.number}", link, item.level, item.minutes))
        parts += [f"## {number} · {title}", table("number | exercise | difficulty | minutes", rows)]
    return "\n\n".join(parts)


def with_places(traps: str) -> str:
    """Return the page of traps, each linked to its place."""
    row = re.compile(r"^\| \[(\d\d)\]\((.+)\) \| (.+) \|$", re.MULTILINE)
    return row.sub(lambda m: f"| {m[1]} | [{m[3]}]({m[2]}#{slugify('Trap: ' + m[3])}) |", traps)


def run_page() -> str:
    """Return the table of what `make course` ran here: seconds, memory, result."""
    rows = []
    for lesson in course.lessons():
        file, title = lesson_file(lesson["name"]), f"{lesson['number']} {lesson['title']}"
        run = nbformat.read(file, as_version=4).metadata.get("run")
        said = ("", "", "", "not run")
        if run:
            result = escape(" ".join(run["error"].replace("|", "/").split())) or "passed"
            said = (run["track"], f"{run['seconds']:.0f}", f"{run['peak_mb']:,.0f}", result)
        rows.append((f"[{title}](notebooks/{lesson['name']}.ipynb)", *said))
    head = "lesson | track | seconds | peak memory, MB | result"
    intro = (
        "What `make course` ran on the machine that made this book. A lesson that it didn't run shows the outputs "
        "that come with the course."
    )
    return f"# This run\n\n{intro}\n\n{table(head, rows)}\n"


def api_pages() -> dict[str, str]:
    """Return a page for each module of helpers, and their list."""
    pages, rows = {}, []
    for module in modules():
        name = f"helpers.{module.stem}"
        about = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))).splitlines()[0]
        rows.append((f"[`{name}`]({name}.md)", about))
        directive = f".. automodule:: {name}\n   :members:\n"
        pages[f"api/{name}.md"] = f"# {name}\n\n```{{eval-rst}}\n{directive}```\n"
    intro = "What the lessons taught, to import in your own code: `from helpers import ner`."
    names = [f"helpers.{module.stem}" for module in modules()]
    tree = "\n".join(["```{toctree}", ":hidden:\n", *names, "```"])
    contents = table("module | what is in it", rows)
    pages["api/index.md"] = f"# API of helpers\n\n{intro}\n\n{contents}\n\n{tree}\n"
    return pages


def pages() -> dict[str, str]:
    """Return path -> text of all pages but the lessons."""
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in TEXTS}
    texts["docs/traps.md"] = with_places(texts["docs/traps.md"])
    made = {"exercises.md": exercise_page(), "run.md": run_page(), **readme_pages(), **api_pages()}
    for path, text in texts.items():
        made[path] = relinked(ANCHOR.sub(_heading, text), str(Path(path).parent))
    return made


def write(folder: Path) -> None:
    """Write all that Sphinx reads into a folder; a file that is as it should be keeps its date, and isn't read again."""
    wanted = {path: text.encode() for path, text in pages().items()}
    for lesson in course.lessons():
        file = lesson_file(lesson["name"])
        wanted[f"notebooks/{lesson['name']}.ipynb"] = file.read_bytes()
    wanted |= {path: (ROOT / path).read_bytes() for path in PICTURES}
    for path in folder.rglob("*.*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for path, content in wanted.items():
        file = folder / path
        if not file.exists() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
