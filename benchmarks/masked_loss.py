"""Compare the masked-LM loss over masked positions with the library's, over every position.

python -m benchmarks masked_loss      about three minutes
"""

import statistics
from functools import partial

import torch
from transformers import AutoTokenizer

from benchmarks.report import by_turns, publish, seconds, stepper
from helpers import data, encoder
from helpers.masking import WholeWordMaskCollator, masked_lm_loss

LEAST = 2.0  # times faster
CLOSE = 1e-6, 1e-5  # largest difference of two losses, of two gradients
HEAD = "times faster | of each step | largest difference of the loss | of a gradient"
HEAD += " | positions masked, padding included"
ROWS, BATCH, WIDTH, STEPS, SEED = 240, 16, 128, 15, 42
WAYS = {
    "every position": lambda model, batch: model(**batch).loss,
    "masked positions": masked_lm_loss,
}


def batches(tokenizer, texts: list[str]) -> list[dict]:
    """Return batches of masked rows, as lesson 08 trains on them."""
    encoded = tokenizer(texts, truncation=True, max_length=WIDTH)["input_ids"]
    rows = [{"input_ids": ids} for ids in encoded]
    collator = WholeWordMaskCollator(tokenizer, seed=SEED)
    return [collator(rows[at : at + BATCH]) for at in range(0, len(rows), BATCH)]


def gaps(model, batch) -> tuple[float, float]:
    """Return how far the two ways differ on one model and batch: in the loss, in any gradient."""
    losses = [way(model, batch) for way in WAYS.values()]
    pairs = zip(*(torch.autograd.grad(loss, model.parameters()) for loss in losses), strict=True)
    gap = max((one - other).abs().max().item() for one, other in pairs)
    return abs(losses[0] - losses[1]).item(), gap


def measure(new_model, chosen: list[dict]) -> dict[str, list]:
    """Train one model a way by turns, without dropout; return (seconds, losses) of each batch."""
    steps = {name: stepper(new_model(), way, 1e-4, dropout=False) for name, way in WAYS.items()}
    return by_turns(steps, chosen)


def main() -> int:
    """Measure, write the section, and fail where a claim does not hold."""
    torch.set_num_threads(1)  # threads that wait burn processor time on a busy machine
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder())
    chosen = batches(tokenizer, data.load("rotten_tomatoes", "train")["text"][:ROWS])
    new_model = partial(encoder.load, "minilm-mlm")
    found = [gaps(new_model(), batch) for batch in chosen[:3]]
    loss_gap, gradient_gap = map(max, zip(*found, strict=True))
    taken = measure(new_model, chosen[:STEPS])
    slow, fast = (taken[name] for name in WAYS)
    ratio = seconds(slow) / seconds(fast)
    each = [a[0] / b[0] for a, b in zip(slow, fast, strict=True)]
    share = statistics.mean((batch["labels"] >= 0).float().mean().item() for batch in chosen)
    print({name: round(seconds(steps), 1) for name, steps in taken.items()}, f"{ratio:.2f}")
    span = f"{min(each):.2f} to {max(each):.2f}"
    row = f"{ratio:.2f}", span, f"{loss_gap:.1e}", f"{gradient_gap:.1e}", f"{share:.0%}"
    claim = f"at least {LEAST} times faster, the same to {CLOSE}, is claimed"
    holds = ratio >= LEAST and loss_gap < CLOSE[0] and gradient_gap < CLOSE[1]
    return publish("masked_loss", HEAD, [row], claim, holds)
