"""The track, COURSE_ROWS, and a lesson's settings: what is read, what is refused, what is shown."""

import ast
import copy
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
import torch
from transformers import TrainingArguments

import helpers
from helpers import course, encoder

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
def full_track(monkeypatch, tmp_path):
    """The full track with a checkpoint folder, so that nothing is looked for on the Hub."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("COURSE_TRACK", "full")
    monkeypatch.setenv("COURSE_CHECKPOINT", str(folder))
    return str(folder)


def test_current_track(monkeypatch):
    assert helpers.track() == "tiny"
    for track in ("full", "tiny"):
        monkeypatch.setenv("COURSE_TRACK", track)
        assert helpers.track() == track


TRACK = ("COURSE_TRACK", helpers.track, "one of tiny, full")
ROWS = ("COURSE_ROWS", helpers.row_cap, "a whole number of rows, 1 or more")
REFUSED = [(*TRACK, value) for value in ("huge", "Tiny", "")]
REFUSED += [(*ROWS, value) for value in ("0", "-5", "1.5", "1e3", "many", " ", "²")]


@pytest.mark.parametrize(("variable", "read", "wanted", "value"), REFUSED)
def test_a_track_or_a_row_cap_that_is_none_is_refused(monkeypatch, variable, read, wanted, value):
    monkeypatch.setenv(variable, value)
    for each in (read, lambda: course.start("03")):
        with pytest.raises(ValueError, match=f"{variable} is '{value}'. Use {wanted}"):
            each()


@pytest.mark.parametrize(("value", "expected"), [(None, None), ("", None), ("1", 1), ("250", 250)])
def test_row_cap(monkeypatch, value, expected):
    if value is not None:
        monkeypatch.setenv("COURSE_ROWS", value)
    assert helpers.row_cap() == expected


@pytest.mark.usefixtures("full_track")
def test_course_rows_lowers_for_one_call_the_keys_that_end_in_rows_and_no_others(monkeypatch):
    free = course.start("03").settings
    with monkeypatch.context() as patch:
        patch.setenv("COURSE_ROWS", "2")
        capped = course.start("03").settings
    changed = {key: value for key, value in capped.items() if value != free[key]}
    assert changed == {"train_rows": 2, "evaluation_rows": 2, "compare_rows": 2}
    assert capped.keys() == free.keys()
    assert capped["epochs"] > 2  # larger than the cap, and left alone
    assert course.start("03").settings == free
    monkeypatch.setenv("COURSE_ROWS", "1000000")
    assert course.start("03").settings == free


@pytest.mark.parametrize(
    ("asked", "number", "dataset"),
    [
        ("00", "00", "rotten_tomatoes"),
        ("03", "03", "conll2003"),
        ("03_finetune_ner_with_trainer", "03", "conll2003"),
        ("00_start_here", "00", "rotten_tomatoes"),
    ],
)
def test_a_lesson_by_number_and_by_name(full_track, asked, number, dataset):
    lesson = course.start(asked)
    assert (lesson.number, lesson.name[:2], lesson.dataset) == (number, number, dataset)
    assert (lesson.track, lesson.encoder, lesson.checkpoint) == ("full", full_track, full_track)


def test_the_tiny_track_uses_the_bundled_encoder():
    lesson = course.start("03")
    assert (lesson.track, lesson.encoder) == ("tiny", encoder.ENCODER)
    assert lesson.checkpoint == encoder.folder()


@pytest.mark.parametrize("asked", ["99", "3", "", "03_finetune", "00_finetune_ner_with_trainer"])
def test_an_unknown_lesson_is_refused(asked):
    with pytest.raises(ValueError, match=f"no lesson '{asked}'.*Use one of 00, 01, 02, 03"):
        course.start(asked)


def test_settings_read_as_attributes_and_an_unknown_one_names_those_there_are():
    assert (LESSON.train_rows, LESSON.learning_rate) == (14041, 2e-5)
    message = (
        "lesson 03 has no setting 'epoch' on the full track.*it has learning_rate, note, train_rows"
    )
    with pytest.raises(AttributeError, match=f"(?s){message}"):
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


def test_lessons_come_in_order_with_what_a_list_of_them_needs():
    found = course.lessons()
    assert [entry["number"] for entry in found][:4] == ["00", "01", "02", "03"]
    assert found[3]["name"] == "03_finetune_ner_with_trainer"
    assert {tuple(entry) for entry in found} == {("number", "name", "title", "learn", "minutes")}


HUB = "from huggingface_hub import constants as hub; print(hub.HF_HUB_OFFLINE, hub.HF_HUB_DISABLE_TELEMETRY)"


@pytest.mark.parametrize(
    ("variables", "switches", "hub", "expected"),
    [
        pytest.param({"COURSE_TRACK": "tiny"}, [], HUB, "1 True True", id="tiny"),
        pytest.param({}, [], "", "1", id="track unset"),
        pytest.param({"COURSE_TRACK": "full"}, [], "", "None", id="full"),
        pytest.param({"HF_HUB_OFFLINE": "0"}, [], "", "0", id="set by the learner"),
        pytest.param({"COURSE_TRACK": "tiny"}, ["-S"], "", "None", id="encoder not installed"),
    ],
)
def test_importing_helpers_turns_the_hub_off_where_everything_is_bundled(
    variables, switches, hub, expected
):
    clean = {key: value for key, value in os.environ.items() if key != "HF_HUB_OFFLINE"}
    code = f"import os, helpers; print(os.environ.get('HF_HUB_OFFLINE')); {hub}"
    child = [sys.executable, *switches, "-c", code]
    environment = clean | variables
    out = subprocess.check_output(child, cwd=helpers.ROOT, env=environment, text=True, timeout=60)
    assert out.split() == expected.split()


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


def test_the_bundled_encoder_gets_its_own_learning_rate_on_the_full_track(monkeypatch):
    monkeypatch.setenv("COURSE_TRACK", "full")
    monkeypatch.setenv("COURSE_CHECKPOINT", "bundled")
    assert course.start("03").learning_rate == 2e-4
    monkeypatch.setattr("helpers.encoder.find", lambda classic: classic)
    monkeypatch.delenv("COURSE_CHECKPOINT")
    classic = course.start("03")
    assert classic.learning_rate == 2e-5
    assert "bundled" not in classic.settings


def test_a_relative_mirror_starts_at_the_course_s_root_wherever_the_kernel_runs(
    monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_MIRROR", "../stick")
    assert helpers.mirror() == helpers.ROOT / "../stick"
    monkeypatch.setenv("COURSE_MIRROR", str(tmp_path))
    assert helpers.mirror() == tmp_path
    monkeypatch.delenv("COURSE_MIRROR")
    assert helpers.mirror() is None


@pytest.mark.parametrize(
    "change", ["COURSE_ROWS=64 leaves fewer rows", "its encoder is .*, not dist"]
)
def test_a_score_that_misses_is_told_in_a_lesson_that_is_not_as_written(
    request, monkeypatch, capsys, change
):
    if "ROWS" in change:
        monkeypatch.setenv("COURSE_ROWS", "64")
    else:
        request.getfixturevalue("full_track")
    lesson = course.start("03")
    lesson.expect("f1", 0.51, above=0.5, below=1.0)
    assert capsys.readouterr().out == ""
    lesson.expect("f1", 0.5, above=0.5, below=1.0)
    told = "Expected: f1 above 0.5 and below 1. Found: 0.5. This run differs from the lesson: "
    assert re.match(told + change, capsys.readouterr().out)


@pytest.mark.parametrize(
    "rows", [pytest.param(None, id="unset"), pytest.param("9999", id="no cap")]
)
@pytest.mark.parametrize("found", [pytest.param(x, id=str(x)) for x in (0.5, 1.0, float("nan"))])
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
        (True, {"is_bf16_supported"}, "bf16"),
        (True, {"_is_avx512_bf16_supported"}, "fp32"),
        (False, {"_is_avx512_bf16_supported"}, "bf16"),
        (False, {"_is_amx_tile_supported"}, "bf16"),
        (False, {"is_bf16_supported"}, "fp32"),
    ],
)
def test_the_precision_is_what_the_machine_computes_natively(monkeypatch, gpu, native, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    emulation = []
    for module, name in (
        (torch.cuda, "is_bf16_supported"),
        (torch.cpu, "_is_amx_tile_supported"),
        (torch.cpu, "_is_avx512_bf16_supported"),
    ):
        answer = lambda *_, name=name, **how: emulation.append(how) or name in native  # noqa: E731
        monkeypatch.setattr(module, name, answer)
    assert LESSON.precision == expected
    assert {"including_emulation": True} not in emulation
    assert replace(LESSON, track="tiny").precision == "fp32"


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
