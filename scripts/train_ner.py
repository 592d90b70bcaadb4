"""Lesson 04's loop as a script, for one process or many: `python -m scripts.train_ner --help`."""

import json
import math
import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import DataLoaderConfiguration, set_seed
from datasets import disable_progress_bars
from safetensors import SafetensorError
from torch.utils.data import DataLoader
from tqdm.auto import tqdm
from transformers import BertConfig, BertForTokenClassification, get_linear_schedule_with_warmup

from helpers import course, loop, ner
from helpers.encoder import find, merge_lora
from helpers.freezing import freeze
from helpers.runs import measured
from scripts import command

LESSON = "04"


@dataclass
class Progress:
    """How far a run has come; `accelerator.register_for_checkpointing` puts it into each checkpoint.

    `epoch` counts finished epochs, `step` the optimizer's steps of the epoch under way; `losses` has one loss
    for every step so far, `history` a row of figures for each finished epoch, `seconds` those up to the last step.
    """

    epoch: int = 0
    step: int = 0
    losses: list = field(default_factory=list)
    history: list = field(default_factory=list)
    seconds: float = 0.0

    def state_dict(self):
        """Return what a checkpoint keeps."""
        return asdict(self)

    def load_state_dict(self, state):
        """Take over what a checkpoint kept."""
        self.__dict__.update(state)


def load_task(args, lesson) -> ner.Task:
    """Return lesson 03's task, in the sizes that the command line says."""
    sizes, name = lesson.settings | vars(args), args.model
    name = os.path.abspath(name) if os.path.isdir(name) else name  # not from the course's folder
    asked = replace(lesson, checkpoint=find(name, "--model"), settings=sizes)
    task = ner.load_task(asked, args.task)
    if len(task.train) < args.batch_size:
        raise ValueError(
            f"{len(task.train)} sentences do not fill a batch of {args.batch_size}. "
            "Lower --batch-size or raise --train-rows."
        )
    return task


def new_model(args, task: ner.Task):
    """Return the encoder with a new head, or a BERT of two narrow layers with random weights, frozen as the command line says."""
    if not args.tiny_random:
        return freeze(task.new_model(args.dropout), args.freeze)
    sizes = {"vocab_size": len(task.collator.tokenizer), "num_labels": len(task.label_names)}
    narrow = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    config = BertConfig(num_hidden_layers=2, **narrow, **sizes)
    if args.dropout is not None:
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = args.dropout
    set_seed(args.seed)
    return freeze(BertForTokenClassification(config), args.freeze)


def make_loaders(args, task: ner.Task):
    """Return the loaders of training and of evaluation.

    Each has its own generator: starting a loader draws a number, which would otherwise shift the dropout
    of a resumed run. Training leaves out a last batch that is not full: on several processes Accelerate
    would fill it with sentences that were already seen.
    """
    options = {"batch_size": args.batch_size, "collate_fn": task.collator}
    order = {"shuffle": True, "drop_last": True, "generator": torch.Generator()}
    evaluation = DataLoader(task.validation, generator=torch.Generator(), **options)
    return DataLoader(task.train, **order, **options), evaluation


def prepare(accelerator, args, model, loaders):
    """Return model, optimizer, scheduler and both loaders, prepared for the processes there are, and an epoch's steps."""
    groups = loop.parameter_groups(model, weight_decay=0.01)
    optimizer = torch.optim.AdamW(groups, lr=args.learning_rate, fused=True)
    model, optimizer, *loaders = accelerator.prepare(model, optimizer, *loaders)
    epoch_steps = math.ceil(len(loaders[0]) / args.accumulation)  # of a process: it is prepared
    steps = epoch_steps * args.epochs
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
    return model, optimizer, accelerator.prepare(schedule), *loaders, epoch_steps


def save(accelerator, args, progress) -> None:
    """Save a checkpoint, named by the steps so far."""
    steps = len(progress.losses)
    try:
        loop.save_checkpoint(accelerator, args.output, steps, args.save_total_limit)
    except (OSError, RuntimeError, SafetensorError) as error:  # torch's own words name no file
        remedy = "If the disk is full, free some space; then go on with --resume."
        said = f"No checkpoint of step {steps} in {args.output} ({error}). {remedy}"
        raise OSError(said) from error


