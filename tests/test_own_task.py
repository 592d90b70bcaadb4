"""Each task runs on rows of one's own, by the functions of its lesson; and lesson 09 runs with its one cell changed."""

import ast
import json
import math
import re
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small_setfit
import tagging
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from datasets import Dataset, DatasetDict
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from test_lab import assert_cached_as_uncached
from test_own_data import table as table_of
from test_own_files import exported, lines_of
from transformers import AutoTokenizer

import helpers
from helpers import IGNORE_INDEX, course, loop
from helpers.runs import Measured
from labs import own_data
from labs.own_data.tasks import TASKS, Classify, MaskedLMTrainer, OwnTask, Tag
from tools import build

# Each task with an example and its columns.
EXAMPLES = {
    "classify": ("library.csv", {"text": "message", "label": "topic"}),
    "few": ("library.csv", {"text": "message", "label": "topic"}),
    "read": ("library.csv", {"text": "message"}),
    "tag": ("workshop.conll", {}),
    "answer": ("rules.jsonl", {}),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory, tokenizer):
    """The folder of an encoder with as many layers as the bundled one, but narrow ones, and random weights."""
    return small_setfit.save_body(tmp_path_factory.mktemp("small"), tokenizer, layers=6)


@pytest.fixture
def few_rows(monkeypatch, small):
    """Cap the rows of lesson 09, and train a small encoder, new to each task, for one epoch."""
    monkeypatch.setenv("COURSE_ROWS", "8")
    plain = course.start

    def start(number):
        lesson = replace(plain(number), checkpoint=small)
        for name in TASKS.keys() & lesson.settings.keys():
            lesson.settings[name] = lesson.settings[name] | {"epochs": 1, "trained": ""}
        return lesson

    monkeypatch.setattr(course, "start", start)


@pytest.fixture
def lesson(few_rows):
    return course.start("09")


@cache
def prepared(task):
    """Return the splits of an example, made once: a task draws its rows from them and leaves them alone."""
    name, columns = EXAMPLES[task]
    return own_data.prepare(own_data.read(f"data/examples/{name}"), task, columns, seed=42)


def started(task, lesson, strategy="none", **options):
    return own_data.start(task, prepared(task), lesson, strategy, **options)


def own(task, held, lesson, labels=None, **options):
    """Start a task on rows of one's own."""
    splits = own_data.prepare(table_of(held), task, seed=0, labels=labels, near=False)
    return own_data.start(task, splits, lesson, **options)


# The lesson, with its one cell changed


def lesson_code(cell):
    """Return the code of lesson 09 from its first cell to the exercises, the cell to change replaced."""
    cells = [c for c in build.read_source(*build.sources(["09"])).cells if c.cell_type == "code"]
    first = next(i for i, c in enumerate(cells) if c.source.startswith("FILE = "))
    last = next(i for i, c in enumerate(cells) if "exercise" in c.metadata.get("tags", []))
    before = [
        c.source for c in cells[2:first] if c.source.lstrip().startswith(("from ", "import "))
    ]
    nodes = ast.parse("\n".join(before)).body
    imports = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    return [cells[1].source, *imports, cell, *(c.source for c in cells[first + 1 : last])]


@pytest.fixture
def run_lesson(few_rows, monkeypatch, tmp_path, no_figure_stays_open):
    """Return what runs lesson 09 with another first cell, looks at what came of it, and returns the task."""
    monkeypatch.setattr("helpers.runs.run_folder", lambda _, name="model": str(tmp_path / name))

    def run(file, task, columns, strategy="none", encoding="utf-8"):
        (tmp_path / f"own-{task}").mkdir()
        cell = f"FILE, TASK, COLUMNS = {str(file)!r}, {task!r}, {columns!r}\n"
        cell += f"FREEZE, ENCODING = {strategy!r}, {encoding!r}"
        namespace = {}
        for code in lesson_code(cell):
            exec(code, namespace)
        assert (namespace["task"].name, namespace["task"].strategy) == (task, strategy)
        assert all(math.isfinite(entry["loss"]) for entry in namespace["history"])
        assert (tmp_path / f"own-{task}" / "README.md").exists()
        assert list(tmp_path.rglob("*.pkl")) == []
        return namespace["task"]

    return run


