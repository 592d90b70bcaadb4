"""Lesson 10's exercises."""

import ast
import re  # noqa: F401  the mistakes use it
from functools import reduce  # noqa: F401

from exercises.table import exercise

HOMES = {
    "imdb": "stanfordnlp/imdb",
    "squad": "rajpurkar/squad",
    "squad_v2": "rajpurkar/squad_v2",
    "rotten_tomatoes": "cornell-movie-review-data/rotten_tomatoes",
}


def data_set_names(rng):
    others = ["csv", "json", "parquet", "text", "rajpurkar/squad", "nobody/squad", "data/squad"]
    cases = [(name, HOMES) for name in [*HOMES, *others, "./imdb", "IMDB", "tomatoes"]]
    for _ in range(10):
        owner, name = rng.choice("abc") * 3, f"set{rng.randrange(100)}"
        homes = HOMES | {name: f"{owner}/{name}s"}
        cases += [(name, homes), (f"{owner}x/{name}", homes)]
    return cases


@exercise(data_set_names)
def namespaced(name, homes):
    """
    a name that already has an owner is looked up by its last part. Leave such a name as it is.
        homes.get(name, → homes.get(name.split("/")[-1],
    it returns the owner alone. Return owner/name.
        = homes[name].split("/")[0] if name in homes else name
    it replaces parts of names: squad is a part of squad_v2. Look up the whole name.
        = reduce(lambda text, bare: text.replace(bare, homes[bare]), homes, name)
    it confuses a name with a shorter one inside it: squad is a part of squad_v2. Compare whole names.
        = next((homes[bare] for bare in homes if bare in name), name)
    only the first name of `homes` is looked at: `return` ends a loop. Go on to the others.
        = homes[name] if name == next(iter(homes)) else name
    it ignores the difference between capital and small letters. A name that `homes` lacks stays as it is, so compare it unchanged.
        homes.get(name, → homes.get(name.lower(),
    it returns the name unchanged. Look it up in `homes`.
        = name
    it changes or refuses names that `homes` lacks, such as json. They stay as they are.
        = homes[name]
    """
    return homes.get(name, name)


def old_arguments(rng):
    cases = [{"evaluation_strategy": "epoch", "learning_rate": 2e-5}]
    cases += [{"no_cuda": True, "overwrite_output_dir": True}]
    cases += [{"warmup_ratio": 0.1, "warmup_steps": steps} for steps in (50, 0)]
    cases += [{"group_by_length": False, "warmup_ratio": 0.06}, {"group_by_length": True}]
    cases += [{"warmup_steps": 0, "seed": 0, "no_cuda": False}]
    cases += [{"warmup_steps": 0, "warmup_ratio": 0.1}, {}]
    for _ in range(20):
        old = {"evaluation_strategy": rng.choice(("epoch", "steps", "no"))}
        for flag in ("no_cuda", "overwrite_output_dir", "group_by_length"):
            old[flag] = rng.random() < 0.5
        old["warmup_ratio"] = rng.randrange(1, 50) / 100
        old["warmup_steps"] = rng.choice((0, rng.randrange(1, 500)))
        old["seed"] = rng.randrange(100)
        cases.append(dict(rng.sample(list(old.items()), rng.randrange(2, 8))))
    return [(old,) for old in cases]


@exercise(old_arguments)
def translate_arguments(old):
    """
    the ratio replaces a number of warm-up steps. Steps above zero won in 2022, and must win now.
        not new.get("warmup_steps") → True
    the ratio and the number of warm-up steps get one key, and the later of them wins. Steps above zero win.
        "use_cpu" → "use_cpu", "warmup_ratio": "warmup_steps"
    a number of 0 warm-up steps wins over the ratio. Only steps above zero won in 2022.
        not new.get("warmup_steps") → "warmup_steps" not in new
    the ratio is lost. It becomes `warmup_steps`.
        new["warmup_steps"] = share → pass
    `warmup_ratio` is still there. It is refused today.
        new["warmup_steps"] = share → new["warmup_ratio"] = share
    `overwrite_output_dir` is still there. It is refused today; leave it out.
        new.pop("overwrite_output_dir", None) → pass
    `train_sampling_strategy` gets True or False. It takes a name: 'group_by_length', where that was on.
        if new.pop("group_by_length", False) → if "group_by_length" in new ; = "group_by_length" → = new.pop("group_by_length")
    `train_sampling_strategy` gets True. It takes a name: 'group_by_length'.
        ] = "group_by_length" → ] = True
    `train_sampling_strategy` is set where grouping was off. Look at the value, not only for the key.
        new.pop("group_by_length", False) → new.pop("group_by_length", None) is not None
    the renamed arguments keep their old names.
        renamed.get(name, name) → name
    values that count as false, such as 0, are left out. They stay.
        return new → return {name: value for name, value in new.items() if value}
    """
    renamed = {"evaluation_strategy": "eval_strategy", "no_cuda": "use_cpu"}
    new = {renamed.get(name, name): value for name, value in old.items()}
    new.pop("overwrite_output_dir", None)
    if new.pop("group_by_length", False):
        new["train_sampling_strategy"] = "group_by_length"
    share = new.pop("warmup_ratio", None)
    if share is not None and not new.get("warmup_steps"):
        new["warmup_steps"] = share
    return new


