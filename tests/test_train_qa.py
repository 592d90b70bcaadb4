"""The script that trains checkpoints/minilm-qa, on windows that are made up, and what it wrote."""

import random
from collections import Counter

import pytest
from transformers import AutoTokenizer

from helpers import encoder
from helpers.qa import answer
from tools import adapters, train_qa

ROWS = [{"row": row, "end_positions": int(row < 700)} for row in range(1000)]


def test_an_epoch_holds_every_window_with_an_answer_once_and_half_of_the_others():
    random.seed(0)
    first, second = (Counter(row["row"] for row in train_qa.draw(ROWS)) for _ in range(2))
    for seen in (first, second):
        assert set(seen.values()) == {1}
        assert sum(row < 700 for row in seen) == 700
        assert sum(row >= 700 for row in seen) == 150
    assert first != second  # another epoch draws others


def test_the_card_says_how_to_load_it_and_how_good_it_is():
    card = (train_qa.FOLDER / "README.md").read_text(encoding="utf-8")
    assert adapters.opening("minilm-qa", "answer questions", "question-answering") in card
    assert "**exact match**" in card


@pytest.fixture(scope="module")
def trained():
    return encoder.load("minilm-qa")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who drew the map?", "Jan Mayer"),
        ("When was the map drawn?", "1614"),
        ("Where was the map printed?", "Amsterdam"),
    ],
)
def test_the_trained_model_answers(trained, question, expected):
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder())
    context = "The map was drawn by Jan Mayer in 1614 and printed in Amsterdam."
    found = answer(question, context, trained, tokenizer)
    assert expected in found.text
    assert context[found.start : found.end] == found.text
