"""The lab: plain calls and the panel run the same, keep what is finished, and say what is wrong."""

import json
import re
import threading
from dataclasses import replace
from html import unescape
from itertools import count
from types import SimpleNamespace

import families
import pandas as pd
import pytest
import tagging
import torch
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value
from test_caching import collate, ragged
from test_freezing import LAYERED, bert, distilbert, freeze
from transformers import AutoConfig, AutoModelForSequenceClassification

from helpers import course, data, runs
from helpers.encoder import folder
from helpers.tables import WRONG
from labs.freezing import lab as lab_module
from labs.freezing import panel
from labs.freezing.experiment import Experiment, load_experiment, tagger
from labs.freezing.lab import SHOWN, Lab
from labs.freezing.panel import Stopped

pytestmark = pytest.mark.usefixtures("file")
DEFAULTS = {"seed": 42, "seeds": 2, "epochs": 2, "learning_rate": 5e-3, "part_learning_rate": 1e-2}
DEFAULTS |= {"head_learning_rate": 5e-2, "bias_learning_rate": 2e-2, "lora_learning_rate": 3e-2}


def experiment(build):
    """Return an experiment whose models share an encoder, as if it came from a checkpoint."""
    torch.manual_seed(0)
    weights = build().base_model.state_dict()

    def new(*_, **__):
        model = build()
        model.base_model.load_state_dict(weights)
        return model

    auto = SimpleNamespace(from_pretrained=new, from_config=lambda _: build())
    return Experiment("tiny", folder(), ragged(24, 0), ragged(16, 1), collate, 4, auto=auto)


def tagging_experiment():
    """Return an experiment of two layers with a label for each token."""
    base, own = experiment(tagging.tiny_model), tagger(["O", "B-X", "I-X"])
    own |= {"auto": base.auto, "collator": tagging.collate, "data": "notes.conll"}
    own |= {"train": tagging.sentences(24), "evaluation": tagging.sentences(16, seed=1)}
    return replace(base, **own)


@pytest.fixture
def bert_lab():
    return Lab(experiment(bert), DEFAULTS)


def lines(file):
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


# Plain calls


def assert_cached_as_uncached(experiment, strategy):
    settings = {"seed": 42, "epochs": 2, "learning_rate": 1e-2}
    kept, plain = (experiment.run(strategy, cached=c, **settings) for c in (True, False))
    assert kept.f1 == pytest.approx(plain.f1)
    assert kept.trainable == plain.trainable


@pytest.mark.parametrize("build", LAYERED)
def test_a_strategy_runs_once_a_seed_is_kept_and_scores_as_without_a_cache(build, file):
    lab = Lab(experiment(build), DEFAULTS)
    table = lab.run_strategy("first-2", seeds=2, epochs=1)
    assert table.columns.tolist() == SHOWN
    assert table["seed"].tolist() == [42, 43]
    assert set(table["strategy"]) == {"first-2"}
    assert set(table["epochs"]) == {1}
    assert set(table["learning_rate"]) == {DEFAULTS["part_learning_rate"]}
    assert table["f1"].between(0, 1).all()
    kept = lines(file)
    assert [row["f1"] for row in kept] == table["f1"].tolist()
    settings = {"model": "tiny", "rows": [24, 16], "epochs": 1, "learning_rate": 1e-2}
    assert kept[0]["settings"] == settings
    assert lab.runs().equals(table)
    assert_cached_as_uncached(lab.experiment, "first-1")


def test_a_run_is_the_same_whatever_ran_before_it(bert_lab):
    first = bert_lab.run_strategy("first-2")["f1"].tolist()
    bert_lab.run_strategy("none", seeds=1)
    bert_lab.experiment.forget()
    assert bert_lab.run_strategy("first-2")["f1"].tolist() == first


