"""The lab's panel: the same runs as `Lab.run_strategy`, by buttons, with a way to stop."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from html import escape

import ipywidgets as widgets

from helpers import plots
from helpers.tables import WRONG

PATTERN = "train: a pattern of names"
AGAIN = [("replace the old run", "replace"), ("add a run", "add")]
LEFT = {"description_width": "110px"}
EVERY = 0.5  # seconds between two words on how far a run is


class Stopped(Exception):
    """Somebody wanted a run to end; it leaves nothing in the ledger."""


class Panel:
    """Choices, buttons, progress, table and pictures of a lab. Training runs in a thread, so that Stop works."""

    def __init__(self, lab):
        self.lab, self.thread, self.stopping = lab, threading.Thread(), threading.Event()
        self.plan_under_way, self.began, self.trains_since, self.told = None, 0.0, 0.0, 0.0
        layers = lab.outline.config.num_hidden_layers
        first = [f"first-{count}" for count in range(layers, -1, -1)]
        names = ["head-only", *first, "bias-only", "lora:8", "none", PATTERN]
        text = partial(widgets.Text, style=LEFT, continuous_update=False)
        choice, button = partial(widgets.Dropdown, style=LEFT), widgets.Button
        self.strategy = choice(description="strategy", options=names)
        self.pattern = text(description="pattern", value=rf"layer\.{layers - 1}\..*bias")
        self.epochs = text(description="epochs", value=str(lab.defaults["epochs"]))
        self.rate = text(description="learning rate")
        self.seeds = text(description="seeds", value=str(lab.defaults["seeds"]))
        self.again = choice(description="if run before", options=AGAIN)
        self.other = choice(description="against", options=names[:-1], value="none")
        self.run = button(description="Run", button_style="primary")
        self.decide = button(description="Until decided", tooltip="at the usual settings")
        self.stop = button(description="Stop", disabled=True)
        self.progress = widgets.IntProgress(min=0, max=1, layout={"width": "300px"})
        self.message, self.table = widgets.HTML(), widgets.HTML()
        self.table.add_class("jp-RenderedHTMLCommon")  # JupyterLab's look of tables
        size = {"flex": "1 1 520px", "max_width": "660px", "min_width": "0"}
        self.pictures = [widgets.Image(format="png", layout=size) for _ in range(2)]
        self.run.on_click(lambda _: self.start(self._run))
        self.decide.on_click(lambda _: self.start(self._compare))
        self.stop.on_click(lambda _: self._end())
        for field in (self.strategy, self.pattern):
            field.observe(lambda _: self._fit_fields(), "value")
        self._fit_fields()
        self.box = self._layout()
        self.redraw()

    def _layout(self) -> widgets.Box:
        side_by_side = {"flex_flow": "row wrap", "align_items": "flex-start"}
        scrolled = {"max_height": "320px", "overflow": "auto", "width": "fit-content"}
        rows = [
            widgets.HBox([self.strategy, self.pattern]),
            widgets.HBox([self.epochs, self.rate]),
            widgets.HBox([self.seeds, self.again]),
            widgets.HBox([self.other, self.decide]),
            widgets.HBox([self.run, self.stop, self.progress]),
            self.message,
            widgets.HBox(self.pictures, layout=side_by_side),
            widgets.Box([self.table], layout=scrolled),
        ]
        return widgets.VBox(rows)

    def _fit_fields(self) -> None:
        """Open the pattern where it is used, and show the rate that is taken where none is given."""
        self.pattern.disabled = self.strategy.value != PATTERN
        with suppress(re.error, OverflowError):  # Run tells what is wrong with the pattern
            self.rate.placeholder = f"{self.lab.learning_rate(self.chosen):g}, if left empty"

    def say(self, text: str, wrong: bool = False) -> None:
        """Show a sentence, in red where something went wrong."""
        color = WRONG if wrong else "inherit"
        self.message.value = f"<span style='color:{color}'>{escape(text)}</span>"

    @property
    def chosen(self) -> str:
        """The strategy chosen, as in `freeze`."""
        chosen = self.strategy.value
        return f"train:{self.pattern.value}" if chosen == PATTERN else chosen

    def start(self, work: Callable[[], str]) -> None:
        """Start in a thread what the panel asks for; `work` returns what there is to say at its end."""
        if self.thread.is_alive():
            self.say("A run is under way. Wait for its end, or press Stop.", wrong=True)
            return
        self.progress.value, self.progress.bar_style = 0, ""
        self.stopping.clear()
        self.plan_under_way = None
        self.run.disabled, self.decide.disabled, self.stop.disabled = True, True, False
        self.thread = threading.Thread(target=self._work, args=(work,), daemon=True)
        self.thread.start()

    def _run(self) -> str:
        """Run the strategy chosen with so many seeds."""
        values = (self.seeds.value, self.epochs.value, self.rate.value.strip())
        plan = self.lab.plan(self.chosen, *values, again=self.again.value)
        scores = [f"{row['f1']:.3f}" for row in self._execute(plan)]
        spent = f"{time.monotonic() - self.began:.0f} s with loading and drawing"
        text = f"{plan.strategy}: F1 {', '.join(scores)}. {spent}. Kept in the ledger."
        return f"{text} {self.lab.experiment.uncached}".strip()

    def _compare(self) -> str:
        """Add seeds to the two strategies chosen until they can be told apart."""
        return str(self.lab.until_decided(self.chosen, self.other.value, run=self._execute))

    def _execute(self, plan) -> list[dict]:
        """Run a plan, and tell how far it is."""
        self.progress.value, self.progress.max = 0, self.lab.steps(plan)
        self.plan_under_way, self.told = plan, 0.0
        self.began = self.trains_since = time.monotonic()
        self._tell("begins")
        events = {"after_step": self._after_step, "after_batch": self._after_batch}
        return self.lab.execute(plan, after_run=self.redraw, **events)

    def _end(self) -> None:
        """End a run after its next step; the answer to *Stop* comes at once."""
        self.stopping.set()
        self.stop.disabled = True
        if self.thread.is_alive():  # else the click came after the run's end
            self.say("Stopping: the step under way is the last.")

    def _place(self) -> int:
        """Return which of the plan's runs is under way, from 0."""
        seeds = len(self.plan_under_way.seeds)
        return min(self.progress.value * seeds // self.progress.max, seeds - 1)

    def _tell(self, state: str) -> None:
        """Say which seed of what is under way, and how far it is, at most once in EVERY seconds. After *Stop*, end it."""
        if self.stopping.is_set():
            raise Stopped
        if time.monotonic() - self.told < EVERY:
            return
        plan, place = self.plan_under_way, self._place()
        self.say(
            f"{plan.strategy}, learning rate {plan.settings['learning_rate']:g}, seed {plan.seeds[place]} "
            f"({place + 1} of {len(plan.seeds)}): {state}"
        )
        self.told = time.monotonic()

    def _after_batch(self) -> None:
        """Take note of a batch of caching."""
        self.trains_since = time.monotonic()
        self._tell("computes once what is frozen")

    def _after_step(self, loss: float) -> None:
        """Take note of a step of training."""
        self.progress.value += 1
        done, now = self.progress.value, time.monotonic()
        left = (now - self.trains_since) / done * (self.progress.max - done)
        self._tell(f"{now - self.began:.0f} s so far, about {left:.0f} s to go")

    def _work(self, work: Callable[[], str]) -> None:
        """Work in the thread; whatever happens, it is told and the buttons come back."""
        try:
            self.say(work())
            self.progress.bar_style = "success"
        except Stopped:
            self.progress.bar_style = "warning"
            self.say("Stopped. Finished runs are kept, the one under way leaves nothing.")
        except Exception as error:  # in a thread nobody else would see it
            self.progress.bar_style = "danger"
            # where another lab's run is under way, none of this plan has begun
            plan = None if self.lab.busy.locked() else self.plan_under_way
            where = f"{plan.strategy}, seed {plan.seeds[self._place()]}: " if plan else ""
            kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
            self.say(f"{where}{kind}{error}", wrong=True)
        finally:
            self.run.disabled, self.decide.disabled, self.stop.disabled = False, False, True

    def redraw(self) -> None:
        """Show all runs as two pictures, and the ledger's as a table, the newest first."""
        runs = self.lab.runs()
        looks = {"trainable": "{:,}".format, "seconds": "{:.2f}".format, "f1": "{:.3f}".format}
        looks["learning_rate"] = "{:g}".format
        self.table.value = runs[::-1].to_html(index=False, border=0, formatters=looks)
        if runs.empty:
            self.table.value = "<p>No runs yet.</p>"
        drawn = [] if self.lab.runs(bundled=True).empty else self.lab.pictures()
        for image in self.pictures:
            image.layout.display = None if drawn else "none"
        for image, picture in zip(self.pictures, drawn, strict=False):
            image.value = plots.png(picture)
