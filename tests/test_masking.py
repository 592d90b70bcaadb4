"""Masking: whole words only, the right shares, nothing special; the loss over masked positions is the library's."""

import copy
import math
from itertools import pairwise
from types import SimpleNamespace

import families
import pytest
import tagging
import torch
from datasets import Dataset
from torch.nn.functional import cross_entropy
from transformers import DataCollatorForLanguageModeling, Trainer

from helpers import IGNORE_INDEX, data, masking
from helpers.masking import WholeWordMaskCollator, masked_lm_loss


def rows_of(tokenizer, texts):
    return [{"input_ids": ids} for ids in tokenizer(list(texts))["input_ids"]]


@pytest.fixture(scope="module")
def rows(tokenizer):
    """Ragged rows of real text."""
    texts = data.load("rotten_tomatoes", "train")["text"][:400]
    return rows_of(tokenizer, [text[:300] for text in texts])


# Which words


def test_words_are_numbered_by_row_pieces_share_their_word_and_an_unknown_one_is_special(tokenizer):
    texts = ["An unfathomable film.", "Bad [UNK] film"]
    ids = tokenizer(texts, padding=True, return_tensors="pt")["input_ids"]
    pieces = tokenizer.convert_ids_to_tokens(ids[0])
    assert pieces == ["[CLS]", "an", "un", "##fat", "##hom", "##able", "film", ".", "[SEP]"]
    words = WholeWordMaskCollator(tokenizer).words(ids).tolist()
    assert words == [[-1, 0, 1, 1, 1, 1, 2, 3, -1], [-1, 0, -1, 1] + [-1] * 5]


AWKWARD = [
    "An unfathomable film, don't 日本. naïve 😀 x日y 3.14 it's  two\nlines",
    *("日本", " lead", "(a) U.S.A.'s 1,000"),
]


@pytest.mark.parametrize("family", families.FAMILIES)
@pytest.mark.parametrize("length", [512, 24])
def test_words_are_those_the_tokenizer_has_cut(family, length):
    tokenizer = families.tokenizer(family)
    collator = WholeWordMaskCollator(tokenizer)
    for text in AWKWARD + data.load("rotten_tomatoes", "train")["text"][200:300]:
        encoding = tokenizer(text, truncation=True, max_length=length)
        found = collator.words(torch.tensor([encoding["input_ids"]]))[0].tolist()
        pairs = zip(encoding["input_ids"], encoding.word_ids(), found, strict=True)
        kept = {(word, number) for i, word, number in pairs if i not in collator.special}
        assert len(kept) == len({word for word, _ in kept}) == len({number for _, number in kept})
        assert all(number >= 0 for _, number in kept)


@pytest.mark.parametrize("family", families.FAMILIES)
def test_words_of_a_block_that_begins_inside_a_word_are_those_of_the_text(family):
    tokenizer = families.tokenizer(family)
    if family == "RoBERTa":  # as lesson 09 loads it
        tokenizer = copy.deepcopy(tokenizer)
        tokenizer.backend_tokenizer.pre_tokenizer.add_prefix_space = True
    collator, within = WholeWordMaskCollator(tokenizer), 0
    for text in data.load("rotten_tomatoes", "train")["text"][200:260]:
        encoding = tokenizer(text.encode("ascii", "ignore").decode(), add_special_tokens=False)
        for at in range(0, len(encoding["input_ids"]), 8):
            ids, numbers = encoding["input_ids"][at : at + 8], encoding.word_ids()[at : at + 8]
            found = collator.words(torch.tensor([ids]))[0].tolist()
            assert [a == b for a, b in pairwise(found)] == [a == b for a, b in pairwise(numbers)]
            within += at > 0 and encoding.word_ids()[at - 1] == numbers[0]
    assert within > 20


@pytest.mark.parametrize("family", families.FAMILIES)
def test_ragged_rows_are_padded_and_no_special_is_drawn(family):
    """That the words of any rows are masked whole, `test_fuzz` shows."""
    tokenizer = families.tokenizer(family)
    rows = rows_of(tokenizer, data.load("rotten_tomatoes", "train")["text"][:120])
    collator = WholeWordMaskCollator(tokenizer, 0.5, seed=0)
    batch = collator([row | {"text": "of no use", "label": 1} for row in rows])
    assert batch.keys() == {"input_ids", "attention_mask", "labels"}
    assert len({len(row["input_ids"]) for row in rows}) > 20  # ragged
    before = tokenizer.pad(rows, return_tensors="pt")["input_ids"]
    assert torch.equal(batch["attention_mask"] == 0, before == tokenizer.pad_token_id)
    chosen, special = batch["labels"] != IGNORE_INDEX, torch.tensor(tokenizer.all_special_ids)
    after = batch["input_ids"][chosen & (batch["input_ids"] != tokenizer.mask_token_id)]
    assert len(after.unique()) > 100
    for ids in (before[chosen], after):
        assert not torch.isin(ids, special).any()


# How many, and what becomes of them


def test_of_fifteen_per_cent_eight_in_ten_are_hidden_one_is_random_one_stays(rows, tokenizer):
    tokens, before, after = sum(len(row["input_ids"]) - 2 for row in rows), [], []
    for seed in range(5):
        batch = WholeWordMaskCollator(tokenizer, seed=seed)(rows)
        masked = batch["labels"] != IGNORE_INDEX
        assert masked.sum().item() / tokens == pytest.approx(0.15, abs=0.01)
        before.append(batch["labels"][masked])
        after.append(batch["input_ids"][masked])
    before, after = torch.cat(before), torch.cat(after)
    hidden, same = after == tokenizer.mask_token_id, after == before
    assert hidden.float().mean() == pytest.approx(0.8, abs=0.02)
    assert same.float().mean() == pytest.approx(0.1, abs=0.02)
    assert (~hidden & ~same).float().mean() == pytest.approx(0.1, abs=0.02)


