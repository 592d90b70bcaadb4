"""The archive for a room without a network: what is in it, whom it fits, what happens when something fails.

The wheels are made here, by hand. `make bundle` itself tries the real archive at its end.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

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
COURSE = {
    "Makefile": MAKEFILE.format(lesson="true"),
    ".gitignore": "_build/\nwheels/\n*.egg-info/\n",
    "requirements.txt": "one\n",
    "constraints.txt": "one==1.0\nsourced==1.0\ntorch==1.0\n",
    "pyproject.toml": '[build-system]\nrequires = []\n[project]\nname = "c"\n'
    '[project.optional-dependencies]\nlab = ["sourced<2"]\ndev = []\n',
    "tests/no_network/sitecustomize.py": "",
}
# A package that is there as source only: it builds the wheel that lies in it.
SOURCED = {
    "PKG-INFO": "Metadata-Version: 2.1\nName: sourced\nVersion: 1.0\n",
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    "backend.py": "import os, shutil\ndef build_wheel(folder, *_, **__):\n"
    "    return os.path.basename(shutil.copy('sourced-1.0-py3-none-any.whl', folder))\n",
}


def write(folder, files):
    """Write files, path -> text, into a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def make_wheel(folder, name, needs=""):
    """Write a wheel of one empty module."""
    requires = f"Requires-Dist: {needs}\n" if needs else ""
    files = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        for path, text in files.items():
            wheel.writestr(f"{name}-1.0.dist-info/{path}", text)


def small_course(folder):
    """Write a course of a few files and, beside it, a shop where pip finds its packages; return the course."""
    root, shop, source = (folder / name for name in ("course", "shop", "sourced-1.0"))
    shop.mkdir()
    write(root, COURSE)
    write(source, SOURCED)
    make_wheel(shop, "one", needs="torch")
    make_wheel(shop, "torch")
    make_wheel(source, "sourced")
    with tarfile.open(shop / "sourced-1.0.tar.gz", "w:gz") as tar:
        tar.add(source, source.name)
    return root


def make_bundle(course, mirror=None):
    """Make the archive of a small course."""
    options = ["--no-index", "--find-links", str(course.parent / "shop")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "ROOT", course)
        patch.setattr(bundle, "OUTPUT", course / "_build")
        return bundle.make(mirror, options)


@pytest.fixture
def course(tmp_path):
    """Return the folder of a small course."""
    return small_course(tmp_path)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An archive of a small course with a mirror, for tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("made")
    write(folder / "stick", {"datasets/org/set/train.parquet": "rows"})
    return make_bundle(small_course(folder), folder / "stick")


def test_the_archive_holds_course_mirror_wheels_and_manifest_and_its_checksum_is_beside(archive):
    with tarfile.open(archive) as tar:
        members = [member for member in tar if member.isfile()]
        manifest = json.load(tar.extractfile("fine-tuning-encoders/wheels/bundle.json"))
    assert {(m.uid, m.uname, m.mtime) for m in members} == {(0, "", bundle.DATE)}
    wheels = [f"wheels/{name}-1.0-py3-none-any.whl" for name in ("one", "torch", "sourced")]
    wheels += ["wheels/bundle.json", "wheels/hashes.txt", "mirror/datasets/org/set/train.parquet"]
    expected = {f"fine-tuning-encoders/{name}" for name in [*COURSE, *wheels]}
    assert {member.name for member in members} == expected
    assert manifest == bundle.machine()
    assert manifest["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert manifest["platform"] in archive.name
    digest, name = archive.with_suffix(".tar.sha256").read_text().split()
    assert (digest, name) == (bundle.sha256(archive), archive.name)


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


def test_a_folder_that_is_no_mirror_is_refused_before_pip_runs(course, tmp_path):
    with pytest.raises(SystemExit, match="has no folder datasets/"):
        make_bundle(course, tmp_path)


def test_the_cuda_build_and_the_checksum_are_told(course, capsys):
    make_wheel(course.parent / "shop", "nvidia_cudnn")
    write(course, {"requirements.txt": "one\nnvidia-cudnn\n"})
    archive = make_bundle(course)
    said = capsys.readouterr().out
    assert "make bundle CPU=1" in said
    assert bundle.sha256(archive) in said


def test_what_is_ignored_stays_out_and_where_there_is_git_it_says_what_belongs(course):
    ignored = ("_build/html/index.html", "wheels/a.whl", "x.egg-info/PKG-INFO")
    write(course, dict.fromkeys(ignored, ""))
    assert bundle.course_files(course) == sorted(COURSE)
    for command in (["init", "-q"], ["add", "Makefile", "pyproject.toml"]):
        subprocess.run(["git", *command], cwd=course, check=True)
    assert bundle.course_files(course) == ["Makefile", "pyproject.toml"]


def test_the_wheels_of_this_course_include_what_builds_it():
    wanted = bundle.requirements(helpers.ROOT)
    for package in ("setuptools", "jupyterlab", "pytest"):
        assert any(line.startswith(package) for line in wanted), package
    assert wanted[-2:] == ["-r", str(helpers.ROOT / "requirements.txt")]


def test_a_failing_pip_says_why(course, capfd):
    write(course, {"requirements.txt": "absent\n"})
    with pytest.raises(SystemExit, match="pip could not make every wheel. See above"):
        make_bundle(course)
    assert "No matching distribution found for absent" in capfd.readouterr().err


def test_a_full_disk_leaves_no_half_archive(course, monkeypatch):
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr(tarfile, "copyfileobj", lambda *_, **__: os.write(full, b"x"))
    with pytest.raises(OSError, match="No space left on device"):
        make_bundle(course)
    assert list((course / "_build").glob("*.tar")) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"python": "3.99"}, "PYTHON=python3.99"),
        ({"platform": "os-cpu"}, "on a machine of this kind"),
    ],
)
def test_wheels_for_another_python_or_machine_are_refused(change, said, tmp_path):
    bundle.fits(tmp_path)
    write(tmp_path, {bundle.MANIFEST: json.dumps(bundle.machine())})
    bundle.fits(tmp_path)
    write(tmp_path, {bundle.MANIFEST: json.dumps(bundle.machine() | change)})
    with pytest.raises(SystemExit, match=said):
        bundle.fits(tmp_path)


