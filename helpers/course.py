"""A lesson's settings on the current track: sizes, rates, encoder, device."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path

import helpers
from helpers import encoder


@cache
def _lessons() -> dict:
    return tomllib.loads((Path(__file__).parent / "lessons.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Lesson:
    """A lesson on the current track. Settings of lessons.toml read as attributes: `lesson.epochs`."""

    number: str
    name: str
    title: str
    track: str
    dataset: str
    encoder: str
    checkpoint: str
    device: str
    source: str
    settings: dict = field(repr=False)

    def __getattr__(self, name):
        if name.startswith("__") or name == "settings":
            raise AttributeError(name)
        if name not in self.settings:
            raise AttributeError(
                f"lesson {self.number} has no setting {name!r} on the {self.track} track; "
                f"it has {', '.join(sorted(self.settings))}"
            )
        return self.settings[name]

    def _repr_html_(self) -> str:
        rows = {
            "track": self.track,
            "dataset": self.source,
            "encoder": self.encoder,
            "device": self.device,
            **self.settings,
        }
        left = "style='text-align:left'"
        cells = "".join(
            f"<tr><th {left}>{escape(key)}</th><td {left}>{escape(_text(value))}</td></tr>"
            for key, value in rows.items()
        )
        return f"<table><caption>{self.number} · {escape(self.title)}</caption>{cells}</table>"


def _text(value) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return f"GPU ({torch.cuda.get_device_name(0)})"
    if torch.backends.mps.is_available():
        return "GPU (Apple)"
    return f"CPU ({torch.get_num_threads()} threads)"


def start(lesson: str) -> Lesson:
    """Look up a lesson's settings on the current track and find its encoder.

    Args:
        lesson: number ("03") or file name ("03_finetune_ner_with_trainer").

    Raises:
        ValueError: no such lesson, no such track, or COURSE_ROWS is no number.
    """
    number = lesson[:2]
    entry = _lessons().get(number)
    if entry is None or lesson not in (number, entry["name"]):
        known = ", ".join(sorted(_lessons()))
        raise ValueError(f"There is no lesson {lesson!r}. Use one of {known}.")
    track, cap = helpers.track(), helpers.row_cap()
    name, settings = encoder.wanted(entry["checkpoint"]), dict(entry[track])
    overrides = settings.pop("bundled", {})
    if name == "bundled":
        name, settings = encoder.ENCODER, settings | overrides
    source = entry["dataset"]
    if track == "tiny":
        source = f"written for this course, in the schema of {source}"
    settings = {
        key: min(value, cap) if cap and key.endswith("_rows") else value
        for key, value in settings.items()
    }
    return Lesson(
        number=number,
        name=entry["name"],
        title=entry["title"],
        track=track,
        dataset=entry["dataset"],
        encoder=name,
        checkpoint=encoder.find(entry["checkpoint"]),
        device=_device(),
        source=source,
        settings=settings,
    )


def lessons() -> list[dict]:
    """Return number, name, title, learn and minutes of every lesson, in order."""
    keys = ("name", "title", "learn", "minutes")
    return [
        {"number": number} | {key: entry[key] for key in keys}
        for number, entry in sorted(_lessons().items())
    ]