def test_a_trainer_takes_the_collator_with_its_defaults(tokenizer, tmp_path):
    rows = Dataset.from_dict({"text": ["A film.", "An unfathomable film, long."] * 4})
    rows = rows.map(lambda row: tokenizer(row["text"]))
    model = tagging.small("MaskedLM", len(tokenizer))
    arguments = tagging.arguments(tmp_path, max_steps=2)
    collator = WholeWordMaskCollator(tokenizer, seed=0)
    trained = Trainer(model, arguments, train_dataset=rows, data_collator=collator).train()
    assert math.isfinite(trained.training_loss)


# Seeds


@pytest.mark.parametrize("seed", [7, None], ids=["its own", "torch's global one"])
def test_a_seed_fixes_the_masks_and_each_call_draws_new_ones(rows, tokenizer, seed):
    drawn = []
    for place in range(2):
        torch.manual_seed(3 if seed is None else place)
        collator = WholeWordMaskCollator(tokenizer, seed=seed)
        drawn.append([collator(rows[:20]) for _ in range(2)])
    torch.testing.assert_close(*drawn, rtol=0, atol=0)
    assert not torch.equal(drawn[0][0]["labels"], drawn[0][1]["labels"])


def test_texts_masked_once_are_the_same_at_each_call(rows, tokenizer):
    one, two, other = (
        masking.mask_once(rows[:70], tokenizer, 0.15, seed=seed, size=32) for seed in (3, 3, 4)
    )
    assert [len(batch["labels"]) for batch in one] == [32, 32, 6]
    torch.testing.assert_close(two, one, rtol=0, atol=0)
    lengths = torch.cat([batch["attention_mask"].sum(1) for batch in one])
    assert lengths.tolist() == sorted(len(row["input_ids"]) for row in rows[:70])
    assert not torch.equal(other[0]["labels"], one[0]["labels"])


@pytest.mark.parametrize("probability", [0, -0.1, 1.5])
def test_a_probability_that_is_none_is_refused(tokenizer, probability):
    with pytest.raises(ValueError, match=f"mlm_probability is {probability}"):
        WholeWordMaskCollator(tokenizer, probability)


def test_a_tokenizer_that_is_not_fast_or_has_no_mask_is_refused(tokenizer):
    unmasked = copy.deepcopy(tokenizer)
    unmasked.mask_token = None
    for wrong in (SimpleNamespace(is_fast=False), unmasked):
        with pytest.raises(ValueError, match="Use .*, fast and with a mask token"):
            WholeWordMaskCollator(wrong)


@pytest.mark.parametrize("columns", [["input_ids"], ["input_ids", "offset_mapping"]])
def test_the_library_s_whole_words_fail_as_lesson_08_tells(tokenizer, columns):
    options = {"whole_word_mask": True, "mask_replace_prob": 1, "random_replace_prob": 0}
    library = DataCollatorForLanguageModeling(tokenizer, **options)
    rows = tokenizer(["A film.", "An unfathomable film."], return_offsets_mapping=True)
    with pytest.raises((IndexError, ValueError, TypeError)):
        library([{name: rows[name][i] for name in columns} for i in range(2)])


# The loss and the score


def random_batch(seed=0, masked=0.2):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(5, 60, (4, 11), generator=generator)
    attention = torch.ones_like(ids)
    attention[2, 6:] = attention[3, 9:] = 0
    hidden = (torch.rand(ids.shape, generator=generator) < masked) & attention.bool()
    return {
        "input_ids": ids.masked_fill(hidden, 4),
        "attention_mask": attention,
        "labels": ids.masked_fill(~hidden, IGNORE_INDEX),
    }


@pytest.fixture
def model():
    return tagging.small("MaskedLM")


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("family", families.FAMILIES)
def test_the_loss_and_its_gradients_are_the_library_s(family):
    model, batch = families.model(family, "MaskedLM", initializer_range=0.02), random_batch()
    ours, library = masked_lm_loss(model, batch), model(**batch).loss
    assert abs(ours.item() - library.item()) < 1e-6
    one, other = gradients(model, ours), gradients(model, library)
    torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
    assert max(value.abs().max() for value in one.values()) > 1e-3


def test_nothing_masked_is_no_loss_no_nan_and_no_score(model):
    loss = masked_lm_loss(model, random_batch(masked=0.0))
    assert loss.item() == 0
    assert all((value == 0).all() for value in gradients(model, loss).values())
    with pytest.raises(ValueError, match="No position is masked"):
        masking.score(model, [random_batch(masked=0.0)])


def test_a_score_is_over_all_masked_positions_not_a_mean_of_batches(model):
    model.eval()
    batches = [random_batch(seed=1, masked=0.1), random_batch(seed=2, masked=0.6)]
    found = masking.score(model, batches)
    places = [batch["labels"] != IGNORE_INDEX for batch in batches]
    logits = [model(**batch).logits[at] for batch, at in zip(batches, places, strict=True)]
    labels = [batch["labels"][at] for batch, at in zip(batches, places, strict=True)]
    logits, labels = torch.cat(logits), torch.cat(labels)
    assert found.masked == len(labels)
    assert found.loss == pytest.approx(cross_entropy(logits, labels).item(), abs=1e-5)
    assert found.accuracy == (logits.argmax(-1) == labels).sum().item() / len(labels)
    assert found.perplexity == pytest.approx(math.exp(found.loss))


def test_scoring_changes_neither_mode_nor_weights(model):
    one, two = (masking.score(model.train(), [random_batch()]) for _ in range(2))
    assert one == two  # no dropout
    assert model.training
    assert tagging.difference(model, tagging.small("MaskedLM")) == 0
