"""What a machine does to a run: kills it, fills its disk, takes its memory, forbids it to write, damages its files.

Kills come at random moments, few in `make test` and 20 of each in `make test-deep`, which sets COURSE_DEEP.
"""

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import crash
import families
import psutil
import pytest
from datasets import Dataset
from test_course import notebook
from test_train_ner import metrics
from torch.testing import assert_close

import helpers
from exercises import progress
from helpers import data, encoder, runs
from helpers.loop import checkpoints
from tools import markdown
from tools.execution import execute

DEEP = bool(os.environ.get("COURSE_DEEP"))
KILLS = 20 if DEEP else 3
FORK = multiprocessing.get_context("fork")


# Killed at a random moment


def killed(target, file, *arguments, seconds):
    """Run a function that writes a file in a process of its own, and kill that some seconds after the first write."""
    child = FORK.Process(target=target, args=(file, *arguments))
    before = file.stat().st_mtime_ns if file.exists() else 0
    child.start()
    while child.is_alive() and not (file.exists() and file.stat().st_mtime_ns > before):
        time.sleep(0.001)
    time.sleep(seconds)
    child.kill()
    child.join()
    assert child.exitcode == -signal.SIGKILL


SCRIPT = (*crash.SMALL, "--accumulation", 2, "--save-every", 1)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The folder of a run with dropout that nothing disturbs, and the seconds that it takes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    crash.run(["--help"], folder / "log")  # the first child waits for what all of them import
    start = time.perf_counter()
    assert crash.run([*SCRIPT, "--output", folder], folder / "log") == 0
    return folder, time.perf_counter() - start


def assert_the_same(folder, other):
    assert_close(crash.weights(folder), crash.weights(other), rtol=0, atol=0)
    assert metrics(folder)["history"] == metrics(other)["history"]


def test_training_killed_by_the_clock_ends_the_same_bit_for_bit(undisturbed, tmp_path):
    whole, seconds = undisturbed
    draw, kills, run = random.Random(17), 0, 0
    while kills < KILLS:
        script = [*SCRIPT, "--output", tmp_path / f"{run}", "--resume"]
        ended = crash.run(script, tmp_path / "log", seconds=draw.uniform(0.1, 0.9) * seconds)
        kills += ended == -signal.SIGKILL
        if ended == 0 or kills == KILLS:
            assert crash.run(script, tmp_path / "log") == 0
            assert_the_same(tmp_path / f"{run}", whole)
            run += 1


def test_training_killed_at_drawn_moments_leaves_whole_files_and_ends_the_same(
    undisturbed, tmp_path
):
    seed = random.randrange(2**32)
    print(f"random.Random({seed})")
    draw, folder = random.Random(seed), tmp_path / "run"
    script = [*SCRIPT, "--output", folder, "--resume"]
    for moments in ((1, 8), (9, 40), (9, 40), (20, 40)):
        assert crash.run(script, tmp_path / "log", draw.randint(*moments)) == -9
        found = checkpoints(folder)
        assert len(found) <= 2
        files = [file for checkpoint in found for file in checkpoint.iterdir()]
        assert b"half a file" not in {file.read_bytes()[:11] for file in files}
    assert found
    assert crash.run(script, tmp_path / "log") == 0
    assert_the_same(folder, undisturbed[0])


def record_for_ever(file):
    for seed in range(1_000_000):
        runs.record("03", "killed", seed=seed, seconds=1, peak_mb=1, file=file, note="x" * 5000)


def test_the_ledger_of_a_killed_process_has_whole_lines_and_goes_on(tmp_path):
    file, draw = tmp_path / "ledger.jsonl", random.Random(18)
    for kill in range(1, KILLS + 1):
        killed(record_for_ever, file, seconds=draw.uniform(0.05, 0.2))
        assert file.read_bytes().endswith(b"\n")
        runs.record("03", "after", seed=kill, seconds=1, peak_mb=1, file=file)
        found = runs.read(file=file)
        assert found[found["run"] == "after"]["seed"].tolist() == list(range(1, kill + 1))
        assert found[found["run"] == "killed"]["note"].str.len().eq(5000).all()


def rewrite_for_ever(file, texts):
    while True:
        for text in texts:
            markdown.write(file, text)


