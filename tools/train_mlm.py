"""Train checkpoints/minilm-mlm: an adapter with which the bundled encoder fills in masked words.

COURSE_MIRROR=… python -m tools.train_mlm                                  an hour and a half on one core
COURSE_MIRROR=… python -m tools.train_mlm --tokens 200000 --folder /tmp/x  a try

Trains on articles of Wikipedia, every tenth held out: WikiText-2 (<mirror>/text/wikitext-2-*.txt) and the passages of
SQuAD. Scores the file it wrote, as a learner loads it, and writes the card with the figures of this run.
"""

from __future__ import annotations

import argparse
import random
import re
from itertools import chain
from pathlib import Path

import torch
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    pipeline,
    set_seed,
)

import helpers
from helpers import data, encoder, masking
from tools import adapters
from tools.markdown import table

FOLDER = helpers.ROOT / "checkpoints" / "minilm-mlm"
TOKENS, BLOCK = 8_000_000, 128
RECIPE = adapters.Recipe(rank=40, learning_rate=1.5e-3, head_rate=3e-3, warmup=0.06)
MASKED, HELD_OUT = 0.2, 10  # share masked in training; every tenth article
SHORTEST = 32  # tokens of the last block of an article
SENTENCES = (
    "What a horrible [MASK]!",
    "The capital of France is [MASK].",
    "She opened the [MASK] and walked into the house.",
    "The [MASK] was directed by a young woman.",
    "He plays the [MASK] in an orchestra.",
)


def natural(line: str) -> str:
    """Undo WikiText's spacing where it changes the tokens; an unknown word becomes [UNK], never masked."""
    line = re.sub(r" @([-,.])@ ", r"\1", line).replace(" n't", "n't")
    return line.replace("<unk>", "[UNK]").strip()


def wikitext(file: Path) -> list[str]:
    """Return the articles of a WikiText file; a line `= Title =` begins one."""
    articles: list[list[str]] = []
    for line in file.read_text(encoding="utf-8").split("\n"):
        if re.fullmatch(r" = [^=].* = ", line):
            articles.append([])
        if line.strip() and articles:
            articles[-1].append(natural(line))
    return ["\n".join(lines) for lines in articles]


def passages() -> list[str]:
    """Return the passages of SQuAD, joined by article."""
    articles: dict[str, dict] = {}
    for part in data.load("squad_v2").values():
        for title, context in zip(part["title"], part["context"], strict=True):
            articles.setdefault(title, {})[context] = None
    return ["\n".join(contexts) for contexts in articles.values()]


def articles() -> dict[str, list[str]]:
    """Return the articles of each source.

    Raises:
        ValueError: COURSE_MIRROR is unset or lacks the files.
    """
    mirror = helpers.mirror()
    files = sorted((mirror / "text").glob("wikitext-2-*.txt")) if mirror else []
    if not files:
        raise ValueError(
            f"COURSE_MIRROR is {str(mirror)!r}, which holds no text/wikitext-2-*.txt. Name a mirror that does."
        )
    return {
        "WikiText-2": [text for file in files for text in wikitext(file)],
        "SQuAD 2.0": passages(),
    }


def blocks(ids: list[list[int]], tokenizer, shift: bool) -> list[dict]:
    """Cut articles into rows of at most BLOCK tokens; `shift` begins each article at a random place."""
    found, room = [], BLOCK - 2
    for article in ids:
        start = random.randrange(min(room, len(article))) if shift else 0
        cuts = [
            article[:start],
            *(article[at : at + room] for at in range(start, len(article), room)),
        ]
        found += [
            {"input_ids": [tokenizer.cls_token_id, *cut, tokenizer.sep_token_id]}
            for cut in cuts
            if len(cut) >= SHORTEST
        ]
    return found


def draw_batches(ids: list[list[int]], tokenizer, tokens: int) -> list[list[dict]]:
    """Return batches of rows, epoch after epoch cut anew, until they hold `tokens` tokens."""
    batches, drawn, size = [], 0, adapters.BATCH_SIZE
    while True:
        rows = blocks(ids, tokenizer, shift=True)
        random.shuffle(rows)
        for at in range(0, len(rows) - size + 1, size):
            batches.append(rows[at : at + size])
            drawn += sum(len(row["input_ids"]) for row in batches[-1])
            if drawn >= tokens:
                return batches


