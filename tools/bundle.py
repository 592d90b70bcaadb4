"""Make one archive that installs and runs the course with no network.

python -m tools.bundle                    write _build/fine-tuning-encoders-<machine>-py311.tar, then try it
python -m tools.bundle --mirror FOLDER    the same, with the data sets and models of a mirror
python -m tools.bundle --check ARCHIVE    unpack, install and run lesson 00 with the network blocked
python -m tools.bundle --fits             tell whether this Python can use the wheels beside the Makefile

Wheels are for one kind of machine and one Python. A package that has none is built into one. This module needs Python
alone: `make` asks it before anything is installed.
"""

from __future__ import annotations

import argparse
import fnmatch
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "_build"
PROJECT = "fine-tuning-encoders"  # the folder that an archive unpacks to
MANIFEST, WHEELS, MIRROR = "bundle.json", "wheels", "mirror"
# 2000-01-01: with a clock that runs behind, `make` would install again and again
DATE = 946_684_800


def megabytes(paths: Iterable[Path]) -> float:
    """Return how many million bytes the files among the paths hold."""
    return sum(path.lstat().st_size for path in paths if not path.is_dir()) / 1e6


def sha256(file: Path) -> str:
    """Return a file's SHA-256."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def course_files(root: Path) -> list[str]:
    """Return the course's files, relative to its root: git's, or all that .gitignore does not name.

    Raises:
        SystemExit: the folder holds no course.
    """
    if (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
        names = [name for name in listed.stdout.split("\0") if (root / name).is_file()]
    else:
        ignored = [line.strip("/") for line in (root / ".gitignore").read_text().split()]
        paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        names = [
            path.as_posix()
            for path in paths
            if not any(fnmatch.fnmatch(part, name) for part in path.parts for name in ignored)
        ]
    if "Makefile" not in names:
        raise SystemExit(f"{root} holds no course: there is no Makefile among its files.")
    return sorted(names)


def requirements(root: Path) -> list[str]:
    """Return what pip must find without a network: for the course, its extras, and to build it."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    wanted = [line for extra in extras for line in extra]
    return [*project["build-system"]["requires"], *wanted, "-r", str(root / "requirements.txt")]


def collect_wheels(folder: Path, pip_options: list[str]) -> list[Path]:
    """Fill a folder, emptied first, with a wheel of every pinned package; return the wheels.

    `pip_options` tell where pip looks, as the Makefile says.

    Raises:
        SystemExit: pip failed, and has said why.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    options = ["--disable-pip-version-check", "--no-input", "-w", str(folder)]
    options += ["-c", str(ROOT / "constraints.txt"), *pip_options, *requirements(ROOT)]
    if subprocess.run([sys.executable, "-m", "pip", "wheel", *options], cwd=ROOT).returncode:
        raise SystemExit(
            "pip could not make every wheel. See above; is the network there, is the disk full?"
        )
    wheels = sorted(folder.glob("*.whl"))
    print(f"{len(wheels)} wheels, {megabytes(wheels):,.0f} MB", flush=True)
    return wheels


def make(mirror: Path | None, pip_options: list[str]) -> Path:
    """Make the archive, an uncompressed tar, and its checksum; return the archive.

    Raises:
        SystemExit: the mirror is none, a wheel could not be made, the disk is full.
    """
    if mirror and not (mirror / "datasets").is_dir():
        raise SystemExit(f"The mirror {mirror} has no folder datasets/. Name another, or none.")
    members = {name: ROOT / name for name in course_files(ROOT)}
    wheels = collect_wheels(OUTPUT / WHEELS, pip_options)
    if any(wheel.name.startswith(("nvidia_", "cuda_")) for wheel in wheels):
        print(
            "This is the CUDA build of torch. `make bundle CPU=1` takes the much smaller CPU build."
        )
    members |= {f"{WHEELS}/{wheel.name}": wheel for wheel in wheels}
    here, members[MANIFEST] = machine(), OUTPUT / WHEELS / MANIFEST
    members[MANIFEST].write_text(json.dumps(here), encoding="utf-8")
    for path in mirror.rglob("*") if mirror else ():
        if path.is_file():
            members[f"{MIRROR}/{path.relative_to(mirror).as_posix()}"] = path
    size, free = megabytes(members.values()), shutil.disk_usage(OUTPUT).free / 1e6
    if size > free:
        raise SystemExit(
            f"The disk is full: the archive needs {size:,.0f} MB in {OUTPUT}, which has {free:,.0f}."
        )
    name = f"{PROJECT}-{here['platform']}-py{here['python'].replace('.', '')}.tar"
    archive, part = OUTPUT / name, OUTPUT / "archive.part"  # it appears when it is complete
    with tarfile.open(part, "w") as tar:
        for name, file in sorted(members.items()):
            tar.add(file.resolve(), f"{PROJECT}/{name}", filter=_nobody)
    part.replace(archive)
    digest = sha256(archive)
    archive.with_suffix(".tar.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    print(f"{archive}, {size:,.0f} MB\nSHA-256    {digest}", flush=True)
    return archive


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    return member.replace(uid=0, gid=0, uname="", gname="", mtime=DATE, deep=False)


def machine() -> dict[str, str]:
    """Return what wheels depend on: Python's version and the kind of machine."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"python": python, "platform": f"{sys.platform}-{platform.machine()}"}


