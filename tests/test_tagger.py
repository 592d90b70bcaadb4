"""Lesson 03's task as one thing: its sentences, its model, its score, its card."""

import pytest
import torch

from helpers import course, ner
from helpers.loop import Prediction
from helpers.ner import IGNORE_INDEX


@pytest.fixture(scope="module")
def task():
    return ner.load_task(course.start("04"))


def test_a_task_has_the_lessons_sizes(task):
    assert len(task.train) == task.lesson.train_rows
    assert len(task.validation) == task.lesson.evaluation_rows
    assert max(map(len, task.train["input_ids"])) <= task.lesson.max_length
    assert task.label_names[0] == "O"


@pytest.mark.parametrize(("name", "main"), [("ner", "f1"), ("chunk", "f1"), ("pos", "accuracy")])
def test_each_task_has_its_labels_and_its_main_score(name, main):
    task = ner.load_task(course.start("04"), name)
    highest = max(max(labels) for labels in task.train["labels"])
    assert 0 < highest < len(task.label_names)
    assert task.main == main


def test_another_task_is_refused():
    with pytest.raises(ValueError, match="no task 'nre'. Use one of ner, pos, chunk"):
        ner.load_task(course.start("04"), "nre")


def test_the_same_seed_draws_the_same_sentences(task):
    again = ner.load_task(task.lesson)
    assert list(again.train["input_ids"]) == list(task.train["input_ids"])


@pytest.mark.parametrize(("dropout", "expected"), [(None, {0.1}), (0.0, {0.0})])
def test_a_new_model_is_seeded_and_in_train_mode(task, dropout, expected):
    torch.manual_seed(1)
    one = task.new_model(dropout)
    torch.manual_seed(2)
    other = task.new_model(dropout)
    assert torch.equal(one.classifier.weight, other.classifier.weight)
    assert one.training
    assert {layer.p for layer in one.modules() if isinstance(layer, torch.nn.Dropout)} == expected
    assert one.config.id2label == dict(enumerate(task.label_names))


def test_scores_go_by_name_and_leave_out_what_has_no_label():
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    references = [[IGNORE_INDEX, 1, 2, 0, 3, IGNORE_INDEX]]
    predictions = [[3, 1, 2, 0, 0, 3]]
    found = ner.scores(Prediction(predictions, references), names)
    assert found == pytest.approx({"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "accuracy": 0.75})


def test_the_card_holds_the_figures_of_the_last_epoch(task):
    row = {"epoch": 1, "f1": 0.1, "precision": 0.2, "recall": 0.3, "accuracy": 0.4}
    card = task.card([row, row | {"epoch": 2, "f1": 0.5678}])
    assert "F1 0.568" in card
    assert "epoch 2 of" in card
    assert card.startswith("---\nbase_model: ")
    assert f"{len(task.train)} sentences" in card