def test_an_encoder_of_one_layer_trains_without_a_cache_and_a_line_says_so(capsys):
    lab = Lab(experiment(lambda: families.model("ALBERT")), DEFAULTS)
    scores = lab.run_strategy("first-1", epochs=1)["f1"].tolist()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("AlbertModel has no list of layers that each run alone")
    assert lab.experiment.caching.seconds == 0
    run(board := panel.Panel(lab), strategy="first-1", epochs="1")
    assert line in unescape(board.message.value)
    assert lab.runs()["f1"].tolist() == scores


@pytest.mark.parametrize(
    ("kind", "options"), [("rembert", {}), ("llama", {"num_key_value_heads": 2})]
)
def test_an_encoder_that_computes_something_else_from_features_trains_whole(kind, options, capsys):
    def build():
        sizes = families.SMALL | options | {"num_labels": 2, "pad_token_id": 0}
        config = AutoConfig.for_model(kind, **sizes)
        return AutoModelForSequenceClassification.from_config(config)

    lab = Lab(experiment(build), DEFAULTS)
    scores = lab.run_strategy("head-only", seeds=1)["f1"].tolist()
    assert "computes something else from cached features" in capsys.readouterr().out
    settings = {"seed": 42, "epochs": 2, "learning_rate": DEFAULTS["head_learning_rate"]}
    assert lab.experiment.run("head-only", cached=False, **settings).f1 == scores[0]


def test_features_are_cached_once_and_reused(bert_lab):
    bert_lab.run_strategy("first-2", seeds=1)
    seconds = bert_lab.experiment.caching.seconds
    bert_lab.run_strategy("first-2", seeds=2)
    bert_lab.run_strategy(r"train:layer\.2\.", seeds=1)
    assert bert_lab.experiment.caching.seconds == seconds > 0


@pytest.mark.parametrize(
    ("strategy", "name"),
    [
        pytest.param("head-only", "head_learning_rate", id="head"),
        pytest.param("bias-only", "bias_learning_rate", id="biases"),
        pytest.param(r"train:query\.bias", "bias_learning_rate", id="pattern of biases"),
        pytest.param("train:LayerNorm", "bias_learning_rate", id="pattern of norms"),
        pytest.param("train:query", "learning_rate", id="pattern of matrices"),
        pytest.param(r"train:^bert\.encoder", "learning_rate", id="pattern of a whole name"),
        pytest.param("first-2", "part_learning_rate", id="layers"),
        pytest.param("lora:8", "lora_learning_rate", id="lora"),
        pytest.param("none", "learning_rate", id="all"),
    ],
)
def test_each_kind_of_strategy_has_its_rate(bert_lab, strategy, name):
    assert bert_lab.plan(strategy).settings["learning_rate"] == DEFAULTS[name]
    settings = bert_lab.plan(strategy, learning_rate="3e-4").settings
    assert settings["learning_rate"] == 3e-4
    of_the_head = DEFAULTS["head_learning_rate"] if name.startswith("bias") else None
    assert settings.get("head_learning_rate") == of_the_head


def test_a_strategy_of_a_new_name_has_the_rate_of_what_it_trains(bert_lab, monkeypatch):
    monkeypatch.setattr(lab_module, "trains", lambda strategy, name: "LayerNorm" in name)
    assert lab_module.kind_of("norms-only", bert_lab.experiment.outline()) == "bias"


def test_another_data_set_has_runs_of_its_own_and_its_labels(monkeypatch):
    lesson, rows = course.start("06"), {"text": ["a", "b"] * 4, "label": [0, 1, 2, 3] * 2}
    features = Features({"text": Value("string"), "label": ClassLabel(num_classes=4)})
    parts = dict.fromkeys(("train", "validation"), Dataset.from_dict(rows, features=features))
    monkeypatch.setattr(data, "load", lambda name: DatasetDict(parts))
    lab = Lab(load_experiment(replace(lesson, dataset="wire")), DEFAULTS)
    assert lab.shared()["data"] == "wire"
    assert lab.experiment.outline().config.num_labels == 4


