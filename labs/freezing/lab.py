"""The freezing lab: run a strategy over seeds, keep each run in the ledger, compare all of them."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from tqdm.auto import tqdm

import helpers
from helpers import expect, listed, runs
from helpers.freezing import check_strategy, trains
from labs.freezing import report
from labs.freezing.decide import LOOKS, Decision, until_decided
from labs.freezing.experiment import Experiment
from labs.freezing.panel import Panel
from labs.freezing.pictures import strategy_scores

LESSON = "06"
# Eight seeds of each strategy, for the lesson's comparison
BUNDLED = runs.BUNDLED / "strategies.jsonl"
CHOSEN = ("epochs", "learning_rate", "head_learning_rate")  # by a plan, the last where it needs one
SHOWN = ["strategy", "epochs", "learning_rate", "seed", "repeat", "trainable", "seconds"]
SHOWN += ["peak_mb", "f1"]


class Plan(NamedTuple):
    """A strategy to run, checked, in the ledger's words: every value is one that training can work with.

    `settings` holds what beside strategy and seed tells a run from another: what `Lab.shared` returns,
    "epochs", "learning_rate", and, where only biases and norms train, "head_learning_rate". `again` is "replace" or
    "add": take the place of the newest run of this name in the ledger, or stand beside it.
    """

    strategy: str
    seeds: Sequence[int]
    settings: dict
    again: str


def kind_of(strategy: str, model) -> str:
    """Return the kind of a strategy that learning rates go by: "none", "head", "first", "bias" or "lora".

    Any other is of the kind "none" where it trains a matrix of the model's encoder, else of the kind "bias".
    """
    kind = re.split("[-:]", strategy)[0]
    if kind in ("none", "head", "first", "lora"):
        return kind
    named = model.base_model.named_parameters(prefix=model.base_model_prefix)
    matrices = [name for name, value in named if value.ndim > 1]
    return "none" if any(trains(strategy, name) for name in matrices) else "bias"


class Lab:
    """Runs strategies on an experiment; `run_strategy` and the panel do the same.

    `experiment` is from `load_experiment`, or a learner's own from `own_data.experiment`. `settings` are lesson 06's
    "seed", "seeds", "epochs", and "learning_rate" (also with "part_", "head_", "lora_", "bias_" in front: of first-K,
    head-only, lora, and biases or norms), taken where a call names no other. `ledger` is the file that keeps the
    runs, None for the learner's.
    """

    busy = threading.Lock()  # of all labs: they share torch's random numbers

    def __init__(self, experiment: Experiment, settings: dict, ledger: Path | None = None):
        self.experiment, self.defaults, self.ledger = experiment, settings, ledger
        self.outline, self._panel = experiment.outline(), None

    def learning_rate(self, strategy: str) -> float:
        """Return the rate that suits a strategy: the fewer parameters, the larger the steps."""
        kind = kind_of(strategy, self.outline)
        named = {"none": "", "first": "part_"}.get(kind, f"{kind}_")
        return self.defaults[f"{named}learning_rate"]

    def plan(self, strategy, seeds=None, epochs=None, learning_rate=None, again="replace") -> Plan:
        """Check what a call or the panel asks for, and fill in what it leaves out.

        `strategy` is as in `freezing.freeze`; `seeds` how many, the first is the lesson's; `learning_rate` the highest,
        None for the one that suits the strategy; `again` "replace" or "add" a run that is in the ledger already.
        Raises ValueError: a value that training cannot work with.
        """
        strategy = str(strategy).strip()
        check_strategy(self.outline, strategy)
        seeds = _number(self.defaults["seeds"] if seeds is None else seeds, int, "seeds")
        epochs = _number(self.defaults["epochs"] if epochs is None else epochs, int, "epochs")
        if learning_rate in (None, ""):
            learning_rate = self.learning_rate(strategy)
        rate = _number(learning_rate, float, "learning rate")
        expect(again in ("replace", "add"), "again", again, "'replace' or 'add'")
        first, settings = self.defaults["seed"], {"epochs": epochs, "learning_rate": rate}
        # a rate that suits biases is too small for a new head
        if kind_of(strategy, self.outline) == "bias":
            settings["head_learning_rate"] = self.defaults["head_learning_rate"]
        return Plan(strategy, range(first, first + seeds), self.shared() | settings, again)

    def shared(self) -> dict:
        """Return the settings that all of this lab's runs have in common; the reviews have no "data"."""
        experiment = self.experiment
        rows = [len(experiment.train), len(experiment.evaluation)]
        named = {"data": experiment.data} if experiment.data else {}
        return named | {"model": experiment.name, "rows": rows}

    def steps(self, plan: Plan) -> int:
        """Count the steps of all runs of a plan."""
        batches = math.ceil(len(self.experiment.train) / self.experiment.batch_size)
        return batches * plan.settings["epochs"] * len(plan.seeds)

    def execute(self, plan: Plan, *, after_run=None, **events) -> list[dict]:
        """Run a plan, seed by seed, each from the checkpoint; return the ledger's rows, one a run that is done.

        `after_run` is called after each run; `events` are `after_step` and `after_batch` of `Experiment.run`, and
        whatever they raise ends the run. Raises ValueError: a run is under way.
        """
        if not self.busy.acquire(blocking=False):
            raise ValueError("A run is under way. Wait for its end, or press Stop.")
        chosen = {name: value for name, value in plan.settings.items() if name in CHOSEN}
        rows = []
        try:
            for seed in plan.seeds:
                # before training, so that a ledger that cannot be read costs no run
                repeat = repeat_number(plan, seed, self.ledger)
                name = {"seed": seed, "settings": plan.settings, "repeat": repeat}
                result = self.experiment.run(plan.strategy, seed=seed, **chosen, **events)
                name |= result._asdict()
                rows.append(runs.record(LESSON, plan.strategy, file=self.ledger, **name))
                if after_run:
                    after_run()
        finally:
            self.busy.release()
        return rows

    def run_strategy(self, strategy, seeds=None, epochs=None, learning_rate=None, again="replace"):
        """Run a strategy, all as in `plan`, and return its runs as a table; the panel's button does the same.

        Raises ValueError: as `plan` and `execute`.
        """
        rows = self._in_view(self.plan(strategy, seeds, epochs, learning_rate, again))
        return _table([{"repeat": 1} | row for row in rows])

    def _in_view(self, plan: Plan) -> list[dict]:
        with tqdm(total=self.steps(plan), desc=plan.strategy, leave=False) as bar:
            rows = self.execute(plan, after_step=lambda loss: bar.update())
        if self.experiment.uncached:
            print(self.experiment.uncached)
        if self._panel:
            self._panel.redraw()
        return rows

    def until_decided(self, one, other, level=0.05, looks=LOOKS, run=None) -> Decision:
        """Add seeds to two strategies, each at its usual rate, until a test tells them apart.

        Runs that the ledger holds already are used, not repeated. `level` and `looks` are as in `decide.until_decided`;
        `run` is called with a plan to run, in place of `execute` with a bar. Raises ValueError: as these and `plan`.
        """

        def scores(strategy, seeds):
            plan = self.plan(strategy, seeds=seeds)
            known = self._completed(plan, run or self._in_view)
            return [known[seed]["f1"] for seed in plan.seeds]

        # refused before the first run
        one, other = (self.plan(strategy).strategy for strategy in (one, other))
        return until_decided(scores, one, other, level, looks)

    def known(self, plan: Plan) -> dict[int, dict]:
        """Return seed -> run of a plan's strategy and settings, of any seed: the newest of the ledger, else the course's."""
        name = {"run": plan.strategy, "settings": plan.settings}
        course = [] if self.ledger else recorded(BUNDLED, **name)
        return {row["seed"]: row for row in course + recorded(self.ledger, **name)}

    def missing(self, plan: Plan) -> list[int]:
        """Return the seeds of a plan of which no run is known."""
        known = self.known(plan)
        return [seed for seed in plan.seeds if seed not in known]

    def _completed(self, plan: Plan, run) -> dict[int, dict]:
        if missing := self.missing(plan):
            run(plan._replace(seeds=missing))
        return self.known(plan)

    def sweep(self, strategies: Sequence[str]) -> pd.DataFrame:
        """Return the runs of strategies at their usual settings, one per seed; those that are missing run first."""
        expect(listed(strategies), "strategies", strategies, "a list of them")
        rows = []
        for plan in [self.plan(strategy) for strategy in dict.fromkeys(strategies)]:
            rows += [row for _, row in sorted(self._completed(plan, self._in_view).items())]
        return _table(rows)

    def runs(self, bundled: bool = False) -> pd.DataFrame:
        """Return the ledger's runs on these rows and this encoder, with this lab's rate of the head; the newest of each name.

        With `bundled` those that came with the course stand before them; the column "bundled" tells.
        """
        files = {BUNDLED: True, self.ledger: False} if bundled else {self.ledger: False}
        differ = dict.fromkeys(CHOSEN[:2])  # what a plan chooses
        head = {CHOSEN[2]: self.defaults[CHOSEN[2]]}
        wanted = self.shared() | head | differ
        found = [
            row | {"bundled": came}
            for file, came in files.items()
            for row in recorded(file)
            if head | row["settings"] | differ == wanted
        ]
        return _table(found, [*SHOWN, "bundled"] if bundled else SHOWN)

    def pictures(self) -> list:
        """Draw F1 against trainable parameters, and against seconds; hollow dots came with the course."""
        runs, labels = self.runs(bundled=True), []
        for row in runs.itertuples():
            label = [row.strategy]
            if row.learning_rate != self.learning_rate(row.strategy):
                label.append(f"rate {row.learning_rate:g}")
            if row.epochs != self.defaults["epochs"]:
                label.append(f"epochs {row.epochs}")
            labels.append(", ".join(label))
        runs["label"] = labels
        caching = self.experiment.caching.seconds
        return [strategy_scores(runs, each, caching=caching) for each in ("trainable", "seconds")]

    report = report.write  # lab.report(folder)

    def panel(self):
        """Return the panel of buttons that runs strategies: an ipywidgets box, the same at each call.

        A second panel could not stop what the first one has begun.
        """
        if self._panel:
            self._panel.redraw()
        else:
            self._panel = Panel(self)
        return self._panel.box