def test_a_notebook_or_page_whose_build_is_killed_is_the_old_one_or_the_new_one(tmp_path):
    file, texts = tmp_path / "page.ipynb", ("old" * 300_000, "new" * 400_000)
    markdown.write(file, texts[0])
    draw = random.Random(19)
    for _ in range(KILLS):
        killed(rewrite_for_ever, file, texts, seconds=draw.uniform(0.02, 0.1))
        assert file.read_text(encoding="utf-8") in texts
    markdown.write(file, "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["page.ipynb"]


def wait_until(done):
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def gone(process):
    """Tell whether a process has ended; in some containers nobody takes note of that."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_the_kernel_of_a_killed_build_ends(tmp_path):
    file = tmp_path / "pid"
    code = f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    child = FORK.Process(target=execute, args=(notebook(code), "sleeps"))
    child.start()
    wait_until(lambda: file.exists() and file.read_text())
    kernel = psutil.Process(int(file.read_text()))
    child.kill()
    child.join()
    wait_until(lambda: gone(kernel))


def write_both(number):
    for count in range(62):
        note = "x" * (142 * count)
        runs.record("03", f"{number}", seed=count, seconds=1, peak_mb=1, note=note)
        progress.note(f"exercise {number} {count}", "correct")


def test_of_496_writes_of_four_processes_none_is_lost(file):
    writers = [FORK.Process(target=write_both, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * 4
    found, wanted = runs.read(), [(count, 142 * count) for count in range(62)]
    for number in range(4):
        rows = found[found["run"] == f"{number}"]
        assert list(zip(rows["seed"], rows["note"].str.len(), strict=True)) == wanted, number
    assert progress.states().keys() == {
        f"exercise {n} {count}" for n in range(4) for count, _ in wanted
    }


# No room


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The folder of a run that was killed after some checkpoints."""
    folder = tmp_path_factory.mktemp("stopped")
    assert crash.run([*SCRIPT, "--output", folder / "run"], folder / "log", moment=18) == -9
    return folder / "run"


@pytest.mark.parametrize("largest", [20_000, 2_500_000, 4_000_000])
def test_a_full_disk_is_told_and_the_run_goes_on_from_its_last_checkpoint(
    undisturbed, stopped, tmp_path, largest
):
    folder = Path(shutil.copytree(stopped, tmp_path / "run"))
    script, before = [*SCRIPT, "--output", folder, "--resume"], checkpoints(folder)
    assert before
    assert crash.run(script, tmp_path / "full", largest=largest) == 1
    said = (tmp_path / "full.err").read_text(encoding="utf-8")
    assert "OSError: No checkpoint of step" in said
    assert "free some space; then go on with --resume" in said
    assert checkpoints(folder) == before
    assert crash.run(script, tmp_path / "log") == 0
    assert_the_same(folder, undisturbed[0])


KILLED = "import os; os.kill(os.getpid(), 9)"
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30)); bytes(2**31)"


@pytest.mark.parametrize("code", [KILLED, LIMITED], ids=["killed", "limited"])
def test_a_child_without_memory_is_told(monkeypatch, tmp_path, code):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "child.py").write_text(code)
    with pytest.raises(MemoryError, match="child was killed, or found no memory. Close other"):
        runs.run_module("child")


def test_a_kernel_that_is_killed_is_told():
    ran = execute(notebook(KILLED), "dies")
    assert "memory is short: close other notebooks and programs" in ran.error


# A folder with a strange name, where nobody may write


@pytest.fixture(scope="module")
def clone():
    """A copy of the course in a folder whose name has spaces and letters of other alphabets."""
    place = Path(tempfile.mkdtemp(prefix="course "))
    place.chmod(0o755)
    names = (".*", "_build", "_runs", "wheels", "mirror", "*.egg-info", "__pycache__")
    out = shutil.ignore_patterns(*names)
    yield Path(shutil.copytree(helpers.ROOT, place / "Kurs für Ελένη 日本", ignore=out))
    permit("u+w", place)
    shutil.rmtree(place)


def permit(mode, *folders):
    subprocess.run(["chmod", "-R", mode, *folders], check=True)


def python(clone, *words, user=(), **variables):
    """Run Python in a clone; return the finished process, which must end well."""
    paths = [clone, helpers.ROOT / "tests" / "no_network"]
    changes = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    own = ("COURSE_LEDGER", "HF_METRICS_CACHE")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    pipes = {"capture_output": True, "text": True, "check": False, "cwd": clone}
    command = [*user, sys.executable, *words]
    done = subprocess.run(command, env=environment | changes | variables, **pipes)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_doctor_works_below_a_strange_name(clone):
    assert "SHA-256 as released" in python(clone, "-m", "helpers.course").stdout


ATTEMPTS = """
import json
from helpers import course, metrics, runs
from exercises import progress
found = {}
def attempt(name, call):
    try:
        found[name] = str(call())
    except Exception as error:
        found[name] = f"{type(error).__name__}: {error}"
lesson = course.start("03")
attempt("folder", lambda: runs.run_folder(lesson))
attempt("ledger", lambda: runs.record("03", "x", seed=1, seconds=1, peak_mb=1))
attempt("progress", lambda: progress.note("decode_label", "correct"))
score = dict(predictions=[["B-PER"]], references=[["B-PER"]])
attempt("metric", lambda: metrics.load_metric("seqeval").compute(**score)["overall_f1"])
attempt("doctor", lambda: course.report(course.check_machine()))
print(json.dumps(found))
"""


