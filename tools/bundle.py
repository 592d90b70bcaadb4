"""Make one archive that installs and runs the course with no network.

python -m tools.bundle                    write _build/fine-tuning-encoders-<machine>-py311.tar, then try it
python -m tools.bundle --mirror FOLDER    the same, with the data sets and models of a mirror
python -m tools.bundle --check ARCHIVE    unpack, install and run lesson 00 with the network blocked
python -m tools.bundle --fits             tell whether this Python can use the wheels beside the Makefile

Wheels are for one kind of machine and one Python. A package that has none is built into one.
"""

from __future__ import annotations

import argparse
import errno
import fnmatch
import io
import json
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

from tools import bundle_check
from tools.bundle_check import MANIFEST, MIRROR, PROJECT, ROOT, WHEELS, megabytes
from tools.live import Progress

OUTPUT = ROOT / "_build"
DATE = (
    946_684_800  # 2000-01-01: with a clock that runs behind, `make` would install again and again
)


def course_files(root: Path) -> list[str]:
    """Return the course's files, relative to its root: git's, or all that .gitignore does not name.

    Raises:
        SystemExit: the folder holds no course.
    """
    if (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
        names = [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]
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
    extras = project["project"]["optional-dependencies"]
    wanted = [line for extra in ("lab", "dev") for line in extras[extra]]
    return [*project["build-system"]["requires"], *wanted, "-r", str(root / "requirements.txt")]


def collect_wheels(folder: Path, pip_options: list[str], root: Path) -> list[Path]:
    """Fill a folder with a wheel of every pinned package, and return the wheels.

    Args:
        folder: emptied first.
        pip_options: where pip looks, as the Makefile says.
        root: the course's folder.

    Raises:
        SystemExit: pip failed; the message begins with what it said last.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pins = root / "constraints.txt"
    options = ["--disable-pip-version-check", "--no-input", "-w", str(folder), "-c", str(pins)]
    command = [sys.executable, "-m", "pip", "wheel", *options, *pip_options, *requirements(root)]
    progress, seen, said = Progress("wheels", len(pins.read_text().split()), "package"), 0, []
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=root, **pipe) as pip:
        for line in pip.stdout:
            said = [*said[-7:], line.rstrip()]
            seen += line.startswith(("Collecting ", "Processing "))
            progress.show(min(seen, progress.total), line.strip()[:60])
    if pip.returncode:
        full = any("No space left" in line for line in said)
        remedy = "The disk is full: free some." if full else "See above; is the network there?"
        raise SystemExit("\n".join(["", *said, f"pip could not make every wheel. {remedy}"]))
    wheels = sorted(folder.glob("*.whl"))
    progress.show(progress.total, f"{len(wheels)} wheels, {megabytes(wheels):,.0f} MB", final=True)
    return wheels


def describe(wheels: list[Path], mirror: Path | None) -> dict:
    """Return the manifest: Python, platform, torch's version, whether CUDA and a mirror are in."""
    torch = next((w.name.split("-")[1] for w in wheels if w.name.startswith("torch-")), "")
    cuda = any(wheel.name.startswith(("nvidia_", "cuda_")) for wheel in wheels)
    found = {"torch": torch, "cuda": cuda, "wheels": len(wheels), "mirror": mirror is not None}
    return bundle_check.machine() | found


def write_archive(archive: Path, members: dict[str, Path], manifest: dict) -> None:
    """Write an uncompressed tar; wheels and Parquet files are compressed already.

    Args:
        archive: the file; it appears only when it is complete.
        members: name within the course's folder -> file.
        manifest: written as `bundle.json`.

    Raises:
        SystemExit: the disk is full.
    """
    size, text = megabytes(members.values()), json.dumps(manifest, indent=1).encode()
    part, progress = archive.with_suffix(".part"), Progress("archive", len(members), "file")
    try:
        with tarfile.open(part, "w") as tar:
            about = _nobody(tarfile.TarInfo(f"{PROJECT}/{MANIFEST}"))
            about.size = len(text)
            tar.addfile(about, io.BytesIO(text))
            for done, (name, file) in enumerate(sorted(members.items()), start=1):
                tar.add(file.resolve(), f"{PROJECT}/{name}", filter=_nobody)
                progress.show(done, name[-60:])
        part.replace(archive)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno != errno.ENOSPC:
            raise
        message = f"The disk is full: the archive needs {size:,.0f} MB in {archive.parent}."
        raise SystemExit(message) from error
    progress.show(len(members), f"{archive.stat().st_size / 1e6:,.0f} MB", final=True)


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = DATE
    return member


def make(mirror: Path | None, pip_options: list[str]) -> Path:
    """Make the archive and its checksum; return the archive."""
    if mirror and not (mirror / "datasets").is_dir():
        raise SystemExit(f"The mirror {mirror} has no folder datasets/. Name another, or none.")
    members = {name: ROOT / name for name in course_files(ROOT)}
    wheels = collect_wheels(OUTPUT / WHEELS, pip_options, ROOT)
    members |= {f"{WHEELS}/{wheel.name}": wheel for wheel in wheels}
    if mirror:
        files = [path for path in mirror.rglob("*") if path.is_file()]
        members |= {f"{MIRROR}/{path.relative_to(mirror).as_posix()}": path for path in files}
    manifest = describe(wheels, mirror)
    if manifest["cuda"]:
        print(
            "This is the CUDA build of torch. `make bundle CPU=1` takes the much smaller CPU build."
        )
    python = manifest["python"].replace(".", "")
    archive = OUTPUT / f"{PROJECT}-{manifest['platform']}-py{python}.tar"
    write_archive(archive, members, manifest)
    digest = bundle_check.sha256(archive)
    archive.with_suffix(".tar.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    print(f"SHA-256    {digest}", flush=True)
    return archive


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
        if reason := bundle_check.fits():
            raise SystemExit(reason)
        return 0
    return bundle_check.check(options.check or make(options.mirror, shlex.split(options.pip)))


if __name__ == "__main__":
    sys.exit(main())
