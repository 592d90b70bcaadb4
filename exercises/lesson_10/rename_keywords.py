"""The check of lesson 10, Exercise 4 · Rename keywords in place."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable

from exercises.verdict import Verdict, compare


def renamed(
    source: str,
    renames: dict,
    order: Callable = lambda nodes: sorted(nodes, key=_place, reverse=True),
    length: Callable = lambda old, new: len(old),
) -> str:
    """Return the source with keyword arguments renamed; the order and how much is cut may be mistaken."""
    lines = source.split("\n")
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword)]
    for node in order([node for node in nodes if node.arg in renames]):
        row, start, new = node.lineno - 1, node.col_offset, renames[node.arg]
        end = start + length(node.arg, new)
        lines[row] = lines[row][:start] + new + lines[row][end:]
    return "\n".join(lines)


def _place(node) -> tuple[int, int]:
    return node.lineno, node.col_offset


def check_rename_keywords(function) -> Verdict:
    """Check `rename_keywords(source, renames) -> str`."""
    rng = random.Random()
    renames = {"no_cuda": "use_cpu", "evaluation_strategy": "eval_strategy"}
    cases = [
        ("TrainingArguments('x', no_cuda=True)", renames),
        ("no_cuda = True\nmake(no_cuda=no_cuda)  # no_cuda", renames),
        ("make(evaluation_strategy='epoch', no_cuda=True, seed=1)", renames),
        ("make(\n    'no_cuda',\n    no_cuda=1,  # keep\n)\nprint( 'x' )", renames),
        ("print('nothing to do')  # no_cuda", renames),
        ("\nmake(no_cuda=True, **more)\n", renames),
    ]
    for _ in range(20):
        old = rng.sample(("alpha", "beta", "gamma", "delta"), 3)
        table = {name: name + "_" * rng.randrange(1, 4) + rng.choice("xyz") for name in old}
        a, b, c = old
        lines = [
            f"first({a}={b}, {b}=2, {c} = 3)  # {a}",
            f"text = '{c}={a}'",
            f"{b} = outer(inner({a}=1), {c}={c})",
            "spaced( 1,2 )",
        ]
        rng.shuffle(lines)
        cases.append(("\n".join(lines), table))
    return compare(
        "rename_keywords",
        function,
        renamed,
        cases,
        [
            (
                "texts, comments and variables change too. Change only where the tree has a keyword.",
                _everywhere,
            ),
            (
                "whatever stands before an equals sign changes, variables and texts among it. Change only where the tree has a keyword.",
                lambda source, renames: re.sub(
                    r"\b(\w+)(?= *=[^=])", lambda m: renames.get(m[1], m[1]), source
                ),
            ),
            (
                "whatever stands before an equals sign changes, variables and texts among it. Change only where the tree has a keyword.",
                _before_equals,
            ),
            (
                "whole lines change, with their texts, comments and variables. Change a line at `col_offset` only.",
                _by_line,
            ),
            (
                "in a line with a keyword the first such name changes, whatever it is. Change the line at `col_offset`.",
                lambda source, renames: _by_line(source, renames, 1),
            ),
            (
                "comments and layout are lost: `ast.unparse` writes code of its own. Change the text in place.",
                _unparsed,
            ),
            (
                "later keywords of a line are cut in the wrong place. Go from the last to the first, so that places stay true.",
                lambda source, renames: renamed(
                    source, renames, order=lambda nodes: sorted(nodes, key=_place)
                ),
            ),
            (
                "later keywords of a line are cut in the wrong place. Sort the nodes by line and column, and go from "
                "the last to the first.",
                lambda source, renames: renamed(source, renames, order=list),
            ),
            (
                "keywords of a call inside a call are cut in the wrong place: `ast.walk` does not go from the front to "
                "the end. Sort the nodes by line and column.",
                lambda source, renames: renamed(source, renames, order=reversed),
            ),
            (
                "the old name stays behind the new one. Cut it out: it is `len(node.arg)` long.",
                lambda source, renames: renamed(source, renames, length=lambda old, new: 0),
            ),
            (
                "as much is cut out as the new name is long. Cut the length of the old one.",
                lambda source, renames: renamed(source, renames, length=lambda old, new: len(new)),
            ),
            (
                "the newline at the end is lost: `splitlines` drops it. Use `split('\\n')`.",
                lambda source, renames: "\n".join(renamed(source, renames).splitlines()),
            ),
            (
                "outer spaces and newlines are stripped. Leave them.",
                lambda source, renames: renamed(source, renames).strip(),
            ),
            (
                "only the first keyword is renamed.",
                lambda source, renames: renamed(
                    source, renames, order=lambda nodes: sorted(nodes, key=_place)[:1]
                ),
            ),
        ],
    )


def _everywhere(source, renames):
    for old, new in renames.items():
        source = source.replace(old, new)
    return source


def _before_equals(source, renames):
    for old, new in renames.items():
        source = source.replace(f"{old}=", f"{new}=")
    return source


def _by_line(source, renames, count=-1):
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in renames:
            row = node.lineno - 1
            lines[row] = lines[row].replace(node.arg, renames[node.arg], count)
    return "\n".join(lines)


def _unparsed(source, renames):
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            node.arg = renames.get(node.arg, node.arg)
    return ast.unparse(tree)
