"""The archive for a room without a network: what is in it, whom it fits, what happens when something fails.

The wheels are made here, by hand. `make bundle` itself tries the real archive at its end.
"""

import inspect
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from functools import partial

import pytest

import helpers
from tools import bundle

MAKEFILE = """\
.venv/.ready:
	mkdir -p .venv && cp wheels/*.whl .venv && touch $@
doctor:
	test -f .venv/.ready && test "$$PIP_CONFIG_FILE" = /dev/null && test -z "$$PIP_INDEX_URL"
course:
	{lesson}
"""


def make_wheel(folder, name, needs=""):
    """Write a wheel of one empty module; return its name."""
    about, file = f"{name}-1.0.dist-info", f"{name}-1.0-py3-none-any.whl"
    requires = f"Requires-Dist: {needs}\n" if needs else ""
    with zipfile.ZipFile(f"{folder}/{file}", "w") as wheel:
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}"
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files = {f"{name}.py": "", f"{about}/METADATA": metadata, f"{about}/WHEEL": tags}
        for path, text in (files | {f"{about}/RECORD": ""}).items():
            wheel.writestr(path, text)
    return file


BACKEND = f"""\
import zipfile
{inspect.getsource(make_wheel)}
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return make_wheel(folder, "sourced")
"""


def make_source(folder):
    """Write a package that is there as source only."""
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "PKG-INFO": "Metadata-Version: 2.1\nName: sourced\nVersion: 1.0\n",
        "backend.py": BACKEND,
    }
    with tarfile.open(folder / "sourced-1.0.tar.gz", "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"sourced-1.0/{name}")
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))


def small_course(tmp_path):
    """Return a course of a few files and, beside it, a shop where pip finds its packages."""
    root, shop = tmp_path / "course", tmp_path / "shop"
    for folder in (root, root / "tests" / "no_network", shop):
        folder.mkdir(parents=True)
    make_wheel(shop, "one", needs="torch")
    make_wheel(shop, "torch")
    make_source(shop)
    files = {
        "Makefile": MAKEFILE.format(lesson="true"),
        ".gitignore": "_build/\nwheels/\n*.egg-info/\n",
        "requirements.txt": "one\n",
        "constraints.txt": "one==1.0\nsourced==1.0\ntorch==1.0\n",
        "pyproject.toml": '[build-system]\nrequires = []\n[project]\nname = "c"\n'
        '[project.optional-dependencies]\nlab = ["sourced<2"]\ndev = []\n',
        "tests/no_network/sitecustomize.py": "",
    }
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def course(tmp_path):
    """Return the folder of a small course."""
    return small_course(tmp_path)


def make_bundle(course, mirror=None):
    """Make the archive of a small course."""
    options = ["--no-index", "--find-links", str(course.parent / "shop")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "ROOT", course)
        patch.setattr(bundle, "OUTPUT", course / "_build")
        return bundle.make(mirror, options)


@pytest.fixture
def make(course):
    """Return a function that makes the archive of the small course."""
    return partial(make_bundle, course)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An archive of a small course, for tests that leave it as it is."""
    return make_bundle(small_course(tmp_path_factory.mktemp("made")))


def members(archive):
    """Return the archive's files, which belong to nobody and are of one date."""
    with tarfile.open(archive) as tar:
        found = [member for member in tar if member.isfile()]
    assert {(m.uid, m.uname, m.mtime) for m in found} == {(0, "", bundle.DATE)}
    return {member.name.removeprefix("fine-tuning-encoders/") for member in found}


