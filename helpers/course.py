"""A lesson's settings, and what this machine lacks, packages included: `python -m helpers.course`."""

from __future__ import annotations

import math
import os
import platform
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib import metadata
from pathlib import Path

import helpers
from helpers import encoder

MEMORY_GB = 1.6
DISK_GB = 2.0  # what all lessons leave in _runs/ is about 1.6
FLOAT32 = ("04", "06", "07")  # lessons that train in it, whatever the machine could


@cache
def _lessons() -> dict:
    import tomllib  # comes with Python 3.11

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
    changes: tuple[str, ...] = ()  # how this run differs from the lesson as written

    def __getattr__(self, name):
        if name.startswith("__") or name == "settings":
            raise AttributeError(name)
        if name not in self.settings:
            raise AttributeError(
                f"lesson {self.number} has no setting {name!r} on the {self.track} track; "
                f"it has {', '.join(sorted(self.settings))}"
            )
        return self.settings[name]

    @property
    def precision(self) -> str:
        """ "bf16" on the full track where the GPU or, without one, the CPU computes it natively, else "fp32".

        On the tiny track always "fp32", so that scores don't depend on which machine it is.
        """
        import torch

        if self.track == "tiny":
            return "fp32"
        if torch.cuda.is_available() and "ACCELERATE_USE_CPU" not in os.environ:
            return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
        kinds = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")  # torch has no public name
        return "bf16" if any(getattr(torch.cpu, kind, bool)() for kind in kinds) else "fp32"

    def expect(self, what: str, found: float, *, above=-math.inf, below=math.inf) -> None:
        """Judge a trained score, which lies between `above` and `below` (both exclusive) in the lesson as written.

        With fewer rows or another encoder, a score outside is only told. Otherwise raises AssertionError.
        """
        if above < found < below:
            return
        limits = {"above": above, "below": below}
        wanted = " and ".join(f"{k} {v:.3g}" for k, v in limits.items() if math.isfinite(v))
        told = f"Expected: {what} {wanted}. Found: {found:.3g}."
        if not self.changes:
            raise AssertionError(f"{told} Undo your changes above, or run the lesson from its top.")
        print(f"{told} This run differs from the lesson: {', '.join(self.changes)}. It goes on.")

    def _repr_html_(self) -> str:
        rows = {"track": self.track, "dataset": self.source, "encoder": self.encoder}
        precision = "fp32" if self.number in FLOAT32 else self.precision
        rows |= {"device": self.device, "precision": precision, **self.settings}
        left, cells = "style='text-align:left'", ""
        for key, value in rows.items():
            text = f"{value:,}" if isinstance(value, int) else str(value)
            cells += f"<tr><th {left}>{escape(key)}</th><td {left}>{escape(text)}</td></tr>"
        return f"<table><caption>{self.number} · {escape(self.title)}</caption>{cells}</table>"


def start(lesson: str) -> Lesson:
    """Look up a lesson's settings on the current track and find its encoder.

    `lesson` is a number ("03") or a file name ("03_finetune_ner_with_trainer"). Raises ValueError: no such
    lesson, no such track, or COURSE_ROWS is no number; errors also as in `encoder.find`.
    """
    import torch

    number = str(lesson)[:2]
    entry = _lessons().get(number)
    if entry is None or lesson not in (number, entry["name"]):
        raise ValueError(f"There is no lesson {lesson!r}. Use one of {', '.join(_lessons())}.")
    encoder.print_notices()
    track, cap = helpers.track(), helpers.row_cap()
    name, settings = encoder.wanted(entry["checkpoint"]), dict(entry[track])
    overrides = settings.pop("bundled", {})
    changes = []
    if name == "bundled":
        name, settings = encoder.ENCODER, settings | overrides
    elif name != entry["checkpoint"]:
        changes.append(f"its encoder is {name}, not {entry['checkpoint']}")
    if fewer := {k: cap for k, v in settings.items() if cap and k.endswith("_rows") and v > cap}:
        changes.append(f"COURSE_ROWS={cap} leaves fewer rows")
    written = "written for this course, in the schema of " if track == "tiny" else ""
    count = torch.get_num_threads()
    threads = "1 thread" if count == 1 else f"{count} threads"
    return Lesson(
        number=number,
        track=track,
        encoder=name,
        checkpoint=encoder.find(encoder.wanted(entry["checkpoint"])),
        device=f"GPU ({gpu})" if (gpu := _gpu()) else f"CPU ({threads})",
        source=written + entry["dataset"],
        settings=settings | fewer,
        changes=tuple(changes),
        **{key: entry[key] for key in ("name", "title", "dataset")},
    )


def lessons() -> list[dict]:
    """Return every lesson's number and all that lessons.toml says of it, in order; `tiny` and `full` hold settings."""
    return [{"number": number, **entry} for number, entry in _lessons().items()]