def fits(root: Path = ROOT) -> None:
    """Look at the wheels that lie in a course, if any do.

    Raises:
        SystemExit: they are for another machine or Python; it tells the remedy.
    """
    if not (root / MANIFEST).exists():
        return
    wanted, here = json.loads((root / MANIFEST).read_text(encoding="utf-8")), machine()
    theirs = f"These wheels are for Python {wanted['python']} on {wanted['platform']}"
    if wanted["platform"] != here["platform"]:
        raise SystemExit(
            f"{theirs}; this machine is {here['platform']}. Run `make bundle` on a machine of this kind, "
            f"or remove the folder {WHEELS}/ and install over the network."
        )
    if wanted["python"] != here["python"]:
        raise SystemExit(
            f"{theirs}; this Python is {here['python']}. Name the other one: make lab PYTHON=python{wanted['python']}"
        )


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive and return the course's folder.

    Raises:
        SystemExit: there is no such archive, it is not the one whose checksum lies beside it, it holds no
            course, or one for another Python or machine.
    """
    if not archive.is_file():
        raise SystemExit(f"There is no archive {archive}. Make one: make bundle")
    beside = archive.with_suffix(".tar.sha256")
    if beside.exists() and beside.read_text().split()[0] != sha256(archive):
        raise SystemExit(
            f"{archive} is damaged: its SHA-256 is not that of {beside.name}. Copy it again."
        )
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    course = folder / PROJECT
    if not (course / MANIFEST).exists():
        raise SystemExit(
            f"{archive} was not made by `make bundle`: it holds no {PROJECT}/{MANIFEST}."
        )
    fits(course)
    return course


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


def check(archive: Path) -> int:
    """Unpack an archive, install and run lesson 00 with the network blocked; return the exit status."""
    with TemporaryDirectory(prefix="bundle-") as folder:
        course, home = unpack(archive, Path(folder)), Path(folder, "home")
        home.mkdir()
        for name, arguments in steps(course).items():
            start, env = time.perf_counter(), surroundings(course, home)
            pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            done = subprocess.run(["make", *arguments], cwd=course, env=env, **pipe)
            result = f"FAILED\n{done.stdout[-2000:]}" if done.returncode else "passed"
            print(f"{name:<10} {time.perf_counter() - start:4.0f} s  {result}", flush=True)
            if done.returncode:
                return 1
        print(f"unpacked and installed: {megabytes(course.rglob('*')):,.0f} MB")
        log = home / "network.log"
        if log.exists():
            hosts = ", ".join(sorted(set(log.read_text().split())))
            print(f"FAILED: something tried to reach {hosts}")
            return 1
    print(f"{archive} installs and runs alone.")
    return 0


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mirror", type=Path, help="a folder that holds files as the Hub does")
    parser.add_argument("--pip", default="", help="options that tell pip where to look")
    parser.add_argument("--check", type=Path, metavar="ARCHIVE", help="try an archive")
    parser.add_argument("--fits", action="store_true", help="look at the Python that runs this")
    options = parser.parse_args()
    if options.fits:
        fits()
        return 0
    return check(options.check or make(options.mirror, shlex.split(options.pip)))


if __name__ == "__main__":
    sys.exit(main())
