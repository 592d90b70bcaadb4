"""Checkpoints of a run that survive a crash at any moment, and going on from the last one."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Progress:
    """How far a run has come; `accelerator.register_for_checkpointing` puts it into each checkpoint.

    `epoch` counts finished epochs, `step` the optimiser's steps of the epoch under way; `losses` holds
    the loss of every step so far, `history` a row of figures for each finished epoch.
    """

    epoch: int = 0
    step: int = 0
    losses: list = field(default_factory=list)
    history: list = field(default_factory=list)

    def finish_epoch(self, row):
        """Note an epoch's figures and go on to the next."""
        self.history.append(row)
        self.epoch, self.step = self.epoch + 1, 0

    def state_dict(self):
        """Return what a checkpoint keeps."""
        return asdict(self)

    def load_state_dict(self, state):
        """Take over what a checkpoint kept."""
        self.__dict__.update(state)


def remaining(accelerator, loader, progress: Progress):
    """Return the batches that are left of the epoch under way, in that epoch's order.

    Args:
        accelerator: made with `use_seedable_sampler`, so that the order follows from seed and epoch.
        loader: prepared.
        progress: where the run is.

    Taught in: lesson 04.
    """
    done = progress.step * accelerator.gradient_accumulation_steps
    left = accelerator.skip_first_batches(loader, done)
    left.set_epoch(progress.epoch)
    return left


def checkpoints(folder) -> list[Path]:
    """Return the complete checkpoints of a folder, oldest first; half-written ones bear another name."""
    return sorted(Path(folder).glob("checkpoint-????????"))


def last_checkpoint(folder) -> Path | None:
    """Return the newest complete checkpoint of a folder, None where there is none.

    Taught in: lesson 04.
    """
    return max(checkpoints(folder), default=None)


def prune(folder, keep: int) -> None:
    """Remove all but the newest `keep` checkpoints; what is being removed loses its name first."""
    for old in checkpoints(folder)[:-keep]:
        shutil.rmtree(old.rename(old.with_name(f"unfinished-{old.name}")))


def sweep(folder) -> None:
    """Remove what a crash has left half-written."""
    for leftover in Path(folder).glob("unfinished-*"):
        shutil.rmtree(leftover)


def flush(folder) -> None:
    """Wait until a folder and its files are on the disk, not only in the system's memory."""
    for path in [*Path(folder).rglob("*"), Path(folder)]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def save_checkpoint(accelerator, folder, step: int, save_total_limit: int = 2) -> Path:
    """Save the state of a run so that a crash at any moment leaves a complete checkpoint behind.

    It is written under another name, brought to the disk, then renamed. What an earlier crash left is
    removed. While it is written the disk holds one more than `save_total_limit`.

    Args:
        accelerator: saves what it prepared, the random states, and what is registered with it.
        folder: one folder for all processes.
        step: steps of the optimiser so far; it names the checkpoint.
        save_total_limit: how many complete checkpoints to keep, 1 or more.

    Returns:
        The checkpoint's folder.

    Raises:
        ValueError: `save_total_limit` is below 1, or the folder holds this step already.

    Taught in: lesson 04.
    """
    final = Path(folder, f"checkpoint-{step:08d}")
    check_target(final, save_total_limit)
    aside = final.with_name(f"unfinished-{final.name}")
    if accelerator.is_main_process:
        sweep(folder)
    accelerator.wait_for_everyone()
    accelerator.save_state(aside)
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        flush(aside)
        prune(folder, max(1, save_total_limit - 1))
        aside.rename(final)
        prune(folder, save_total_limit)
    accelerator.wait_for_everyone()
    return final


def check_target(final: Path, save_total_limit: int) -> None:
    """Refuse what `save_checkpoint` cannot save; it names the errors."""
    if save_total_limit < 1:
        raise ValueError(f"save_total_limit is {save_total_limit}. Keep at least one checkpoint.")
    if final.exists():
        raise ValueError(
            f"{final} is there already, from another run. Go on from the last checkpoint of that "
            "folder, or name an empty folder."
        )
