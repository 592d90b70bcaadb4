"""Masking: whole words only, the right shares, nothing special; the loss over masked positions is the library's."""

import copy
import math

import families
import pytest
import tagging
import torch
from datasets import Dataset
from transformers import DataCollatorForLanguageModeling, Trainer

from helpers import data, masking
from helpers.masking import WholeWordMaskCollator, choose_words, masked_lm_loss
from helpers.ner import IGNORE_INDEX


def rows_of(tokenizer, texts):
    return [{"input_ids": ids} for ids in tokenizer(list(texts))["input_ids"]]


@pytest.fixture(scope="module")
def reviews(tokenizer):
    """Ragged rows of real text, and the batch of one pass over them."""
    texts = data.load("rotten_tomatoes", "train")["text"][:400]
    rows = rows_of(tokenizer, [text[:300] for text in texts])
    return rows, WholeWordMaskCollator(tokenizer, seed=0)(rows)


def original(batch):
    """Return the ids before masking where something is masked."""
    return batch["labels"][batch["labels"] != IGNORE_INDEX]


# Which words


def test_words_are_numbered_by_row_and_pieces_share_their_word(tokenizer):
    texts = ["An unfathomable film.", "Bad"]
    ids = tokenizer(texts, padding=True, return_tensors="pt")["input_ids"]
    pieces = tokenizer.convert_ids_to_tokens(ids[0])
    assert pieces == ["[CLS]", "an", "un", "##fat", "##hom", "##able", "film", ".", "[SEP]"]
    words = WholeWordMaskCollator(tokenizer).words(ids).tolist()
    assert words == [[-1, 0, 1, 1, 1, 1, 2, 3, -1], [-1, 0] + [-1] * 7]


def test_an_unknown_word_is_special(tokenizer):
    ids = torch.tensor([tokenizer("a [UNK] b")["input_ids"]])
    assert WholeWordMaskCollator(tokenizer).words(ids)[0].tolist() == [-1, 0, -1, 1, -1]


def test_chosen_words_are_whole_and_never_special():
    words = torch.tensor([[-1, 0, 0, 1, 2, 2, 2, -1, -1]]).repeat(2000, 1)
    chosen = choose_words(words, 0.3, torch.Generator().manual_seed(0))
    assert not chosen[words < 0].any()
    for first, other in ((1, 2), (4, 5), (4, 6)):
        assert torch.equal(chosen[:, first], chosen[:, other])
    for column in (1, 3, 4):
        assert chosen[:, column].float().mean() == pytest.approx(0.3, abs=0.04)


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
def test_words_are_whole_specials_stay_and_none_is_drawn(family):
    tokenizer = families.tokenizer(family)
    rows = rows_of(tokenizer, data.load("rotten_tomatoes", "train")["text"][:120])
    collator = WholeWordMaskCollator(tokenizer, 0.5, seed=0)
    batch, before = collator(rows), tokenizer.pad(rows, return_tensors="pt")["input_ids"]
    words, chosen = collator.words(before), batch["labels"] != IGNORE_INDEX
    special = torch.isin(before, torch.tensor(tokenizer.all_special_ids))
    assert batch.keys() == {"input_ids", "attention_mask", "labels"}
    assert len({len(row["input_ids"]) for row in rows}) > 20  # ragged
    assert torch.equal(batch["attention_mask"] == 0, before == tokenizer.pad_token_id)
    assert not (chosen & special).any()
    assert torch.equal(batch["labels"][chosen], before[chosen])
    assert torch.equal(batch["input_ids"][~chosen], before[~chosen])
    split = 0
    for numbers, row in zip(words.tolist(), chosen.tolist(), strict=True):
        found = set(zip(numbers, row, strict=True))
        assert len(found) == len(set(numbers))  # of a word's pieces all are chosen, or none
        split += sum(row) - sum(hidden for _, hidden in found)
    assert split > 50  # words of several pieces were among the masked
    after = batch["input_ids"][chosen & (batch["input_ids"] != tokenizer.mask_token_id)]
    assert len(after.unique()) > 100
    assert not torch.isin(after, torch.tensor(tokenizer.all_special_ids)).any()


# How many, and what becomes of them


def test_fifteen_per_cent_are_masked(reviews):
    rows, batch = reviews
    tokens = sum(len(row["input_ids"]) - 2 for row in rows)
    assert len(original(batch)) / tokens == pytest.approx(0.15, abs=0.01)


def test_of_the_masked_eight_in_ten_are_hidden_one_is_random_one_stays(reviews, tokenizer):
    rows = reviews[0]
    batches = [WholeWordMaskCollator(tokenizer, seed=seed)(rows) for seed in range(5)]
    before = torch.cat([original(batch) for batch in batches])
    after = torch.cat([b["input_ids"][b["labels"] != IGNORE_INDEX] for b in batches])
    hidden = after == tokenizer.mask_token_id
    assert hidden.float().mean() == pytest.approx(0.8, abs=0.02)
    assert (after == before).float().mean() == pytest.approx(0.1, abs=0.02)
    assert (~hidden & (after != before)).float().mean() == pytest.approx(0.1, abs=0.02)


def test_other_columns_are_left_out(tokenizer):
    row = dict(tokenizer("A film."), text="A film.", label=1)
    assert WholeWordMaskCollator(tokenizer, seed=0)([row]).keys() == {*tokenizer("a"), "labels"}


