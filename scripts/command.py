"""The command line of `scripts.train_ner`, and what it refuses."""

import argparse
import json
import os
from pathlib import Path

from helpers import course, freezing, ner
from helpers.loop import last_checkpoint
from helpers.runs import run_folder

FREE = ("resume", "save_every", "save_total_limit", "expect_processes", "output")  # on resuming
SETTINGS = "settings.json"
SIZES = (
    ("train-rows", int, "sentences to train on"),
    ("evaluation-rows", int, "sentences to evaluate on"),
    ("max-length", int, "tokens of a sentence"),
    ("epochs", int, "passes over the sentences"),
    ("batch-size", int, "sentences of a batch, over all processes"),
    ("learning-rate", float, "the highest, at the end of the warm-up"),
    ("seed", int, "of the sample, the head, the order of batches, and dropout"),
)
LEAST = {"max_length": 3, "seed": 0}  # two special tokens and a word; of all others 1
BELOW = {"learning_rate": 10, "dropout": 1}
START = "ACCELERATE_USE_CPU=1 torchrun --nproc_per_node 2 -m scripts.train_ner"


def parse(arguments: list[str] | None, lesson: course.Lesson) -> argparse.Namespace:
    """Read the command line; a size that it leaves out is the lesson's setting."""
    parser = argparse.ArgumentParser(
        "python -m scripts.train_ner",
        description="Train lesson 04's tagger by its loop, on one process or many.",
        epilog=f"Two processes on a CPU: {START} --expect-processes 2",
    )
    add = parser.add_argument
    for name, kind, text in SIZES:
        value = lesson.settings[name.replace("-", "_")]
        add(f"--{name}", type=kind, default=value, help=f"{text} (default: {value})")
    add("--task", choices=ner.TASKS, default="ner", help="what to learn (default: ner)")
    add("--accumulation", type=int, default=1, help="batches of a step (default: 1)")
    add("--model", default=lesson.checkpoint, help="folder or Hub id (default: the lesson's)")
    add("--tiny-random", action="store_true", help="a tiny model with random weights, for tests")
    add("--freeze", default="none", help=f"{freezing.STRATEGIES} (default: none)")
    add("--dropout", type=float, help="probability, in every layer (default: the model's)")
    add("--output", help="folder to write to (default: one below _runs/)")
    add("--save-every", type=int, help="steps between checkpoints, beside one after each epoch")
    add("--save-total-limit", type=int, default=2, help="checkpoints to keep (default: 2)")
    add("--resume", action="store_true", help="go on from the last checkpoint, if there is one")
    add("--expect-processes", type=int, help="refuse to run on another number of processes")
    args = parser.parse_args(arguments)
    for name, value in vars(args).items():
        said = f"--{name.replace('_', '-')} is {value}. Use"
        if type(value) is int and value < (least := LEAST.get(name, 1)):
            parser.error(f"{said} {least} or more.")
        if type(value) is float and not 0 <= value < BELOW[name]:
            parser.error(f"{said} a number from 0, below {BELOW[name]}.")
    args.output = args.output or run_folder(lesson, "train_ner")
    return args


def check_processes(found: int, expected: int | None, batch_size: int) -> None:
    """Refuse to run on another number of processes than was meant.

    `accelerate launch --cpu --num_processes 2` starts one process, and leaves a trace: the address of a main process
    without a number of processes. `found` is how many take part, `expected` what `--expect-processes` says, or None;
    `batch_size` are sentences, over all processes. Raises ValueError: `found` isn't meant, or can't share a batch evenly.
    """
    if expected is not None and expected != found:
        raise ValueError(f"{expected} processes expected, {found} started. Try: {START}")
    alone = "MASTER_ADDR" in os.environ and "WORLD_SIZE" not in os.environ and found == 1
    if alone and expected is None:
        raise ValueError(
            "A launcher named a main process (MASTER_ADDR), as for several, but started this one "
            f"alone. Try: {START} (or pass --expect-processes 1)"
        )
    if batch_size % found:
        raise ValueError(
            f"{found} processes cannot share a batch of {batch_size} evenly. "
            f"Make --batch-size a multiple of {found}."
        )


def check_folder(args: argparse.Namespace, processes: int) -> dict:
    """Refuse to mix two runs in one folder; return the settings of this run, for `write_settings`.

    Raises ValueError: the folder holds checkpoints of a run with other settings, or `--resume` is missing.
    """
    settings = {key: value for key, value in vars(args).items() if key not in FREE}
    settings["processes"] = processes
    if last_checkpoint(args.output) is None:
        return settings
    if not args.resume:
        remedy = "Pass --resume to go on, or another --output."
        raise ValueError(f"{args.output} holds a run's checkpoints. {remedy}")
    try:
        before = json.loads(Path(args.output, SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = "Pass another --output to start anew."
        raise ValueError(f"{args.output}'s {SETTINGS} can't be read ({error}). {remedy}") from error
    if changed := {key: before.get(key) for key in settings if before.get(key) != settings[key]}:
        remedy = "Pass the same to go on, or another --output."
        raise ValueError(f"{args.output} holds a run with other settings: {changed}. {remedy}")
    return settings


def write_settings(args: argparse.Namespace, settings: dict) -> None:
    """Write down what `check_folder` returned, before the first checkpoint."""
    Path(args.output).mkdir(parents=True, exist_ok=True)
    Path(args.output, SETTINGS).write_text(json.dumps(settings, indent=2), encoding="utf-8")
