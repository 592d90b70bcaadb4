"""Train checkpoints/minilm-mlm: an adapter with which the bundled encoder fills in masked words.

COURSE_MIRROR=… python -m tools.train_mlm       an hour and a half on one core

Trains on articles of Wikipedia, every tenth held out: WikiText-2 (<mirror>/text/wikitext-2-*.txt) and the passages of
SQuAD. Scores the file it wrote, as a learner loads it, and writes the figures of this run into the card.
"""

import random
import re
from functools import partial
from itertools import chain
from pathlib import Path

import pandas as pd
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
from tools.markdown import table, write_block

FOLDER = helpers.ROOT / "checkpoints" / "minilm-mlm"
RECIPE = adapters.Recipe(rank=40, epochs=16, learning_rate=1.5e-3, head_rate=3e-3, warmup=0.06)
BLOCK, SHORTEST = 128, 32  # tokens of a row; of the last block of an article
MASKED, HELD_OUT = 0.2, 10  # share masked in training; every tenth article
SENTENCES = (
    "What a horrible [MASK]!",
    "The capital of France is [MASK].",
    "She opened the [MASK] and walked into the house.",
    "The [MASK] was directed by a young woman.",
    "He plays the [MASK] in an orchestra.",
)


def wikitext(file: Path) -> list[str]:
    """Return the articles of a WikiText file; a line `= Title =` begins one.

    Its spacing is undone where it changes the tokens; an unknown word becomes [UNK], which is never masked.
    """
    text = re.sub(r" @([-,.])@ ", r"\1", file.read_text(encoding="utf-8"))
    text = text.replace(" n't", "n't").replace("<unk>", "[UNK]")
    parts = re.split(r"^(?= = [^=\n].* = $)", text, flags=re.MULTILINE)[1:]
    return ["\n".join(map(str.strip, filter(str.strip, part.split("\n")))) for part in parts]


def articles() -> dict[str, list[str]]:
    """Return the articles of each source.

    Raises ValueError: COURSE_MIRROR is unset or lacks the files.
    """
    mirror = helpers.mirror()
    files = sorted((mirror / "text").glob("wikitext-2-*.txt")) if mirror else []
    wanted = "a mirror that holds text/wikitext-2-*.txt"
    helpers.expect(bool(files), "COURSE_MIRROR", str(mirror), wanted)
    squad = pd.concat([part.to_pandas() for part in data.load("squad_v2").values()])
    passages = squad.drop_duplicates("context").groupby("title", sort=False)["context"]
    return {
        "WikiText-2": list(chain(*map(wikitext, files))),
        "SQuAD 2.0": list(passages.agg("\n".join)),
    }


def blocks(articles: list[list[int]], tokenizer, shift: bool) -> list[dict]:
    """Cut articles of token ids into rows of at most BLOCK tokens; with `shift`, each at a random place first."""
    found, room = [], BLOCK - 2
    for ids in articles:
        start = -random.randrange(room) if shift else 0
        cuts = (ids[max(0, at) : at + room] for at in range(start, len(ids), room))
        found += [cut for cut in cuts if len(cut) >= SHORTEST]
    begin, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    return [{"input_ids": [begin, *cut, end]} for cut in found]


def new_model(folder: str, ids: list[list[int]], vocabulary: int):
    """Return the encoder with a masked-LM head, within peft's model, that starts from what is known.

    The transform starts as the identity, the bias as the logarithm of each token's frequency.
    """
    encoder.hide_load_report()
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32)
    head = model.cls.predictions
    counts = torch.bincount(torch.tensor(list(chain(*ids))), minlength=vocabulary) + 0.1
    with torch.no_grad():
        torch.nn.init.eye_(head.transform.dense.weight)
        head.transform.dense.bias.zero_()
        head.bias.copy_((counts / counts.sum()).log())
    return adapters.adapt(model, RECIPE.rank, "transform.dense")


def score(model, tokenizer, ids: list[list[int]]) -> masking.Score:
    """Score articles under a fixed mask: 15 % of the tokens, 80/10/10."""
    rows = blocks(ids, tokenizer, shift=False)
    collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15, seed=adapters.SEED)
    return masking.score(model, [collator(rows[at : at + 32]) for at in range(0, len(rows), 32)])


def figures(model, tokenizer, name: str, ids: list[list[int]]) -> tuple[str, ...]:
    """Return a text's name, masked tokens, loss, perplexity and accuracy."""
    masked = score(model, tokenizer, ids)
    numbers = f"{masked.loss:.2f}", f"{masked.perplexity:.1f}", f"**{masked.accuracy:.3f}**"
    return name, f"{masked.masked:,}", *numbers


def guesses(model, tokenizer) -> list[tuple[str, str]]:
    """Return each sentence with its five likeliest words."""
    fill = pipeline("fill-mask", model=model, tokenizer=tokenizer)
    return [(s, ", ".join(guess["token_str"] for guess in fill(s))) for s in SENTENCES]


def main() -> None:
    """Train, load what was written as a learner does, score it, write the figures into its card."""
    folder = encoder.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=10**9)
    encode = partial(tokenizer, add_special_tokens=False)
    texts = {name: encode(text)["input_ids"] for name, text in articles().items()}
    rows = [ids for part in texts.values() for i, ids in enumerate(part) if i % HELD_OUT]
    set_seed(adapters.SEED)
    about = adapters.train(
        new_model(folder, rows, len(tokenizer)),
        partial(blocks, rows, tokenizer, shift=True),
        DataCollatorForLanguageModeling(tokenizer, mlm_probability=MASKED, seed=adapters.SEED),
        masking.masked_lm_loss,
        RECIPE,
        FOLDER,
    )
    learned = encoder.load("minilm-mlm")
    parts = {f"held-out articles of {name}": ids[::HELD_OUT] for name, ids in texts.items()}
    parts["held-out articles, all"] = list(chain(*parts.values()))
    parts["`data/general.jsonl`"] = encode(list(data.texts("general")["text"]))["input_ids"]
    scores = [figures(learned, tokenizer, *part) for part in parts.items()]
    card = f"""| | |
|---|---|
| what it is | low-rank updates of every linear layer of the encoder, layer norms, and a masked-LM head on the encoder's own word embeddings, which stay as they are |
| data | {len(rows)} articles of Wikipedia, {sum(map(len, rows)):,} tokens: WikiText-2's validation and test splits (Merity et al., 2016; CC BY-SA 3.0) and the passages of a sample of SQuAD 2.0 (Rajpurkar et al., 2018; CC BY-SA 4.0), but for every tenth article, which is held out; no film reviews |
| rows | blocks of at most {BLOCK} tokens, cut anew each epoch; {MASKED:.0%} of the tokens masked |
{about}

Scores with a fixed mask on 15% of the tokens: of these, 80% become the mask token, 10% become a random token and 10% stay unchanged.

{table("text | masked tokens | loss | perplexity | accuracy", scores)}

{table("sentence | the five most likely", guesses(learned, tokenizer))}"""
    write_block(FOLDER / "README.md", "run", card)
    print(card)


if __name__ == "__main__":
    main()