@pytest.mark.parametrize(
    ("task", "strategy"),
    [
        ("classify", "head-only"),
        ("few", "none"),
        ("tag", "none"),
        ("tag", "first-5"),
        ("answer", "none"),
        ("read", "first-0"),
    ],
)
def test_the_lesson_runs_every_task_by_a_change_of_one_cell(task, strategy, run_lesson):
    name, columns = EXAMPLES[task]
    run_lesson(f"data/examples/{name}", task, columns, strategy)


def test_a_stranger_s_file_runs_through_the_lesson(run_lesson, tmp_path):
    rows = [f"Größe {i}, Stück {i}x;{'viel' if i % 2 else 'wenig'}" for i in range(40)]
    path = tmp_path / "Kunden.csv"
    path.write_bytes("\r\n".join(["Nachricht;Art", *rows]).encode("cp1252"))
    columns = {"text": "Nachricht", "label": "Art"}
    assert run_lesson(path, "classify", columns, encoding="cp1252").names == ["viel", "wenig"]


# The parts


@pytest.mark.parametrize(
    ("name", "data", "options", "message"),
    [
        ("few", "few", {"strategy": "head-only"}, "SetFit trains the whole"),
        ("tag", "tag", {"strategy": "head only"}, "no strategy 'head only'"),
        ("clasify", "few", {}, "no task 'clasify'"),
        ("tag", "few", {}, "needs 'ner_tags'"),
        ("answer", "tag", {}, "Prepare them with task='answer'"),
        *[
            ("classify", "classify", {"rows": rows}, f"ROWS is {rows!r}. Use a number from 1, or None")
            for rows in (0, -3, "all", 2.5)
        ],
    ],
)  # fmt: skip
def test_what_cannot_start_says_why(name, data, options, message, lesson):
    with pytest.raises(ValueError, match=message):
        own_data.start(name, prepared(data), lesson, **options)


def test_frozen_parts_do_not_train(lesson):
    model = started("classify", lesson, "head-only").build()
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert {name.partition(".")[0] for name in trained} == {"classifier"}
    assert not model.bert.training


@pytest.mark.parametrize(("task", "labels"), [("classify", 5), ("tag", 7)])
def test_a_task_hands_its_rows_to_the_freezing_lab(task, labels, lesson):
    experiment = own_data.experiment(started(task, lesson), "mine.csv")
    assert (experiment.data[:10], experiment.labels) == ("mine.csv (", labels)
    assert own_data.experiment(started(task, lesson), "mine.csv").data == experiment.data
    other = own_data.experiment(started(task, lesson, rows=7), "mine.csv")
    assert other.data != experiment.data  # other rows: the ledger keeps them apart
    assert (len(experiment.train), len(experiment.evaluation)) == (8, 8)
    assert_cached_as_uncached(experiment, "first-5")


@pytest.mark.parametrize("task", ["few", "answer"])
def test_what_the_freezing_lab_cannot_run_is_refused(task, lesson):
    with pytest.raises(ValueError, match=f"cannot run the task '{task}'.*Use 'classify' with one"):
        own_data.experiment(started(task, lesson), "mine.csv")


def test_two_runs_are_the_same(lesson):
    task = started("classify", lesson, "first-5")
    losses = [[entry["loss"] for entry in task.train()] for _ in range(2)]
    assert losses[0] == losses[1]