def test_a_trainer_takes_the_collator_with_its_defaults(tokenizer, tmp_path):
    rows = Dataset.from_dict({"text": ["A film.", "An unfathomable film, long."] * 4})
    rows = rows.map(lambda row: tokenizer(row["text"]))
    model = tagging.small("MaskedLM", len(tokenizer))
    arguments = tagging.arguments(tmp_path, max_steps=2)
    collator = WholeWordMaskCollator(tokenizer, seed=0)
    trained = Trainer(model, arguments, train_dataset=rows, data_collator=collator).train()
    assert math.isfinite(trained.training_loss)


# Seeds


def test_a_seed_fixes_the_masks_and_each_call_draws_new_ones(reviews, tokenizer):
    rows = reviews[0][:20]
    one, other = WholeWordMaskCollator(tokenizer, seed=7), WholeWordMaskCollator(tokenizer, seed=7)
    first, second = one(rows), one(rows)
    assert not torch.equal(first["labels"], second["labels"])
    for expected in (first, second):
        found = other(rows)
        assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_without_a_seed_the_global_random_state_decides(reviews, tokenizer):
    drawn = []
    for _ in range(2):
        torch.manual_seed(3)
        drawn.append(WholeWordMaskCollator(tokenizer)(reviews[0][:20])["labels"])
    assert torch.equal(*drawn)


@pytest.mark.parametrize("probability", [0, -0.1, 1.5])
def test_a_probability_that_is_none_is_refused(tokenizer, probability):
    with pytest.raises(ValueError, match=f"mlm_probability is {probability}"):
        WholeWordMaskCollator(tokenizer, probability)


def test_a_tokenizer_that_is_not_fast_or_has_no_mask_is_refused(tokenizer):
    class Slow:
        is_fast = False

    unmasked = copy.deepcopy(tokenizer)
    unmasked.mask_token = None
    for wrong in (Slow(), unmasked):
        with pytest.raises(ValueError, match="is not fast, or has no mask token. Load the fast"):
            WholeWordMaskCollator(wrong)


# The loss


def random_batch(vocabulary=60, seed=0, masked=0.2):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(5, vocabulary, (4, 11), generator=generator)
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
    assert one.keys() == other.keys()
    assert max((one[name] - other[name]).abs().max() for name in one) < 1e-5
    assert max(value.abs().max() for value in one.values()) > 1e-3


def test_nothing_masked_is_no_loss_no_nan_and_no_score(model):
    loss = masked_lm_loss(model, random_batch(masked=0.0))
    assert loss.item() == 0
    assert all((value == 0).all() for value in gradients(model, loss).values())
    with pytest.raises(ValueError, match="No position is masked"):
        masking.score(model, [random_batch(masked=0.0)])


# The score


def test_a_score_is_over_all_masked_positions_not_a_mean_of_batches(model):
    model.eval()
    batches = [random_batch(seed=1, masked=0.1), random_batch(seed=2, masked=0.6)]
    found = masking.score(model, batches)
    losses, hits = [], []
    for batch in batches:
        logits = model(**batch).logits.log_softmax(-1)
        for row, labels in zip(logits, batch["labels"], strict=True):
            for scores, label in zip(row, labels.tolist(), strict=True):
                if label != IGNORE_INDEX:
                    losses.append(-scores[label].item())
                    hits.append(scores.argmax().item() == label)
    assert found.masked == len(losses)
    assert found.loss == pytest.approx(sum(losses) / len(losses), abs=1e-5)
    assert found.accuracy == sum(hits) / len(hits)
    assert found.perplexity == pytest.approx(math.exp(found.loss))


def test_scoring_changes_neither_mode_nor_weights(model):
    model.train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    one, two = (masking.score(model, [random_batch()]) for _ in range(2))
    assert one == two  # no dropout
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_guess_at_random_has_the_vocabulary_s_perplexity(model):
    for parameter in model.cls.parameters():
        torch.nn.init.zeros_(parameter)
    assert masking.score(model, [random_batch()]).perplexity == pytest.approx(60, rel=1e-4)


# What the library asks of a learner, and ours does not


@pytest.fixture
def library(tokenizer):
    return DataCollatorForLanguageModeling(
        tokenizer,
        whole_word_mask=True,
        mlm_probability=0.5,
        mask_replace_prob=1,
        random_replace_prob=0,
        seed=0,
    )


def test_the_library_s_whole_words_want_offsets_and_equal_lengths(tokenizer, library):
    with pytest.raises((IndexError, ValueError, TypeError)):
        library(rows_of(tokenizer, ["A film.", "Bad"]))


def test_the_library_takes_a_word_and_its_full_stop_for_one(tokenizer, library):
    row = dict(tokenizer("A film.", return_offsets_mapping=True))
    film, stop = (tokenizer.convert_ids_to_tokens(row["input_ids"]).index(w) for w in ("film", "."))
    seen = set()
    for _ in range(40):
        masked = library([dict(row)])["labels"][0] != IGNORE_INDEX
        seen.add((masked[film].item(), masked[stop].item()))
    assert seen == {(True, True), (False, False)}


def test_texts_masked_once_are_the_same_at_each_call(reviews, tokenizer):
    rows = reviews[0][:70]
    one, two = (masking.mask_once(rows, tokenizer, 0.15, seed=3, size=32) for _ in range(2))
    assert [len(batch["labels"]) for batch in one] == [32, 32, 6]
    for first, second in zip(one, two, strict=True):
        assert all(torch.equal(first[name], second[name]) for name in first)
    lengths = torch.cat([batch["attention_mask"].sum(1) for batch in one])
    assert lengths.tolist() == sorted(len(row["input_ids"]) for row in rows)
    other = masking.mask_once(rows, tokenizer, 0.15, seed=4, size=32)
    assert not torch.equal(other[0]["labels"], one[0]["labels"])