def test_where_biases_train_the_head_learns_at_its_own_rate(bert_lab):
    found = bert_lab.run_strategy("bias-only", seeds=1, learning_rate=1e-30)["f1"].item()
    settings = {"seed": 42, "epochs": 2, "learning_rate": 1e-30}
    still = bert_lab.experiment.run("bias-only", **settings).f1
    rate = {"head_learning_rate": DEFAULTS["head_learning_rate"]}
    assert found == bert_lab.experiment.run("bias-only", **settings, **rate).f1 != still
    other = Lab(bert_lab.experiment, DEFAULTS | {"head_learning_rate": 0.5})
    assert (len(bert_lab.runs()), len(other.runs())) == (1, 0)  # the head's rate tells them apart


@pytest.mark.parametrize(
    ("again", "repeats", "written"),
    [
        pytest.param(["replace", "replace"], [1], 2, id="replaced"),
        pytest.param(["replace", "add"], [1, 2], 2, id="added"),
        pytest.param(["add", "add", "replace"], [1, 2], 3, id="the newest is replaced"),
    ],
)
def test_again_replaces_or_adds(bert_lab, file, again, repeats, written):
    for choice in again:
        bert_lab.run_strategy("head-only", seeds=1, again=choice)
    assert bert_lab.runs()["repeat"].tolist() == repeats
    assert len(lines(file)) == written


def test_other_settings_or_another_encoder_are_other_runs_and_old_lines_do_no_harm(bert_lab):
    runs.record("06", "by hand", seed=1, seconds=1, peak_mb=1, f1=0.5)
    bert_lab.run_strategy("head-only", seeds=1)
    bert_lab.run_strategy("head-only", seeds=1, epochs=1)
    bert_lab.run_strategy("head-only", seeds=1, learning_rate=0.5)
    assert bert_lab.runs()["strategy"].tolist() == ["head-only"] * 3
    bert_lab.experiment.name = "another"
    assert bert_lab.runs().empty


def test_another_task_has_the_same_lab_and_a_ledger_of_its_own(bert_lab, file):
    lab = Lab(tagging_experiment(), DEFAULTS)
    bert_lab.run_strategy("head-only", seeds=1)
    found = lab.run_strategy("first-1", seeds=2, epochs=12)
    assert lines(file)[-1]["settings"]["data"] == "notes.conll"
    assert lab.runs()["strategy"].tolist() == ["first-1"] * 2
    assert bert_lab.runs()["strategy"].tolist() == ["head-only"]
    assert found["f1"].between(0.3, 1).all()  # of entities: it learns from a token its label
    assert_cached_as_uncached(lab.experiment, "first-1")


@pytest.mark.parametrize(("number", "data"), [("06", ""), ("03", "conll2003")])
def test_the_course_s_data_are_loaded_with_their_head_and_score(number, data, monkeypatch):
    monkeypatch.setenv("COURSE_ROWS", "8")
    lab = Lab(load_experiment(course.start(number)), DEFAULTS)
    assert (lab.experiment.data, lab.shared()["rows"]) == (data, [8, 8])
    assert load_experiment(course.start(number), "test").data.endswith(", test")
    assert lab.run_strategy("head-only", seeds=1, epochs=1)["f1"].between(0, 1).all()
    labels = {"06": 2, "03": 9}[number]
    assert lab.runs()["trainable"].item() == (384 + 1) * labels


# Runs that came with the course


@pytest.fixture
def stored(bert_lab, tmp_path, monkeypatch):
    """Two seeds of "none" that came with the course, of F1 0.9, and one of other settings."""
    path = tmp_path / "strategies.jsonl"
    monkeypatch.setattr(lab_module, "BUNDLED", path)
    settings = bert_lab.plan("none").settings
    for changes in ({}, {}, {"average": "binary"}):
        seed = 42 + len(lines(path))
        name = {"seed": seed, "settings": settings | changes, "file": path}
        runs.record("06", "none", **name, seconds=1, peak_mb=1, f1=0.9, trainable=9)