def test_every_task_has_settings_on_each_track_and_a_lesson(monkeypatch):
    for current in helpers.TRACKS:
        monkeypatch.setenv("COURSE_TRACK", current)
        monkeypatch.setenv("COURSE_CHECKPOINT", "bundled")
        lesson = course.start("09")
        for name, kind in TASKS.items():
            assert getattr(lesson, name)["epochs"] >= 1
            assert kind.name == name
            assert kind.taught in {row["number"] for row in course.lessons()}


# Several labels a row


def labeled(count=60):
    """Return rows of which each word says one of the labels that the row has."""
    every = [[], ["bell"], ["wheel"], ["bell", "wheel"], ["pump", "bell"]]
    return [
        {"text": " and ".join([f"note{i} x{i}", *every[i % 5]]), "label": every[i % 5]}
        for i in range(count)
    ]


def test_rows_with_several_labels_train_and_are_scored(few_rows, monkeypatch):
    monkeypatch.setenv("COURSE_ROWS", "60")
    assert own_data.examine(table_of(labeled()), "classify").findings == ()
    task = own("classify", labeled(), course.start("09"))
    assert task.names == ["bell", "pump", "wheel"]
    baselines = task.baselines()
    assert list(baselines) == ["commonest labels", "counted words"]
    assert baselines["counted words"]["micro_f1"] > baselines["commonest labels"]["micro_f1"]
    assert task.minutes() > 0
    assert task.train()[0]["loss"] < 1
    assert task.model.config.problem_type == "multi_label_classification"
    scores = task.score()
    assert scores.keys() == {"micro_f1", "macro_f1"}
    assert math.isfinite(own_data.gain(task, own_data.comparison(baselines, scores)))
    assert all(row["said"] != row["truth"] for row in task.mistakes())
    with pytest.raises(ValueError, match="Use 'classify' with one label per row"):
        own_data.experiment(task, "bicycles.csv")
    said = task.predict(table_of(labeled()))
    assert all(set(row["label"]) <= {"bell", "pump", "wheel"} for row in said.rows)


@pytest.mark.parametrize("held", [[["a"], []], [["a", "b"], ["a"]], [["a", "b"], ["b", "a"]]])
def test_counted_words_are_a_baseline_whichever_labels_vary(held, lesson):
    rows = [row | {"label": held[i % 2]} for i, row in enumerate(labeled())]
    scores = own("classify", rows, lesson, rows=None).baselines()["counted words"]
    assert 0 < scores["micro_f1"] <= 1
    assert held[0] != held[1][::-1] or scores == {"micro_f1": 1.0, "macro_f1": 1.0}


def test_a_label_of_every_row_leaves_the_others_as_they_are_counted(lesson):
    """scikit-learn's classifier of several labels takes its threshold from the first one's."""
    rows = [row | {"label": ["all", *row["label"]]} for row in labeled(300)]
    task = own("classify", rows, lesson, rows=None)
    others = task.truth(task.splits["train"]["label"])[:, 1:]
    said = task.by_words(OneVsRestClassifier(LogisticRegression(C=10)), others, "test")
    expected = task.scores(np.hstack([np.ones((len(said), 1)), said]), "test")
    assert task.baselines()["counted words"] == expected


def test_a_text_of_which_nothing_can_be_hidden_is_no_mistake(lesson):
    rows = [{"text": f"🚲{'🔧' * i}" if i < 5 else f"bell {i} rings"} for i in range(60)]
    task = own("read", rows, lesson, rows=None)
    task.model = task.build().eval()
    said = [row["text"] for part in task.splits for row in task.mistakes(part, 60)]
    assert 40 < len(said) == len([text for text in said if "bell" in text])


def test_a_class_that_no_drawn_row_has_is_told(lesson, capsys):
    names = ["rare" if i % 40 == 3 else "ab"[i % 2] for i in range(400)]
    rows = [{"text": f"bell {i}", "label": name} for i, name in enumerate(names)]
    own("classify", rows, lesson)
    told = "test: none of 8 drawn rows is rare. ROWS = None takes all rows.\n"
    assert told in capsys.readouterr().out
    own("classify", rows, lesson, rows=None)
    assert capsys.readouterr().out == ""


