"""Each task runs on rows of one's own, by the functions of its lesson; and lesson 09 runs with its one cell changed."""

import ast
import math

import pytest
from datasets import DatasetDict
from transformers import BertConfig, BertForSequenceClassification

import helpers
from helpers import course
from labs import own_data
from labs.own_data.tasks import TASKS, Classify, OwnTask, Tag
from tools import build

LIBRARY = {"text": "message", "label": "topic"}
CELLS = [
    pytest.param("library.csv", "classify", LIBRARY, "none", id="classify"),
    pytest.param("library.csv", "classify", LIBRARY, "head-only", id="classify, frozen"),
    pytest.param("library.csv", "few", LIBRARY, "none", id="few"),
    pytest.param("workshop.conll", "tag", {}, "none", id="tag"),
    pytest.param("workshop.conll", "tag", {}, "first-5", id="tag, frozen"),
    pytest.param("rules.jsonl", "answer", {}, "none", id="answer"),
    pytest.param("library.csv", "read", {"text": "message"}, "first-0", id="read"),
]


@pytest.fixture
def few_rows(monkeypatch):
    """Cap the rows of lesson 09, and train for one epoch."""
    monkeypatch.setenv("COURSE_ROWS", "8")
    plain = course.start

    def start(number):
        lesson = plain(number)
        for name in TASKS:
            lesson.settings[name] = lesson.settings[name] | {"epochs": 1}
        return lesson

    monkeypatch.setattr(course, "start", start)


@pytest.fixture
def lesson(few_rows):
    return course.start("09")


def prepared(name, task, columns):
    return own_data.prepare(own_data.read(f"data/examples/{name}"), task, columns, seed=42)


# The lesson, with its one cell changed


def lesson_code(cell):
    """Return the code of lesson 09 from its first cell to the exercises, the cell to change replaced."""
    (path,) = build.sources(["09"])
    cells = [c for c in build.read_source(path).cells if c.cell_type == "code"]
    first = next(i for i, c in enumerate(cells) if c.source.startswith("FILE = "))
    last = next(i for i, c in enumerate(cells) if "exercise" in c.metadata.get("tags", []))
    setup = cells[1]
    helpers = [c for c in cells[2:first] if c.source.lstrip().startswith(("from ", "import "))]
    imports = [
        ast.unparse(node)
        for c in helpers
        for node in ast.parse(c.source).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    return ["\n".join([setup.source, *imports]), cell, *(c.source for c in cells[first + 1 : last])]


@pytest.mark.parametrize(("file", "task", "columns", "strategy"), CELLS)
def test_the_lesson_runs_every_task_by_a_change_of_one_cell(
    file, task, columns, strategy, few_rows, monkeypatch, tmp_path, no_figure_stays_open
):
    monkeypatch.setattr(
        "helpers.runs.run_folder", lambda lesson, name="model": str(tmp_path / name)
    )
    cell = f"FILE = 'data/examples/{file}'\nTASK = {task!r}\nCOLUMNS = {columns!r}\n"
    cell += f"FREEZE = {strategy!r}\nENCODING = 'utf-8'"
    namespace = {}
    (tmp_path / f"own-{task}").mkdir()
    for code in lesson_code(cell):
        exec(code, namespace)
    assert namespace["task"].name == task
    assert namespace["task"].strategy == strategy
    assert all(math.isfinite(entry["loss"]) for entry in namespace["history"])
    assert (tmp_path / f"own-{task}" / "README.md").exists()
    assert list(tmp_path.rglob("*.pkl")) == []


def test_a_stranger_s_file_runs_through_the_lesson(
    few_rows, monkeypatch, tmp_path, no_figure_stays_open
):
    monkeypatch.setattr(
        "helpers.runs.run_folder", lambda lesson, name="model": str(tmp_path / name)
    )
    (tmp_path / "own-classify").mkdir()
    rows = [f"Größe {i}, Stück {i}x;{'viel' if i % 2 else 'wenig'}" for i in range(40)]
    path = tmp_path / "Kunden.csv"
    path.write_bytes("\r\n".join(["Nachricht;Art", *rows]).encode("cp1252"))
    cell = f"FILE, TASK, FREEZE, ENCODING = {str(path)!r}, 'classify', 'none', 'cp1252'\n"
    cell += "COLUMNS = {'text': 'Nachricht', 'label': 'Art'}"
    namespace = {}
    for code in lesson_code(cell):
        exec(code, namespace)
    assert namespace["task"].names == ["viel", "wenig"]


# The parts


@pytest.mark.parametrize(
    ("name", "data", "strategy", "message"),
    [
        pytest.param(
            "few",
            ("library.csv", "few", LIBRARY),
            "head-only",
            "SetFit trains the whole",
            id="few, frozen",
        ),
        pytest.param(
            "clasify", ("library.csv", "few", LIBRARY), "none", "no task 'clasify'", id="no task"
        ),
        pytest.param(
            "tag", ("library.csv", "few", LIBRARY), "none", "needs 'ner_tags'", id="other splits"
        ),
        pytest.param(
            "answer",
            ("workshop.conll", "tag", {}),
            "none",
            "Prepare them with task='answer'",
            id="tags",
        ),
    ],
)
def test_what_cannot_start_says_why(name, data, strategy, message, lesson):
    with pytest.raises(ValueError, match=message):
        own_data.start(name, prepared(*data), lesson, strategy)


def test_a_strategy_that_does_not_exist_is_refused(lesson):
    task = own_data.start(
        "classify", prepared("library.csv", "classify", LIBRARY), lesson, "frist-3"
    )
    with pytest.raises(ValueError, match="no strategy 'frist-3'"):
        task.train()


def test_frozen_parts_do_not_train(lesson):
    task = own_data.start(
        "classify", prepared("library.csv", "classify", LIBRARY), lesson, "head-only"
    )
    model = task.build()
    assert {name.partition(".")[0] for name, p in model.named_parameters() if p.requires_grad} == {
        "classifier"
    }
    assert not model.bert.training


def test_two_runs_are_the_same(lesson):
    task = own_data.start(
        "classify", prepared("library.csv", "classify", LIBRARY), lesson, "first-5"
    )
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


def scored(names=("a", "b"), said=(0, 1, 1), truth=(0, 1, 0)):
    """Return a classifier of three rows, without a model."""
    task = object.__new__(Classify)
    row = {"text": ["x y", "y z", "z x"], "label": list(truth)}
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=list(names))})
    part = Dataset.from_dict(row, features=features)
    task.splits = DatasetDict({"train": part, "test": part})
    return task, list(said)


