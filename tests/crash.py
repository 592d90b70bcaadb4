"""Children that die: the script runs in a process of its own and is killed at a chosen moment."""

import multiprocessing
import os
import shutil
import signal
import sys
from pathlib import Path

import torch

from helpers import loop
from scripts import train_ner

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["scripts.train_ner"])  # imported once, not in each child


def _die_at(moment):
    """Kill this process at its `moment`-th step of the optimiser or operation of saving."""
    left = moment

    def guarded(original, last_words=None):
        def operation(*args, **kwargs):
            nonlocal left
            left -= 1
            if left == 0:
                if last_words:
                    last_words(*args)
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return operation

    def half_a_file(_, path, *__):
        Path(path).write_bytes(b"half a file")

    torch.optim.AdamW.step = guarded(torch.optim.AdamW.step)
    torch.save = guarded(torch.save, half_a_file)
    Path.rename = guarded(Path.rename)
    shutil.rmtree = guarded(shutil.rmtree)
    loop.os.fsync = guarded(os.fsync)


def _run(arguments, moment, log):
    file = open(log, "a", encoding="utf-8")  # noqa: SIM115  the process ends with it
    sys.stdout = sys.stderr = file
    torch.set_num_threads(1)
    if moment:
        _die_at(moment)
    train_ner.main(arguments)


def run(arguments, log, moment=None):
    """Run the script in a child; return how it ended: 0, or -9 where it was killed at `moment`."""
    child = CONTEXT.Process(target=_run, args=([str(a) for a in arguments], moment, log))
    child.start()
    child.join(120)
    child.kill()
    return child.exitcode