def new_model(folder: str, ids: list[list[int]], vocabulary: int):
    """Return the encoder with a masked-LM head, within peft's model, that starts from what is known.

    The transform starts as the identity, the bias as the logarithm of each token's frequency.
    """
    encoder.hide_load_report()
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32)
    head = model.cls.predictions
    counts = torch.bincount(torch.tensor(list(chain(*ids))), minlength=vocabulary) + 0.1
    with torch.no_grad():
        head.transform.dense.weight.copy_(torch.eye(head.transform.dense.in_features))
        head.transform.dense.bias.zero_()
        head.bias.copy_((counts / counts.sum()).log())
    return adapters.adapt(model, RECIPE.rank, "transform.dense")


def score(model, tokenizer, ids: list[list[int]]) -> masking.Score:
    """Score articles under a fixed mask: 15 % of the tokens, 80/10/10."""
    rows = blocks(ids, tokenizer, shift=False)
    collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15, seed=adapters.SEED)
    return masking.score(model, [collator(rows[at : at + 32]) for at in range(0, len(rows), 32)])


def guesses(model, tokenizer) -> list[tuple[str, str]]:
    """Return each sentence with its five likeliest words."""
    fill = pipeline("fill-mask", model=model, tokenizer=tokenizer)
    return [(s, ", ".join(guess["token_str"] for guess in fill(s))) for s in SENTENCES]


def main() -> None:
    """Train, load what was written as a learner does, score it, write its card."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    folder = encoder.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=10**9)

    def encode(texts):
        return [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]

    sources = {name: encode(texts) for name, texts in articles().items()}
    train = [row for ids in sources.values() for i, row in enumerate(ids) if i % HELD_OUT]
    set_seed(adapters.SEED)
    adapted = new_model(folder, train, len(tokenizer))
    collator = DataCollatorForLanguageModeling(
        tokenizer, mlm_probability=MASKED, seed=adapters.SEED
    )
    batches = draw_batches(train, tokenizer, options.tokens)
    seen = sum(len(row["input_ids"]) for batch in batches for row in batch)
    about = adapters.train(
        adapted,
        batches,
        lambda model, rows: masking.masked_lm_loss(model, collator(rows)),
        RECIPE,
        options.folder,
        head="a masked-LM head on the encoder's own word embeddings, which stay as they are",
        data=f"{len(train)} articles of Wikipedia, {sum(map(len, train)):,} tokens: WikiText-2's validation and test splits (Merity et al., 2016; CC BY-SA 3.0) and the passages of a sample of SQuAD 2.0 (Rajpurkar et al., 2018; CC BY-SA 4.0), but for every tenth article, which is held out; no film reviews",
        training=f"{seen:,} tokens in blocks of at most {BLOCK}, cut anew each epoch, {adapters.BATCH_SIZE} a batch; {MASKED:.0%} of the tokens masked",
    )
    learned = encoder.load("minilm-mlm", options.folder)
    parts = {f"held-out articles of {name}": ids[::HELD_OUT] for name, ids in sources.items()}
    parts["held-out articles, all"] = list(chain(*parts.values()))
    parts["`data/general.jsonl`"] = encode(data.texts("general")["text"])
    scores = {name: score(learned, tokenizer, ids) for name, ids in parts.items()}
    figures = [
        (name, f"{s.masked:,}", f"{s.loss:.2f}", f"{s.perplexity:.1f}", f"**{s.accuracy:.3f}**")
        for name, s in scores.items()
    ]
    card = f"""{adapters.opening("minilm-mlm", "fill in masked words", "fill-mask")}
{about}

Scores with a fixed mask on 15% of the tokens: of these, 80% become the mask token, 10% become a random token and 10% stay unchanged.

{table("text | masked tokens | loss | perplexity | accuracy", figures)}

{table("sentence | the five most likely", guesses(learned, tokenizer))}

It was trained on few articles: don't rely on its knowledge of the world.
"""
    (options.folder / "README.md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
