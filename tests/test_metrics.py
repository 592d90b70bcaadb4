"""Metrics: the classic figures, parity with the libraries below, SQuAD's by hand, bad input."""

import evaluate
import pytest

from helpers.metrics import METRICS, exact, load_metric, normalize, word_f1


@pytest.fixture(autouse=True)
def no_waiting_for_a_file_that_another_metric_holds(monkeypatch):
    wait = evaluate.EvaluationModule._create_cache_file
    monkeypatch.setattr(wait, "__defaults__", (0.01,))  # seconds, in place of one


TRUTH = ["B-ORG", "O", "B-MISC", "O", "O", "O", "B-MISC", "O", "O"]
GUESS = ["B-ORG", "O", "B-MISC", "O", "O", "O", "O", "O", "O"]


def test_classic_seqeval_figures_of_the_made_up_prediction():
    scores = load_metric("seqeval").compute(predictions=[GUESS], references=[TRUTH])
    misc = {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "number": 2}
    assert scores["MISC"] == misc
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


def test_nothing_predicted_and_nothing_to_find_is_zero_without_a_crash():
    scores = load_metric("seqeval").compute(predictions=[["O"]], references=[["O"]])
    zero = dict.fromkeys(("overall_precision", "overall_recall", "overall_f1"), 0.0)
    assert scores == zero | {"overall_accuracy": 1.0}


def test_accuracy_and_f1_by_hand():
    answers = {"predictions": [1, 1, 0, 0], "references": [1, 0, 0, 0]}
    assert load_metric("accuracy").compute(**answers) == {"accuracy": 0.75}
    assert load_metric("f1").compute(**answers)["f1"] == pytest.approx(2 / 3)
    macro = load_metric("f1").compute(**answers, average="macro")["f1"]
    assert macro == pytest.approx((2 / 3 + 4 / 5) / 2)


def prediction(name, text, doubt=None):
    row = {"id": name, "prediction_text": text}
    return row if doubt is None else row | {"no_answer_probability": doubt}


def reference(name, *texts):
    return {"id": name, "answers": {"text": list(texts), "answer_start": [0] * len(texts)}}


TEXTS = [reference("a", "x"), reference("b", "y")]
ROWS = {  # two predictions and their references
    "accuracy": ([1, 1], [1, 0]),
    "f1": ([1, 1], [1, 0]),
    "seqeval": ([GUESS, ["B-PER"]], [TRUTH, ["O"]]),
    "squad": ([prediction("a", "x"), prediction("b", "x")], TEXTS),
    "squad_v2": ([prediction("a", "x", 0.0), prediction("b", "x", 0.0)], TEXTS),
}


@pytest.mark.parametrize("name", sorted(METRICS))
def test_batches_give_what_one_call_gives_and_are_shared_by_no_two_metrics_of_a_kind(name):
    said, true = ROWS[name]
    one, two = load_metric(name), load_metric(name)
    one.add_batch(predictions=said[:1], references=true[:1])
    two.add_batch(predictions=said[:1], references=true[:1])
    two.add(prediction=said[1], reference=true[1])
    assert (len(one), len(two)) == (1, 2)
    one.compute()  # and gives its file back, for which the next would wait
    assert two.compute() == load_metric(name).compute(predictions=said, references=true)


def test_an_unknown_metric_names_the_known_ones():
    with pytest.raises(ValueError, match="'rouge'.*accuracy, f1, seqeval, squad, squad_v2"):
        load_metric("rouge")


def test_ragged_sentences_are_refused():
    with pytest.raises(ValueError, match="1 predictions but 2 references"):
        load_metric("seqeval").compute(predictions=[["O"]], references=[["O", "O"]])


# SQuAD's metrics, every figure worked by hand


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
def test_normalization(text, normal):
    assert normalize(text) == normal


@pytest.mark.parametrize(
    ("predicted", "answer", "match", "f1"),
    [
        pytest.param("the Bay of Ishan", "Bay of Ishan.", 1, 1, id="equal once normalized"),
        pytest.param("Bay of Ishan", "Ishan", 0, 0.5, id="1 of 3 right, 1 of 1 found"),
        pytest.param("red red", "red blue red red", 0, 2 / 3, id="as often as both say it"),
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


@pytest.mark.parametrize(
    ("said", "references", "options", "expected"),
    [
        (  # what is above the threshold is dropped
            SAID,
            ANSWERABLE + UNANSWERABLE,
            {"no_answer_threshold": 0.2},
            {"HasAns_f1": pytest.approx(100 / 3), "NoAns_exact": 100.0},
        ),
        (  # and not what is at it
            [prediction("a", "north wind", 0.5)],
            [ANSWERABLE[0]],
            {"no_answer_threshold": 0.5},
            {"exact": 100.0},
        ),
        (  # an answer of articles alone is empty
            [prediction("a", "", 0.0), prediction("b", "The", 0.0)],
            [reference("a", "the"), reference("b")],
            {},
            {"exact": 100.0, "f1": 100.0},
        ),
        (  # an accepted answer of articles does not excuse silence
            [prediction("a", "", 0.0)],
            [reference("a", "the", "boat")],
            {},
            {"exact": 0.0, "f1": 0.0},
        ),
        (  # an empty text costs nothing on the way to the best threshold
            [prediction("c", "", 0.25), prediction("a", "north wind", 0.5)],
            [UNANSWERABLE[0], ANSWERABLE[0]],
            {},
            {"best_exact": 100.0, "best_exact_thresh": 0.5},
        ),
    ],
)
def test_squad_v2_at_its_edges(said, references, options, expected):
    scores = load_metric("squad_v2").compute(predictions=said, references=references, **options)
    assert {name: scores[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("references", "present"), [(ANSWERABLE, "HasAns_total"), (UNANSWERABLE, "NoAns_total")]
)
def test_squad_v2_leaves_out_a_group_without_questions(references, present):
    said = [row for row in SAID if row["id"] in {r["id"] for r in references}]
    scores = load_metric("squad_v2").compute(predictions=said, references=references)
    assert {"HasAns_total", "NoAns_total"} & scores.keys() == {present}


@pytest.mark.parametrize(
    ("said", "answers", "message"),
    [
        pytest.param(
            "b", ["x"], "1 questions have no prediction, 'a' the first", id="no prediction"
        ),
        pytest.param("a", [], "no answer, 'a' the first.*squad_v2", id="no answers"),
    ],
)
def test_squad_refuses(said, answers, message):
    rows = {"predictions": [prediction(said, "x")], "references": [reference("a", *answers)]}
    with pytest.raises(ValueError, match=message):
        load_metric("squad").compute(**rows)
