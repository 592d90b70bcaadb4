"""The loop as a script: on one process, on two, on two machines in rehearsal; test_faults.py kills it."""

import json
import math
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import crash
import pytest
import tagging
from accelerate.state import AcceleratorState

from helpers import course
from helpers.loop import checkpoints
from scripts import command
from scripts.train_ner import LESSON, Progress, load_task, new_accelerator, new_model, recorder

WITHOUT_DROPOUT = (*crash.SMALL, "--dropout", 0)


def metrics(folder):
    return json.loads(Path(folder, "metrics.json").read_text(encoding="utf-8"))


def written(folder):
    """Return what a child has printed, and its errors and bars."""
    return [(folder / name).read_text(encoding="utf-8") for name in ("log", "log.err")]


def assert_close(left, right, rows):
    """Compare the figures of two runs, whose sums were taken in another order, epoch by epoch."""
    left, right = metrics(left), metrics(right)
    assert left["steps"] == right["steps"]
    for one, other in zip(left["history"], right["history"], strict=True):
        assert one == pytest.approx(other, abs=1e-3)
        assert one["sentences"] == rows
    assert max(row["f1"] for row in left["history"]) > 0  # not a comparison of zeros
    assert left["history"][-1]["loss"] < left["history"][0]["loss"] - 0.05


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """One process without dropout: its folder, what it prints, and what it writes beside."""
    folder = tmp_path_factory.mktemp("alone")
    assert crash.run([*WITHOUT_DROPOUT, "--output", folder / "run"], folder / "log") == 0
    return folder / "run", *written(folder)


def test_one_process_prints_and_writes_its_figures(alone):
    folder, out, err = alone
    found = metrics(folder)
    *epochs, last = map(json.loads, out.splitlines())
    assert epochs == found["history"]
    assert last == {key: found[key] for key in ("seconds", "peak_mb", "processes", "steps")}
    assert (found["processes"], found["steps"], len(found["history"])) == (1, 22, 2)
    assert len(found["losses"]) == 22
    assert "22/22" in err  # the progress bar
    assert len(checkpoints(folder)) == 2


def test_two_processes_give_the_figures_of_one(alone, tmp_path):
    crash.pair(crash.train, [*WITHOUT_DROPOUT, "--output", tmp_path / "run"], tmp_path / "log")
    out, err = written(tmp_path)
    assert metrics(tmp_path / "run")["processes"] == 2
    assert_close(alone[0], tmp_path / "run", rows=11)
    assert out.count('"epoch": 1,') == 1  # from one process
    assert err.count("| 0/22 ") == 1  # one progress bar
    one, two = crash.weights(alone[0]), crash.weights(tmp_path / "run")
    assert max((one[name] - two[name]).abs().max() for name in one) < 1e-4


def test_two_machines_in_rehearsal_give_the_figures_of_one(alone, tmp_path):
    port = crash.free_port()
    machines = [
        tagging.start(
            *("-m", "torch.distributed.run", "--nnodes", 2, "--nproc_per_node", 1),
            *("--node_rank", rank, "--master_addr", "127.0.0.1", "--master_port", port),
            *("-m", "scripts.train_ner", *WITHOUT_DROPOUT, "--output", tmp_path),
            *("--expect-processes", 2),
        )
        for rank in (0, 1)
    ]
    outputs = [tagging.finish(machine)[0] for machine in machines]
    assert metrics(tmp_path)["processes"] == 2
    assert_close(alone[0], tmp_path, rows=11)
    assert "epoch" in outputs[0]
    assert outputs[1] == ""  # the second machine is silent


def settings(tmp_path, *more):
    return command.parse(["--output", str(tmp_path), *more], course.start(LESSON))


def test_help_tells_the_lessons_settings(capsys):
    lesson = course.start(LESSON)
    with pytest.raises(SystemExit) as ended:
        command.parse(["--help"], lesson)
    text = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    assert f"--train-rows TRAIN_ROWS sentences to train on (default: {lesson.train_rows})" in text
    assert "torchrun --nproc_per_node 2 -m scripts.train_ner" in text


def test_what_the_command_line_leaves_out_is_the_lessons(tmp_path):
    lesson, args = course.start(LESSON), settings(tmp_path, "--epochs", "7")
    assert args.epochs == 7
    left_out = (args.batch_size, args.seed, args.model)
    assert left_out == (lesson.batch_size, lesson.seed, lesson.checkpoint)


TORCHRUN = {"MASTER_ADDR": "x", "WORLD_SIZE": "2"}


