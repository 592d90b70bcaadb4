"""Compare the masked-LM loss over masked positions only with the library's, which scores every position.

python -m benchmarks masked_loss      about three minutes
"""

import statistics

import torch
from transformers import AutoTokenizer

from benchmarks.report import README, by_turns, seconds, stepper
from helpers import data, encoder
from helpers.masking import WholeWordMaskCollator, masked_lm_loss
from tools.markdown import table, write_block

LEAST = 2.0  # times faster
CLOSE = 1e-6, 1e-5  # largest difference of two losses, of two gradients
HEAD = "times faster | of each step | largest difference of the loss | of a gradient | positions masked, padding included"
ROWS, BATCH, WIDTH, STEPS, SEED = 240, 16, 128, 15, 42


def batches(tokenizer, texts: list[str]) -> list[dict]:
    """Return batches of masked rows, as lesson 08 trains on them."""
    encoded = tokenizer(texts, truncation=True, max_length=WIDTH)["input_ids"]
    rows = [{"input_ids": ids} for ids in encoded]
    collator = WholeWordMaskCollator(tokenizer, seed=SEED)
    return [collator(rows[at : at + BATCH]) for at in range(0, len(rows), BATCH)]


def bundled_model():
    """Return the bundled encoder with its masked-LM head, without dropout."""
    model = encoder.load("minilm-mlm")
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


WAYS = {
    "every position": lambda model, batch: model(**batch).loss,
    "masked positions": masked_lm_loss,
}


def gaps(model, batch) -> tuple[float, float]:
    """Return how far the two ways differ on one model and batch: in the loss, in any gradient."""
    losses = [way(model, batch) for way in WAYS.values()]
    pairs = zip(*(torch.autograd.grad(loss, model.parameters()) for loss in losses), strict=True)
    gap = max((one - other).abs().max().item() for one, other in pairs)
    return abs(losses[0] - losses[1]).item(), gap


def measure(new_model, chosen: list[dict]) -> dict[str, list]:
    """Train one model a way on the same batches by turns; return (seconds, losses) of each step."""
    steps = {name: stepper(new_model(), way, learning_rate=1e-4) for name, way in WAYS.items()}
    return by_turns(steps, chosen)


def main() -> int:
    """Measure, write the section, and fail where a claim does not hold."""
    torch.set_num_threads(1)  # threads that wait burn processor time on a busy machine
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder())
    chosen = batches(tokenizer, data.load("rotten_tomatoes", "train")["text"][:ROWS])
    found = [gaps(bundled_model(), batch) for batch in chosen[:3]]
    loss_gap, gradient_gap = map(max, zip(*found, strict=True))
    taken = measure(bundled_model, chosen[:STEPS])
    slow, fast = (taken[name] for name in WAYS)
    ratio = seconds(slow) / seconds(fast)
    each = [a[0] / b[0] for a, b in zip(slow, fast, strict=True)]
    share = statistics.mean((batch["labels"] >= 0).float().mean().item() for batch in chosen)
    print({name: round(seconds(steps), 1) for name, steps in taken.items()}, f"{ratio:.2f}")
    span = f"{min(each):.2f} to {max(each):.2f}"
    row = f"{ratio:.2f}", span, f"{loss_gap:.1e}", f"{gradient_gap:.1e}", f"{share:.0%}"
    write_block(README, "masked_loss", table(HEAD, [row]))
    holds = ratio >= LEAST and loss_gap < CLOSE[0] and gradient_gap < CLOSE[1]
    print(f"at least {LEAST} times faster, the same to {CLOSE}, is claimed: {holds}")
    return 0 if holds else 1
