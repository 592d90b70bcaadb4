"""Metrics: the classic figures, SQuAD's by hand, batches, bad input."""

from functools import partial

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
    assert scores == {
        "MISC": {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "number": 2},
        "ORG": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "number": 1},
        "overall_precision": 1.0,
        "overall_recall": pytest.approx(2 / 3),
        "overall_f1": pytest.approx(0.8),
        "overall_accuracy": pytest.approx(8 / 9),
    }


def test_nothing_predicted_and_nothing_to_find_is_zero_without_a_crash():
    scores = load_metric("seqeval").compute(predictions=[["O"]], references=[["O"]])
    zero = dict.fromkeys(("overall_precision", "overall_recall", "overall_f1"), 0.0)
    assert scores == zero | {"overall_accuracy": 1.0}
    none = load_metric("seqeval").compute(predictions=[[]], references=[[]])
    assert none == zero | {"overall_accuracy": 0.0}


def test_accuracy_and_f1_by_hand():
    answers = {"predictions": [1, 1, 0, 0], "references": [1, 0, 0, 0]}
    assert load_metric("accuracy").compute(**answers) == {"accuracy": 0.75}
    assert load_metric("f1").compute(**answers)["f1"] == pytest.approx(2 / 3)
    macro = load_metric("f1").compute(**answers, average="macro")["f1"]
    assert macro == pytest.approx((2 / 3 + 4 / 5) / 2)


def questions(*rows):
    """Return predictions and references of rows: a text, the accepted answers, the doubt (of SQuAD 2)."""
    said, true = [], []
    for number, (text, answers, *doubt) in enumerate(rows):
        said.append({"id": str(number), "prediction_text": text})
        if doubt:
            said[-1]["no_answer_probability"] = doubt[0]
        held = {"text": answers, "answer_start": [0] * len(answers)}
        true.append({"id": str(number), "answers": held})
    return said, true