def test_the_course_s_runs_stand_beside_the_learner_s_where_wanted(bert_lab, file, stored):
    bert_lab.run_strategy("none", seeds=1)
    assert len(bert_lab.runs()) == len(lines(file)) == 1
    both = bert_lab.runs(bundled=True)
    assert both["bundled"].tolist() == [True, True, False]
    assert both["f1"].tolist()[:2] == [0.9, 0.9]
    assert both["seed"].tolist() == [42, 43, 42]


def test_a_sweep_takes_what_is_known_and_runs_what_is_not(bert_lab, file, stored):
    found = bert_lab.sweep(["none", "head-only", "none"])
    assert [row["run"] for row in lines(file)] == ["head-only"] * 2
    assert found["strategy"].tolist() == ["none"] * 2 + ["head-only"] * 2
    own = bert_lab.run_strategy("none", seeds=1)["f1"].item()
    assert bert_lab.sweep(["none"])["f1"].tolist() == [own, 0.9]  # the learner's comes first
    plan = bert_lab.plan("none", seeds=3)
    assert bert_lab.missing(plan) == [44]
    assert bert_lab.missing(bert_lab.plan("none", epochs=7)) == [42, 43]
    bert_lab.run_strategy("first-1", seeds=1)  # and then a sweep was stopped
    for wrong, message in ((["first-1", "frist-1"], "frist-1"), ("first-1", "a list of them")):
        with pytest.raises(ValueError, match=message):
            bert_lab.sweep(wrong)
    assert [row["run"] for row in lines(file)].count("first-1") == 1
    assert bert_lab.sweep(["first-1"])["seed"].tolist() == [42, 43]


