"""Checks of lesson 10 on pieces of source code."""

from __future__ import annotations

import ast
import random
import re

from helpers.checks.verdict import Verdict, compare

# find_old_names -------------------------------------------------------------------------------


def used(source: str, imports=True, keywords=True, attributes=True) -> set[str]:
    """Return the names that a source imports, passes as keywords, and takes as attributes."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if imports and isinstance(node, (ast.ImportFrom, ast.Import)):
            found |= {alias.name for alias in node.names}
        elif keywords and isinstance(node, ast.keyword):
            found.add(node.arg)
        elif attributes and isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


def _in(names, old_names) -> list[str]:
    return sorted(set(old_names) & set(names))


def _source(rng: random.Random) -> tuple[str, list[str]]:
    names = [f"{rng.choice('abcdefgh')}{rng.choice('xyz')}_{n}" for n in range(10)]
    a, b, c, d, e, f, g, h, i, j = names
    lines = [
        f"from library import {a}",
        f"value = call({b}=1)",
        f"thing.{c}(2)  # not {d}",
        f"text = 'no {e} here'",
        f"{f} = 3",
        f"deep(inner({g}=4).{h})",
        f"twice.{c}",
        f"{i}x = longer.{j}y",
    ]
    rng.shuffle(lines)
    return "\n".join(lines), rng.sample(names, rng.randrange(5, 11))


def check_find_old_names(function) -> Verdict:
    """Check `find_old_names(source, old_names) -> list[str]`, sorted, each once."""
    rng = random.Random()
    old = ["load_metric", "no_cuda", "encode_plus", "tokenizer"]
    cases = [
        ("from datasets import load_metric\nTrainingArguments('x', no_cuda=True)", old),
        ("tokenizer = load()\ntokenizer('# no_cuda')  # encode_plus", old),
        ("def metric():\n    from datasets import load_metric as load\n    return load", old),
        ("Trainer(tokenizer=tokenizer)\nids = tokenizer.encode_plus(text)", old),
        ("", old),
    ]
    cases += [_source(rng) for _ in range(20)]
    return compare(
        "find_old_names",
        function,
        lambda source, names: _in(used(source), names),
        cases,
        [
            (
                "it looks into texts and comments, and finds names inside longer ones. Walk over the syntax tree.",
                lambda source, names: sorted({name for name in names if name in source}),
            ),
            (
                "it finds whole words, in texts and comments too. Walk over the syntax tree.",
                lambda source, names: _in(re.findall(r"\w+", source), names),
            ),
            (
                "keywords such as `no_cuda=True` are missed. They are nodes of the kind `ast.keyword`.",
                lambda source, names: _in(used(source, keywords=False), names),
            ),
            (
                "attributes such as `tokenizer.encode_plus` are missed. They are nodes of the kind `ast.Attribute`.",
                lambda source, names: _in(used(source, attributes=False), names),
            ),
            (
                "imports are missed. They are nodes of the kind `ast.ImportFrom`, with a list of `names`.",
                lambda source, names: _in(used(source, imports=False), names),
            ),
        ],
    )


# rename_keywords ------------------------------------------------------------------------------


def renamed(source: str, renames: dict, backwards: bool = True, first: bool = False) -> str:
    """Return the source with keyword arguments renamed; the two switches are usual mistakes."""
    lines = source.split("\n")
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword)]
    nodes = sorted(
        (node for node in nodes if node.arg in renames), key=lambda n: (n.lineno, n.col_offset)
    )
    if first:
        nodes = nodes[:1]
    for node in reversed(nodes) if backwards else nodes:
        row, start = node.lineno - 1, node.col_offset
        end = start + len(node.arg)
        lines[row] = lines[row][:start] + renames[node.arg] + lines[row][end:]
    return "\n".join(lines)


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
                "comments and layout are lost: `ast.unparse` writes code of its own. Change the text in place.",
                _unparsed,
            ),
            (
                "later keywords of a line are cut in the wrong place. Go from the last to the first, so that places stay true.",
                lambda source, renames: renamed(source, renames, backwards=False),
            ),
            (
                "only the first keyword is renamed.",
                lambda source, renames: renamed(source, renames, first=True),
            ),
        ],
    )


def _everywhere(source, renames):
    for old, new in renames.items():
        source = source.replace(old, new)
    return source


def _unparsed(source, renames):
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            node.arg = renames.get(node.arg, node.arg)
    return ast.unparse(tree)