ROWS = {  # two predictions and their references
    "accuracy": ([1, 1], [1, 0]),
    "f1": ([1, 1], [1, 0]),
    "seqeval": ([GUESS, ["B-PER"]], [TRUTH, ["O"]]),
    "squad": questions(("x", ["x"]), ("x", ["y"])),
    "squad_v2": questions(("x", ["x"], 0.0), ("x", ["y"], 0.0)),
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
    year = ("1938", ["1938", "in 1938"])
    said, true = questions(year, ("old fisherwoman", ["a fisherwoman", "the oldest fisherwoman"]))
    scores = load_metric("squad").compute(predictions=said[::-1], references=true)
    assert scores == {"exact_match": 50.0, "f1": pytest.approx(100 * (1 + 2 / 3) / 2)}


def squad(*rows, metric="squad", **options):
    said, true = questions(*rows)
    return load_metric(metric).compute(predictions=said, references=true, **options)


squad_v2 = partial(squad, metric="squad_v2")


WIND = ("wind", ["north wind"], 0.1)  # EM 0, F1 2/3
MARO = ("Maro", ["Maro", "a widow called Maro"], 0.8)  # right, but doubtful
BOAT = ("a boat", [], 0.3)  # wrong: there is no answer
NONE = ("", [], 0.9)  # right


def test_squad_v2_by_hand():
    assert squad_v2(WIND, MARO, BOAT, NONE) == {
        "exact": 50.0,
        "f1": pytest.approx(100 * (2 / 3 + 1 + 0 + 1) / 4),
        "total": 4,
        "HasAns_exact": 50.0,
        "HasAns_f1": pytest.approx(100 * (2 / 3 + 1) / 2),
        "HasAns_total": 2,
        "NoAns_exact": 50.0,
        "NoAns_f1": 50.0,
        "NoAns_total": 2,
        # all dropped: 2 of 4 right; keep WIND: still 2; keep BOAT: 1; keep MARO: 2; keep NONE, empty: 2
        "best_exact": 50.0,
        "best_exact_thresh": 0.0,
        # all dropped: 2; keep WIND: 2 + 2/3; keep BOAT: 1 + 2/3; keep MARO: 2 + 2/3 (no better); NONE: the same
        "best_f1": pytest.approx(100 * (2 + 2 / 3) / 4),
        "best_f1_thresh": pytest.approx(0.1),
    }


def test_squad_v2_keeps_the_question_that_its_best_threshold_comes_from():
    doubt = -0.1  # no float32: rounded, it lies below itself
    assert not doubt > squad_v2(("x", ["x"], doubt))["best_f1_thresh"]


HALF = {"HasAns_f1": pytest.approx(100 / 3), "NoAns_exact": 100.0}
RIGHT, WRONG = {"exact": 100.0, "f1": 100.0}, {"exact": 0.0, "f1": 0.0}
BEST = {"best_exact": 100.0, "best_exact_thresh": 0.5}
SILENT = [("", ["the"], 0.0), ("The", [], 0.0)]


@pytest.mark.parametrize(
    ("rows", "threshold", "expected"),
    [
        pytest.param([WIND, MARO, BOAT, NONE], 0.2, HALF, id="what is above is dropped"),
        pytest.param([("x", ["x"], 0.5)], 0.5, RIGHT, id="and not what is at it"),
        pytest.param([("x", ["x"], float("nan"))], 0.5, RIGHT, id="nor what is no number"),
        pytest.param(SILENT, 1.0, RIGHT, id="an answer of articles alone is empty"),
        pytest.param([("", ["the", "x"], 0.0)], 1.0, WRONG, id="articles do not excuse silence"),
        pytest.param([("", [], 0.25), ("x", ["x"], 0.5)], 1.0, BEST, id="an empty text is free"),
        pytest.param([WIND, MARO], 1.0, {"HasAns_total": 2, "NoAns_total": None}, id="answerable"),
        pytest.param([BOAT, NONE], 1.0, {"HasAns_total": None, "NoAns_total": 2}, id="without any"),
    ],
)
def test_squad_v2_at_its_edges(rows, threshold, expected):
    scores = squad_v2(*rows, no_answer_threshold=threshold)
    assert {name: scores.get(name) for name in expected} == expected


SAID, TRUE = questions(("x", ["x"]), ("x", []))
TAGS = [["O", "I-PER", "I-PER"]], [["O", "B-PER", "I-PER"]]
STRICT, IOB2 = {"mode": "strict"}, {"scheme": "IOB2"}


@pytest.mark.parametrize(
    ("metric", "said", "true", "options", "message"),
    [
        ("rouge", [], [], {}, "'rouge'.*accuracy, f1, seqeval, squad, squad_v2"),
        ("squad", SAID[1:] * 2, TRUE, {}, "1 questions have no prediction, '0' the first"),
        ("squad", SAID, TRUE, {}, "1 questions have no answer, '1' the first.*squad_v2"),
        ("seqeval", [["O"]], [["O", "O"]], {}, "1 predictions but 2 references"),
        ("seqeval", *TAGS, {"mode": "Strict"} | IOB2, "no mode 'Strict'. Use one of strict"),
        ("seqeval", *TAGS, IOB2, "scheme 'IOB2' with mode='strict' only. Pass both"),
        ("seqeval", *TAGS, STRICT | {"scheme": "BIO"}, "no scheme 'BIO'. Use one of IOB1, IOB2"),
    ],
)
def test_what_does_not_belong_together_is_refused(metric, said, true, options, message):
    with pytest.raises(ValueError, match=message):
        load_metric(metric).compute(predictions=said, references=true, **options)


@pytest.mark.parametrize(("options", "f1"), [({}, 1), (STRICT | IOB2, 0)])
def test_seqeval_is_lenient_unless_told_to_be_strict(options, f1):
    scores = load_metric("seqeval").compute(predictions=TAGS[0], references=TAGS[1], **options)
    assert scores["overall_f1"] == f1