@pytest.fixture
def nobody():
    """The words before a command that may not write where root may."""
    if os.geteuid():
        return []
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if not shutil.which("setpriv"):
        pytest.skip("root may write anywhere, and there is no setpriv to become nobody")
    tried = subprocess.run([*words, sys.executable, "-c", ""], capture_output=True, check=False)
    return words if tried.returncode == 0 else pytest.skip("nobody may not run this Python")


def test_a_read_only_course_and_home_are_told(clone, nobody):
    home = clone.parent / "home"
    home.mkdir()
    permit("a+rX,a-w", clone, home)
    variables = {"HOME": str(home), "MPLCONFIGDIR": tempfile.gettempdir()}
    done = python(clone, "-c", ATTEMPTS, user=nobody, PYTHONPATH=str(clone), **variables)
    found = json.loads(done.stdout.splitlines()[-1])
    for name in ("folder", "ledger"):
        assert found[name].startswith("PermissionError: Nothing can be written to")
        assert "Copy the course to a folder of yours" in found[name]
    assert "Your progress is not kept" in done.stderr
    assert found["metric"] == "1.0"
    assert "disk: Copy the course to a folder of yours." in found["doctor"]


@pytest.mark.skipif(not DEEP, reason="run by make test-deep")
@pytest.mark.parametrize("lesson", ["02", "04", "06"])
def test_a_lesson_runs_below_a_strange_name(clone, lesson):
    permit("u+w", clone)
    python(clone, "-m", "tools.build", "--run", lesson)


# Damaged files


def flipped(content, place):
    """Change a bit of one byte."""
    return content[:place] + bytes([content[place] ^ 64]) + content[place + 1 :]


DAMAGE = {
    "cut": lambda old: old[: len(old) // 2],
    "empty": lambda old: b"",
    "a page": lambda old: b"<!DOCTYPE html><title>Log in</title>",
    "length": lambda old: flipped(old, 1),
    "first letter": lambda old: flipped(old, 8),
    "header": lambda old: flipped(old, 100),
    "last byte": lambda old: old[:-1] + b"2",
}
WEIGHTS = [damage for damage in DAMAGE if damage != "last byte"]  # a number is a number


@pytest.fixture
def mirror_folder(full, monkeypatch, tmp_path):
    families.texts()  # from the bundle, for the tokenizer of any family
    monkeypatch.setenv("COURSE_MIRROR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("damage", ["cut", "empty", "a page", "last byte"])
def test_a_damaged_file_of_the_mirror_is_named(mirror_folder, damage):
    source = data.SOURCES["rotten_tomatoes"]
    file = mirror_folder / "datasets" / source.hub / "train.parquet"
    file.parent.mkdir(parents=True)
    rows = {"text": ["good"] * 300, "label": [1] * 300}
    Dataset.from_dict(rows, features=source.features).to_parquet(file)
    whole = file.read_bytes()
    file.write_bytes(DAMAGE[damage](whole))
    with pytest.raises(ValueError, match="is damaged .*Copy it from the Hub again") as caught:
        data.load("rotten_tomatoes")
    assert str(file) in str(caught.value)
    file.write_bytes(whole)
    assert data.load("rotten_tomatoes", "train").num_rows == 300


@pytest.mark.parametrize("damage", WEIGHTS)
@pytest.mark.parametrize("named", [False, True], ids=["mirror", "COURSE_CHECKPOINT"])
def test_damaged_weights_are_named(mirror_folder, monkeypatch, named, damage):
    folder = mirror_folder / "models" / "owner" / "name"
    families.save("BERT", folder)
    if named:
        monkeypatch.setenv("COURSE_CHECKPOINT", str(folder))
    assert encoder.find("owner/name") == str(folder)
    file = folder / "model.safetensors"
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    with pytest.raises(ValueError, match="is damaged .*Save or copy the model again") as caught:
        encoder.find("owner/name")
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *(("adapter_model.safetensors", damage) for damage in WEIGHTS),
        *(("adapter_config.json", damage) for damage in ("cut", "empty", "a page")),
    ],
)
def test_a_damaged_adapter_is_refused(tmp_path, name, damage):
    folder = Path(shutil.copytree(helpers.ROOT / "checkpoints" / "minilm-qa", tmp_path / "copy"))
    (folder / name).write_bytes(DAMAGE[damage]((folder / name).read_bytes()))
    with pytest.raises(ValueError, match="(?s)does not fit .*fetch the course again"):
        encoder.load("minilm-qa", folder)
