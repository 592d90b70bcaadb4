"""Whether an archive fits this machine, and whether it keeps its promise: to install and run with no network."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "fine-tuning-encoders"  # the folder that an archive unpacks to
MANIFEST, WHEELS, MIRROR = "bundle.json", "wheels", "mirror"


def machine() -> dict[str, str]:
    """Return what wheels depend on: Python's version and the kind of machine."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"python": python, "platform": f"{sys.platform}-{platform.machine()}"}


def misfit(manifest: dict, here: dict[str, str]) -> str:
    """Return why the wheels of a manifest are of no use here, with the remedy; empty if they fit."""
    wanted = f"These wheels are for Python {manifest['python']} on {manifest['platform']}"
    if manifest["platform"] != here["platform"]:
        return (
            f"{wanted}; this machine is {here['platform']}. Run `make bundle` on a machine of this kind, "
            f"or remove the folder {WHEELS}/ and install over the network."
        )
    if manifest["python"] != here["python"]:
        return f"{wanted}; this Python is {here['python']}. Name the other one: make lab PYTHON=python{manifest['python']}"
    return ""


def fits(root: Path = ROOT) -> str:
    """Return why the wheels that lie in a course are of no use to this Python; empty if they fit."""
    manifest = root / MANIFEST
    return misfit(json.loads(manifest.read_text()), machine()) if manifest.exists() else ""


def sha256(file: Path) -> str:
    """Return a file's SHA-256."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_sum(archive: Path) -> None:
    """Compare an archive with the checksum beside it, if one is there.

    Raises:
        SystemExit: there is no such archive, or it is not the one that was made.
    """
    if not archive.is_file():
        raise SystemExit(f"There is no archive {archive}. Make one: make bundle")
    beside = archive.with_suffix(".tar.sha256")
    if beside.exists() and beside.read_text().split()[0] != sha256(archive):
        raise SystemExit(
            f"{archive} is damaged: its SHA-256 is not that of {beside.name}. Copy it again."
        )


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive and return the course's folder.

    Raises:
        SystemExit: it holds no course, or one for another Python or machine.
    """
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    course = folder / PROJECT
    if not (course / MANIFEST).exists():
        raise SystemExit(
            f"{archive} was not made by `make bundle`: it holds no {PROJECT}/{MANIFEST}."
        )
    if reason := fits(course):
        raise SystemExit(reason)
    return course


def wall() -> list[str]:
    """Return a command prefix that takes a process's network away; empty where the system offers none."""
    inside = 'ip link set lo up && exec "$@"'  # kernels talk to the notebook over the loopback
    prefix = ["unshare", "--net", "--map-root-user", "sh", "-c", inside, "sh"]
    try:
        works = subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
    except OSError:
        works = False
    return prefix if works else []


def surroundings(course: Path, home: Path) -> dict[str, str]:
    """Return the environment of someone who has the archive alone: no pip settings, no caches, no network."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PYTHONPATH": str(course / "tests" / "no_network"),
        "COURSE_NETWORK_LOG": str(home / "network.log"),
    }


def steps(course: Path) -> dict[str, list[str]]:
    """Return what is tried in an unpacked course: name -> arguments of make."""
    tried = {
        "install": [".venv/.ready", f"PYTHON={sys.executable}"],
        "doctor": ["doctor"],
        "lesson 00": ["course", "LESSON=00"],
    }
    if (course / MIRROR).is_dir():
        tried["mirror"] = ["doctor", "COURSE_TRACK=full", f"COURSE_MIRROR={MIRROR}"]
    return tried


def megabytes(paths: Iterable[Path]) -> float:
    """Return how many million bytes the files among the paths hold."""
    return sum(path.lstat().st_size for path in paths if not path.is_dir()) / 1e6


def check(archive: Path) -> int:
    """Unpack an archive, install and run lesson 00 with the network blocked; return the exit status."""
    check_sum(archive)
    prefix = wall()
    with TemporaryDirectory(prefix="bundle-") as folder:
        start, home = time.perf_counter(), Path(folder) / "home"
        home.mkdir()
        course = unpack(archive, Path(folder))
        print(
            f"unpack     {time.perf_counter() - start:4.0f} s  {megabytes(course.rglob('*')):,.0f} MB",
            flush=True,
        )
        for name, arguments in steps(course).items():
            start = time.perf_counter()
            command = [*prefix, "make", *arguments]
            pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            done = subprocess.run(command, cwd=course, env=surroundings(course, home), **pipe)
            print(f"{name:<10} {time.perf_counter() - start:4.0f} s  ", end="", flush=True)
            if done.returncode:
                print(f"FAILED\n{done.stdout[-2000:]}")
                return 1
            print(
                f".venv has {megabytes((course / '.venv').rglob('*')):,.0f} MB"
                if name == "install"
                else "passed"
            )
        log = home / "network.log"
        if log.exists():
            print(
                f"FAILED: something tried to reach {', '.join(sorted(set(log.read_text().split())))}"
            )
            return 1
    kind = "no network at all" if prefix else "Python's connections refused"
    print(f"{archive} installs and runs alone ({kind}).")
    return 0
