"""Masked-language modeling: which words to hide, the loss over hidden positions only, perplexity."""

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate, groupby
from numbers import Real
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from transformers.modeling_outputs import BaseModelOutput

from helpers import IGNORE_INDEX, expect, whole

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


def word_starts(pieces: Sequence[str], tokenizer) -> list[bool]:
    """Tell which pieces of a text begin a word: where the tokenizer itself would cut the text into words."""
    backend = tokenizer.backend_tokenizer
    if prefix := getattr(backend.model, "continuing_subword_prefix", None):  # WordPiece: ##
        return [not piece.startswith(prefix) for piece in pieces]
    found = backend.pre_tokenizer.pre_tokenize_str(backend.decoder.decode(list(pieces)))
    words = [word for word, _ in found]
    # some put their mark of a space before a text, also before one that begins inside a word
    added = words and words[0][:1] in ("▁", "Ġ") and not pieces[0].startswith(words[0][0])
    begins = {0, *(end - bool(added) for end in accumulate(map(len, words)))}
    places = accumulate((len(piece) for piece in pieces[:-1]), initial=0)
    return [place in begins for place in places]


class WholeWordMaskCollator:
    """Pad rows to a batch and mask whole words: 15 % of them, of whose tokens 80 % become the mask token,
    10 % a random token that is not special, and 10 % stay.

    Rows may differ in length and need "input_ids" only, so that a Trainer may drop other columns;
    "attention_mask" is kept, or made. `seed` is that of all draws; None takes torch's global random state.
    Raises ValueError: a tokenizer that is not fast or has no mask token, a share not above 0 or above 1.
    """

    def __init__(self, tokenizer, mlm_probability: float = 0.15, seed: int | None = None):
        share = not isinstance(mlm_probability, bool) and isinstance(mlm_probability, Real)
        right = share and 0 < mlm_probability <= 1
        expect(right, "mlm_probability", mlm_probability, "a share above 0, at most 1")
        expect(seed is None or whole(seed), "seed", seed, "a whole number, 0 or more, or None")
        right = getattr(tokenizer, "is_fast", False) and tokenizer.mask_token_id is not None
        wanted = "a masked LM's, fast and with a mask token: AutoTokenizer.from_pretrained(...)"
        expect(right, "The tokenizer", type(tokenizer).__name__, wanted)
        self.tokenizer, self.mlm_probability = tokenizer, mlm_probability
        self.special = set(tokenizer.all_special_ids)
        self.ordinary = torch.tensor([i for i in range(len(tokenizer)) if i not in self.special])
        self.generator = None if seed is None else torch.Generator().manual_seed(seed)

    def words(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Return the `words` that `choose_words` takes, of ids (batch, seq_len)."""
        special = torch.isin(input_ids, torch.tensor(list(self.special)))
        starts = torch.zeros_like(special)
        around = self.special - {self.tokenizer.unk_token_id}  # an unknown piece is part of a text
        for row, ids in enumerate(input_ids.tolist()):
            pieces = self.tokenizer.convert_ids_to_tokens(ids)
            inside = [token not in around for token in ids]
            for text, run in groupby(range(len(ids)), inside.__getitem__):
                if text:
                    places = list(run)
                    found = word_starts([pieces[place] for place in places], self.tokenizer)
                    starts[row, places] = torch.tensor(found)
        return ((starts & ~special).cumsum(dim=1) - 1).masked_fill(special, -1)

    def __call__(self, rows: Sequence[dict]) -> Batch:
        """Return a padded and masked batch of rows."""
        names = self.tokenizer.model_input_names
        kept = [{name: row[name] for name in names if name in row} for row in rows]
        batch = self.tokenizer.pad(kept, return_tensors="pt")
        ids, generator = batch["input_ids"], self.generator
        chosen = choose_words(self.words(ids), self.mlm_probability, generator)
        fate = torch.rand(ids.shape, generator=generator)
        drawn = self.ordinary[torch.randint(len(self.ordinary), ids.shape, generator=generator)]
        masked = ids.masked_fill(chosen & (fate < 0.8), self.tokenizer.mask_token_id)
        masked = torch.where(chosen & (fate >= 0.9), drawn, masked)
        labels = ids.masked_fill(~chosen, IGNORE_INDEX)
        return dict(batch) | {"input_ids": masked, "labels": labels}


def vocabulary_logits(model: nn.Module, states: torch.Tensor) -> torch.Tensor:
    """Score the vocabulary for hidden states, (tokens, hidden): a masked-LM model's forward behind its encoder."""
    encoder, given = model.base_model, BaseModelOutput(last_hidden_state=states.unsqueeze(0))
    encoder.forward = lambda *inputs, **options: given
    try:
        return model(states.new_zeros(1, len(states), dtype=torch.long)).logits[0]
    finally:
        del encoder.forward


def masked_logits(model: nn.Module, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Score the vocabulary at masked positions alone, with a masked-LM model.

    Returns logits, (masked, vocabulary), and the ids that were there, (masked,). Taught in: lesson 08.
    """
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    states = model.base_model(**inputs).last_hidden_state  # (batch, seq_len, hidden)
    masked = batch["labels"] != IGNORE_INDEX
    return vocabulary_logits(model, states[masked]), batch["labels"][masked]


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
        raise ValueError("No position is masked. Mask more texts, by a collator.")
    return Score(loss / total, right / total, total)


def mask_once(
    rows: Sequence[dict], tokenizer, mlm_probability: float = 0.15, *, seed: int, size: int = 32
) -> list[Batch]:
    """Mask texts once and for all, to `score` models on: the same seed gives the same masks.

    Rows have "input_ids"; a batch holds `size` of them, of like length. All else is as in `WholeWordMaskCollator`.
    """
    collator = WholeWordMaskCollator(tokenizer, mlm_probability, seed=seed)
    ordered = sorted(rows, key=lambda row: len(row["input_ids"]))
    return [collator(ordered[at : at + size]) for at in range(0, len(ordered), size)]
