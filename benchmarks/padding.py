"""Compare padding to the longest window of a batch with padding to `max_length`, in QA training.

COURSE_TRACK=full python -m benchmarks padding    three minutes; SQuAD from COURSE_MIRROR or the Hub
"""

import random
import statistics

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, DataCollatorWithPadding

from benchmarks.report import by_turns, publish, random_batches, rows_of, seconds, stepper
from helpers import data, encoder
from helpers.loop import load_batches
from helpers.qa import prepare_train_features

LEAST = 1.7  # times faster, batches grouped by length
CLOSE = 1e-3  # largest difference of two losses of the same step
HEAD = "batches | mean width | times faster | largest difference of two losses"
HEAD += " | and of the model's own"
QUESTIONS, WIDTH, OVERLAP, BATCH, STEPS, SEED = 1000, 384, 120, 8, 20, 42


def windows(tokenizer, examples: dict) -> list[dict]:
    """Return the windows of a batch of examples, one dict a window, unpadded."""
    return rows_of(prepare_train_features(examples, tokenizer, WIDTH, OVERLAP))


def batches(rows: list[dict], steps: int, grouped: bool) -> list[list[dict]]:
    """Return `steps` batches of an epoch, drawn at random; `grouped`: of windows of like length."""
    load = load_batches if grouped else random_batches
    made = [batch for batch in load(rows, BATCH, list, SEED) if len(batch) == BATCH]
    return random.Random(SEED).sample(made, min(steps, len(made)))


def collators(tokenizer) -> dict:
    """Return the two ways to pad, by name."""
    kinds = ("longest", "max_length")
    return {kind: DataCollatorWithPadding(tokenizer, kind, WIDTH) for kind in kinds}


def span_loss(output, batch) -> torch.Tensor:
    """Return the mean cross entropy of start and end over the tokens.

    The model's own loss is over all positions, so that padding competes with the answer and the
    loss depends on the width.
    """
    logits = torch.stack([output.start_logits, output.end_logits])  # (2, batch, width)
    logits = logits.masked_fill(batch["attention_mask"] == 0, -torch.inf)
    targets = torch.stack([batch["start_positions"], batch["end_positions"]])
    return cross_entropy(logits.flatten(0, 1), targets.flatten())


def measure(new_model, ways: dict, chosen: list[list[dict]]) -> dict:
    """Train one model a way on the same batches, by turns.

    `new_model` makes the same model at each call; it trains without dropout, whose random masks
    would depend on the width. `ways` are name -> collator, `chosen` batches of windows. Returns
    name -> (seconds, (loss over tokens, the model's own loss over all positions)) of each batch.
    """

    def losses(model, batch):
        output = model(**batch)
        return torch.stack([span_loss(output, batch), output.loss.detach()])

    def padded(collator):
        step = stepper(new_model(), losses, learning_rate=3e-4, dropout=False)
        return lambda rows: step(collator(rows))

    return by_turns({name: padded(collator) for name, collator in ways.items()}, chosen)


def largest_gaps(taken: dict) -> list[float]:
    """Return the largest difference of each loss between the two ways at the same step."""
    pairs = [(a, b) for (_, a), (_, b) in zip(*taken.values(), strict=True)]
    return [max(abs(a[kind] - b[kind]) for a, b in pairs) for kind in (0, 1)]


def bundled_model():
    """Return the bundled encoder with an untrained head, the same at each call."""
    torch.manual_seed(SEED)
    return AutoModelForQuestionAnswering.from_pretrained(encoder.folder(), dtype=torch.float32)


def main() -> int:
    """Measure, write the section, and fail where a claim does not hold."""
    torch.set_num_threads(1)  # threads that wait burn processor time on a busy machine
    encoder.hide_load_report()
    examples = data.load("squad", "train").select(range(QUESTIONS))[:]
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder())
    rows, lines, holds = windows(tokenizer, examples), [], True
    for grouped in (False, True):
        chosen = batches(rows, STEPS, grouped)
        taken = measure(bundled_model, collators(tokenizer), chosen)
        spent = {way: seconds(steps) for way, steps in taken.items()}
        ratio, (gap, own) = spent["max_length"] / spent["longest"], largest_gaps(taken)
        width = statistics.mean(max(len(row["input_ids"]) for row in batch) for batch in chosen)
        name = "grouped by length" if grouped else "at random"
        lines.append((name, f"{width:.0f}", f"{ratio:.2f}", f"{gap:.0e}", f"{own:.2f}"))
        print(*lines[-1], {way: round(value, 1) for way, value in spent.items()}, flush=True)
        holds = holds and gap < CLOSE and (ratio >= LEAST or not grouped)
    claim = f"at least {LEAST} times faster with grouped batches is claimed"
    return publish("padding", HEAD, lines, claim, holds)