def test_where_every_question_has_an_answer_all_are_answered(lesson):
    task = started("answer", lesson)
    rows = task.splits["validation"]
    task.splits["validation"] = rows.filter(lambda row: row["answers"]["text"])
    assert task.threshold(task.build().eval()) == math.inf


def test_the_null_threshold_lies_midway_to_the_next_doubt(lesson, monkeypatch):
    task, columns = started("answer", lesson), {"text": "", "start": 0, "score": 0.0}
    rows = task.splits["validation"]
    answered = [answers["text"] for answers in rows["answers"]]
    assert 0 < sum(map(bool, answered)) < len(rows)
    best = pd.DataFrame(columns, index=rows["id"]).assign(
        text=[texts[0] if texts else "wrong" for texts in answered],
        null_score=[-3.0 if texts else 7.0 for texts in answered],
    )
    monkeypatch.setattr(task, "best", lambda model, split: best)
    assert task.threshold(None) == 2.0
    best["text"], best["null_score"] = "wrong", -3.0
    assert task.threshold(None) < -3.0  # to say nothing is best, and none is kept


def test_a_head_or_biases_alone_train_at_a_larger_rate(lesson):
    rates = [started("classify", lesson, one).arguments().learning_rate
             for one in ("none", "first-3", "train:query", "bias-only", "train:bias$", "lora:8",
                         "head-only")]  # fmt: skip
    assert np.divide(rates, rates[0]).tolist() == pytest.approx([1, 1, 1, 10, 10, 10, 50])


def test_the_threshold_is_the_best_on_validation_and_scores_are_by_hand(lesson, monkeypatch):
    task = own("classify", labeled(), lesson)

    def probabilities(split):
        return torch.tensor(0.2 + 0.3 * task.truth(task.splits[split]["label"]))

    monkeypatch.setattr(task, "probabilities", probabilities)
    assert 0.2 <= task.threshold() < 0.5
    macro = pytest.approx(1.0, abs=0.4)  # a class may lack
    assert task.score() == {"micro_f1": 1.0, "macro_f1": macro}
    task.splits["test"] = task.splits["test"].select([0, 0]).map(lambda row: {"label": [0, 2]})
    scores = task.scores(np.array([[1, 0, 0], [1, 1, 0]]), "test")
    assert scores == pytest.approx({"micro_f1": 4 / 7, "macro_f1": 1 / 3})


def test_one_label_each_in_a_list_is_a_label_and_few_wants_one():
    rows = [row | {"label": [f"a{i % 2}"]} for i, row in enumerate(labeled())]
    assert own("classify", rows, course.start("09")).names == ["a0", "a1"]
    with pytest.raises(ValueError, match="several labels need TASK 'classify'"):
        own("few", labeled(), course.start("09"))


# How many rows, how many minutes


@pytest.mark.parametrize(("rows", "count"), [("lesson", 8), (20, 20), (None, 123)])
def test_rows_are_as_many_as_told(rows, count, lesson):
    splits, task = prepared("classify"), started("classify", lesson, rows=rows)
    assert len(task.splits["train"]) == min(count, len(splits["train"]))
    assert len(task.splits["test"]) == (len(splits["test"]) if rows is None else 8)


def test_minutes_grow_with_the_rows(lesson, monkeypatch):
    task = started("classify", lesson)
    monkeypatch.setattr("helpers.runs.measured", lambda: nullcontext(Measured(seconds=60)))
    rows = task.encoded["train"]
    lengths = [len(ids) for ids in rows["input_ids"]]
    long, short = lengths.index(max(lengths)), lengths.index(min(lengths))
    task.encoded["train"] = rows.select([long] * 8)
    assert task.minutes() == 1  # 8 rows are a batch, and there is one epoch
    task.encoded["train"] = rows.select([long] * 80)
    assert task.minutes() == 10 / 4  # the minute was of four steps
    task.encoded["train"] = rows.select([short] * 79 + [long])
    long, short = lengths[long], lengths[short]
    # the longest row comes first, in a batch of its length
    assert task.minutes() == pytest.approx((79 * short + long) / (24 * short + 8 * long))