@pytest.mark.parametrize(
    ("found", "expected", "variables", "message"),
    [
        pytest.param(1, 2, {}, "2 processes expected, 1 started. Try: .*torchrun", id="too few"),
        pytest.param(2, 1, {"WORLD_SIZE": "2"}, "1 processes expected, 2", id="too many"),
        pytest.param(1, None, {"MASTER_ADDR": "x"}, "this one alone. Try: .*torchrun", id="alone"),
        pytest.param(3, None, {}, "3 processes cannot share a batch of 8 evenly", id="uneven"),
        pytest.param(1, None, {}, None, id="plain python"),
        pytest.param(2, 2, TORCHRUN, None, id="torchrun"),
        pytest.param(1, None, TORCHRUN | {"WORLD_SIZE": "1"}, None, id="torchrun with one"),
        pytest.param(1, 1, {"MASTER_ADDR": "x"}, None, id="one is what was meant"),
    ],
)
def test_check_processes(monkeypatch, found, expected, variables, message):
    for name in TORCHRUN:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=message) if message else nullcontext():
        command.check_processes(found, expected, 8)


def test_check_folder_keeps_runs_apart(tmp_path):
    first = command.check_folder(settings(tmp_path), 1)
    assert first["processes"] == 1
    command.write_settings(settings(tmp_path), first)
    Path(tmp_path, "checkpoint-00000001").mkdir()
    with pytest.raises(ValueError, match="holds a run's checkpoints. Pass --resume"):
        command.check_folder(settings(tmp_path), 1)
    same = settings(tmp_path, "--resume", "--save-every", "3", "--save-total-limit", "5")
    assert command.check_folder(same, 1) == first
    with pytest.raises(ValueError, match="other settings: {'epochs': 3}"):
        command.check_folder(settings(tmp_path, "--resume", "--epochs", "9"), 1)
    with pytest.raises(ValueError, match="other settings: {'processes': 1}"):
        command.check_folder(same, 2)
    Path(tmp_path, command.SETTINGS).write_text('{"epo')  # cut off by a crash
    with pytest.raises(ValueError, match="can't be read .* Pass another --output"):
        command.check_folder(same, 1)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("--train-rows 3 --batch-size 4", "3 sentences do not fill a batch of 4"),
        ("--model {folder}", "--model is '{folder}'. Use a folder with config.json"),
    ],
)
def test_too_few_rows_and_a_folder_without_a_model_are_refused(tmp_path, more, message):
    args = settings(tmp_path, *more.format(folder=tmp_path).split())
    with pytest.raises(ValueError, match=message.format(folder=tmp_path)):
        load_task(args, course.start(LESSON))


def test_the_task_and_its_sizes_are_those_of_the_command_line(tmp_path):
    args = settings(tmp_path, "--task", "chunk", "--train-rows", "8", "--evaluation-rows", "4")
    found = load_task(args, course.start(LESSON))
    assert (found.name, len(found.train), len(found.validation)) == ("chunk", 8, 4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("evaluation-rows", 0),
        ("max-length", 2),
        ("save-total-limit", 0),
        ("accumulation", 0),
        ("epochs", 0),
        ("save-every", -1),
        ("train-rows", 0),
        ("batch-size", 0),
        ("learning-rate", math.inf),
        ("learning-rate", math.nan),
        ("dropout", 1.0),
    ],
)
def test_a_size_with_which_nothing_can_be_trained_is_refused_at_once(name, value, tmp_path, capsys):
    with pytest.raises(SystemExit):
        settings(tmp_path, f"--{name}", str(value))
    assert f"--{name} is {value}. Use " in capsys.readouterr().err


def test_the_seconds_of_a_run_are_those_of_all_its_parts():
    progress, alone = Progress(seconds=100.0), SimpleNamespace(is_main_process=False)
    recorder(alone, SimpleNamespace(epochs=1, save_every=None), progress, epoch_steps=2)(0.5)
    assert 100 < progress.seconds < 110


def test_a_model_with_lora_is_saved_as_a_plain_one(tmp_path):
    script = [*crash.SMALL, "--freeze", "lora:2", "--epochs", 1, "--output", tmp_path / "run"]
    assert crash.run(script, tmp_path / "log") == 0
    assert not [
        name for name in crash.weights(tmp_path / "run") if "lora" in name or "base_layer" in name
    ]


def test_what_is_frozen_is_not_trained(tmp_path):
    args = settings(tmp_path, "--tiny-random", "--freeze", "first-1", "--train-rows", "32")
    model = new_model(args, load_task(args, course.start(LESSON)))
    trained = [name for name, value in model.named_parameters() if value.requires_grad]
    assert {name.split(".")[3] for name in trained if "layer." in name} == {"1"}
    assert not model.base_model.embeddings.word_embeddings.weight.requires_grad


@pytest.mark.parametrize(
    ("told", "precision", "expected"),
    [("", "fp32", "no"), ("", "bf16", "bf16"), ("no", "bf16", "no"), ("bf16", "fp32", "bf16")],
)
def test_the_script_computes_in_the_lesson_s_precision_unless_told_another(
    told, precision, expected, monkeypatch
):
    monkeypatch.delenv("ACCELERATE_MIXED_PRECISION", raising=False)
    if told:
        monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", told)
    AcceleratorState._reset_state(reset_partial_state=True)
    accelerator = new_accelerator(SimpleNamespace(seed=1, accumulation=1), precision)
    assert accelerator.mixed_precision == expected
    AcceleratorState._reset_state(reset_partial_state=True)
