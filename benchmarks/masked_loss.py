"""Compare the masked-LM loss over masked positions only with the library's, which scores every position.

python -m benchmarks.masked_loss      about three minutes
"""

from __future__ import annotations

import statistics
import sys
import time

import torch
from transformers import AutoTokenizer

from benchmarks.report import write_section
from helpers import data, encoder
from helpers.masking import WholeWordMaskCollator, masked_lm_loss

LEAST = 2.0  # times faster
CLOSE = 1e-6, 1e-5  # largest difference of two losses, of two gradients
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


def gradients(model, loss_of, batch) -> tuple[float, dict[str, torch.Tensor]]:
    """Return the loss of a batch and the gradient of each parameter."""
    loss = loss_of(model, batch)
    loss.backward()
    found = {name: value.grad.clone() for name, value in model.named_parameters()}
    model.zero_grad(set_to_none=True)
    return loss.item(), found


def gaps(model, batch) -> tuple[float, float]:
    """Return how far the two ways differ on one model and batch: in the loss, in any gradient."""
    (loss, gradient), (other_loss, other) = (gradients(model, way, batch) for way in WAYS.values())
    return abs(loss - other_loss), max((gradient[n] - other[n]).abs().max().item() for n in other)


def measure(new_model, chosen: list[dict], learning_rate: float = 1e-4) -> dict[str, list[float]]:
    """Train one model a way on the same batches, step by step in turn; return the seconds of each step."""
    models = {name: new_model().train() for name in WAYS}
    optimizers = {
        name: torch.optim.AdamW(model.parameters(), lr=learning_rate, fused=True)
        for name, model in models.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    for number, batch in enumerate(chosen):
        for name in sorted(WAYS, reverse=bool(number % 2)):  # neither always goes first
            start = time.process_time()
            WAYS[name](models[name], batch).backward()
            optimizers[name].step()
            optimizers[name].zero_grad()
            seconds[name].append(time.process_time() - start)
    return seconds


def main() -> int:
    """Measure, write the section, and fail where a claim does not hold."""
    torch.set_num_threads(1)  # threads that wait burn processor time on a busy machine
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder())
    chosen = batches(tokenizer, data.load("rotten_tomatoes", "train")["text"][:ROWS])
    loss_gap, gradient_gap = map(
        max, zip(*(gaps(bundled_model(), batch) for batch in chosen[:3]), strict=True)
    )
    seconds = measure(bundled_model, chosen[:STEPS])
    slow, fast = (seconds[name] for name in WAYS)
    ratio = sum(slow) / sum(fast)
    each = [a / b for a, b in zip(slow, fast, strict=True)]
    share = statistics.mean((batch["labels"] >= 0).float().mean().item() for batch in chosen)
    print({name: round(sum(values), 1) for name, values in seconds.items()}, f"{ratio:.2f}")
    write_section(
        "masked_loss",
        "## Masked-LM loss over masked positions\n"
        f"Training on {ROWS} reviews, the bundled encoder, {BATCH} of at most {WIDTH} tokens a batch, whole words masked: the vocabulary is scored\n"
        f"at masked positions only ({share:.0%} of all positions, padding included) against the library's forward, which scores it everywhere.\n"
        f"Two models that start alike see the same {len(slow)} batches; optimiser step included; processor time of one thread.\n\n"
        "| times faster | of each step | largest difference of the loss | of a gradient |\n|---|---|---|---|\n"
        f"| {ratio:.2f} | {min(each):.2f} to {max(each):.2f} | {loss_gap:.1e} | {gradient_gap:.1e} |",
    )
    holds = ratio >= LEAST and loss_gap < CLOSE[0] and gradient_gap < CLOSE[1]
    print(f"at least {LEAST} times faster, the same to {CLOSE}, is claimed: {holds}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