def recorder(accelerator, args, progress, epoch_steps: int):
    """Return what to do after each step: note its loss, move the bar, save where it is time."""
    total, done = epoch_steps * args.epochs, len(progress.losses)
    began = time.perf_counter() - progress.seconds
    bar = tqdm(total=total, initial=done, disable=not accelerator.is_main_process)

    def after_step(loss):
        progress.losses.append(loss)
        progress.step += 1
        progress.seconds = time.perf_counter() - began
        bar.update()
        due = args.save_every and len(progress.losses) % args.save_every == 0
        if due and progress.step < epoch_steps:  # the end of an epoch has its own
            save(accelerator, args, progress)

    return after_step


def train(accelerator, args, parts, task: ner.Task) -> Progress:
    """Train and evaluate the epochs that are left, saving on the way."""
    model, optimizer, scheduler, loader, evaluation, epoch_steps = parts
    progress = Progress()
    accelerator.register_for_checkpointing(progress)
    if checkpoint := loop.last_checkpoint(args.output):
        accelerator.load_state(checkpoint)
    after_step = recorder(accelerator, args, progress, epoch_steps)
    while progress.epoch < args.epochs:
        left = loop.remaining(accelerator, loader, progress)
        loop.train_epoch(accelerator, model, left, optimizer, scheduler, after_step)
        loss = sum(progress.losses[-epoch_steps:]) / epoch_steps
        prediction = loop.predict(accelerator, model, evaluation)
        row = {"epoch": progress.epoch + 1, "loss": loss}
        row |= {"sentences": len(prediction.references), **task.score(prediction)}
        progress.history.append(row)
        progress.epoch, progress.step = progress.epoch + 1, 0
        if accelerator.is_main_process:  # accelerator.print would print once a machine
            print(json.dumps(row))
        save(accelerator, args, progress)
    return progress


def finish(accelerator, args, model, tokenizer, figures: dict, progress: Progress) -> None:
    """Write the model and the figures of the run; only the main process writes."""
    merge_lora(accelerator.unwrap_model(model))  # saved, it is a plain model
    state = accelerator.get_state_dict(model)
    if accelerator.is_main_process:
        folder = Path(args.output, "model")
        accelerator.unwrap_model(model).save_pretrained(folder, state_dict=state)
        tokenizer.save_pretrained(folder)
        lists = {"losses": progress.losses, "history": progress.history}
        text = json.dumps(figures | lists, indent=2)
        Path(args.output, "metrics.json").write_text(text, encoding="utf-8")
        print(json.dumps(figures))
    accelerator.end_training()


def new_accelerator(args, precision: str) -> Accelerator:
    """Return the accelerator: a batch is split among the processes, its order follows from the seed.

    It computes in `precision`, a lesson's, unless `accelerate launch` was told another.
    """
    kind = os.environ.get("ACCELERATE_MIXED_PRECISION", "bf16" if precision == "bf16" else "no")
    loading = {"split_batches": True, "use_seedable_sampler": True, "data_seed": args.seed}
    return Accelerator(
        gradient_accumulation_steps=args.accumulation,
        mixed_precision=kind,
        dataloader_config=DataLoaderConfiguration(**loading),
    )


def main(arguments: list[str] | None = None) -> None:
    """Train as the command line says."""
    lesson = course.start(LESSON)
    args = command.parse(arguments, lesson)
    accelerator = new_accelerator(args, lesson.precision)
    processes, is_main = accelerator.num_processes, accelerator.is_main_process
    command.check_processes(processes, args.expect_processes, args.batch_size)
    settings = command.check_folder(args, processes)
    if not is_main:
        disable_progress_bars()
    with accelerator.local_main_process_first():
        task = load_task(args, lesson)
    parts = prepare(accelerator, args, new_model(args, task), make_loaders(args, task))
    set_seed(args.seed, device_specific=True)  # one seed for all would drop the same units
    if is_main and loop.last_checkpoint(args.output) is None:
        command.write_settings(args, settings)
    with measured() as run:
        progress = train(accelerator, args, parts, task)
    figures = {"seconds": progress.seconds, "peak_mb": run.peak_mb, "processes": processes}
    figures["steps"] = len(progress.losses)
    finish(accelerator, args, parts[0], task.collator.tokenizer, figures, progress)


if __name__ == "__main__":
    main()
