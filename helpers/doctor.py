"""Tell whether this machine has what the lessons need: `python -m helpers.doctor`."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import helpers
from helpers import encoder

MEMORY_GB = 1.6
DISK_GB = 2.0  # what all lessons leave in _runs/ is about 1.6


@dataclass(frozen=True)
class Finding:
    """One row of the doctor's table; `remedy` says what to do when `ok` is False."""

    what: str
    found: str
    ok: bool = True
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at Python, packages, encoder, memory, disk, processor, and the data's source."""
    findings = [_python(), *_packages(), _encoder(), _memory(), _disk(), _processor(), _source()]
    return findings


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    return Finding("Python", platform.python_version(), ok, "Install Python 3.11 or newer.")


def requirements() -> dict[str, str]:
    """Return package name to version range, as pyproject.toml's dependencies say them."""
    lines = (helpers.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = (
        re.match(r"([A-Za-z0-9_.-]+)\s*([<>=!~].*)?$", line.split("#")[0].strip()) for line in lines
    )
    return {match[1]: match[2] or "" for match in found if match}


def _packages() -> list[Finding]:
    findings = []
    for name, wanted in requirements().items():
        remedy = f"pip install '{name}{wanted}'"
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            findings.append(Finding(name, "not installed", False, remedy))
            continue
        from packaging.specifiers import SpecifierSet  # comes with the packages examined

        ok = SpecifierSet(wanted).contains(installed, prereleases=True)
        findings.append(
            Finding(name, installed if ok else f"{installed}, not {wanted}", ok, remedy)
        )
    return findings


def _encoder() -> Finding:
    try:
        encoder.folder()
    except (ValueError, OSError, ImportError) as error:
        return Finding("encoder", "missing or changed", False, str(error))
    return Finding("encoder", "all-MiniLM-L6-v2, SHA-256 as released")


def _memory() -> Finding:
    try:
        free = _available_gb()
    except ImportError:
        return Finding("memory", "unknown: psutil is missing", False, "pip install psutil")
    remedy = f"Close programs: a lesson needs up to {MEMORY_GB} GB."
    return Finding("memory", f"{free:.1f} GB available", free >= MEMORY_GB, remedy)


def _available_gb() -> float:
    import psutil

    free = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    try:  # a container's own limit, as on Binder; its page cache can be taken back
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        cache = re.search(r"^inactive_file (\d+)", (group / "memory.stat").read_text(), re.M)
        free = min(free, limit - used + (int(cache[1]) if cache else 0))
    except (OSError, ValueError):
        pass
    return free / 1e9


def _disk() -> Finding:
    free = shutil.disk_usage(helpers.ROOT).free / 1e9
    return Finding(
        "disk", f"{free:.1f} GB free", free >= DISK_GB, f"Free {DISK_GB} GB for saved models."
    )


def _processor() -> Finding:
    try:
        import torch
    except ImportError:
        return Finding("processor", "torch is missing", False, "pip install torch")
    if torch.cuda.is_available():
        return Finding("processor", f"GPU: {torch.cuda.get_device_name(0)}")
    kind = (
        "GPU: Apple"
        if torch.backends.mps.is_available()
        else "CPU, no GPU (the tiny track needs none)"
    )
    return Finding("processor", f"{kind}, {os.cpu_count()} cores")


def _source() -> Finding:
    try:
        current = helpers.track()
    except ValueError as error:
        return Finding("data", "unknown track", False, str(error))
    if current == "tiny":
        missing = [
            name for name in ("reviews", "news") if not (helpers.ROOT / "data" / name).is_dir()
        ]
        found = f"bundled{', but lacks ' + ', '.join(missing) if missing else ''}"
        return Finding("data (tiny track)", found, not missing, "git checkout -- data")
    if mirror := helpers.mirror():
        ok = (mirror / "datasets").is_dir()
        remedy = "COURSE_MIRROR names no folder with datasets/<org>/<name>/<split>.parquet."
        return Finding("data (full track)", f"mirror {mirror}", ok, remedy)
    from huggingface_hub import HfApi

    try:
        HfApi().dataset_info("cornell-movie-review-data/rotten_tomatoes", timeout=10)
    except Exception as error:  # any failure to reach the Hub has the same remedy
        remedy = "Unset COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR."
        return Finding(
            "data (full track)", f"Hub out of reach ({type(error).__name__})", False, remedy
        )
    return Finding("data (full track)", "Hub reachable")


def table(findings: list[Finding]) -> str:
    """Lay the findings out as text, the remedies of failures last."""
    width = max(len(finding.what) for finding in findings)
    lines = [
        f"{'ok' if finding.ok else 'NO':<3} {finding.what:<{width}}  {finding.found}"
        for finding in findings
    ]
    failures = [finding for finding in findings if not finding.ok]
    lines += (
        ["", *(f"{finding.what}: {finding.remedy}" for finding in failures)] if failures else []
    )
    return "\n".join(lines)


def main() -> int:
    """Print the table; return 1 when something the lessons need is missing."""
    findings = examine()
    print(table(findings))
    return 0 if all(finding.ok for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
