"""The lab's panel: the same runs as `Lab.run_strategy`, by buttons, with a way to stop."""

from __future__ import annotations

import math
import threading
from html import escape

import ipywidgets as widgets

from helpers.lab import Lab, Plan, Stopped

PATTERN = "train: a pattern of names"
LEFT = {"description_width": "110px"}


class Panel:
    """Choices, buttons, progress, table and pictures. Training runs in a thread, so that Stop works.

    Args:
        lab: runs the strategies and keeps the results.
    """

    def __init__(self, lab: Lab):
        self.lab, self.thread, self.stopping = lab, None, threading.Event()
        layers = lab.experiment.layers()
        first = [f"first-{count}" for count in range(layers, -1, -1)]
        names = ["head-only", *first, "bias-only", "none", PATTERN]
        text = {"style": LEFT, "continuous_update": False}
        self.strategy = widgets.Dropdown(options=names, description="strategy", style=LEFT)
        example = rf"layer\.{layers - 1}\..*bias"
        self.pattern = widgets.Text(value=example, description="pattern", **text)
        self.epochs = widgets.Text(value=str(lab.defaults["epochs"]), description="epochs", **text)
        self.rate = widgets.Text(placeholder="what suits it", description="learning rate", **text)
        self.seeds = widgets.Text(value=str(lab.defaults["seeds"]), description="seeds", **text)
        choices = [("replace the old run", "replace"), ("add a run", "add")]
        self.again = widgets.Dropdown(options=choices, description="if it is there", style=LEFT)
        self.run = widgets.Button(description="Run", button_style="primary")
        self.stop = widgets.Button(description="Stop", disabled=True)
        self.progress = widgets.IntProgress(min=0, max=1, layout={"width": "98%"})
        self.message, self.table = widgets.HTML(), widgets.HTML()
        self.pictures = [widgets.Image(format="png") for _ in range(2)]
        self.run.on_click(lambda _: self.start())
        self.stop.on_click(lambda _: self.stopping.set())
        self.strategy.observe(lambda _: self._show_pattern(), "value")
        self._show_pattern()
        self.box = self._layout()
        self.redraw()

    def _layout(self):
        rows = [
            [self.strategy, self.pattern],
            [self.epochs, self.rate],
            [self.seeds, self.again],
            [self.run, self.stop],
        ]
        below = [self.progress, self.message, self.table, *self.pictures]
        return widgets.VBox([*(widgets.HBox(row) for row in rows), *below])

    def _show_pattern(self) -> None:
        self.pattern.disabled = self.strategy.value != PATTERN

    def say(self, text: str, wrong: bool = False) -> None:
        """Show a sentence, in red where something went wrong."""
        colour = "#b3261e" if wrong else "inherit"
        self.message.value = f"<span style='color:{colour}'>{escape(text)}</span>"

    def plan(self) -> Plan:
        """Return what the panel asks for.

        Raises:
            ValueError: as `Lab.plan`.
        """
        chosen = self.strategy.value
        strategy = f"train:{self.pattern.value}" if chosen == PATTERN else chosen
        values = (self.seeds.value, self.epochs.value, self.rate.value.strip())
        return self.lab.plan(strategy, *values, again=self.again.value)

    def start(self) -> None:
        """Start what the panel asks for, or say why it cannot be."""
        if self.thread is not None and self.thread.is_alive():
            self.say("A run is under way. Wait for its end, or press Stop.", wrong=True)
            return
        try:
            plan = self.plan()
        except ValueError as error:
            self.say(str(error), wrong=True)
            return
        self.stopping.clear()
        self.progress.value, self.progress.max = 0, self.lab.steps(plan)
        self.run.disabled, self.stop.disabled = True, False
        self.say(f"{plan.strategy}: {len(plan.seeds)} seeds, learning rate {plan.learning_rate:g}")
        self.thread = threading.Thread(target=self._work, args=(plan,), daemon=True)
        self.thread.start()

    def _after_step(self, loss: float) -> None:
        if self.stopping.is_set():
            raise Stopped
        if not math.isnan(loss):
            self.progress.value += 1

    def _work(self, plan: Plan) -> None:
        """Run a plan in the thread; whatever happens, it is told and the buttons come back."""
        try:
            rows = self.lab.execute(plan, self._after_step, self.redraw)
            scores = ", ".join(f"{row['f1']:.3f}" for row in rows)
            self.say(f"{plan.strategy}: F1 {scores}. Kept in the ledger.")
        except Stopped:
            self.say("Stopped. Finished runs are kept, the one under way leaves nothing.")
        except Exception as error:  # in a thread nobody else would see it
            self.say(f"{type(error).__name__}: {error}", wrong=True)
        finally:
            self.run.disabled, self.stop.disabled = False, True

    def redraw(self) -> None:
        """Show the ledger's runs as a table and as two pictures."""
        runs = self.lab.runs()
        if runs.empty:
            self.table.value = "<p>No runs yet.</p>"
            return
        self.table.value = runs.to_html(index=False, float_format=lambda value: f"{value:.4g}")
        for image, picture in zip(self.pictures, self.lab.pictures(), strict=True):
            image.value = picture._repr_png_()
