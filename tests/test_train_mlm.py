"""The script that trains checkpoints/minilm-mlm, on articles that are made up, and what it wrote."""

import random
import re

import pytest
import torch
from transformers import pipeline

from helpers import encoder
from tools import adapters, train_mlm

TEXT = (
    " \n = One = \n \n A well @-@ known 1 @,@ 000 , it is n't <unk> . \n = = Part = = \n more \n"
    " = Two = \n The end . \n"
)


def test_articles_are_told_apart_and_spacing_is_undone(tmp_path):
    file = tmp_path / "wikitext.txt"
    file.write_text(TEXT, encoding="utf-8")
    one, two = train_mlm.wikitext(file)
    assert "A well-known 1,000 , it isn't [UNK] ." in one
    assert "= = Part = =" in one
    assert two == "= Two =\nThe end ."


def test_without_a_mirror_the_way_out_is_named(monkeypatch):
    monkeypatch.delenv("COURSE_MIRROR", raising=False)
    with pytest.raises(ValueError, match="COURSE_MIRROR is 'None'.*wikitext-2"):
        train_mlm.articles()


def test_blocks_hold_every_token_once(tokenizer):
    article = list(range(1000, 1300))
    rows = [row["input_ids"] for row in train_mlm.blocks([article], tokenizer, shift=False)]
    assert [token for row in rows for token in row[1:-1]] == article
    assert max(map(len, rows)) == train_mlm.BLOCK
    assert {(row[0], row[-1]) for row in rows} == {(tokenizer.cls_token_id, tokenizer.sep_token_id)}


def test_shifted_blocks_begin_elsewhere_and_lose_only_short_ends(tokenizer):
    random.seed(0)
    article = list(range(1000, 1300))
    first, second = (train_mlm.blocks([article], tokenizer, shift=True) for _ in range(2))
    assert first != second
    for rows in (first, second):
        kept = [token for row in rows for token in row["input_ids"][1:-1]]
        assert len(set(kept)) == len(kept) > 300 - 2 * train_mlm.SHORTEST


# What was trained


CARD = (train_mlm.FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def trained():
    return encoder.load("minilm-mlm")


def test_the_card_says_how_to_load_it():
    assert adapters.opening("minilm-mlm", "fill in masked words", "fill-mask") in CARD


def test_the_card_s_accuracy_on_held_out_wikipedia_is_what_is_asked():
    (accuracy,) = re.findall(r"held-out articles of WikiText-2 .*\*\*([\d.]+)\*\*", CARD)
    assert float(accuracy) >= 0.41


def test_the_card_s_figure_on_general_prose_can_be_measured_again(trained, tokenizer):
    from helpers import data

    texts = list(data.texts("general")["text"])
    ids = tokenizer(texts, add_special_tokens=False)["input_ids"]
    (accuracy,) = re.findall(r"general.jsonl` .*\*\*([\d.]+)\*\*", CARD)
    found = train_mlm.score(trained, tokenizer, ids).accuracy
    assert found == pytest.approx(float(accuracy), abs=0.005)


def test_vocabulary_and_word_embeddings_are_the_encoder_s(trained):
    from transformers import AutoModel

    original = AutoModel.from_pretrained(encoder.folder(), dtype=torch.float32)
    ours = trained.bert.embeddings.word_embeddings.weight
    assert torch.equal(ours, original.embeddings.word_embeddings.weight)
    assert trained.cls.predictions.decoder.weight is ours


@pytest.mark.parametrize(
    ("sentence", "likely"),
    [
        ("The [MASK] was directed by a young woman.", {"film", "movie"}),
        ("She opened the [MASK] and walked into the house.", {"door", "room", "house"}),
    ],
)
def test_it_guesses_what_fits(trained, tokenizer, sentence, likely):
    fill = pipeline("fill-mask", model=trained, tokenizer=tokenizer)
    assert likely & {guess["token_str"] for guess in fill(sentence)}
