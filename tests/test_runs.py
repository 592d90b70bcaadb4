"""What surrounds a run: a ledger that loses nothing, its folder, clock and memory, other processes."""

import gc
import json
import time
import weakref
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from types import SimpleNamespace

import numpy as np
import pytest
import tagging
from accelerate import Accelerator
from transformers import Trainer

from helpers import runs
from labs.freezing.lab import Plan, repeat_number


def keep(run="first", *, lesson="03", seed=42, **scores):
    return runs.record(lesson, run, seed=seed, seconds=1.0, peak_mb=100.0, **scores)


def test_a_run_is_appended_and_read_back(file):
    row = runs.record("03", "first", seed=7, seconds=1.2345, peak_mb=512.6, f1=0.75, note="é\n")
    at, names = row.pop("at"), ("torch", "transformers", "datasets", "accelerate")
    assert datetime.fromisoformat(at).utcoffset() == timedelta(0)
    versions = {name: version(name) for name in names}
    named = {"lesson": "03", "run": "first", "track": "tiny", "seed": 7}
    scores = {"seconds": 1.23, "peak_mb": 513, "f1": 0.75, "note": "é\n"}
    assert row == named | scores | {"versions": versions}
    before = file.read_bytes()
    assert json.loads(before) == row | {"at": at}

    keep("second", f1=0.5)
    assert file.read_bytes().startswith(before)
    read = runs.read()
    assert read["run"].tolist() == ["first", "second"]
    assert read["f1"].tolist() == [0.75, 0.5]
    assert read.loc[0, "note"] == "é\n"
    assert read.loc[0, "versions"] == versions
    assert read.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("second", "newest"),
    [
        pytest.param({}, [3], id="same name"),
        pytest.param({"seed": 43}, [2, 3], id="other seed between"),
        pytest.param({"run": "other"}, [2, 3], id="other run"),
        pytest.param({"lesson": "02"}, [2, 3], id="other lesson"),
    ],
)
def test_the_newest_of_the_same_name_is_read_and_all_are_kept(second, newest, file):
    for score, changed in enumerate(({}, second, {}), start=1):
        keep(**changed, score=score)
    assert runs.read()["score"].tolist() == newest
    assert runs.read("02")["score"].to_dict() == ({0: 2} if "lesson" in second else {})
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.usefixtures("file")
def test_a_run_and_its_repeats_belong_to_their_track(monkeypatch):
    keep(lesson="06", score=1)
    monkeypatch.setenv("COURSE_TRACK", "full")
    assert repeat_number(Plan("first", range(1), {}, "add"), 42) == 1
    keep(lesson="06", score=2)
    monkeypatch.setenv("COURSE_TRACK", "tiny")
    found = runs.read()
    assert found["score"].tolist() == [1, 2]
    assert found["track"].tolist() == ["tiny", "full"]


@pytest.mark.parametrize("content", [None, "", "\n\n"])
def test_an_empty_ledger_is_an_empty_table(file, content):
    if content is not None:
        file.parent.mkdir()
        file.write_text(content, encoding="utf-8")
    for lesson in (None, "03"):
        found = runs.read(lesson)
        assert found.empty
        assert found.columns.tolist() == runs.NAME


@pytest.mark.parametrize("whole", [0, 2])
def test_a_half_line_after_whole_ones_is_reported_and_swallows_nothing(file, whole):
    for seed in range(whole):
        keep(seed=seed)
    file.parent.mkdir(exist_ok=True)
    with open(file, "a", encoding="utf-8") as other:
        other.write('{"lesson": "03", "ru')
    keep(seed=99)
    message = f"{file}, line {whole + 1}: not valid JSON.*Delete that line"
    with pytest.raises(ValueError, match=message):
        runs.read()
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[whole]
    file.write_text("".join(lines), encoding="utf-8")
    assert runs.read()["seed"].tolist() == [*range(whole), 99]