def test_a_lab_with_a_ledger_of_its_own_writes_and_reads_there_alone(bert_lab, file, stored):
    path = file.with_name("own.jsonl")
    lab = Lab(bert_lab.experiment, DEFAULTS, path)
    lab.run_strategy("none", seeds=1)
    assert (len(lines(path)), lines(file)) == (1, [])
    assert lab.missing(lab.plan("none")) == [43]
    assert len(lab.runs()) == 1


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        pytest.param({"strategy": "train:("}, "no regular expression", id="expression"),
        pytest.param({"seeds": 0}, "seeds: 0. Give a whole number", id="no seeds"),
        pytest.param({"seeds": 1.5}, "seeds: 1.5. Give a whole number", id="half a seed"),
        pytest.param({"epochs": "two"}, "epochs: 'two'", id="epochs"),
        pytest.param({"learning_rate": "fast"}, "learning rate: 'fast'", id="rate"),
        pytest.param({"learning_rate": -1}, "learning rate: -1", id="negative rate"),
        pytest.param({"seeds": float("inf")}, "seeds: inf", id="seeds without end"),
        pytest.param({"learning_rate": "inf"}, "learning rate: 'inf'", id="infinite"),
        pytest.param({"again": "never"}, "Use 'replace' or 'add'", id="again"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_runs(bert_lab, file, choices, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        bert_lab.run_strategy(**{"strategy": "head-only", **choices})
    assert lines(file) == []
    assert not bert_lab.busy.locked()


def test_a_ledger_that_cannot_be_read_is_told_before_training(board, bert_lab, file, monkeypatch):
    bert_lab.run_strategy("head-only", seeds=1, epochs=1)
    file.write_text(file.read_text() + '{"half')
    monkeypatch.setattr(bert_lab.experiment, "run", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(ValueError, match="ledger.jsonl"):
        bert_lab.execute(bert_lab.plan("head-only"))
    board.decide.click()
    finish(board)
    assert "Delete that line; the others stay" in board.message.value


def test_other_weights_run_in_a_lab_of_their_own_name(bert_lab, tmp_path):
    families.save("BERT", tmp_path)
    from_disk = replace(bert_lab.experiment, auto=Experiment.auto, checkpoint=str(tmp_path))
    encoder = from_disk.new_model(1)
    other = from_disk.starting_from(encoder)
    scores = Lab(other, DEFAULTS).run_strategy("head-only", seeds=1)
    assert len(scores) == 1
    assert bert_lab.runs().empty
    assert from_disk.starting_from(encoder).name == other.name
    next(encoder.base_model.parameters()).data.add_(1)
    assert from_disk.starting_from(encoder).name != other.name


@pytest.mark.parametrize("other", [lambda: freeze(bert(), "lora:2"), distilbert])
def test_weights_of_another_architecture_are_refused(bert_lab, other):
    message = "another encoder than this experiment: .* merge them first"
    with pytest.raises(ValueError, match=message):
        bert_lab.experiment.starting_from(other())


@pytest.mark.parametrize("event", ["after_step", "after_batch"])
def test_a_run_that_dies_leaves_nothing_and_frees_the_lab(bert_lab, file, event):
    def stop(*loss):
        raise Stopped

    with pytest.raises(Stopped):
        bert_lab.execute(bert_lab.plan("head-only"), **{event: stop})
    assert lines(file) == []
    assert len(bert_lab.run_strategy("head-only")) == 2


def test_two_runs_at_once_are_refused(bert_lab):
    again = Lab(bert_lab.experiment, DEFAULTS)  # the cell that makes the lab was run twice
    with again.busy, pytest.raises(ValueError, match="A run is under way"):
        bert_lab.run_strategy("head-only")


# The panel


def test_the_panel_names_no_plan_where_another_lab_s_run_is_under_way(board, bert_lab):
    with Lab(bert_lab.experiment, DEFAULTS).busy:
        run(board, strategy="head-only")
    assert ">A run is under way. Wait for its end, or press Stop.<" in board.message.value


@pytest.fixture
def drawing_board(bert_lab):
    return panel.Panel(bert_lab)


@pytest.fixture
def board(drawing_board, monkeypatch):
    """A panel whose pictures, which take longer than the runs, are not drawn."""
    monkeypatch.setattr(panel.plots, "png", lambda picture: b"")
    return drawing_board


def finish(board):
    board.thread.join(timeout=60)
    assert not board.thread.is_alive()


def run(board, **fields):
    """Fill in the panel's fields, press Run and wait for the end."""
    for name, value in fields.items():
        getattr(board, name).value = value
    board.run.click()
    finish(board)


def test_the_panel_does_what_a_plain_call_does(board, bert_lab):
    run(board, strategy="first-2", seeds="3")
    by_panel = bert_lab.runs()
    assert by_panel["seed"].tolist() == [42, 43, 44]
    assert board.progress.value == board.progress.max == 3 * 2 * 6
    assert "first-2: F1" in board.message.value
    assert (board.run.disabled, board.stop.disabled) == (False, True)
    by_call = bert_lab.run_strategy("first-2", seeds=3)
    assert by_call["f1"].tolist() == by_panel["f1"].tolist()
    assert len(bert_lab.runs()) == 3
    run(board, again="add", seeds="1")
    assert bert_lab.runs()["repeat"].tolist() == [1, 1, 1, 2]


def test_the_panel_shows_table_and_pictures_of_all_runs_the_newest_on_top(drawing_board, bert_lab):
    board = drawing_board
    runs.record("01", "another lesson's", seed=1, seconds=1.0, peak_mb=1.0)
    assert "No runs yet" in board.table.value
    assert [image.layout.display for image in board.pictures] == ["none", "none"]
    run(board)
    assert board.table.value.count("head-only") == 2
    assert "<td>66</td>" in board.table.value  # parameters, a whole number
    assert [image.layout.display for image in board.pictures] == [None, None]
    before = [bytes(image.value) for image in board.pictures]
    assert all(value.startswith(b"\x89PNG") for value in before)
    run(board, strategy="first-1", seeds="1")
    assert board.table.value.count("first-1") == 1
    assert board.table.value.index("first-1") < board.table.value.index("head-only")
    assert all(bytes(i.value) != old for i, old in zip(board.pictures, before, strict=True))
    later = panel.Panel(bert_lab)  # as in a new kernel
    assert later.table.value == board.table.value


def test_the_panel_takes_a_pattern_whose_dollar_signs_spoil_no_picture(drawing_board, bert_lab):
    board = drawing_board
    run(board, strategy=panel.PATTERN, pattern=r"layer\.2\..*bias$|a\.{y$", seeds="1")
    assert set(bert_lab.runs()["strategy"]) == {r"train:layer\.2\..*bias$|a\.{y$"}
    assert "Kept in the ledger." in board.message.value


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        pytest.param("pattern", "query(", "no regular expression", id="no expression"),
        ("epochs", "many", "epochs: &#x27;many&#x27;. Give a whole number"),
        pytest.param("rate", "0", "learning rate: &#x27;0&#x27;", id="rate"),
    ],
)
def test_errors_appear_in_the_panel(board, bert_lab, file, field, value, text):
    bert_lab.run_strategy("head-only", seeds=1)
    board.progress.value, board.progress.bar_style = 1, "success"  # of a run before
    board.strategy.value = panel.PATTERN
    getattr(board, field).value = value
    run(board)
    assert (board.progress.value, board.progress.bar_style) == (0, "danger")
    assert text in board.message.value
    assert WRONG in board.message.value
    assert len(lines(file)) == 1
    assert (board.run.disabled, board.stop.disabled) == (False, True)


def test_an_error_in_the_middle_appears_and_loses_nothing(board, bert_lab, file, monkeypatch):
    whole, calls = bert_lab.experiment.run, []

    def failing(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("out of <memory>")
        return whole(*arguments, **options)

    monkeypatch.setattr(bert_lab.experiment, "run", failing)
    run(board)
    assert "head-only, seed 43: RuntimeError: out of &lt;memory&gt;" in board.message.value
    assert len(lines(file)) == len(bert_lab.runs()) == 1
    assert not board.run.disabled


@pytest.mark.parametrize(
    ("strategy", "pattern", "rate"),
    [
        ("head-only", "", "0.05"),
        ("first-2", "", "0.01"),
        (panel.PATTERN, "bias$", "0.02"),
        (panel.PATTERN, "query", "0.005"),
    ],
)
def test_the_panel_shows_the_rate_that_is_taken_where_none_is_given(board, strategy, pattern, rate):
    board.strategy.value, board.pattern.value = strategy, pattern
    assert board.rate.placeholder.startswith(f"{rate},")
    assert board.pattern.disabled == (strategy != panel.PATTERN)
    board.pattern.value = "("  # Run will say what is wrong with it


def test_the_panel_says_what_runs_and_how_far_it_is(board, monkeypatch):
    clock, said = count(), []  # each look at it is a second
    monkeypatch.setattr(panel, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    board.message.observe(lambda change: said.append(change["new"]), "value")
    run(board)
    told = "\n".join(said)
    for seed, place in ((42, "1 of 2"), (43, "2 of 2")):
        line = re.escape(f"head-only, learning rate 0.05, seed {seed} ({place}): ")
        assert re.search(line + r"\d+ s so far, about \d+ s to go", told)
    assert "computes once what is frozen" in told
    assert "about 0 s to go" in told
    assert board.progress.bar_style == "success"


def test_stop_ends_a_run_and_leaves_nothing_of_it(board, bert_lab, file, monkeypatch):
    stepped, go_on = threading.Event(), threading.Event()
    after_step = board._after_step

    def waiting(loss):
        stepped.set()
        go_on.wait(60)
        after_step(loss)

    monkeypatch.setattr(board, "_after_step", waiting)
    board.epochs.value = "1000"
    board.run.click()
    assert stepped.wait(60)
    board.run.click()  # a second click meanwhile starts nothing
    assert "A run is under way" in board.message.value
    board.stop.click()
    assert "Stopping" in board.message.value
    assert board.stop.disabled
    go_on.set()
    finish(board)
    assert "Stopped." in board.message.value
    assert board.progress.bar_style == "warning"
    assert lines(file) == []
    run(board, epochs="1")
    assert len(lines(file)) == 2


def test_a_finished_seed_is_kept_when_the_next_is_stopped(board, bert_lab, file, monkeypatch):
    redraw = board.redraw
    monkeypatch.setattr(board, "redraw", lambda: (redraw(), board.stop.click()))
    run(board)
    assert [row["seed"] for row in lines(file)] == [42]
    assert "Stopped." in board.message.value


def test_the_lab_makes_one_panel_which_shows_what_plain_calls_ran_since(bert_lab):
    box = bert_lab.panel()
    assert [type(row).__name__ for row in box.children[:4]] == ["HBox"] * 4
    assert bert_lab.panel() is box  # where Stop still reaches what Run has begun
    table = box.children[-1].children[0]
    assert "No runs yet" in table.value
    bert_lab.run_strategy("head-only")
    assert table.value.count("head-only") == 2


# Until decided


def test_seeds_are_added_until_two_strategies_differ_and_no_run_is_repeated(bert_lab, file):
    bert_lab.run_strategy("head-only", seeds=1, epochs=DEFAULTS["epochs"])
    decision = bert_lab.until_decided("head-only", "first-1", level=0.9, looks=(2, 3))
    first = [(row["run"], row["seed"]) for row in lines(file)[:4]]
    assert first == [("head-only", 42), ("head-only", 43), ("first-1", 42), ("first-1", 43)]
    last = decision.looks.iloc[-1]
    assert len(lines(file)) == 2 * last["seeds"]
    means = bert_lab.runs().groupby("strategy")["f1"].mean()
    assert last["gap"] == pytest.approx(means["head-only"] - means["first-1"])


def test_both_strategies_are_checked_before_the_first_run(bert_lab, file):
    with pytest.raises(ValueError, match="no strategy 'last'"):
        bert_lab.until_decided("head-only", "last")
    assert lines(file) == []


def test_the_panel_adds_seeds_until_two_strategies_differ(board, bert_lab, monkeypatch):
    asked = []

    def until_decided(one, other, run):
        asked.append((one, other))
        for strategy in (one, other):
            run(bert_lab.plan(strategy, seeds=1))
        return "first-1 is better"

    monkeypatch.setattr(bert_lab, "until_decided", until_decided)
    board.strategy.value, board.other.value = "first-1", "head-only"
    board.decide.click()
    finish(board)
    assert asked == [("first-1", "head-only")]
    assert "first-1 is better" in board.message.value
    assert board.table.value.count("first-1") == 1
    assert not board.decide.disabled


def test_the_report_opens_without_the_course(bert_lab, tmp_path):
    with pytest.raises(ValueError, match="no runs yet. Run a strategy first"):
        bert_lab.report(tmp_path)
    bert_lab.run_strategy(r"train:<b>|bias", seeds=2)
    page = bert_lab.report(tmp_path / "new folder").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 2
    assert "<b>" not in page
    assert "train:&lt;b&gt;|bias" in page
    assert f"torch: {torch.__version__}" in page
    assert re.findall(r"(?:src|href)=.(?!data:)", page) == []
    table = pd.read_csv(tmp_path / "new folder" / "runs.csv")
    assert table["f1"].tolist() == pytest.approx(bert_lab.runs()["f1"].tolist())