def old_sources(rng):
    sources = [
        "from datasets import load_metric\nTrainingArguments('x', no_cuda=True)",
        "tokenizer = load()\ntokenizer('# no_cuda')  # encode_plus",
        "def metric():\n    from datasets import load_metric as load\n    return load",
        "Trainer(tokenizer=tokenizer)\nids = tokenizer.encode_plus(text)",
        "from transformers import Trainer, load_metric\nload_metric('load_metric')",
        "TrainingArguments(**options, no_cuda=True)\nTrainingArguments('no_cuda', no_cuda=False)",
        "print('encode_plus')  # f(no_cuda=True).encode_plus",
        "def train(no_cuda=False, **encode_plus):\n    return no_cuda",
        "from tokenizer import new as load_metric\n\ndef encode_plus(text):\n    return load_metric",
        "",
    ]
    old = ["load_metric", "no_cuda", "encode_plus", "tokenizer"]
    cases = [(source, old) for source in sources]
    for _ in range(20):
        names = [f"{rng.choice('abcdefgh')}{rng.choice('xyz')}_{n}" for n in range(12)]
        a, b, c, d, e, f, g, h, i, j, k, m = names
        lines = [f"from library import {a}, {k}", f"value = call({b}=1)", f"{f} = 3", f"twice.{c}"]
        lines += [f"text = 'no {e} here', '{d}', 'f({e}=1).{m}'", f"thing.{c}(2)  # not {d}"]
        lines += [f"deep(inner({g}=4).{h})", f"{i}x = longer.{j}y"]
        source = "\n".join(rng.sample(lines, len(lines)))
        cases.append((source, rng.sample(names, rng.randrange(5, 13))))
    return cases


