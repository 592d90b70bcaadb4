"""From a word to a task: what lesson 09 starts, and the card that goes with what it trained."""

from __future__ import annotations

from datasets import DatasetDict

from labs.own_data.texts import Classify, Few, Read
from labs.own_data.training import OwnTask
from labs.own_data.words import Answer, Tag

TASKS: dict[str, type[OwnTask]] = {kind.name: kind for kind in (Classify, Few, Tag, Answer, Read)}


def start(name: str, splits: DatasetDict, lesson, strategy: str = "none") -> OwnTask:
    """Return a task on a learner's own splits.

    Args:
        name: "classify", "few", "tag", "answer" or "read".
        splits: from `own.prepare` for that task.
        lesson: lesson 09's settings.
        strategy: of freezing: "none", "head-only", "first-K", "bias-only".

    Raises:
        ValueError: no such task; splits made for another one; "few" with a strategy.
    """
    if name not in TASKS:
        raise ValueError(f"There is no task {name!r}. Use one of {', '.join(TASKS)}.")
    wanted = {"tag": "ner_tags", "answer": "answers", "read": "text"}.get(name, "label")
    if wanted not in splits["train"].column_names:
        raise ValueError(
            f"The splits have {', '.join(splits['train'].column_names)}, but {name!r} needs {wanted!r}. "
            f"Prepare them with task={name!r}."
        )
    return TASKS[name](splits, lesson, strategy)


def comparison(baselines: dict[str, dict], scores: dict[str, float]) -> list[dict]:
    """Return the baselines' scores and then the trained model's, one row each, for a table."""
    rows = baselines | {"trained": scores}
    return [{"": name, **found} for name, found in rows.items()]


def gain(task: OwnTask, rows: list[dict]) -> float:
    """Return by how much the trained model beats the best baseline in the main score; below 0 where it does not."""
    *baselines, trained = [row[task.main] for row in rows]
    return min(baselines) - trained if task.lower_is_better else trained - max(baselines)


def card(task: OwnTask, file: str, rows: list[dict]) -> str:
    """Return a model card; every figure comes from the task's run.

    Args:
        task: trained.
        file: what the rows came from.
        rows: from `comparison`.
    """
    counts = ", ".join(f"{len(part)} {name}" for name, part in task.splits.items())
    scores = "\n".join(
        f"- {row['']}: " + ", ".join(f"{key} {value:.3f}" for key, value in row.items() if key)
        for row in rows
    )
    names = f"- Labels: {', '.join(task.names)}.\n" if hasattr(task, "names") else ""
    return f"""---
base_model: {task.lesson.encoder}
pipeline_tag: {task.pipeline_tag}
---
# {task.name.capitalize()}: {file}

- Data: {file}; rows: {counts}.
{names}- Training: {task.settings["epochs"]} epochs, learning rate {task.settings["learning_rate"]},
  frozen: {task.strategy}, seed {task.lesson.seed}, {task.run.seconds:.0f} s.

Scores on the test rows:
{scores}

What it is for, what it is not for, and whom its mistakes could hurt: write it here.
"""
