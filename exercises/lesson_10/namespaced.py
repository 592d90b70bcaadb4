"""The check of lesson 10, Exercise 1 · Give a name its owner."""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare

HOMES = {
    "imdb": "stanfordnlp/imdb",
    "squad": "rajpurkar/squad",
    "squad_v2": "rajpurkar/squad_v2",
    "rotten_tomatoes": "cornell-movie-review-data/rotten_tomatoes",
}


FORMATS = ("csv", "json", "parquet", "text")


def check_namespaced(function) -> Verdict:
    """Check `namespaced(name, homes) -> str`: owners for bare names, everything else as it is."""
    rng = random.Random()
    names = [*HOMES, *FORMATS, "rajpurkar/squad", "nobody/squad", "data/squad", "./imdb"]
    names += ["IMDB", "tomatoes"]
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
                "a name that has an owner is looked up by its last part. It has a home: leave it.",
                lambda name, homes: homes.get(name.split("/")[-1], name),
            ),
            (
                "it returns the owner alone. Return owner/name.",
                lambda name, homes: homes[name].split("/")[0] if name in homes else name,
            ),
            ("it replaces parts of names: squad is a part of squad_v2.", _replaced),
            (
                "it takes a name for another that is a part of it: squad is a part of squad_v2. Compare whole names.",
                lambda name, homes: next((homes[bare] for bare in homes if bare in name), name),
            ),
            (
                "only the first name of `homes` is looked at: `return` ends a loop. Go on to the others.",
                lambda name, homes: homes[name] if name == next(iter(homes)) else name,
            ),
            (
                "capitals are taken for small letters. `homes` lacks such a name, so it stays as it is.",
                lambda name, homes: homes.get(name.lower(), name),
            ),
            (
                "it returns the name unchanged. Look it up in `homes`.",
                lambda name, homes: name,
            ),
            (
                "names that `homes` lacks do not stay as they are, such as json, or a name that has an owner.",
                lambda name, homes: homes[
                    name
                ],  # what it does with a name that is missing: not compared
            ),
        ],
    )


def _replaced(name, homes):
    for bare, home in homes.items():
        name = name.replace(bare, home)
    return name
