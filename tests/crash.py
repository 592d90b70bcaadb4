"""Children that die: the script runs in a process of its own and is killed at a chosen moment."""

import multiprocessing
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

import torch

from helpers import loop
from scripts import train_ner

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["scripts.train_ner"])  # imported once, not in each child


SAVE = torch.save
SAVING = (torch, "save"), (Path, "rename"), (shutil, "rmtree"), (loop.os, "fsync")


def interrupt(moment, end, operations=SAVING, patch=setattr):
    """Call `end` with the operation and its arguments at the `moment`-th of them, and at all after it."""
    left = moment

    def guarded(original):
        def operation(*args, **kwargs):
            nonlocal left
            left -= 1
            if left <= 0:
                end(original, *args)
            return original(*args, **kwargs)

        return operation

    for owner, name in operations:
        patch(owner, name, guarded(getattr(owner, name)))


def _die(original, *args):
    if original is SAVE:
        Path(args[1]).write_bytes(b"half a file")
    os.kill(os.getpid(), signal.SIGKILL)


def _run(arguments, moment, log, largest):
    if largest:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    file = open(log, "a", encoding="utf-8")  # noqa: SIM115  the process ends with it
    sys.stdout = sys.stderr = file
    torch.set_num_threads(1)
    if moment:
        interrupt(moment, _die, [(torch.optim.AdamW, "step"), *SAVING])
    train_ner.main(arguments)


def run(arguments, log, moment=None, seconds=120, largest=None):
    """Run the script in a child; return how it ended: 0, or -9 where it was killed, at `moment` or after `seconds`.

    `largest` is the most bytes of a file, as on a full disk.
    """
    words = [str(a) for a in arguments]
    child = CONTEXT.Process(target=_run, args=(words, moment, log, largest))
    child.start()
    child.join(seconds)
    child.kill()
    child.join()
    return child.exitcode