# Predictions, and the way back into the file's format


def marked(number):
    """Return a row with a text in which a name is marked."""
    before, name = f"Note {number}: ", f"Ann Li{number}"
    span = [len(before), len(before + name), "PER"]
    return {"id": number, "text": f"{before}{name} came.", "label": [span]}


MARKED = lines_of(*map(marked, range(40)))


def test_predicted_spans_stand_in_the_original_text(lesson, tmp_path, monkeypatch):
    path = tmp_path / "notes.jsonl"
    path.write_text(MARKED, encoding="utf-8")
    table = own_data.read(path, words=AutoTokenizer.from_pretrained(lesson.checkpoint))
    task = own_data.start("tag", own_data.prepare(table, "tag", seed=0, near=False), lesson)
    gold = {tuple(row["tokens"]): row["tags"] for row in table.rows}

    def predictions(split):
        rows = [gold[tuple(words)] for words in task.splits[split]["tokens"]]
        rows = [[task.names.index(tag) for tag in tags] for tags in rows]
        return loop.Prediction(rows, rows)

    monkeypatch.setattr(task, "predictions", predictions)
    bare = table.change(lambda row: row | {"tags": None, "spans": []})
    said = task.predict(bare)
    assert [[*map(list, row["spans"])] for row in said.rows] == [row["spans"] for row in table.rows]
    fourth = said.rows[3]
    assert own_data.marked(fourth["text"], fourth["spans"]) == "Note 3: [Ann Li3 PER] came."
    own_data.export(said, tmp_path / "said.jsonl")
    assert (tmp_path / "said.jsonl").read_text(encoding="utf-8") == MARKED
    with pytest.raises(ValueError, match=r"said.csv has another format than notes.jsonl.*'.jsonl'"):
        own_data.export(said, tmp_path / "said.csv")
    assert "own" not in task.splits


def test_words_that_were_cut_or_have_no_token_are_no_entity_wherever_o_stands_and_told(lesson):
    labels = ["B-PER", "I-PER", "O"]
    rows = [{"tokens": [f"w{i}", "Ann"], "tags": ["O", "B-PER"]} for i in range(40)]
    task = own("tag", rows, lesson, labels)
    assert task.names == labels
    task.model = task.build().eval()
    words = ["Ann", "\u200b", *(f"w{i}" for i in range(200)), "Ann"]
    said = task.predict(table_of([{"tokens": words}]))
    (tags,) = (row["tags"] for row in said.rows)
    assert len(tags) == len(words)
    assert tags[-1] == tags[1] == "O"
    assert [finding.what for finding in said.findings] == ["long text"]


@pytest.mark.parametrize(("strategy", "precision"), [("lora:2", "fp32"), ("none", "bf16")])
def test_a_saved_model_is_the_trained_one(lesson, tmp_path, monkeypatch, strategy, precision):
    monkeypatch.setattr(course.Lesson, "precision", precision)
    task = started("classify", lesson, strategy)
    task.minutes()
    task.train()
    assert Accelerator().mixed_precision == "no"
    before, kinds = task.probabilities("test"), []
    task.save(tmp_path)
    task.load(tmp_path)
    query = task.model.base_model.encoder.layer[0].attention.self.query
    query.register_forward_hook(lambda module, inputs, output: kinds.append(output.dtype))
    assert torch.allclose(task.probabilities("test"), before, atol=1e-6)
    assert set(kinds) == {torch.float32}
    task.names = [*task.names, "new"]
    with pytest.raises(ValueError, match="knows .*; these rows have .*, new. Start the task with"):
        task.load(tmp_path)