def recorded(file: Path | None, **name) -> list[dict]:
    """Return a ledger's runs on this track with this "run", "settings" or "seed", the newest of each name."""
    name["track"] = helpers.track()
    found = runs.read(LESSON, file=file).to_dict("records")
    return [row for row in found if name.items() <= row.items()]


def repeat_number(plan: Plan, seed: int, file: Path | None = None) -> int:
    """Return which run of its name the next one is: that of the newest, which it replaces, or one more."""
    before = recorded(file, run=plan.strategy, settings=plan.settings, seed=seed)
    newest = max((row["repeat"] for row in before), default=0)
    return newest + 1 if plan.again == "add" else max(1, newest)


def _number(value, kind: type, name: str):
    """Return a number above zero, from a widget's text or a call."""
    with suppress(TypeError, ValueError, OverflowError):
        number = kind(value)
        if 0 < number < math.inf and number == float(value):
            return number
    wanted = "a whole number, 1 or more" if kind is int else "a number above 0, such as 1e-4"
    raise ValueError(f"{name}: {value!r}. Give {wanted}.")


def _table(rows: Sequence[dict], columns: Sequence[str] = SHOWN) -> pd.DataFrame:
    """Return runs of the ledger with some columns, the chosen settings in columns of their own."""
    table = pd.DataFrame([row["settings"] | row | {"strategy": row["run"]} for row in rows])
    return table.reindex(columns=columns).astype({"trainable": "Int64"})
