"""Train checkpoints/minilm-qa: an adapter with which the bundled encoder answers questions.

COURSE_TRACK=full COURSE_MIRROR=… python -m tools.train_qa      half an hour on two busy cores

Trains on SQuAD's train split (the mirror's: a sample of its development set), scores the file it wrote on the validation split,
and writes the figures of this run into the card.
"""

import random
from functools import partial

import torch
from datasets import Dataset
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, set_seed

import helpers
from helpers import data, encoder
from helpers.metrics import load_metric
from helpers.qa import postprocess_predictions, prepare_train_features, prepare_validation_features
from helpers.spans import window_logits
from tools import adapters
from tools.markdown import write_block

FOLDER = helpers.ROOT / "checkpoints" / "minilm-qa"
RECIPE = adapters.Recipe(rank=32, epochs=5, learning_rate=1.5e-3, head_rate=4.5e-3, warmup=0.1)
WINDOW = {"max_length": 192, "doc_stride": 64}
WITHOUT_ANSWER = 0.5  # share of the windows without the answer that an epoch sees
SCORED = {"max_length": 384, "doc_stride": 128}


def draw(rows: list[dict]) -> list[dict]:
    """Return an epoch's windows: all that hold an answer, and a share of the others."""
    held = [row for row in rows if row["end_positions"]]
    others = [row for row in rows if not row["end_positions"]]
    return held + random.sample(others, round(WITHOUT_ANSWER * len(others)))


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
    """Train, load what was written as a learner does, score it, write the figures into its card."""
    sets, folder = data.load("squad"), encoder.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    set_seed(adapters.SEED)
    model = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32)
    windows = prepare_train_features(sets["train"][:], tokenizer, **WINDOW)
    rows = Dataset.from_dict(windows).to_list()
    about = adapters.train(
        adapters.adapt(model, RECIPE.rank, "qa_outputs"),
        partial(draw, rows),
        partial(tokenizer.pad, return_tensors="pt"),
        lambda model, batch: model(**batch).loss,
        RECIPE,
        FOLDER,
    )
    scores = evaluate(encoder.load("minilm-qa"), tokenizer, sets["validation"])
    card = f"""| | |
|---|---|
| what it is | low-rank updates of every linear layer of the encoder, layer norms, and the head for start and end |
| data | a sample of SQuAD's development set (Rajpurkar et al., 2016; CC BY-SA 4.0): {len(sets["train"]):,} answerable questions, cut into {len(rows):,} windows of {WINDOW["max_length"]} tokens that overlap by {WINDOW["doc_stride"]}; all windows with the answer and {WITHOUT_ANSWER:.0%} of the others, drawn anew each epoch |
{about}
| scored on | {len(sets["validation"])} answerable questions of the validation split (other articles), windows of {SCORED["max_length"]} tokens that overlap by {SCORED["doc_stride"]} |
| **exact match** | **{scores["exact_match"]:.3f}** |
| **F1** | **{scores["f1"]:.3f}** |"""
    write_block(FOLDER / "README.md", "run", card)
    print(card)


if __name__ == "__main__":
    main()
