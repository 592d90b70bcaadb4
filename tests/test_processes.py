"""Starting processes from a notebook, and who would get which rows."""

import pytest
from torch.utils.data import DataLoader

from helpers.loop import dealt
from helpers.runs import give_back, run_module, start_module

BY_TWO = [[[0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 0]]]


@pytest.mark.parametrize(
    ("batch_size", "split_batches", "expected"),
    [
        pytest.param(2, False, BY_TWO, id="a batch each"),
        pytest.param(4, True, BY_TWO, id="a batch for all"),
        pytest.param(11, False, [[[*range(11)]], [[*range(11)]]], id="one batch, done twice"),
    ],
)
def test_eleven_rows_for_two_processes(batch_size, split_batches, expected):
    held = dealt(DataLoader(range(11), batch_size=batch_size), 2, split_batches)
    assert [[batch.tolist() for batch in batches] for batches in held] == expected


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Return what writes the module `child` into the working folder."""
    monkeypatch.chdir(tmp_path)
    return (tmp_path / "child.py").write_text


def test_a_child_finds_helpers_and_runs_on_one_thread_of_the_cpu(child, tmp_path):
    child(
        "import os, helpers, torch\n"
        "print(torch.get_num_threads(), os.environ['ACCELERATE_USE_CPU'], os.getcwd())\n"
    )
    done = run_module("child")
    assert (done.returncode, done.stdout.split()) == (0, ["1", "1", str(tmp_path)]), done.stderr


def test_run_tells_how_it_ended(child):
    child("raise SystemExit('no')")
    done = run_module("child")
    assert (done.returncode, done.stderr.strip()) == (1, "no")


def test_start_does_not_wait(child):
    child("import time; time.sleep(60)")
    started = start_module("child")
    assert started.poll() is None
    started.kill()
    assert started.wait() == -9


def test_memory_is_given_back_only_if_nobody_needs_it():
    class Ring:
        def __init__(self, kept):
            self.ring, self.kept = self, kept

    import weakref

    garbage, needed = Ring(1), Ring(2)
    gone, there = weakref.ref(garbage), weakref.ref(needed)
    del garbage
    give_back()
    assert gone() is None
    assert there() is needed
