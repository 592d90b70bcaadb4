"""The check of lesson 10, Exercise 3 · Find old names."""

from __future__ import annotations

import ast
import random
import re

from exercises.verdict import Verdict, compare


def used(
    source: str, imports=True, keywords=True, attributes=True, variables=False, first=False
) -> list[str]:
    """Return the names that a source imports, passes as keywords, and takes as attributes; as often as it does."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if imports and isinstance(node, ast.ImportFrom):
            found += [alias.name for alias in node.names][: 1 if first else None]
        elif keywords and isinstance(node, ast.keyword):
            found.append(node.arg)
        elif attributes and isinstance(node, ast.Attribute):
            found.append(node.attr)
        elif variables and isinstance(node, ast.Name):
            found.append(node.id)
    return found


def _in(names, old_names) -> list[str]:
    return sorted(set(old_names) & set(names))


def _source(rng: random.Random) -> tuple[str, list[str]]:
    names = [f"{rng.choice('abcdefgh')}{rng.choice('xyz')}_{n}" for n in range(12)]
    a, b, c, d, e, f, g, h, i, j, k, m = names
    lines = [
        f"from library import {a}, {k}",
        f"value = call({b}=1)",
        f"thing.{c}(2)  # not {d}",
        f"text = 'no {e} here', '{d}', 'f({e}=1).{m}'",
        f"{f} = 3",
        f"deep(inner({g}=4).{h})",
        f"twice.{c}",
        f"{i}x = longer.{j}y",
    ]
    rng.shuffle(lines)
    return "\n".join(lines), rng.sample(names, rng.randrange(5, 13))


def check_find_old_names(function) -> Verdict:
    """Check `find_old_names(source, old_names) -> list[str]`, sorted, each once."""
    rng = random.Random()
    old = ["load_metric", "no_cuda", "encode_plus", "tokenizer"]
    cases = [
        ("from datasets import load_metric\nTrainingArguments('x', no_cuda=True)", old),
        ("tokenizer = load()\ntokenizer('# no_cuda')  # encode_plus", old),
        ("def metric():\n    from datasets import load_metric as load\n    return load", old),
        ("Trainer(tokenizer=tokenizer)\nids = tokenizer.encode_plus(text)", old),
        ("from transformers import Trainer, load_metric\nload_metric('load_metric')", old),
        (
            "TrainingArguments(**options, no_cuda=True)\nTrainingArguments('no_cuda', no_cuda=False)",
            old,
        ),
        ("print('encode_plus')  # f(no_cuda=True).encode_plus", old),
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
            (
                "only imports are found. Keywords are nodes of the kind `ast.keyword`, attributes `ast.Attribute`.",
                lambda source, names: _in(used(source, keywords=False, attributes=False), names),
            ),
            (
                "only keywords are found. Imports are nodes of the kind `ast.ImportFrom`, attributes `ast.Attribute`.",
                lambda source, names: _in(used(source, imports=False, attributes=False), names),
            ),
            (
                "only attributes are found. Imports are nodes of the kind `ast.ImportFrom`, keywords `ast.keyword`.",
                lambda source, names: _in(used(source, imports=False, keywords=False), names),
            ),
            (
                "of an import of several names only the first is found. Go through all of `names`.",
                lambda source, names: _in(used(source, first=True), names),
            ),
            (
                "variables of that name count as well. A variable, `ast.Name`, is no use of an old name.",
                lambda source, names: _in(used(source, variables=True), names),
            ),
            (
                "a name that is used twice is listed twice. Return each once.",
                lambda source, names: sorted(name for name in used(source) if name in names),
            ),
            (
                "names that are not in `old_names` are listed too. Return the old ones only.",
                lambda source, names: sorted(set(used(source))),
            ),
        ],
    )