def test_a_score_that_is_no_json_is_refused_before_anything_is_written(file):
    keep(seed=1)
    before = file.read_bytes()
    with pytest.raises(TypeError, match="not JSON serializable"):
        keep(seed=2, f1=object())
    assert file.read_bytes() == before


def test_a_line_that_does_not_fit_is_an_error(file):
    code = """
import resource
from helpers import runs
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
runs.record("03", "first", seed=1, seconds=1, peak_mb=1)
"""
    _, said = tagging.start("-c", code).communicate(timeout=60)
    assert file.stat().st_size == 100
    assert f"OSError: Nothing can be written to {file.parent}. The disk is full: free some" in said


def test_another_ledger_keeps_figures_of_numpy_beside_the_learner_s(file, tmp_path, monkeypatch):
    keep("mine")
    monkeypatch.setattr(runs, "BUNDLED", tmp_path)
    figures = {"seed": np.int64(42), "f1": np.float32(0.5)}
    other = str(tmp_path / "sweep.jsonl")
    runs.record("06", "theirs", seconds=1.0, peak_mb=1.0, file=other, **figures)
    assert runs.read()["run"].tolist() == ["mine"]
    found = runs.bundled("sweep")[["run", "seed", "f1"]]
    assert found.to_dict("records") == [{"run": "theirs", "seed": 42, "f1": 0.5}]
    with pytest.raises(ValueError, match="no benchmark's runs 'swoop'.*Use one of sweep"):
        runs.bundled("swoop")


def test_settings_and_repeat_tell_runs_apart(file):
    keep(score=1)  # as before there were settings
    assert not {"settings", "repeat"} & json.loads(file.read_text(encoding="utf-8")).keys()
    keep(settings={}, score=1)
    keep(settings={"epochs": 3, "rows": [8, 4]}, score=2)
    keep(settings={"rows": [8, 4], "epochs": 3}, score=3)  # the same ones
    keep(settings={"rows": [8, 4], "epochs": 3}, repeat=2, score=4)
    keep(settings={"rows": [8, 4], "epochs": 2}, score=5)
    found = runs.read()
    assert found["score"].tolist() == [1, 3, 4, 5]
    assert found["repeat"].tolist() == [1, 1, 2, 1]
    assert found["settings"].tolist()[:2] == [{}, {"rows": [8, 4], "epochs": 3}]


@pytest.mark.parametrize(
    ("before", "replaced", "added"),
    [
        ([], 1, 1),
        ([1], 1, 2),
        ([1, 2], 2, 3),
        ([1, 2, 2], 2, 3),
    ],
)
def test_the_number_of_a_repeat(before, replaced, added, file):
    settings = {"epochs": 3}
    for repeat in before:
        keep(lesson="06", settings=settings, repeat=repeat)
    keep(lesson="06", repeat=7)
    keep(lesson="06", settings=settings, repeat=8, seed=1)
    keep("second", lesson="06", settings=settings, repeat=9)
    assert repeat_number(Plan("first", range(1), settings, "replace"), 42) == replaced
    assert repeat_number(Plan("first", range(1), settings, "add"), 42) == added


# The folder, the clock, the memory, and giving memory back


@pytest.mark.parametrize(("below", "up"), [(".", ""), ("notebooks", "../")])
def test_run_folder_is_relative_and_created(monkeypatch, tmp_path, below, up):
    (tmp_path / below).mkdir(exist_ok=True)
    monkeypatch.setattr(runs, "RUNS", tmp_path / "_runs")
    monkeypatch.chdir(tmp_path / below)
    lesson = SimpleNamespace(track="tiny", name="03_ner")
    assert runs.run_folder(lesson, "probe") == f"{up}_runs/tiny/03_ner/probe"
    assert runs.run_folder(lesson) == f"{up}_runs/tiny/03_ner/model"
    kept = tmp_path / "_runs" / "tiny" / "03_ner" / "model" / "kept.txt"
    kept.write_text("still here", encoding="utf-8")  # fails unless the folder is there
    runs.run_folder(lesson)
    assert kept.read_text(encoding="utf-8") == "still here"