def test_predictions_need_an_input_and_a_task_that_answers(lesson):
    task = started("classify", lesson)
    for value in ("", 7, math.nan, ["x"], None):
        message = f"mine.csv, line 2: text is {value!r}. Fill it in"
        with pytest.raises(ValueError, match=re.escape(message)):
            task.predict(table_of([{"text": value}]))
    with pytest.raises(ValueError, match='tokens is None. .* beside a "text" .*"label": '):
        started("tag", lesson).predict(table_of([{"text": "Ann came."}]))
    with pytest.raises(ValueError, match="reads answers nothing"):
        started("read", lesson).predict(table_of([{"text": ""}]))


# Whole files, in the formats of the classic data sets


def squad(count=30, flat=False):
    """Return questions with two answers or none: a file of SQuAD, or a row each."""
    passages, rows = [], []
    for i in range(count):
        answers = [{"text": f"bell{i}", "answer_start": 4}] * 2 if i % 3 else []
        question = {"id": f"q{i}", "question": f"What is {i}?", "is_impossible": i % 3 == 0}
        passage = {"context": f"The bell{i} rings at {i} o'clock in street w{i} v{i}."}
        passages.append(passage | {"qas": [question | {"answers": answers}]})
        pairs = {name: [one[name] for one in answers] for name in ("text", "answer_start")}
        rows.append(question | passage | {"answers": pairs})
    if flat:
        return lines_of(*rows)
    file = {"version": "v2.0", "data": [{"title": "T", "paragraphs": passages}]}
    return json.dumps(file, indent=1)


TABS = "@paul{0}\tO\nEmpire\tB-location\nState\tI-location\nw{0}\tO"
IOB1 = "U.N. NNP I-NP I-ORG\nofficial{0} NN I-NP O\nEkeus NNP I-NP I-PER\nw{0} . O O\n"
WHOLE = {
    "wnut17.conll": ("tag", "\n\t\n".join(map(TABS.format, range(30)))),
    "eng.train": ("tag", "-DOCSTART- -X- O O\n\n" + "\n".join(map(IOB1.format, range(30)))),
    "squad.json": ("answer", squad()),
    "flat.jsonl": ("answer", squad(flat=True)),
    "doccano.jsonl": ("tag", MARKED),
}  # fmt: skip


@pytest.mark.parametrize("name", list(WHOLE))
def test_a_classic_file_goes_from_reading_to_predictions(name, lesson, tmp_path):
    task, content = WHOLE[name]
    (tmp_path / name).write_text(content, encoding="utf-8")
    table = own_data.read(tmp_path / name)
    assert own_data.examine(table, task).stops == []
    splits = own_data.prepare(table, task, seed=0)
    if task == "answer":
        lesson.answer["trained"] = "minilm-qa"  # and no new head
    own = own_data.start(task, splits, lesson)
    assert math.isfinite(own.train()[0]["loss"])
    assert all(math.isfinite(value) for value in own.score().values())
    said = own.predict(table)
    assert len(said.rows) == len(table.rows)
    again = exported(said, tmp_path / f"said{Path(name).suffix}")
    for row, before in zip(again.rows, said.rows, strict=True):
        other = {"is_impossible": not before["answers"]["text"]} if task == "answer" else {}
        if "spans" in before:
            other["spans"] = [*map(list, before["spans"])]
        assert row == before | other


def test_the_commonest_label_is_not_told_from_few_rows_of_each(lesson):
    rows = [{"text": f"bell {i}", "label": "rare" if i % 5 == 2 else "usual"} for i in range(200)]
    assert own("few", rows, lesson).baselines()["commonest label"]["accuracy"] > 0.5


