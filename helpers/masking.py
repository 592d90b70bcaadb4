"""Masked-language modelling: which words to hide, the loss over hidden positions only, perplexity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import DataCollatorForLanguageModeling

from helpers.ner import IGNORE_INDEX

# "input_ids", "attention_mask" and "labels", each (batch, seq_len); IGNORE_INDEX where nothing is masked
Batch = dict[str, torch.Tensor]


def choose_words(words: torch.Tensor, probability: float, generator=None) -> torch.Tensor:
    """Choose whole words at random, each with a probability; the share of tokens comes out the same.

    `words`, (batch, seq_len), are the numbers of each token's word in its row, -1 for specials and padding.
    `generator` is a torch.Generator; None draws from torch's global random state.
    Returns (batch, seq_len) Boolean: every token of a chosen word. Taught in: lesson 08.
    """
    drawn = torch.rand(words.shape, generator=generator) < probability
    return drawn.gather(1, words.clamp(min=0)) & (words >= 0)


class WholeWordMaskCollator:
    """Pad rows to a batch and mask whole words: 15 % of them, of whose tokens 80 % become the mask token,
    10 % a random token, and 10 % stay.

    Rows may differ in length and need "input_ids" only, so that a Trainer may drop other columns;
    "attention_mask" is kept, or made. Padding and replacing are the library's
    DataCollatorForLanguageModeling; what it is told to mask are the tokens of words chosen here. Its own
    `whole_word_mask` wants offsets and rows of one length, takes "film." for one word, and masks only.

    Args:
        tokenizer: a fast WordPiece tokenizer (BERT, DistilBERT, MPNet).
        mlm_probability: of each word to be masked, above 0, at most 1.
        seed: of the words drawn and of what replaces them; None draws from torch's global random state.

    Raises ValueError: the tokenizer has no pieces that begin with ##, or the probability is not one of these.
    """

    def __init__(self, tokenizer, mlm_probability: float = 0.15, seed: int | None = None):
        if not 0 < mlm_probability <= 1:
            raise ValueError(
                f"mlm_probability is {mlm_probability}. Use a share above 0, at most 1."
            )
        pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        self.continues = torch.tensor([piece.startswith("##") for piece in pieces])
        if not self.continues.any():
            raise ValueError(
                f"{type(tokenizer).__name__} marks no piece with ##, so that words cannot be told "
                "from their pieces. Use a WordPiece tokenizer, such as BERT's."
            )
        self.tokenizer, self.mlm_probability = tokenizer, mlm_probability
        self.library = DataCollatorForLanguageModeling(tokenizer, mlm_probability=1.0, seed=seed)
        self.generator = None if seed is None else torch.Generator().manual_seed(seed)

    def words(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Return the `words` that `choose_words` takes, of ids (batch, seq_len)."""
        special = torch.isin(input_ids, torch.tensor(self.tokenizer.all_special_ids))
        numbers = (~self.continues[input_ids] & ~special).cumsum(dim=1) - 1
        return numbers.masked_fill(special, -1)

    def __call__(self, rows: Sequence[dict]) -> Batch:
        """Return a padded and masked batch of rows."""
        names = self.tokenizer.model_input_names
        kept = [{name: row[name] for name in names if name in row} for row in rows]
        batch = self.tokenizer.pad(kept, return_tensors="pt")
        ids = batch["input_ids"]
        chosen = choose_words(self.words(ids), self.mlm_probability, self.generator)
        if self.library.seed is not None and self.library.generator is None:
            self.library.create_rng()
        ids, labels = self.library.torch_mask_tokens(ids, special_tokens_mask=~chosen)
        return dict(batch) | {"input_ids": ids, "labels": labels}


def masked_lm_head(model: nn.Module) -> nn.Module:
    """Return the part of a masked-LM model that turns hidden states into scores over the vocabulary."""
    for name in ("cls", "lm_head"):  # BERT; MPNet and RoBERTa
        if hasattr(model, name):
            return getattr(model, name)
    raise ValueError(
        f"{type(model).__name__} keeps its head elsewhere than in `cls` or `lm_head`. "
        "Use BertForMaskedLM, or compute the loss with the model's own forward."
    )


def masked_logits(model: nn.Module, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Score the vocabulary at masked positions alone, with a masked-LM model.

    Returns logits, (masked, vocabulary), and the ids that were there, (masked,).
    Raises ValueError: the model keeps its head at no place known here. Taught in: lesson 08.
    """
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    states = model.base_model(**inputs).last_hidden_state  # (batch, seq_len, hidden)
    masked = batch["labels"] != IGNORE_INDEX
    return masked_lm_head(model)(states[masked]), batch["labels"][masked]


def masked_lm_loss(model: nn.Module, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy over masked positions, 0 where nothing is masked.

    It is the loss of the model's own forward, for a fraction of the work. Taught in: lesson 08.
    """
    logits, labels = masked_logits(model, batch)
    return cross_entropy(logits, labels, reduction="sum") / max(1, len(labels))


class Score(NamedTuple):
    """Mean loss (natural logarithm) and accuracy over masked positions, and how many there are."""

    loss: float
    accuracy: float
    masked: int

    @property
    def perplexity(self) -> float:
        """How many equally likely words the model hesitates between: e to the loss."""
        return math.exp(self.loss)


def score(model: nn.Module, batches: Iterable[Batch]) -> Score:
    """Score a masked-LM model on batches that are masked already, so that two models meet the same masks.

    The model is in eval mode meanwhile. Raises ValueError: nothing is masked. Taught in: lesson 08.
    """
    was_training, loss, right, total = model.training, 0.0, 0, 0
    model.eval()
    for batch in batches:
        batch = {name: value.to(model.device) for name, value in batch.items()}
        with torch.no_grad():
            logits, labels = masked_logits(model, batch)
        loss += cross_entropy(logits, labels, reduction="sum").item()
        right += (logits.argmax(dim=-1) == labels).sum().item()
        total += len(labels)
    model.train(was_training)
    if not total:
        raise ValueError("No position is masked. Pass a collator's batches.")
    return Score(loss / total, right / total, total)


def mask_once(
    rows: Sequence[dict], tokenizer, mlm_probability: float = 0.15, *, seed: int, size: int = 32
) -> list[Batch]:
    """Mask texts once and for all, to `score` models on: the same seed gives the same masks.

    Rows have "input_ids"; a batch holds `size` of them, of like length. The rest is as in
    `WholeWordMaskCollator`.
    """
    collator = WholeWordMaskCollator(tokenizer, mlm_probability, seed=seed)
    ordered = sorted(rows, key=lambda row: len(row["input_ids"]))
    return [collator(ordered[at : at + size]) for at in range(0, len(ordered), size)]