def test_scores_by_hand():
    task, said = scored()
    assert task.scores(said, "test") == pytest.approx({"accuracy": 2 / 3, "f1": 2 / 3})


def test_the_commonest_label_is_that_of_the_training_rows():
    task, _ = scored()
    commonest = task.baselines("test")["commonest label"]
    assert commonest == pytest.approx({"accuracy": 2 / 3, "f1": 0.4})  # F1 0.8 of a, 0 of b
    assert task.baselines("test")["counted words"]["accuracy"] > 0


def test_a_dictionary_tags_each_word_as_it_mostly_was():
    rows = [{"tokens": ["Ann", f"w{i}", "."], "tags": ["B-A", "O", "O"]} for i in range(30)]
    places = [f"line {i}" for i in range(30)]
    splits = own_data.prepare(own_data.Table("a", ("tokens", "tags"), rows, places), "tag", seed=0)
    task = object.__new__(Tag)
    task.splits = splits
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


def test_mistakes_are_the_surest_wrong_answers_and_probabilities_keep_the_order(
    lesson, monkeypatch
):
    import torch

    task = own_data.start("classify", prepared("library.csv", "classify", LIBRARY), lesson)
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


def test_probabilities_are_those_of_the_rows_in_order(lesson, tokenizer):
    import torch

    task = own_data.start("classify", prepared("library.csv", "classify", LIBRARY), lesson)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=16, num_labels=5,
    )  # fmt: skip
    task.model = BertForSequenceClassification(config).eval()
    together = task.probabilities("test")
    for row, text in zip(together, task.splits["test"]["text"], strict=True):
        with torch.no_grad():
            alone = task.model(**tokenizer(text, return_tensors="pt")).logits.softmax(-1)[0]
        assert torch.allclose(row, alone, atol=1e-5)


def test_the_card_holds_the_figures_of_the_run(lesson):
    task = own_data.start("classify", prepared("library.csv", "classify", LIBRARY), lesson)
    rows = own_data.comparison({"commonest label": {"f1": 0.25}}, {"f1": 0.5})
    card = own_data.card(task, "library.csv", rows)
    assert "8 train, 8 validation, 8 test" in card
    assert "- commonest label: f1 0.250\n- trained: f1 0.500" in card
    assert "Labels: computer, event, fee, renewal, room." in card
    assert "frozen: none, seed 42" in card