def _gpu() -> str:
    """Return the GPU's name, "" where there is none."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name(0)
    return "Apple" if torch.backends.mps.is_available() else ""


@dataclass(frozen=True)
class Finding:
    """One row of the report on this machine; `remedy` says what to do when `ok` is False."""

    what: str
    found: str
    ok: bool = True
    remedy: str = ""


def check_machine() -> list[Finding]:
    """Look at Python, packages, encoder, memory, disk, processor, and the data's source."""
    new = sys.version_info >= (3, 11)
    python = Finding("Python", platform.python_version(), new, "Install Python 3.11 or newer.")
    free = shutil.disk_usage(helpers.ROOT).free / 1e9
    remedy = f"Free {DISK_GB} GB for saved models."
    disk = Finding("disk", f"{free:.1f} GB free", free >= DISK_GB, remedy)
    if not os.access(helpers.ROOT, os.W_OK):
        disk = Finding("disk", "read-only", False, "Copy the course to a folder of yours.")
    return [python, *_packages(), _encoder(), _memory(), disk, _processor(), _data()]


def report(findings: list[Finding]) -> str:
    """Lay the findings out as text, the remedies of failures last."""
    width = max(len(finding.what) for finding in findings)
    lines = [f"{'ok' if one.ok else 'NO'}  {one.what:<{width}}  {one.found}" for one in findings]
    remedies = [f"{one.what}: {one.remedy}" for one in findings if not one.ok]
    return "\n".join([*lines, "", *remedies] if remedies else lines)


def requirements() -> dict[str, str]:
    """Return package name to version range, as requirements.txt says them."""
    text = (helpers.ROOT / "requirements.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+) *([<>=!~][^#\n]*[^#\s])?", text, re.M))


def _packages() -> list[Finding]:
    findings = []
    for name, wanted in requirements().items():
        try:
            found = metadata.version(name)
            from packaging.specifiers import SpecifierSet  # comes with the packages examined

            ok = SpecifierSet(wanted).contains(found, prereleases=True)
            found += "" if ok else f", not {wanted}"
        except metadata.PackageNotFoundError:
            found, ok = "not installed", False
        findings.append(Finding(name, found, ok, f"pip install '{name}{wanted}'"))
    return findings


def _encoder() -> Finding:
    try:
        encoder.folder()
    except (ValueError, OSError, ImportError) as error:
        return Finding("encoder", "missing or changed", False, str(error))
    return Finding("encoder", "all-MiniLM-L6-v2, SHA-256 as released")


def _memory() -> Finding:
    try:
        import psutil
    except ImportError:
        return Finding("memory", "unknown: psutil is missing", False, "pip install psutil")
    free = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):  # a container's own limit; its page cache can be taken back
        limit, used = (int((group / f"memory.{name}").read_text()) for name in ("max", "current"))
        cached = re.search(r"^inactive_file (\d+)", (group / "memory.stat").read_text(), re.M)
        free = min(free, limit - used + (int(cached[1]) if cached else 0))
    remedy = f"Close programs: a lesson needs up to {MEMORY_GB} GB."
    return Finding("memory", f"{free / 1e9:.1f} GB available", free >= MEMORY_GB * 1e9, remedy)


def _processor() -> Finding:
    try:
        gpu = _gpu()
    except ImportError:
        return Finding("processor", "torch is missing", False, "pip install torch")
    kind = f"GPU: {gpu}" if gpu else "CPU, no GPU (the tiny track needs none)"
    return Finding("processor", f"{kind}, {os.cpu_count()} cores")


def _data() -> Finding:
    try:
        track = helpers.track()
    except ValueError as error:
        return Finding("data", "unknown track", False, str(error))
    what = f"data ({track} track)"
    if track == "tiny":
        bundles = ("reviews", "news", "passages")
        lost = [name for name in bundles if not (helpers.ROOT / "data" / name).is_dir()]
        found = f"bundled, but lacks {', '.join(lost)}" if lost else "bundled"
        return Finding(what, found, not lost, "git checkout -- data")
    if mirror := helpers.mirror():
        remedy = "COURSE_MIRROR names no folder with datasets/<org>/<name>/<split>.parquet."
        return Finding(what, f"mirror {mirror}", (mirror / "datasets").is_dir(), remedy)
    try:
        from huggingface_hub import HfApi

        HfApi().dataset_info("cornell-movie-review-data/rotten_tomatoes", timeout=10)
    except Exception as error:  # any failure to reach the Hub has the same remedy
        remedy = "Unset COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR."
        return Finding(what, f"Hub out of reach ({type(error).__name__})", False, remedy)
    return Finding(what, "Hub reachable")


def main() -> int:
    """Print the report on this machine; return 1 when something the lessons need is missing."""
    findings = check_machine()
    print(report(findings))
    return 0 if all(finding.ok for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
