"""The ledger: nothing written is lost, and nothing broken is read in silence."""

import json
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from importlib.metadata import version

import pytest

import helpers
from helpers import runs
from labs.freezing.experiment import Plan
from labs.freezing.lab import repeat_number


@pytest.fixture
def file(monkeypatch, tmp_path):
    """The ledger's file, in a folder that is not there yet."""
    path = tmp_path / "deep" / "ledger.jsonl"
    monkeypatch.setenv("COURSE_LEDGER", str(path))
    return path


def keep(run="first", *, lesson="03", seed=42, **scores):
    return runs.record(lesson, run, seed=seed, seconds=1.0, peak_mb=100.0, **scores)


def python(code):
    """Start a Python that writes to the same ledger."""
    pipes = {"stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code], cwd=helpers.ROOT, **pipes)


@pytest.mark.parametrize("value", [pytest.param(None, id="unset"), pytest.param("", id="empty")])
def test_the_file_where_the_variable_names_none(monkeypatch, value):
    monkeypatch.delenv("COURSE_LEDGER")
    if value is not None:
        monkeypatch.setenv("COURSE_LEDGER", value)
    assert runs.path() == helpers.ROOT / "_runs" / "ledger.jsonl"


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
    ("second", "third", "newest"),
    [
        pytest.param({}, {}, [3], id="same name"),
        pytest.param({"seed": 43}, {}, [2, 3], id="other seed between"),
        pytest.param({}, {"seed": 43}, [2, 3], id="other seed last"),
        pytest.param({"run": "other"}, {}, [2, 3], id="other run"),
        pytest.param({"lesson": "02"}, {}, [2, 3], id="other lesson"),
        pytest.param({"seed": 1}, {"seed": 2}, [1, 2, 3], id="three seeds"),
    ],
)
def test_the_newest_of_the_same_name_is_read_and_all_are_kept(file, second, third, newest):
    keep(score=1)
    keep(**second, score=2)
    keep(**third, score=3)
    assert runs.read()["score"].tolist() == newest
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.usefixtures("file")
def test_a_run_and_its_repeats_belong_to_their_track(monkeypatch):
    keep(lesson="06", score=1)
    monkeypatch.setenv("COURSE_TRACK", "full")
    assert repeat_number(Plan("first", range(1), {}, "add"), 42) == 1
    keep(score=2)
    monkeypatch.setenv("COURSE_TRACK", "tiny")
    found = runs.read()
    assert found["score"].tolist() == [1, 2]
    assert found["track"].tolist() == ["tiny", "full"]


@pytest.mark.usefixtures("file")
def test_one_lessons_runs():
    for score, lesson in enumerate(("01", "03", "01")):
        keep(lesson=lesson, score=score, seed=score)
    assert runs.read("01")["score"].tolist() == [0, 2]
    assert runs.read("01").index.tolist() == [0, 1]
    assert runs.read("02").empty


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
    with pytest.raises(ValueError, match=f"line {whole + 1}: not valid JSON") as caught:
        runs.read()
    assert str(file) in str(caught.value)
    assert "Delete that line" in str(caught.value)

    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[whole]
    file.write_text("".join(lines), encoding="utf-8")
    assert runs.read()["seed"].tolist() == [*range(whole), 99]


def test_a_whole_line_without_its_line_feed_is_kept(file):
    keep(seed=1)
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))
    keep(seed=2)
    assert runs.read()["seed"].tolist() == [1, 2]


def test_a_score_that_is_no_json_is_refused_before_anything_is_written(file):
    keep(seed=1)
    before = file.read_bytes()
    with pytest.raises(TypeError, match="not JSON serializable"):
        keep(seed=2, f1=object())
    assert file.read_bytes() == before


def test_a_killed_process_leaves_whole_lines(file):
    code = """
from itertools import count
from helpers import runs
for seed in count():
    runs.record("03", "looping", seed=seed, seconds=1, peak_mb=1)
    print(seed, flush=True)
"""
    writer = python(code)
    told = [int(writer.stdout.readline()) for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    told += [int(line) for line in writer.communicate(timeout=60)[0].split()]
    assert writer.returncode == -signal.SIGKILL

    content = file.read_bytes()
    assert content.endswith(b"\n")
    found = runs.read()["seed"].tolist()
    assert found == list(range(len(found)))
    assert len(told) <= len(found) <= len(told) + 1  # at most one written and not yet told


def test_a_line_that_does_not_fit_is_an_error(file):
    code = """
import resource
from helpers import runs
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
try:
    runs.record("03", "first", seed=1, seconds=1, peak_mb=1)
    outcome = "kept"
except OSError:
    outcome = "refused"
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(outcome)
"""
    output, _ = python(code).communicate(timeout=60)
    assert file.stat().st_size == 100
    assert output.strip() == "refused"


def test_another_ledger_is_written_and_read_beside_the_learner_s(file, tmp_path, monkeypatch):
    keep("mine")
    monkeypatch.setattr(runs, "BUNDLED", tmp_path)
    other = tmp_path / "sweep.jsonl"
    runs.record("06", "theirs", seed=1, seconds=1.0, peak_mb=1.0, file=other)
    assert runs.read()["run"].tolist() == ["mine"]
    assert runs.bundled("sweep")["run"].tolist() == ["theirs"]
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
    ("again", "before", "expected"),
    [
        pytest.param("replace", [], 1, id="replace nothing"),
        pytest.param("add", [], 1, id="add to nothing"),
        pytest.param("replace", [1], 1, id="replace one"),
        pytest.param("add", [1], 2, id="add to one"),
        pytest.param("replace", [1, 2], 2, id="replace the newest"),
        pytest.param("add", [1, 2, 2], 3, id="add to two"),
    ],
)
def test_the_number_of_a_repeat(file, again, before, expected):
    settings = {"epochs": 3}
    for repeat in before:
        keep(lesson="06", settings=settings, repeat=repeat)
    keep(lesson="06", repeat=7)
    keep(lesson="06", settings=settings, repeat=8, seed=1)
    keep("second", lesson="06", settings=settings, repeat=9)
    assert repeat_number(Plan("first", range(1), settings, again), 42) == expected
