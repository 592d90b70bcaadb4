"""The rehearsal of Binder: which steps it takes, and what its limit stops."""

import subprocess
import sys

import psutil
import pytest

import helpers
from tools import binder

DOCKERFILE = """\
RUN echo before >> ran
# Copy stuff.
COPY src/ ${REPO_DIR}/
RUN ${KERNEL_PYTHON_PREFIX}/bin/python -c 'open("ran", "a").write("packages ")'
LABEL x
RUN python -c 'import sys; open("ran", "a").write(sys.prefix)'
"""


@pytest.mark.skipif(not (helpers.ROOT / ".git").exists(), reason="no clone of the course")
def test_the_steps_after_the_copy_are_taken_in_a_clone_with_a_python_of_its_own(tmp_path):
    printer, python, folder = (tmp_path / name for name in ("repo2docker", "python", "folder"))
    printer.write_text(f"#!/bin/sh\ncat <<'E'\n{DOCKERFILE}E\n", encoding="utf-8")
    # pip is not asked for anything, and takes most of the time that an environment takes to make
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" --without-pip\n', encoding="utf-8")
    for command in (printer, python):
        command.chmod(0o755)
    script = helpers.ROOT / "binder" / "rehearse.sh"
    subprocess.run(["sh", script, printer, python, folder], check=True)
    assert (folder / "course" / "ran").read_text() == f"packages {folder / 'venv'}"
    assert (folder / "course" / "notebooks").is_dir()


@pytest.mark.parametrize("grandchild", [False, True])
def test_a_kernel_that_outgrows_the_limit_is_killed_with_all_that_it_started(grandchild):
    code = "held = bytearray(200 * 2**20); import time; time.sleep(60)"
    if grandchild:
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    with binder.limited(100) as readings:
        child = subprocess.run([sys.executable, "-c", code])
    assert child.returncode == -9
    assert max(readings) > 100
    running = (p.info["cmdline"] or () for p in psutil.process_iter(["cmdline"]))
    assert [words for words in running if code in words] == []


def test_a_kernel_within_the_limit_is_left_alone_and_pages_of_files_don_t_count(tmp_path):
    (tmp_path / "weights").write_bytes(bytes(200 * 2**20))
    code = """import mmap, sys, time
held, file = bytearray(50 * 2**20), open(sys.argv[1], "rb")
seen = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
print(sum(seen[::4096])); time.sleep(0.5)"""
    with binder.limited(2000) as readings:
        child = subprocess.run([sys.executable, "-c", code, tmp_path / "weights"])
    assert child.returncode == 0
    assert 50 < max(readings) < (150 if sys.platform == "linux" else 2000)