def test_scores_by_hand_and_the_commonest_label_is_that_of_the_training_rows():
    task = object.__new__(Classify)  # of three rows, without a model
    rows = Dataset.from_dict({"text": ["x y", "y z", "z x"], "label": ["a", "b", "a"]})
    part = rows.class_encode_column("label")
    task.splits = DatasetDict({"train": part, "test": part})
    assert task.scores([0, 1, 1], "test") == pytest.approx({"accuracy": 2 / 3, "f1": 2 / 3})
    found = task.baselines("test")
    commonest = {"accuracy": 2 / 3, "f1": 0.4}  # F1 0.8 of a, 0 of b
    assert found["commonest label"] == pytest.approx(commonest)
    assert found["counted words"]["accuracy"] > 0


def test_a_dictionary_tags_each_word_as_it_mostly_was():
    rows = [{"tokens": ["Ann", f"w{i}", "."], "tags": ["B-A", "O", "O"]} for i in range(30)]
    task = object.__new__(Tag)
    task.splits = own_data.prepare(table_of(rows), "tag", seed=0)
    scores = task.baselines("test")["dictionary"]
    assert scores["f1"] == 1.0  # Ann is known, an unknown word gets the commonest tag of all


@pytest.mark.parametrize(
    ("lower", "trained", "expected"),
    [
        pytest.param(False, 0.8, 0.2, id="better"),
        pytest.param(False, 0.5, -0.1, id="worse than the best baseline"),
        pytest.param(True, 0.4, 0.1, id="lower is better"),
        pytest.param(True, 0.9, -0.4, id="lower is better, and it is not"),
    ],
)
def test_the_gain_is_over_the_best_baseline(lower, trained, expected):
    task = object.__new__(OwnTask)
    task.main, task.lower_is_better = "score", lower
    rows = own_data.comparison({"one": {"score": 0.5}, "two": {"score": 0.6}}, {"score": trained})
    assert [row[""] for row in rows] == ["one", "two", "trained"]
    assert own_data.gain(task, rows) == pytest.approx(expected)


def test_mistakes_are_the_surest_wrong_answers(lesson, monkeypatch):
    task = started("classify", lesson)
    truth = list(task.splits["validation"]["label"])
    said = [(label + 1) % 5 if i < 3 else label for i, label in enumerate(truth)]
    table = torch.full((len(truth), 5), 0.01)
    for i, label in enumerate(said):
        table[i, label] = 0.5 + i / 100
    monkeypatch.setattr(task, "probabilities", lambda split: table)
    found = task.mistakes(count=2)
    texts = list(task.splits["validation"]["text"])
    assert [row["text"] for row in found] == [texts[2], texts[1]]
    assert found[0]["said"] != found[0]["truth"]


def test_probabilities_are_those_of_the_rows_in_order_and_compute_no_loss(lesson, tokenizer):
    task = started("classify", lesson)
    task.model = task.build().eval()
    together = task.probabilities("test")
    assert task.model.config.problem_type is None  # what a loss would set
    for row, text in zip(together, task.splits["test"]["text"], strict=True):
        with torch.no_grad():
            alone = task.model(**tokenizer(text, return_tensors="pt")).logits.softmax(-1)[0]
        assert torch.allclose(row, alone, atol=1e-5)


def test_the_card_holds_the_figures_of_the_run(lesson):
    task = started("classify", lesson)
    rows = own_data.comparison({"commonest label": {"f1": 0.25}}, {"f1": 0.5})
    card = own_data.card(task, "library.csv", rows)
    assert "8 train, 8 validation, 8 test" in card
    assert "- commonest label: f1 0.250\n- trained: f1 0.500" in card
    assert "Labels: computer, event, fee, renewal, room." in card
    assert "frozen: none, seed 42" in card
    assert not any(word in card for word in ("Started", "threshold"))