def run_make(folder, *arguments):
    """Let make set a course up in a folder."""
    for name in ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(helpers.ROOT / name, folder)
    for name in ("binder", "tools", "helpers"):
        shutil.copytree(helpers.ROOT / name, folder / name, dirs_exist_ok=True)
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("arguments", [(), ("CPU=1",)], ids=["plain", "CPU"])
def test_beside_wheels_what_was_packed_is_installed_and_nothing_of_the_network(tmp_path, arguments):
    asked = run_make(tmp_path, "-n", ".venv/.ready", *arguments).stdout
    assert "pip install" in asked
    assert "--no-index" not in asked  # without wheels pip looks where it always does
    (tmp_path / "wheels").mkdir()
    said = run_make(tmp_path, "-n", ".venv/.ready", *arguments).stdout
    assert "--extra-index-url" not in said
    first, second = (line for line in said.splitlines() if "pip install" in line)
    assert "--no-index --find-links wheels --require-hashes -r wheels/hashes.txt |" in first
    assert second.endswith("--no-index --no-build-isolation --no-deps -e .")


def test_make_refuses_wheels_for_another_python_before_it_installs(tmp_path):
    manifest = json.dumps(bundle.machine() | {"python": "3.99"})
    write(tmp_path, {bundle.MANIFEST: manifest})
    done = run_make(tmp_path, "doctor", f"PYTHON={sys.executable}")
    assert done.returncode
    assert "These wheels are for Python 3.99" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_an_archive_is_tried_as_someone_would_who_has_nothing_else(archive, monkeypatch, capsys):
    monkeypatch.setenv("PIP_INDEX_URL", "somewhere")
    assert bundle.check(archive) == 0
    said = capsys.readouterr().out
    tried = ("make .venv/.ready", "make doctor", "LESSON=00", "COURSE_MIRROR=mirror", "installed: ")
    for step in (*tried, "runs alone"):
        assert step in said


ASKS = 'echo example.org >> "$$COURSE_NETWORK_LOG"'


@pytest.mark.parametrize(
    ("lesson", "said"),
    [
        pytest.param("echo no such model; false", "no such model", id="a lesson fails"),
        pytest.param(ASKS, "tried to reach example.org", id="something asks the network"),
    ],
)
def test_an_archive_that_does_not_work_is_found_out(lesson, said, course, capsys):
    write(course, {"Makefile": MAKEFILE.format(lesson=lesson)})
    assert bundle.check(make_bundle(course)) == 1
    told = capsys.readouterr().out
    assert said in told
    assert "COURSE_MIRROR" not in told  # it has none to try


def test_an_archive_that_is_damaged_or_of_something_else_is_refused(archive, tmp_path):
    damaged, other = tmp_path / archive.name, tmp_path / "other.tar"
    shutil.copy(archive.with_suffix(".tar.sha256"), tmp_path)
    damaged.write_bytes(archive.read_bytes()[:-1] + b"x")
    with pytest.raises(SystemExit, match="is damaged"):
        bundle.check(damaged)
    tarfile.open(other, "w").close()
    with pytest.raises(SystemExit, match="was not made by `make bundle`"):
        bundle.check(other)
