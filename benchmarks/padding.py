"""Compare padding to the longest window of a batch with padding to `max_length`, in QA training.

COURSE_TRACK=full python -m benchmarks.padding      about three minutes; SQuAD comes from COURSE_MIRROR or the Hub
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from typing import NamedTuple

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, DataCollatorWithPadding
from transformers.trainer_pt_utils import LengthGroupedSampler

from benchmarks.report import write_section
from helpers import data, encoder
from helpers.qa import prepare_train_features

LEAST = 1.7  # times faster, batches grouped by length
CLOSE = 1e-3  # largest difference of two losses of the same step
QUESTIONS, WIDTH, OVERLAP, BATCH, STEPS, SEED = 1000, 384, 120, 8, 20, 42


def windows(tokenizer, examples: dict) -> list[dict]:
    """Return the windows of a batch of examples, one dict a window, unpadded."""
    features = prepare_train_features(examples, tokenizer, WIDTH, OVERLAP)
    return [dict(zip(features, row, strict=True)) for row in zip(*features.values(), strict=True)]


def batches(rows: list[dict], steps: int, grouped: bool) -> list[list[dict]]:
    """Return `steps` batches of an epoch, drawn at random; `grouped`: of windows of like length."""
    lengths = [len(row["input_ids"]) for row in rows]
    generator = torch.Generator().manual_seed(SEED)
    if grouped:
        order = list(LengthGroupedSampler(BATCH, lengths=lengths, generator=generator))
    else:
        order = torch.randperm(len(rows), generator=generator).tolist()
    made = [order[at : at + BATCH] for at in range(0, len(order) - BATCH + 1, BATCH)]
    chosen = random.Random(SEED).sample(made, min(steps, len(made)))
    return [[rows[index] for index in batch] for batch in chosen]


def collators(tokenizer) -> dict:
    """Return the two ways to pad, by name."""
    return {
        "longest": DataCollatorWithPadding(tokenizer),
        "max_length": DataCollatorWithPadding(tokenizer, padding="max_length", max_length=WIDTH),
    }


class Step(NamedTuple):
    """One step: seconds of processor time, loss over tokens, the model's own loss over all positions."""

    seconds: float
    loss: float
    own_loss: float


def span_loss(output, batch) -> torch.Tensor:
    """Return the mean cross entropy of start and end over the tokens.

    The model's own loss is over all positions, so that padding competes with the answer and the loss
    depends on the width.
    """
    padding = batch["attention_mask"] == 0
    losses = [
        cross_entropy(logits.masked_fill(padding, -torch.inf), batch[target])
        for logits, target in (
            (output.start_logits, "start_positions"),
            (output.end_logits, "end_positions"),
        )
    ]
    return sum(losses) / 2


def measure(new_model, ways: dict, chosen: list[list[dict]], learning_rate: float = 3e-4):
    """Train one model a way on the same batches, step by step in turn.

    Args:
        new_model: makes a model without dropout (whose random masks would depend on the width), the
            same one at each call.
        ways: name -> collator.
        chosen: batches of windows.

    Returns:
        name -> one `Step` a batch.
    """
    models = {name: new_model().train() for name in ways}
    optimizers = {
        name: torch.optim.AdamW(model.parameters(), lr=learning_rate, fused=True)
        for name, model in models.items()
    }
    steps: dict[str, list[Step]] = {name: [] for name in ways}
    for number, rows in enumerate(chosen):
        for name in sorted(ways, reverse=bool(number % 2)):  # neither always goes first
            start = time.process_time()
            batch = ways[name](rows)
            output = models[name](**batch)
            loss = span_loss(output, batch)
            loss.backward()
            optimizers[name].step()
            optimizers[name].zero_grad()
            seconds = time.process_time() - start
            steps[name].append(Step(seconds, loss.item(), output.loss.item()))
    return steps


def largest_gap(steps: dict[str, list[Step]], field: str) -> float:
    """Return the largest difference of a field between the two ways at the same step."""
    return max(
        abs(getattr(a, field) - getattr(b, field)) for a, b in zip(*steps.values(), strict=True)
    )


def bundled_model():
    """Return the bundled encoder with an untrained head, the same at each call, without dropout."""
    torch.manual_seed(SEED)
    return AutoModelForQuestionAnswering.from_pretrained(
        encoder.folder(),
        dtype=torch.float32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def main() -> int:
    """Measure, write the section, and fail where a claim does not hold."""
    torch.set_num_threads(
        1
    )  # threads that wait for each other burn processor time on a busy machine
    encoder.hide_load_report()
    examples = data.load("squad", "train").select(range(QUESTIONS))[:]
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder())
    rows, lines, holds = windows(tokenizer, examples), [], True
    for grouped in (False, True):
        chosen = batches(rows, STEPS, grouped)
        steps = measure(bundled_model, collators(tokenizer), chosen)
        seconds = {way: sum(step.seconds for step in taken) for way, taken in steps.items()}
        ratio = seconds["max_length"] / seconds["longest"]
        gap, own = largest_gap(steps, "loss"), largest_gap(steps, "own_loss")
        width = statistics.mean(max(len(row["input_ids"]) for row in batch) for batch in chosen)
        name = "grouped by length" if grouped else "at random"
        lines.append(f"| {name} | {width:.0f} | {ratio:.2f} | {gap:.0e} | {own:.2f} |")
        print(lines[-1], {way: round(value, 1) for way, value in seconds.items()}, flush=True)
        holds = holds and gap < CLOSE and (ratio >= LEAST or not grouped)
    write_section(
        "padding",
        "## Padding per batch\n"
        f"Training on {QUESTIONS:,} questions of SQuAD, the bundled encoder, {BATCH} windows of at most {WIDTH} tokens a batch: padded to the longest window of\n"
        f"the batch against padded to {WIDTH}. Two models from the same seed see the same {STEPS} batches; dropout is off, since its\n"
        "random masks depend on the width. The loss is over tokens: the model's own lets padding compete with the answer.\n"
        "Processor time of one thread.\n\n"
        "| batches | mean width | times faster | largest difference of two losses | and of the model's own |\n"
        "|---|---|---|---|---|\n" + "\n".join(lines),
    )
    print(f"at least {LEAST} times faster with grouped batches is claimed: {holds}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
