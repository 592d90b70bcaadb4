"""Children of one process that has imported all: the script, alone, as one of two, or killed at a chosen moment."""

import itertools
import multiprocessing
import os
import resource
import shutil
import signal
import socket
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

from helpers import loop
from scripts import train_ner

SMALL = (
    "--tiny-random",
    *("--train-rows", 44, "--evaluation-rows", 11, "--max-length", 32),
    *("--epochs", 2, "--batch-size", 4, "--learning-rate", 4e-4),
)
CONTEXT = multiprocessing.get_context("forkserver")
# imported once, not in each child
CONTEXT.set_forkserver_preload(["scripts.train_ner", "torch.distributed.fsdp"])
SAVE = torch.save
SAVING = (torch, "save"), (Path, "rename"), (shutil, "rmtree"), (loop.os, "fsync")


def interrupt(moment, end, operations=SAVING, patch=setattr):
    """Call `end` with the operation and its arguments at the `moment`-th of them, and at all after it."""
    calls = itertools.count(1)

    def guarded(original):
        def operation(*args, **kwargs):
            if next(calls) >= moment:
                end(original, *args)
            return original(*args, **kwargs)

        return operation

    for owner, name in operations:
        patch(owner, name, guarded(getattr(owner, name)))


def _die(original, *args):
    if original is SAVE:
        Path(args[1]).write_bytes(b"half a file")
    os.kill(os.getpid(), signal.SIGKILL)


def train(arguments, log, moment=None, largest=None):
    """Run the script in this process, on its processor: `log` gets what it prints, and `log`.err its errors and bars."""
    if largest:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    names = (f"{log}", f"{log}.err")  # open until the process ends
    sys.stdout, sys.stderr = (open(name, "a", encoding="utf-8") for name in names)  # noqa: SIM115
    os.environ["ACCELERATE_USE_CPU"] = "1"
    torch.set_num_threads(1)
    if moment:
        interrupt(moment, _die, [(torch.optim.AdamW, "step"), *SAVING])
    train_ner.main([str(argument) for argument in arguments])


def run(arguments, log, moment=None, seconds=120, largest=None):
    """Run the script in a child; return how it ended: 0, or -9 where it was killed, at `moment` or after `seconds`.

    `largest` is the most bytes of a file, as on a full disk.
    """
    child = CONTEXT.Process(target=train, args=(arguments, log, moment, largest))
    child.start()
    child.join(seconds)
    child.kill()
    child.join()
    return child.exitcode


def weights(folder):
    """Return the weights of the model that the script has saved in a folder."""
    return load_file(Path(folder, "model", "model.safetensors"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _as_one_of_two(port, work, arguments, rank):
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    os.environ.update(shared | {"RANK": rank, "LOCAL_RANK": rank})
    work(*arguments)


def pair(work, *arguments, seconds=120):
    """Call `work` in two processes, which find what torchrun tells them; both must end well."""
    how = {"target": _as_one_of_two, "args": (free_port(), work, arguments)}
    children = [CONTEXT.Process(**how, kwargs={"rank": rank}) for rank in ("0", "1")]
    for child in children:
        child.start()
    for child in children:
        child.join(seconds)
        child.kill()
    assert [child.exitcode for child in children] == [0, 0]
