"""Train checkpoints/minilm-qa: an adapter with which the bundled encoder answers questions.

COURSE_TRACK=full COURSE_MIRROR=… python -m tools.train_qa      half an hour on two busy cores

Trains on SQuAD's train split (with the mirror: a sample of it), scores the file it wrote on the validation split,
and writes the card with the figures of this run.
"""

from __future__ import annotations

import random
import statistics
import sys
from itertools import chain, islice

import torch
from datasets import Dataset
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, set_seed

import helpers
from helpers import data, encoder
from helpers.metrics import load_metric
from helpers.qa import postprocess_predictions, prepare_train_features, prepare_validation_features
from helpers.runs import measured
from helpers.spans import window_logits
from tools import adapters

FOLDER = helpers.ROOT / "checkpoints" / "minilm-qa"
HEAD = "qa_outputs"
SEED, EPOCHS, BATCH_SIZE = 42, 5, 16
RANK, LEARNING_RATE, HEAD_RATE, WARMUP = 32, 1.5e-3, 4.5e-3, 0.1
WINDOW = {"max_length": 192, "doc_stride": 64}
WITHOUT_ANSWER = 0.5  # share of the windows without the answer that an epoch sees
SCORED = {"max_length": 384, "doc_stride": 128}


def training_windows(examples: Dataset, tokenizer) -> list[dict]:
    """Return every window of the examples, with the positions of its answer."""
    features = examples.map(
        prepare_train_features,
        batched=True,
        fn_kwargs={"tokenizer": tokenizer, **WINDOW},
        remove_columns=examples.column_names,
    )
    return features.to_list()


def draw_batches(rows: list[dict]) -> list[list[dict]]:
    """Return an epoch: all windows with an answer and a share of the others, alike in length."""
    held = [row for row in rows if row["end_positions"]]
    others = [row for row in rows if not row["end_positions"]]
    rows = held + random.sample(others, round(WITHOUT_ANSWER * len(others)))
    random.shuffle(rows)
    batches, pool = [], 50 * BATCH_SIZE
    for start in range(0, len(rows), pool):
        near = sorted(rows[start : start + pool], key=lambda row: len(row["input_ids"]))
        batches += [near[at : at + BATCH_SIZE] for at in range(0, len(near), BATCH_SIZE)]
    random.shuffle(batches)
    return batches


def train(adapted, tokenizer, rows: list[dict]) -> list[float]:
    """Train what is trainable and write it into FOLDER; return the mean loss of each epoch."""
    epochs = [draw_batches(rows) for _ in range(EPOCHS)]
    losses = iter(
        adapters.fit(
            adapted,
            list(chain(*epochs)),
            lambda model, batch: model(**tokenizer.pad(batch, return_tensors="pt")).loss,
            folder=FOLDER,
            head=HEAD,
            learning_rate=LEARNING_RATE,
            head_rate=HEAD_RATE,
            warmup=WARMUP,
        )
    )
    return [statistics.mean(islice(losses, len(batches))) for batches in epochs]


def evaluate(model, tokenizer, examples: Dataset) -> dict[str, float]:
    """Return exact match and F1, 0 to 1."""
    features = prepare_validation_features(examples[:], tokenizer, **SCORED)
    texts = postprocess_predictions(examples, features, *window_logits(features, model, tokenizer))
    scores = load_metric("squad").compute(
        predictions=[{"id": key, "prediction_text": text} for key, text in texts.items()],
        references=[{"id": row["id"], "answers": row["answers"]} for row in examples],
    )
    return {name: score / 100 for name, score in scores.items()}


def card(sets, rows: int, trained: int, losses: list[float], run, scores: dict) -> str:
    """Return the model card."""
    size = (FOLDER / "adapter_model.safetensors").stat().st_size / 1e6
    return f"""{adapters.opening("minilm-qa", "answer questions", "question-answering")}
| | |
|---|---|
| what it is | low-rank updates (rank {RANK}) of every linear layer of the encoder, layer norms, and the head for start and end; {trained:,} trained parameters, {size:.1f} MB in half precision |
| data | a sample of SQuAD (Rajpurkar et al., 2016; CC BY-SA 4.0): {len(sets["train"]):,} answerable questions, cut into {rows:,} windows of {WINDOW["max_length"]} tokens that overlap by {WINDOW["doc_stride"]}; all windows with the answer and {WITHOUT_ANSWER:.0%} of the others, drawn anew each epoch |
| training | {EPOCHS} epochs, batches of {BATCH_SIZE}, AdamW, learning rate {LEARNING_RATE} (head {HEAD_RATE}), {WARMUP:.0%} warm-up then linear to 0, bfloat16 autocast, seed {SEED} |
| loss of each epoch | {", ".join(f"{loss:.2f}" for loss in losses)} |
| cost | {run.seconds:,.0f} s on {torch.get_num_threads()} CPU threads, peak memory {run.peak_mb:,.0f} MB |
| scored on | {len(sets["validation"])} answerable questions of the validation split (other articles), windows of {SCORED["max_length"]} tokens that overlap by {SCORED["doc_stride"]} |
| **exact match** | **{scores["exact_match"]:.3f}** |
| **F1** | **{scores["f1"]:.3f}** |

It has seen no question without an answer, only windows without one: choose a null threshold before you let it say
that there is no answer. It has read fourteen articles; do not expect it to know the world.
"""


def main() -> int:
    """Train, load what was written as a learner does, score it, write its card."""
    sets, folder = data.load("squad"), encoder.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    set_seed(SEED)
    model = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32)
    adapted, rows = adapters.adapt(model, RANK, HEAD), training_windows(sets["train"], tokenizer)
    with measured() as run:
        losses = train(adapted, tokenizer, rows)
    trained, _ = adapted.get_nb_trainable_parameters()
    scores = evaluate(encoder.load("minilm-qa"), tokenizer, sets["validation"])
    text = card(sets, len(rows), trained, losses, run, scores)
    (FOLDER / "README.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
