"""Make one archive that installs and runs the course with no network.

python -m tools.bundle [OPTIONS OF PIP]   write _build/fine-tuning-encoders-<machine>-py311.tar, then try it
python -m tools.bundle --check ARCHIVE    unpack, install and run lesson 00 with the network blocked
python -m tools.bundle --fits             tell whether this Python can use the wheels beside the Makefile

COURSE_MIRROR puts the data sets and models of a mirror in. Wheels are for one kind of machine and one Python. A package
that has none is built into one. This module needs Python alone: `make` asks it before anything is installed.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import helpers

ROOT, OUTPUT = helpers.ROOT, helpers.ROOT / "_build"
PROJECT = "fine-tuning-encoders"  # the folder that an archive unpacks to
MANIFEST = "wheels/bundle.json"
HASHES = "hashes.txt"  # beside it: what `make` installs, and nothing that differs from it
# 2000-01-01: with a clock that runs behind, `make` would install again and again
DATE = 946_684_800


def sha256(file: Path) -> str:
    """Return a file's SHA-256."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def course_files(root: Path) -> list[str]:
    """Return the course's files, relative to its root: git's, or all that .gitignore does not name."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "-z"]
        listed = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
        return [name for name in sorted(listed.stdout.split("\0")) if (root / name).is_file()]
    names = (line.strip("/") for line in (root / ".gitignore").read_text().split())
    ignored = shutil.ignore_patterns(*names)
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not ignored("", path.parts))


def requirements(root: Path) -> list[str]:
    """Return what pip must find without a network: for the course, its extras, and to build it."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    wanted = [line for extra in extras for line in extra]
    return [*project["build-system"]["requires"], *wanted, "-r", str(root / "requirements.txt")]


def machine() -> dict[str, str]:
    """Return what wheels depend on: Python's version and the kind of machine."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"python": python, "platform": f"{sys.platform}-{platform.machine()}"}


def collect_wheels(folder: Path, pip_options: list[str]) -> None:
    """Fill a folder, emptied first, with a wheel of every pinned package, and with what they are for.

    `pip_options` tell where pip looks. Raises SystemExit: pip failed, and has said why.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    options = ["--disable-pip-version-check", "--no-input", "-w", str(folder)]
    options += ["-c", str(ROOT / "constraints.txt"), *pip_options, *requirements(ROOT)]
    if subprocess.run([sys.executable, "-m", "pip", "wheel", *options], cwd=ROOT).returncode:
        reason = "See above; is the network there, is the disk full?"
        raise SystemExit(f"pip could not make every wheel. {reason}")
    if any(folder.glob("nvidia_*")):
        print("This is the CUDA build of torch. `make bundle CPU=1` takes the much smaller one.")
    (folder / Path(MANIFEST).name).write_text(json.dumps(machine()), encoding="utf-8")
    with (folder / HASHES).open("w", encoding="utf-8") as hashes:
        for file in sorted(folder.glob("*.whl")):
            name, number = file.name.split("-")[:2]
            hashes.write(f"{name}=={number} --hash=sha256:{sha256(file)}\n")


def make(mirror: Path | None, pip_options: list[str]) -> Path:
    """Make the archive, an uncompressed tar, and its checksum; return the archive.

    Raises SystemExit: the mirror is none, a wheel could not be made.
    """
    if mirror and not (mirror / "datasets").is_dir():
        raise SystemExit(f"The mirror {mirror} has no folder datasets/. Name another, or none.")
    collect_wheels(OUTPUT / "wheels", pip_options)
    members = {name: ROOT / name for name in course_files(ROOT)} | {"wheels": OUTPUT / "wheels"}
    members |= {"mirror": mirror} if mirror else {}
    here = machine()
    name = f"{PROJECT}-{here['platform']}-py{here['python'].replace('.', '')}.tar"
    archive, part = OUTPUT / name, OUTPUT / "archive.part"  # it appears when it is complete
    nobody = {"uid": 0, "gid": 0, "uname": "", "gname": "", "mtime": DATE, "deep": False}
    with tarfile.open(part, "w", dereference=True) as tar:
        for name, path in members.items():
            tar.add(path, f"{PROJECT}/{name}", filter=lambda member: member.replace(**nobody))
    part.replace(archive)
    line = f"{sha256(archive)}  {archive.name}\n"
    archive.with_suffix(".tar.sha256").write_text(line, encoding="utf-8")
    print(f"{archive}, {archive.stat().st_size / 1e6:,.0f} MB\n{line}", flush=True)
    return archive


def fits(root: Path) -> None:
    """Look at the wheels that lie in a course, if any do.

    Raises SystemExit: they are for another machine or Python; it tells the remedy.
    """
    if not (root / MANIFEST).exists():
        return
    wanted, here = json.loads((root / MANIFEST).read_text(encoding="utf-8")), machine()
    if wanted != here:
        raise SystemExit(
            f"These wheels are for Python {wanted['python']} on {wanted['platform']}; this is Python {here['python']} "
            f"on {here['platform']}. Name the other Python: make lab PYTHON=python{wanted['python']}. For another "
            "platform run `make bundle` on a machine of this kind, or remove wheels/ and install over the network."
        )


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive and return the course's folder.

    Raises SystemExit: it is not the one whose checksum lies beside it, or no course for this machine.
    """
    beside, course = archive.with_suffix(".tar.sha256"), folder / PROJECT
    if beside.exists() and beside.read_text().split()[0] != sha256(archive):
        problem = f"its SHA-256 is not that of {beside.name}"
        raise SystemExit(f"{archive} is damaged: {problem}. Copy it again.")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    if not (course / MANIFEST).exists():
        raise SystemExit(f"{archive} was not made by `make bundle`: it lacks {PROJECT}/{MANIFEST}.")
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


def check(archive: Path) -> int:
    """Unpack an archive, install and run lesson 00 with the network blocked; return the exit status."""
    with TemporaryDirectory(prefix="bundle-") as folder:
        course, home = unpack(archive, Path(folder)), Path(folder, "home")
        home.mkdir()
        steps = [[".venv/.ready", f"PYTHON={sys.executable}"], ["doctor"], ["course", "LESSON=00"]]
        if (course / "mirror").is_dir():
            steps.append(["doctor", "COURSE_TRACK=full", "COURSE_MIRROR=mirror"])
        for step in steps:
            start, env = time.perf_counter(), surroundings(course, home)
            pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            done = subprocess.run(["make", *step], cwd=course, env=env, **pipe)
            took = f"make {' '.join(step)}  {time.perf_counter() - start:.0f} s"
            if done.returncode:
                print(f"{took}  FAILED\n{done.stdout[-2000:]}")
                return 1
            print(f"{took}  passed", flush=True)
        size = sum(path.lstat().st_size for path in course.rglob("*") if not path.is_dir())
        print(f"unpacked and installed: {size / 1e6:,.0f} MB")
        log = home / "network.log"
        if log.exists():
            hosts = ", ".join(sorted(set(log.read_text().split())))
            print(f"FAILED: something tried to reach {hosts}")
            return 1
    print(f"{archive} installs and runs alone.")
    return 0


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--check", type=Path)
    parser.add_argument("--fits", action="store_true")
    options, of_pip = parser.parse_known_args()
    if options.fits:
        fits(ROOT)
        return 0
    return check(options.check or make(helpers.mirror(), of_pip))


if __name__ == "__main__":
    sys.exit(main())
