"""SQuAD's metrics, every figure worked by hand."""

import pytest

from helpers.metrics import exact, load_metric, normalize, word_f1


def prediction(name, text, doubt=None):
    row = {"id": name, "prediction_text": text}
    return row if doubt is None else row | {"no_answer_probability": doubt}


def reference(name, *texts):
    return {"id": name, "answers": {"text": list(texts), "answer_start": [0] * len(texts)}}


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("The Bay", "bay", id="article and case"),
        pytest.param("a an the", "", id="articles alone"),
        pytest.param("Theatre, another", "theatre another", id="articles inside words stay"),
        pytest.param("U.S.A.", "usa", id="punctuation leaves no gap"),
        pytest.param("the-bay", "thebay", id="punctuation goes before articles"),
        pytest.param(" two \t\n words ", "two words", id="whitespace"),
        pytest.param("“Née” – œuvre", "“née” – œuvre", id="only ASCII punctuation goes"),
        pytest.param("", "", id="empty"),
    ],
)
def test_normalisation(text, normal):
    assert normalize(text) == normal


@pytest.mark.parametrize(
    ("predicted", "answer", "match", "f1"),
    [
        pytest.param("the Bay of Ishan", "Bay of Ishan.", 1, 1, id="equal once normalised"),
        pytest.param("Bay of Ishan", "Ishan", 0, 0.5, id="1 of 3 right, 1 of 1 found"),
        pytest.param(
            "red red", "red blue red red", 0, 2 / 3, id="a word counts as often as both say"
        ),
        pytest.param("north", "south", 0, 0, id="nothing shared"),
        pytest.param("", "south", 0, 0, id="nothing said"),
        pytest.param("the", "an", 1, 0, id="both empty: equal, but no word is shared"),
    ],
)
def test_scores_of_one_pair(predicted, answer, match, f1):
    assert exact(predicted, answer) == match
    assert word_f1(predicted, answer) == pytest.approx(f1)


def test_squad_takes_the_best_of_the_accepted_answers_and_joins_by_id():
    scores = load_metric("squad").compute(
        predictions=[prediction("b", "old fisherwoman"), prediction("a", "1938")],
        references=[
            reference("a", "1938", "in 1938"),
            reference("b", "a fisherwoman", "the oldest fisherwoman"),
        ],
    )
    assert scores == {"exact_match": 50.0, "f1": pytest.approx(100 * (1 + 2 / 3) / 2)}


def test_squad_in_batches_gives_what_one_call_gives():
    metric = load_metric("squad")
    metric.add_batch(predictions=[prediction("a", "x")], references=[reference("a", "x")])
    metric.add(prediction=prediction("b", "x"), reference=reference("b", "y"))
    assert metric.compute() == {"exact_match": 50.0, "f1": 50.0}


ANSWERABLE = [reference("a", "north wind"), reference("b", "Maro", "a widow called Maro")]
UNANSWERABLE = [reference("c"), reference("d")]
SAID = [
    prediction("a", "wind", 0.1),  # EM 0, F1 2/3
    prediction("b", "Maro", 0.8),  # right, but doubtful
    prediction("c", "a boat", 0.3),  # wrong: there is no answer
    prediction("d", "", 0.9),  # right
]


def test_squad_v2_by_hand():
    scores = load_metric("squad_v2").compute(predictions=SAID, references=ANSWERABLE + UNANSWERABLE)
    assert scores == {
        "exact": 50.0,
        "f1": pytest.approx(100 * (2 / 3 + 1 + 0 + 1) / 4),
        "total": 4,
        "HasAns_exact": 50.0,
        "HasAns_f1": pytest.approx(100 * (2 / 3 + 1) / 2),
        "HasAns_total": 2,
        "NoAns_exact": 50.0,
        "NoAns_f1": 50.0,
        "NoAns_total": 2,
        # all dropped: 2 of 4 right; keep a: still 2; keep c: 1; keep b: 2; keep d, empty: 2
        "best_exact": 50.0,
        "best_exact_thresh": 0.0,
        # all dropped: 2; keep a: 2 + 2/3; keep c: 1 + 2/3; keep b: 2 + 2/3 (no better); d: the same
        "best_f1": pytest.approx(100 * (2 + 2 / 3) / 4),
        "best_f1_thresh": pytest.approx(0.1),
    }


def test_squad_v2_keeps_the_question_that_its_best_threshold_comes_from():
    doubt = -0.1  # no float32: rounded, it lies below itself
    rows = {"predictions": [prediction("a", "north wind", doubt)], "references": [ANSWERABLE[0]]}
    threshold = load_metric("squad_v2").compute(**rows)["best_f1_thresh"]
    assert not doubt > threshold


def test_squad_v2_drops_what_is_above_the_threshold_and_not_what_is_at_it():
    rows = {"predictions": SAID, "references": ANSWERABLE + UNANSWERABLE}
    above = load_metric("squad_v2").compute(**rows, no_answer_threshold=0.2)
    assert (above["HasAns_f1"], above["NoAns_exact"]) == (pytest.approx(100 / 3), 100.0)
    at = load_metric("squad_v2").compute(
        predictions=[prediction("a", "north wind", 0.5)],
        references=[ANSWERABLE[0]],
        no_answer_threshold=0.5,
    )
    assert at["exact"] == 100.0


def test_squad_v2_an_answer_of_articles_alone_is_empty():
    scores = load_metric("squad_v2").compute(
        predictions=[prediction("a", "", 0.0), prediction("b", "The", 0.0)],
        references=[reference("a", "the"), reference("b")],
    )
    assert (scores["exact"], scores["f1"]) == (100.0, 100.0)


def test_squad_v2_an_accepted_answer_of_articles_does_not_excuse_silence():
    scores = load_metric("squad_v2").compute(
        predictions=[prediction("a", "", 0.0)], references=[reference("a", "the", "boat")]
    )
    assert (scores["exact"], scores["f1"]) == (0.0, 0.0)


def test_squad_v2_an_empty_text_costs_nothing_on_the_way_to_the_best_threshold():
    scores = load_metric("squad_v2").compute(
        predictions=[prediction("c", "", 0.25), prediction("a", "north wind", 0.5)],
        references=[UNANSWERABLE[0], ANSWERABLE[0]],
    )
    assert (scores["best_exact"], scores["best_exact_thresh"]) == (100.0, 0.5)


@pytest.mark.parametrize(
    ("references", "present"),
    [
        pytest.param(ANSWERABLE, "HasAns_total", id="answerable only"),
        pytest.param(UNANSWERABLE, "NoAns_total", id="unanswerable only"),
    ],
)
def test_squad_v2_leaves_out_a_group_without_questions(references, present):
    said = [row for row in SAID if row["id"] in {r["id"] for r in references}]
    scores = load_metric("squad_v2").compute(predictions=said, references=references)
    assert {"HasAns_total", "NoAns_total"} & scores.keys() == {present}


def test_a_question_without_prediction_is_refused():
    rows = {"predictions": [prediction("b", "x")], "references": [reference("a", "x")]}
    with pytest.raises(ValueError, match="1 questions have no prediction, 'a' the first"):
        load_metric("squad").compute(**rows)


def test_squad_refuses_a_question_without_answers():
    rows = {"predictions": [prediction("a", "")], "references": [reference("a")]}
    with pytest.raises(ValueError, match="no answer, 'a' the first.*squad_v2"):
        load_metric("squad").compute(**rows)
