"""Train checkpoints/minilm-qa: an adapter with which the bundled encoder answers questions.

COURSE_TRACK=full COURSE_MIRROR=… python -m tools.train_qa      half an hour on two busy cores

Trains on SQuAD's train split (with the mirror: a sample of it), scores the file it wrote on the validation split,
and writes the card with the figures of this run.
"""

from __future__ import annotations

import random
from itertools import chain

import torch
from datasets import Dataset
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, set_seed

import helpers
from helpers import data, encoder
from helpers.metrics import load_metric
from helpers.qa import postprocess_predictions, prepare_train_features, prepare_validation_features
from helpers.spans import window_logits
from tools import adapters

FOLDER = helpers.ROOT / "checkpoints" / "minilm-qa"
EPOCHS = 5
RECIPE = adapters.Recipe(rank=32, learning_rate=1.5e-3, head_rate=4.5e-3, warmup=0.1)
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
    size = adapters.BATCH_SIZE
    batches, pool = [], 50 * size
    for start in range(0, len(rows), pool):
        near = sorted(rows[start : start + pool], key=lambda row: len(row["input_ids"]))
        batches += [near[at : at + size] for at in range(0, len(near), size)]
    random.shuffle(batches)
    return batches


def evaluate(model, tokenizer, examples: Dataset) -> dict[str, float]:
    """Return exact match and F1, 0 to 1."""
    features = prepare_validation_features(examples[:], tokenizer, **SCORED)
    texts = postprocess_predictions(examples, features, *window_logits(features, model, tokenizer))
    scores = load_metric("squad").compute(
        predictions=[{"id": key, "prediction_text": text} for key, text in texts.items()],
        references=[{"id": row["id"], "answers": row["answers"]} for row in examples],
    )
    return {name: score / 100 for name, score in scores.items()}


def main() -> None:
    """Train, load what was written as a learner does, score it, write its card."""
    sets, folder = data.load("squad"), encoder.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    set_seed(adapters.SEED)
    model = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32)
    rows = training_windows(sets["train"], tokenizer)
    about = adapters.train(
        adapters.adapt(model, RECIPE.rank, "qa_outputs"),
        list(chain(*(draw_batches(rows) for _ in range(EPOCHS)))),
        lambda model, batch: model(**tokenizer.pad(batch, return_tensors="pt")).loss,
        RECIPE,
        FOLDER,
        head="the head for start and end",
        data=f"a sample of SQuAD (Rajpurkar et al., 2016; CC BY-SA 4.0): {len(sets['train']):,} answerable questions, cut into {len(rows):,} windows of {WINDOW['max_length']} tokens that overlap by {WINDOW['doc_stride']}; all windows with the answer and {WITHOUT_ANSWER:.0%} of the others, drawn anew each epoch",
        training=f"{EPOCHS} epochs, batches of {adapters.BATCH_SIZE}",
    )
    scores = evaluate(encoder.load("minilm-qa"), tokenizer, sets["validation"])
    card = f"""{adapters.opening("minilm-qa", "answer questions", "question-answering")}
{about}
| scored on | {len(sets["validation"])} answerable questions of the validation split (other articles), windows of {SCORED["max_length"]} tokens that overlap by {SCORED["doc_stride"]} |
| **exact match** | **{scores["exact_match"]:.3f}** |
| **F1** | **{scores["f1"]:.3f}** |

Every training question had an answer, although not every window contained it. So choose a null threshold before you let
the model say that there is no answer. It was trained on fourteen articles only: don't rely on its knowledge of the world.
"""
    (FOLDER / "README.md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