@pytest.mark.parametrize(("data", "name"), [("several", "threshold"), ("answer", "null threshold")])
def test_the_card_holds_what_the_scores_depend_on(lesson, monkeypatch, data, name):
    several = data == "several"
    task = own("classify", labeled(), lesson) if several else started(data, lesson)
    monkeypatch.setattr(task, "threshold", lambda *model: 0.125)
    task.settings = dict(task.settings) | {"trained": "minilm-qa"}
    card = own_data.card(task, "mine.json", [])
    assert f"- Its {name}, chosen on the validation rows: 0.12.\n" in card
    assert "- Started from: minilm-qa, which the course brings.\n" in card


def masked(rows):
    """Return sentences with the first token of each masked."""
    batch = tagging.collate(rows)
    labels = torch.full_like(batch["input_ids"], IGNORE_INDEX)
    labels[:, 0] = batch["input_ids"][:, 0]
    return batch | {"labels": labels}


def one_step(model, folder, **options):
    """Train a model for one step; return what was logged."""
    arguments = tagging.arguments(folder, max_steps=1, **options)
    rows = {"train_dataset": tagging.sentences(8), "data_collator": masked}
    trainer = MaskedLMTrainer(model, arguments, **rows)
    trainer.train()
    return trainer.state.log_history


@pytest.mark.parametrize("options", [{}, {"gradient_accumulation_steps": 4}])
def test_micro_batches_give_the_gradient_of_the_whole_batch(options, tmp_path):
    size = 8 // options.get("gradient_accumulation_steps", 1)
    options |= {"logging_steps": 1, "max_grad_norm": 1e9, "per_device_train_batch_size": size}
    (logged, _) = one_step(tagging.small("MaskedLM", dropout=0.0), tmp_path, **options)
    model = tagging.small("MaskedLM", dropout=0.0)
    loss = model(**masked(tagging.sentences(8))).loss
    loss.backward()
    norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
    wanted = {"loss": loss.item(), "grad_norm": norm.item()}
    assert {name: logged[name] for name in wanted} == pytest.approx(wanted, rel=1e-4)


def test_in_bfloat16_the_encoder_computes_in_it_too(tmp_path):
    model, kinds = tagging.small("MaskedLM"), []
    model.base_model.encoder.layer[0].attention.self.query.register_forward_hook(
        lambda module, inputs, output: kinds.append(output.dtype)
    )
    one_step(model, tmp_path, bf16=True)
    AcceleratorState._reset_state(reset_partial_state=True)
    assert set(kinds) == {torch.bfloat16}


def test_words_that_were_cut_count_as_missed(lesson):
    task = started("tag", lesson)
    number = task.names.index("B-BIKE")
    words, tags = ["bell", *["of"] * 300, "Kestrel"], [number, *[0] * 300, number]
    row = {"id": "a", "tokens": words, "ner_tags": tags}
    task.splits["test"] = Dataset.from_list([row], features=task.splits["test"].features)
    task.encoded["test"] = task.encode(task.splits["test"])
    task.model = task.build().eval()
    task.model.classifier.weight.data.zero_()
    task.model.classifier.bias.data.zero_()[number] = 1.0
    said = task.said("test")[0]
    assert (said[0], said[-1]) == ("B-BIKE", "O")
    assert task.score()["recall"] == 0.5
    assert task.mistakes("test")[0]["wrong"].endswith(", Kestrel: O for B-BIKE")
    task.model.classifier.bias.data.zero_()[task.names.index("I-BIKE")] = 1.0
    cut = said.count("O")  # an I- that begins an entity is no right B-
    assert task.score()["accuracy"] == (cut - 1) / len(said)


def test_an_answer_may_be_as_long_as_the_longest_to_learn_from(lesson):
    task = started("answer", lesson)
    ends, starts = (task.encoded["train"][f"{edge}_positions"] for edge in ("end", "start"))
    lengths = np.subtract(ends, starts) + 1
    assert task.longest == max(30, *lengths)
    task.settings = dict(task.settings) | {"max_answer_length": 2}
    del task.longest
    assert task.longest == max(lengths) > 2
