"""The rooms of the house: who may import whom, without circles."""

import ast
from graphlib import TopologicalSorter

import pytest

import helpers

# From below to above: a room imports from itself and from those before it.
ROOMS = ("helpers", "scripts", "exercises", "labs", "tools", "benchmarks", "book")


def files(room):
    """Return path -> text of each Python file of a room; the path is relative to the course."""
    paths = sorted((helpers.ROOT / room).rglob("*.py"))
    return {path.relative_to(helpers.ROOT): path.read_text(encoding="utf-8") for path in paths}


def modules():
    """Return dotted name -> syntax tree of each of our modules."""
    found = {}
    for room in ROOMS:
        for path, text in files(room).items():
            found[".".join(path.with_suffix("").parts).removesuffix(".__init__")] = ast.parse(text)
    return found


def imports(trees):
    """Return module -> our modules that it imports, wherever in it the import stands."""
    graph = {}
    for name, tree in trees.items():
        asked = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                asked |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                whole = {f"{node.module}.{alias.name}" for alias in node.names}
                asked |= {part if part in trees else node.module for part in whole}
        graph[name] = (asked & trees.keys()) - {name}
    return graph


def upward(graph):
    """Return "module imports module" for each import that goes up."""
    level = {room: number for number, room in enumerate(ROOMS)}
    return [
        f"{name} imports {other}"
        for name, others in sorted(graph.items())
        for other in sorted(others)
        if level[other.split(".")[0]] > level[name.split(".")[0]]
    ]


def test_imports_go_down_only_without_circles():
    graph = imports(modules())
    assert upward(graph) == []
    TopologicalSorter(graph).prepare()  # raises where there is a circle, and names it


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("helpers.a", "from labs import own", "helpers.a imports labs.own"),
        ("helpers.a", "import labs.own", "helpers.a imports labs.own"),
        ("labs.b", "def f():\n from tools.c import x", "labs.b imports tools.c"),
    ],
)
def test_an_import_that_goes_up_is_found(name, source, found):
    trees = {name: ast.parse(source), "labs.own": ast.parse(""), "tools.c": ast.parse("")}
    assert upward(imports(trees)) == [found]


# What a room may hold: Python files and their lines. They may only shrink, unless a new feature needs more room.
MOST = {
    "helpers": (15, 3_327),
    "exercises": (16, 3_271),
    "labs": (24, 4_190),
    "scripts": (3, 319),
    "tools": (11, 1_577),
    "benchmarks": (14, 1_000),
    "book": (5, 408),
    "tests": (64, 14_468),
}
LONGEST = 300  # lines of a module of helpers, which is to be read from top to bottom


def lengths(room):
    """Return the lines of each Python file of a room."""
    return {str(path): len(text.splitlines()) for path, text in files(room).items()}


@pytest.mark.parametrize("room", MOST)
def test_no_room_outgrows_its_limits(room):
    found, (most, lines) = lengths(room), MOST[room]
    remedy = "Shorten something; if what is new needs the room, raise MOST in the same commit."
    assert len(found) <= most, remedy
    assert sum(found.values()) <= lines, remedy


def test_helpers_is_one_folder_of_short_modules():
    found = lengths("helpers")
    assert {name: count for name, count in found.items() if count > LONGEST} == {}
    assert [name for name in found if name.count("/") > 1] == []
