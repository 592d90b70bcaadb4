"""Compare padding to the longest window of a batch with padding to `max_length`, in QA training.

COURSE_TRACK=full python -m benchmarks padding      about three minutes; SQuAD comes from COURSE_MIRROR or the Hub
"""

import random
import statistics

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, DataCollatorWithPadding

from benchmarks.report import README, by_turns, random_batches, seconds, stepper
from helpers import data, encoder
from helpers.loop import load_batches
from helpers.qa import prepare_train_features
from tools.markdown import table, write_block

LEAST = 1.7  # times faster, batches grouped by length
CLOSE = 1e-3  # largest difference of two losses of the same step
HEAD = "batches | mean width | times faster | largest difference of two losses | and of the model's own"
QUESTIONS, WIDTH, OVERLAP, BATCH, STEPS, SEED = 1000, 384, 120, 8, 20, 42


def windows(tokenizer, examples: dict) -> list[dict]:
    """Return the windows of a batch of examples, one dict a window, unpadded."""
    features = prepare_train_features(examples, tokenizer, WIDTH, OVERLAP)
    return [dict(zip(features, row, strict=True)) for row in zip(*features.values(), strict=True)]


def batches(rows: list[dict], steps: int, grouped: bool) -> list[list[dict]]:
    """Return `steps` batches of an epoch, drawn at random; `grouped`: of windows of like length."""
    load = load_batches if grouped else random_batches
    made = [batch for batch in load(rows, BATCH, list, SEED) if len(batch) == BATCH]
    return random.Random(SEED).sample(made, min(steps, len(made)))


def collators(tokenizer) -> dict:
    """Return the two ways to pad, by name."""
    return {
        "longest": DataCollatorWithPadding(tokenizer),
        "max_length": DataCollatorWithPadding(tokenizer, padding="max_length", max_length=WIDTH),
    }


def span_loss(output, batch) -> torch.Tensor:
    """Return the mean cross entropy of start and end over the tokens.

    The model's own loss is over all positions, so that padding competes with the answer and the loss
    depends on the width.
    """
    logits = torch.stack([output.start_logits, output.end_logits])  # (2, batch, width)
    logits = logits.masked_fill(batch["attention_mask"] == 0, -torch.inf)
    targets = torch.stack([batch["start_positions"], batch["end_positions"]])
    return cross_entropy(logits.flatten(0, 1), targets.flatten())


def measure(new_model, ways: dict, chosen: list[list[dict]]) -> dict:
    """Train one model a way on the same batches, by turns.

    `new_model` makes a model without dropout (whose random masks would depend on the width), the same one at each
    call; `ways` are name -> collator, `chosen` batches of windows. Returns name -> (seconds, (loss over tokens, the
    model's own loss over all positions)) of each batch.
    """

    def losses(model, batch):
        output = model(**batch)
        return torch.stack([span_loss(output, batch), output.loss.detach()])

    def padded(collator):
        step = stepper(new_model(), losses, learning_rate=3e-4)
        return lambda rows: step(collator(rows))

    return by_turns({name: padded(collator) for name, collator in ways.items()}, chosen)


def largest_gaps(taken: dict) -> list[float]:
    """Return the largest difference of each loss between the two ways at the same step."""
    pairs = [(a, b) for (_, a), (_, b) in zip(*taken.values(), strict=True)]
    return [max(abs(a[kind] - b[kind]) for a, b in pairs) for kind in (0, 1)]


def bundled_model():
    """Return the bundled encoder with an untrained head, the same at each call, without dropout."""
    torch.manual_seed(SEED)
    options = {
        "dtype": torch.float32,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
    }
    return AutoModelForQuestionAnswering.from_pretrained(encoder.folder(), **options)


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
    write_block(README, "padding", table(HEAD, lines))
    print(f"at least {LEAST} times faster with grouped batches is claimed: {holds}")
    return 0 if holds else 1
