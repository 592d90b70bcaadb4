"""Checks of lesson 10."""

from __future__ import annotations

import random

from helpers.checks.verdict import Verdict, compare

HOMES = {
    "imdb": "stanfordnlp/imdb",
    "squad": "rajpurkar/squad",
    "squad_v2": "rajpurkar/squad_v2",
    "rotten_tomatoes": "cornell-movie-review-data/rotten_tomatoes",
}
FORMATS = ("csv", "json", "parquet", "text")
WORDS = ("no_cuda", "fp16", "save_steps", "learning_rate", "seed", "evaluation_strategy")


# namespaced -----------------------------------------------------------------------------------


def check_namespaced(function) -> Verdict:
    """Check `namespaced(name, homes) -> str`: owners for bare names, everything else as it is."""
    rng = random.Random()
    names = [*HOMES, *FORMATS, "rajpurkar/squad", "nobody/squad", "data/squad", "./imdb"]
    cases = [(name, HOMES) for name in names]
    for _ in range(10):
        owner, name = rng.choice("abc") * 3, f"set{rng.randrange(100)}"
        homes = HOMES | {name: f"{owner}/{name}"}
        cases += [(name, homes), (f"{owner}x/{name}", homes)]
    return compare(
        "namespaced",
        function,
        lambda name, homes: homes.get(name, name),
        cases,
        [
            (
                "names that `homes` lacks are lost. A format such as json, or a name with an owner, stays as it is.",
                lambda name, homes: homes.get(name),
            ),
            (
                "a name that has an owner is looked up by its last part. It has a home: leave it.",
                lambda name, homes: homes.get(name.split("/")[-1], name),
            ),
            (
                "it returns the owner alone. Return owner/name.",
                lambda name, homes: homes[name].split("/")[0] if name in homes else name,
            ),
            ("it replaces parts of names: squad is a part of squad_v2.", _replaced),
            (
                "it returns the name unchanged. Look it up in `homes`.",
                lambda name, homes: name,
            ),
        ],
    )


def _replaced(name, homes):
    for bare, home in homes.items():
        name = name.replace(bare, home)
    return name


# translate_arguments --------------------------------------------------------------------------


def translate(
    old: dict,
    *,
    ratio: str = "warmup_steps",
    steps_win: bool = True,
    group: bool = False,
    drop: bool = True,
    rename: bool = True,
) -> dict:
    """Return arguments of 2022 as today's; each keyword switches one of the usual mistakes on."""
    new = dict(old)
    for before, after in {"evaluation_strategy": "eval_strategy", "no_cuda": "use_cpu"}.items():
        if rename and before in new:
            new[after] = new.pop(before)
    if drop:
        new.pop("overwrite_output_dir", None)
    by_length = new.pop("group_by_length", False)
    if by_length or (group and "group_by_length" in old):
        new["train_sampling_strategy"] = by_length if group else "group_by_length"
    if "warmup_ratio" in new:
        share = new.pop("warmup_ratio")
        if not (steps_win and old.get("warmup_steps", 0) > 0):
            new[ratio] = share
    return new


def check_translate_arguments(function) -> Verdict:
    """Check `translate_arguments(old) -> dict`."""
    rng = random.Random()
    cases = [
        ({"evaluation_strategy": "epoch", "learning_rate": 2e-5},),
        ({"no_cuda": True, "overwrite_output_dir": True},),
        ({"warmup_ratio": 0.1, "warmup_steps": 50},),
        ({"warmup_ratio": 0.1, "warmup_steps": 0},),
        ({"group_by_length": False, "warmup_ratio": 0.06},),
        ({"group_by_length": True},),
        ({},),
    ]
    for _ in range(20):
        old = {
            "evaluation_strategy": rng.choice(("epoch", "steps", "no")),
            "no_cuda": rng.random() < 0.5,
            "overwrite_output_dir": rng.random() < 0.5,
            "group_by_length": rng.random() < 0.5,
            "warmup_ratio": rng.randrange(1, 50) / 100,
            "warmup_steps": rng.choice((0, rng.randrange(1, 500))),
            "seed": rng.randrange(100),
        }
        cases.append(({name: old[name] for name in rng.sample(list(old), rng.randrange(2, 8))},))
    return compare(
        "translate_arguments",
        function,
        translate,
        cases,
        [
            (
                "the ratio replaces a number of warm-up steps. Steps above zero won in 2022, and must win now.",
                lambda old: translate(old, steps_win=False),
            ),
            (
                "`warmup_ratio` is still there. It is refused today.",
                lambda old: translate(old, ratio="warmup_ratio"),
            ),
            (
                "`overwrite_output_dir` is still there. It is refused today; leave it out.",
                lambda old: translate(old, drop=False),
            ),
            (
                "`train_sampling_strategy` gets True or False. It takes a name: 'group_by_length', where that was on.",
                lambda old: translate(old, group=True),
            ),
            (
                "the renamed arguments keep their old names.",
                lambda old: translate(old, rename=False),
            ),
        ],
    )
