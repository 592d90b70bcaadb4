"""The script that trains checkpoints/minilm-qa, on windows that are made up, and what it wrote."""

import random
from collections import Counter

import pytest
from transformers import AutoTokenizer

from helpers import encoder
from helpers.qa import answer
from tools import adapters, train_qa


def made_up(count, held):
    return [
        {"row": row, "input_ids": [0] * random.randrange(20, 190), "end_positions": int(row < held)}
        for row in range(count)
    ]


def test_an_epoch_holds_every_window_with_an_answer_once_and_half_of_the_others():
    random.seed(0)
    batches = train_qa.draw_batches(made_up(1000, held=700))
    seen = Counter(row["row"] for batch in batches for row in batch)
    assert set(seen.values()) == {1}
    assert sum(row < 700 for row in seen) == 700
    assert sum(row >= 700 for row in seen) == 150
    assert max(map(len, batches)) == adapters.BATCH_SIZE


def test_windows_of_a_batch_are_alike_in_length():
    random.seed(0)
    rows = made_up(1000, held=1000)
    spread = [
        max(lengths) - min(lengths)
        for batch in train_qa.draw_batches(rows)
        for lengths in [[len(row["input_ids"]) for row in batch]]
    ]
    assert sum(spread) / len(spread) < 20  # by chance it would be about 150


def test_another_epoch_draws_other_windows():
    random.seed(0)
    rows = made_up(400, held=200)
    first, second = (
        {row["row"] for batch in train_qa.draw_batches(rows) for row in batch} for _ in range(2)
    )
    assert first != second


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
