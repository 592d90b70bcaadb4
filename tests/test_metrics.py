"""Metrics: the classic figures, parity with the libraries below, bad input."""

import pytest

from helpers.metrics import METRICS, load_metric

TRUTH = ["B-ORG", "O", "B-MISC", "O", "O", "O", "B-MISC", "O", "O"]
GUESS = ["B-ORG", "O", "B-MISC", "O", "O", "O", "O", "O", "O"]


def test_classic_seqeval_figures_of_the_made_up_prediction():
    scores = load_metric("seqeval").compute(predictions=[GUESS], references=[TRUTH])
    assert scores["MISC"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "number": 2,
    }
    assert scores["ORG"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "number": 1}
    assert round(scores["overall_recall"], 2) == 0.67
    assert round(scores["overall_f1"], 2) == 0.8
    assert round(scores["overall_accuracy"], 2) == 0.89
    assert scores["overall_precision"] == 1.0


def test_seqeval_equals_the_library_below():
    from seqeval.metrics import f1_score, precision_score, recall_score

    references = [TRUTH, ["B-PER", "I-PER", "O"], ["O", "B-LOC"]]
    predictions = [GUESS, ["B-PER", "O", "O"], ["B-LOC", "B-LOC"]]
    scores = load_metric("seqeval").compute(predictions=predictions, references=references)
    assert scores["overall_f1"] == pytest.approx(f1_score(references, predictions))
    assert scores["overall_precision"] == pytest.approx(precision_score(references, predictions))
    assert scores["overall_recall"] == pytest.approx(recall_score(references, predictions))


def test_batches_give_what_one_call_gives():
    metric = load_metric("seqeval")
    metric.add_batch(predictions=[GUESS], references=[TRUTH])
    metric.add_batch(predictions=[["B-PER"]], references=[["O"]])
    together = load_metric("seqeval").compute(
        predictions=[GUESS, ["B-PER"]], references=[TRUTH, ["O"]]
    )
    assert metric.compute() == together


def test_nothing_predicted_and_nothing_to_find_is_zero_without_a_crash():
    scores = load_metric("seqeval").compute(predictions=[["O"]], references=[["O"]])
    assert scores == {
        "overall_precision": 0.0,
        "overall_recall": 0.0,
        "overall_f1": 0.0,
        "overall_accuracy": 1.0,
    }


def test_accuracy_and_f1_by_hand():
    answers = {"predictions": [1, 1, 0, 0], "references": [1, 0, 0, 0]}
    assert load_metric("accuracy").compute(**answers) == {"accuracy": 0.75}
    assert load_metric("f1").compute(**answers)["f1"] == pytest.approx(2 / 3)
    macro = load_metric("f1").compute(**answers, average="macro")["f1"]
    assert macro == pytest.approx((2 / 3 + 4 / 5) / 2)


ROWS = {  # one prediction and its reference
    "accuracy": (1, 1),
    "f1": (1, 1),
    "seqeval": (["O"], ["O"]),
    "squad": (
        {"id": "a", "prediction_text": "x"},
        {"id": "a", "answers": {"text": ["x"], "answer_start": [0]}},
    ),
    "squad_v2": (
        {"id": "a", "prediction_text": "x", "no_answer_probability": 0.0},
        {"id": "a", "answers": {"text": ["x"], "answer_start": [0]}},
    ),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in sorted(METRICS)])
def test_two_metrics_of_a_kind_do_not_share_their_batches(name):
    prediction, reference = ROWS[name]
    one, two = load_metric(name), load_metric(name)
    one.add_batch(predictions=[prediction], references=[reference])
    two.add_batch(predictions=[prediction] * 2, references=[reference] * 2)
    assert len(one) == 1
    assert len(two) == 2


def test_an_unknown_metric_names_the_known_ones():
    with pytest.raises(ValueError, match="'rouge'.*accuracy, f1, seqeval, squad, squad_v2"):
        load_metric("rouge")


def test_ragged_sentences_are_refused():
    with pytest.raises(ValueError, match="1 predictions but 2 references"):
        load_metric("seqeval").compute(predictions=[["O"]], references=[["O", "O"]])