def test_peak_memory_grows_with_what_is_touched_and_stays():
    code = """
from helpers.runs import peak_memory
before = peak_memory()
block = b"x" * (200 * 1024 * 1024)
during = peak_memory()
del block
print(before, during, peak_memory())
"""
    out, _ = tagging.finish(tagging.start("-c", code))
    before, during, after = map(float, out.split())
    assert 2 < before < 600  # Python and torch: MB, not kB and not bytes
    assert 195 <= during - before <= 230
    assert after > during - 1  # Linux counts pages to within a few dozen


def test_measured_fills_in_when_the_block_ends_or_raises():
    floor = runs.peak_memory()
    with suppress(RuntimeError), runs.measured() as run:
        time.sleep(0.05)
        assert (run.seconds, run.peak_mb) == (0.0, 0.0)
        raise RuntimeError("interrupted")
    first = run.seconds
    assert 0.05 <= first < 5
    assert floor <= run.peak_mb <= runs.peak_memory()
    time.sleep(0.01)
    assert run.seconds == first


def test_release_frees_gradients_and_optimizer_and_leaves_what_predicts(tmp_path):
    rows = tagging.sentences(2)
    arguments = tagging.arguments(tmp_path, max_steps=1, per_device_train_batch_size=2)
    data = {"train_dataset": rows, "eval_dataset": rows, "data_collator": tagging.collate}
    learner = Trainer(tagging.tiny_model(), arguments, **data)
    learner.train()
    learner.model(**tagging.collate(rows)).loss.backward()
    before = learner.predict(rows).predictions
    states = [tensor for state in learner.optimizer.state.values() for tensor in state.values()]
    weights = list(learner.model.parameters())
    held = [weakref.ref(tensor) for tensor in (*states, *(value.grad for value in weights))]
    del states
    gc.collect()
    assert sum(ref() is not None for ref in held) >= 3 * len(weights)  # a gradient, two averages

    runs.release(learner)

    assert [ref for ref in held if ref() is not None] == []
    assert [value for value in weights if value.grad is not None] == []
    assert (learner.predict(rows).predictions == before).all()


def test_after_release_nothing_else_computes_in_the_trainer_s_precision(tmp_path):
    arguments = tagging.arguments(tmp_path, max_steps=1, bf16=True)
    rows = {"train_dataset": tagging.sentences(8), "data_collator": tagging.collate}
    learner = Trainer(tagging.tiny_model(), arguments, **rows)
    learner.train()
    assert Accelerator().mixed_precision == "bf16"
    runs.release(learner)
    assert Accelerator().mixed_precision == "no"
    again = Trainer(tagging.tiny_model(), tagging.arguments(tmp_path, bf16=True), **rows)
    assert again.accelerator.mixed_precision == "bf16"
    runs.release(again)


# Other processes


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Return what writes the module `child` into the working folder."""
    monkeypatch.chdir(tmp_path)
    return (tmp_path / "child.py").write_text


def test_a_child_finds_helpers_runs_on_one_cpu_thread_and_tells_how_it_ended(child, tmp_path):
    child(
        "import os, helpers, torch\n"
        "print(torch.get_num_threads(), os.environ['ACCELERATE_USE_CPU'], os.getcwd())\n"
        "raise SystemExit('no')"
    )
    done = runs.run_module("child")
    assert (done.returncode, done.stderr.strip()) == (1, "no")
    assert done.stdout.split() == ["1", "1", str(tmp_path)]


def test_start_does_not_wait(child):
    child("import time; time.sleep(60)")
    started = runs.start_module("child")
    assert started.poll() is None
    started.kill()
    assert started.wait() == -9