@exercise(old_sources)
def find_old_names(source, old_names):
    r"""
    it looks into strings and comments, and finds names inside longer ones. Walk over the syntax tree.
        = sorted(name for name in old_names if name in source)
    it finds whole words, but in strings and comments too. Walk over the syntax tree.
        = sorted(set(old_names) & set(re.findall(r"\w+", source)))
    keywords such as `no_cuda=True` are missed. They are nodes of the kind `ast.keyword`.
        found.append(node.arg) → pass
    attributes such as `tokenizer.encode_plus` are missed. They are nodes of the kind `ast.Attribute`.
        found.append(node.attr) → pass
    imports are missed. They are nodes of the kind `ast.ImportFrom`, with a list of `names`.
        node.names → []
    only imports are found. Keywords are nodes of the kind `ast.keyword`, attributes `ast.Attribute`.
        found.append(node.arg) → pass ; found.append(node.attr) → pass
    only keywords are found. Imports are nodes of the kind `ast.ImportFrom`, attributes `ast.Attribute`.
        node.names → [] ; found.append(node.attr) → pass
    only attributes are found. Imports are nodes of the kind `ast.ImportFrom`, keywords `ast.keyword`.
        node.names → [] ; found.append(node.arg) → pass
    if an import has several names, only the first is found. Go through all of `names`.
        node.names → node.names[:1]
    variables count as well. A variable (`ast.Name`) that has the same name doesn't use the old one: leave it out.
        ast.Attribute → ast.Attribute | ast.Name ; node.attr → node.id if isinstance(node, ast.Name) else node.attr
    parameters of a function count as well. Only what a call passes is a keyword: `ast.keyword`.
        ast.keyword → ast.keyword | ast.arg
    a name that is used twice is listed twice. Return each once.
        set(old_names) & set(found) → name for name in found if name in old_names
    names that are not in `old_names` are listed too. Return only those that are.
        set(old_names) & set(found) → set(found)
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.keyword):
            found.append(node.arg)
        elif isinstance(node, ast.Attribute):
            found.append(node.attr)
    return sorted(set(old_names) & set(found))


def old_keywords(rng):
    renames = {"no_cuda": "use_cpu", "evaluation_strategy": "eval_strategy"}
    cases = [
        ("TrainingArguments('x', no_cuda=True)", renames),
        ("no_cuda = True\nmake(no_cuda=no_cuda)  # no_cuda", renames),
        ("make(evaluation_strategy='epoch', no_cuda=True, seed=1)", renames),
        ("make(\n    'no_cuda',\n    no_cuda=1,  # keep\n)\nprint( 'x' )", renames),
        ("print('nothing to do')  # no_cuda", renames),
        ("\nmake(no_cuda=True, **more)\n", renames),
        ("def train(no_cuda=False):\n    return make(no_cuda=no_cuda)", renames),
        (
            "def run(x):\n    no_cuda = x\n    return make(no_cuda=no_cuda, say='set no_cuda=True')",
            renames,
        ),
    ]
    for _ in range(20):
        a, b, c = old = rng.sample(("alpha", "beta", "gamma", "delta"), 3)
        table = {name: name + "_" * rng.randrange(1, 4) + rng.choice("xyz") for name in old}
        lines = [f"first({a}={b}, {b}=2, {c} = 3)  # {a}", f"text = '{c}={a}'", "spaced( 1,2 )"]
        lines += [f"{b} = outer(inner({a}=1), {c}=inner({a}={c}))"]
        cases.append(("\n".join(rng.sample(lines, len(lines))), table))
    return cases


@exercise(old_keywords)
def rename_keywords(source, renames):
    r"""
    strings, comments and variables change too. Change only what the tree has as a keyword.
        = reduce(lambda text, old: text.replace(old, renames[old]), renames, source)
    everything before an equals sign changes, even variables and strings. Change only what the tree has as a keyword.
        = re.sub(r"\b(\w+)(?= *=[^=])", lambda match: renames.get(match[1], match[1]), source)
        = reduce(lambda text, old: text.replace(f"{old}=", f"{renames[old]}="), renames, source)
    the name changes everywhere in the line, even in strings and comments. Change the line only at `col_offset`.
        line[:start] + new + line[end:] → line.replace(node.arg, new)
    the first match in the line changes, even if it isn't the keyword. Change the line at `col_offset`.
        line[:start] + new + line[end:] → line.replace(node.arg, new, 1)
    comments and layout are lost, because `ast.unparse` writes the code anew. Change the source in place.
        = ast.unparse(ast.parse(right(source, renames)))
    later keywords of a line are cut in the wrong place. Go from the last to the first, so that the positions still fit.
        reverse=True → reverse=False
    later keywords of a line are cut in the wrong place. Sort the nodes by line and column, and go from the last to the first.
        sorted(nodes, key=lambda n: (n.lineno, n.col_offset), reverse=True) → nodes
    keywords of a call inside a call are cut in the wrong place, because `ast.walk` doesn't go from left to right. Sort the nodes by line and column.
        sorted(nodes, key=lambda n: (n.lineno, n.col_offset), reverse=True) → reversed(nodes)
    the old name is still there after the new one. Cut it out: it is `len(node.arg)` long.
        line[end:] → line[start:]
    it cuts out the length of the new name. Cut out the length of the old one.
        len(node.arg) → len(new)
    the newline at the end is lost: `splitlines` drops it. Use `split('\n')`.
        source.split("\n") → source.splitlines()
    spaces and newlines at the start and the end are lost. Keep them.
        = right(source, renames).strip()
    only one keyword is renamed. Rename all of them.
        reverse=True) → reverse=True)[-1:]
    """
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword)]
    nodes = [node for node in nodes if node.arg in renames]
    lines = source.split("\n")
    for node in sorted(nodes, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        line, start, new = lines[node.lineno - 1], node.col_offset, renames[node.arg]
        end = start + len(node.arg)
        lines[node.lineno - 1] = line[:start] + new + line[end:]
    return "\n".join(lines)
