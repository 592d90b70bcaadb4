"""The check of lesson 10, Exercise 2 · Translate the arguments."""

from __future__ import annotations

import random
from collections.abc import Callable

from exercises.verdict import Verdict, compare


def translate(
    old: dict,
    *,
    ratio: str = "warmup_steps",
    wins: Callable = lambda old: old.get("warmup_steps", 0) > 0,
    sampling: Callable = lambda on: "group_by_length" if on else None,
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
    if "group_by_length" in new:
        chosen = sampling(new.pop("group_by_length"))
        if chosen is not None:
            new["train_sampling_strategy"] = chosen
    if "warmup_ratio" in new:
        share = new.pop("warmup_ratio")
        if not wins(old):
            new[ratio] = share
    return new


def _later_wins(old):
    return translate(
        {"warmup_steps" if name == "warmup_ratio" else name: old[name] for name in old}
    )


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
        ({"warmup_steps": 0, "seed": 0, "no_cuda": False},),
        ({"warmup_steps": 0, "warmup_ratio": 0.1},),
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
                lambda old: translate(old, wins=lambda old: False),
            ),
            (
                "the ratio and the number of warm-up steps get one key, and the later of them wins. Steps above zero win.",
                _later_wins,
            ),
            (
                "a number of 0 warm-up steps wins over the ratio. Only steps above zero won in 2022.",
                lambda old: translate(old, wins=lambda old: "warmup_steps" in old),
            ),
            (
                "the ratio is lost. It becomes `warmup_steps`.",
                lambda old: translate(old, wins=lambda old: True),
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
                lambda old: translate(old, sampling=lambda on: on),
            ),
            (
                "`train_sampling_strategy` gets True. It takes a name: 'group_by_length'.",
                lambda old: translate(old, sampling=lambda on: on or None),
            ),
            (
                "`train_sampling_strategy` is set where grouping was off. Look at the value, not only for the key.",
                lambda old: translate(old, sampling=lambda on: "group_by_length"),
            ),
            (
                "the renamed arguments keep their old names.",
                lambda old: translate(old, rename=False),
            ),
            (
                "values that count as false, such as 0, are left out. They stay.",
                lambda old: {name: value for name, value in translate(old).items() if value},
            ),
        ],
    )