def test_the_archive_holds_the_course_every_wheel_and_a_manifest(archive):
    wheels = {f"wheels/{name}-1.0-py3-none-any.whl" for name in ("one", "torch", "sourced")}
    wheels |= {"wheels/bundle.json", "wheels/hashes.txt"}
    assert members(archive) == wheels | {*bundle.course_files(archive.parents[1])}
    with tarfile.open(archive) as tar:
        manifest = json.load(tar.extractfile("fine-tuning-encoders/wheels/bundle.json"))
    assert manifest == bundle.machine()
    assert manifest["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert manifest["platform"] in archive.name


def install(wheels):
    """Ask pip what `make` asks it in an unpacked course, without installing; return what it says."""
    options = ["--dry-run", "--ignore-installed", "--disable-pip-version-check", "--no-index"]
    options += ["--find-links", wheels, "--require-hashes", "-r", wheels / bundle.HASHES]
    command = [sys.executable, "-m", "pip", "install", *options]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_wheel_that_was_changed_is_not_installed(archive, tmp_path):
    wheels = shutil.copytree(archive.parent / "wheels", tmp_path / "wheels")
    assert "Would install one-1.0 sourced-1.0 torch-1.0" in install(wheels).stdout
    with zipfile.ZipFile(wheels / "torch-1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("more.py", "")
    refused = install(wheels)
    assert refused.returncode
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused.stderr


def test_the_checksum_lies_beside(archive):
    digest, name = archive.with_suffix(".tar.sha256").read_text().split()
    assert (digest, name) == (bundle.sha256(archive), archive.name)


def test_a_mirror_goes_in_whole_and_the_checksum_is_printed(make, tmp_path, capsys):
    mirror = tmp_path / "stick"
    (mirror / "datasets" / "org" / "set").mkdir(parents=True)
    (mirror / "datasets" / "org" / "set" / "train.parquet").write_bytes(b"rows")
    archive = make(mirror)
    assert "mirror/datasets/org/set/train.parquet" in members(archive)
    assert bundle.sha256(archive) in capsys.readouterr().out


def test_a_folder_that_is_no_mirror_is_refused_before_pip_runs(make, tmp_path):
    with pytest.raises(SystemExit, match="has no folder datasets/"):
        make(tmp_path)


def test_the_cuda_build_is_named(make, course, capsys):
    make_wheel(course.parent / "shop", "nvidia_cudnn")
    (course / "requirements.txt").write_text("one\nnvidia-cudnn\n")
    make()
    assert "make bundle CPU=1" in capsys.readouterr().out


def test_git_says_which_files_belong_to_the_course(course):
    for command in (["init", "-q"], ["add", "Makefile", "pyproject.toml"]):
        subprocess.run(["git", *command], cwd=course, check=True)
    assert bundle.course_files(course) == ["Makefile", "pyproject.toml"]


def test_without_git_what_is_ignored_stays_out(course):
    for name in ("_build/html/index.html", "wheels/a.whl", "x.egg-info/PKG-INFO"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text("")
    expected = {".gitignore", "Makefile", "constraints.txt", "pyproject.toml", "requirements.txt"}
    assert set(bundle.course_files(course)) == expected | {"tests/no_network/sitecustomize.py"}


def test_the_wheels_of_this_course_include_what_builds_it():
    wanted = bundle.requirements(helpers.ROOT)
    for package in ("setuptools", "jupyterlab", "pytest"):
        assert any(line.startswith(package) for line in wanted), package
    assert wanted[-2:] == ["-r", str(helpers.ROOT / "requirements.txt")]


def test_a_failing_pip_says_why(make, course, capfd):
    (course / "requirements.txt").write_text("absent\n")
    with pytest.raises(SystemExit, match="pip could not make every wheel. See above"):
        make()
    assert "No matching distribution found for absent" in capfd.readouterr().err


def test_a_full_disk_leaves_no_half_archive(make, course, monkeypatch):
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr(tarfile, "copyfileobj", lambda *_, **__: os.write(full, b"x"))
    with pytest.raises(OSError, match="No space left on device"):
        make()
    assert list((course / "_build").glob("*.tar")) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"python": "3.99"}, "PYTHON=python3.99", id="python"),
        pytest.param({"platform": "os-cpu"}, "on a machine of this kind", id="platform"),
    ],
)
def test_wheels_for_another_python_or_machine_are_refused(tmp_path, change, said):
    manifest, here = tmp_path / "wheels" / "bundle.json", bundle.machine()
    bundle.fits(tmp_path)
    manifest.parent.mkdir()
    manifest.write_text(json.dumps(here))
    bundle.fits(tmp_path)
    manifest.write_text(json.dumps(here | change))
    with pytest.raises(SystemExit, match=said):
        bundle.fits(tmp_path)


def dry_run(folder, *arguments):
    """Return what make would do to set a course up in a folder."""
    for name in ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(helpers.ROOT / name, folder)
    shutil.copytree(helpers.ROOT / "binder", folder / "binder")
    command = ["make", "-n", ".venv/.ready", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("arguments", [pytest.param([], id="plain"), pytest.param(["CPU=1"])])
def test_beside_wheels_what_was_packed_is_installed_and_nothing_of_the_network(tmp_path, arguments):
    (tmp_path / "wheels").mkdir()
    said = dry_run(tmp_path, *arguments)
    assert "--extra-index-url" not in said
    first, second = (line for line in said.splitlines() if "pip install" in line)
    assert "--no-index --find-links wheels --require-hashes -r wheels/hashes.txt |" in first
    assert second.endswith("--no-index --no-build-isolation --no-deps -e .")


def test_without_wheels_pip_looks_where_it_always_does(tmp_path):
    assert "--no-index" not in dry_run(tmp_path)


def test_make_refuses_wheels_for_another_python_before_it_installs(tmp_path):
    dry_run(tmp_path)
    for folder in ("tools", "helpers"):
        shutil.copytree(helpers.ROOT / folder, tmp_path / folder)
    (tmp_path / "wheels").mkdir()
    manifest = bundle.machine() | {"python": "3.99"}
    (tmp_path / "wheels" / "bundle.json").write_text(json.dumps(manifest))
    command = ["make", "doctor", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode
    assert "These wheels are for Python 3.99" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_an_archive_is_tried_as_someone_would_who_has_nothing_else(archive, monkeypatch, capsys):
    monkeypatch.setenv("PIP_INDEX_URL", "somewhere")
    assert bundle.check(archive) == 0
    said = capsys.readouterr().out
    for step in ("make .venv/.ready", "make doctor", "LESSON=00", "installed: ", "runs alone"):
        assert step in said


@pytest.mark.parametrize(
    ("lesson", "said"),
    [
        pytest.param("echo no such model; false", "no such model", id="a lesson fails"),
        pytest.param(
            'echo example.org >> "$$COURSE_NETWORK_LOG"',
            "tried to reach example.org",
            id="something asks the network",
        ),
    ],
)
def test_an_archive_that_does_not_work_is_found_out(make, course, capsys, lesson, said):
    (course / "Makefile").write_text(MAKEFILE.format(lesson=lesson))
    assert bundle.check(make()) == 1
    assert said in capsys.readouterr().out


def test_a_damaged_archive_is_refused(archive, tmp_path):
    damaged = tmp_path / archive.name
    shutil.copy(archive.with_suffix(".tar.sha256"), tmp_path)
    damaged.write_bytes(archive.read_bytes()[:-1] + b"x")
    with pytest.raises(SystemExit, match="is damaged"):
        bundle.check(damaged)


def test_an_archive_of_something_else_is_refused(tmp_path):
    with tarfile.open(tmp_path / "other.tar", "w"):
        pass
    with pytest.raises(SystemExit, match="was not made by `make bundle`"):
        bundle.check(tmp_path / "other.tar")


def test_a_mirror_in_the_archive_is_tried_too(tmp_path):
    assert len(bundle.steps(tmp_path)) == 3
    (tmp_path / "mirror").mkdir()
    assert "COURSE_MIRROR=mirror" in bundle.steps(tmp_path)[3]
