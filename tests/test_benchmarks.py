"""The benchmarks on small inputs: they compare what they say, and keep their results in place."""

import asyncio
import re
from functools import partial
from itertools import product

import pandas as pd
import pytest
import tagging
import test_lab
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from test_freezing import bert
from transformers import BertConfig, BertForSequenceClassification

import helpers
from benchmarks import (
    crossover,
    freezing,
    learners,
    masked_loss,
    padding,
    postprocess,
    precision,
    report,
    step,
    strategies,
)
from helpers import course, runs
from helpers.freezing import freeze, frozen_boundary
from labs.freezing.lab import Lab
from tools import markdown

# A small model without dropout, of the bundled encoder's vocabulary
small = partial(tagging.small, vocabulary=30522, dropout=0.0)


def test_a_table_is_written_between_its_markers(tmp_path):
    file = tmp_path / "README.md"
    page = "a\n<!-- x: made by tools/x.py -->\n{}\n<!-- end of x -->\n<!-- y: made by me -->\n"
    file.write_text(page.format("old"), encoding="utf-8")
    markdown.write_block(file, "x", r"\new")
    assert file.read_text(encoding="utf-8") == page.format(r"\new")
    for broken in ("no markers", "<!-- x: made by me -->"):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(ValueError, match="lacks"):
            markdown.write_block(file, "x", "new")


def test_the_stored_ratios_hold_what_is_claimed():
    text = report.README.read_text(encoding="utf-8")

    def figures(pattern):
        return map(float, re.search(pattern, text, re.S).groups())

    (ratio,) = figures(r"made by benchmarks/postprocess.*?\n\| ([\d.]+) \|")
    assert ratio >= postprocess.LEAST
    ratio, gap = figures(r"grouped by length \| \S+ \| (\S+) \| (\S+) \|")
    assert ratio >= padding.LEAST
    assert gap < padding.CLOSE
    masked = r"made by benchmarks/masked_loss.*?\n\| ([\d.]+) \|[^|]*\| (\S+) \| (\S+) \|"
    ratio, loss_gap, gradient_gap = figures(masked)
    assert ratio >= masked_loss.LEAST
    assert loss_gap < masked_loss.CLOSE[0]
    assert gradient_gap < masked_loss.CLOSE[1]
    (random_batches,) = figures(r"\*\*the sweep.*?\*\* \| \S+ \| (\S+) \|")
    assert random_batches >= freezing.LEAST
    assert "with random batches the means differ by less than the seeds" in text


def test_both_ways_from_logits_to_text_are_timed_and_different_texts_refused(monkeypatch):
    taken = postprocess.measure(windows=6, width=40, rounds=1)
    assert taken["vectorized"][0][1] == taken["loops"][0][1]
    assert all(seconds >= 0 for calls in taken.values() for seconds, _ in calls)
    monkeypatch.setattr(postprocess.loops, "postprocess", lambda *rows, **options: {})
    with pytest.raises(ValueError, match="different texts"):
        postprocess.measure(windows=2, width=40, rounds=1)


def test_padding_to_the_longest_gives_narrower_batches_and_the_same_losses(tokenizer):
    words = [5, 300, 20, 90, 10, 40, 7, 60, 150] * 16
    examples = {
        "question": ["Which boat?"] * len(words),
        "context": ["boat " * count for count in words],
        "answers": [{"text": ["boat"], "answer_start": [5]}] * len(words),
    }
    rows = padding.windows(tokenizer, examples)
    drawn, grouped = (padding.batches(rows, 6, grouped) for grouped in (False, True))
    assert [len(batch) for batch in drawn + grouped] == [padding.BATCH] * 12

    ways, chosen = padding.collators(tokenizer), grouped[:3]
    widths = {
        name: [way(batch)["input_ids"].shape[1] for batch in drawn + grouped]
        for name, way in ways.items()
    }
    assert sum(widths["longest"][6:]) < sum(widths["longest"][:6])
    assert max(widths["longest"][6:9]) < padding.WIDTH
    assert set(widths["max_length"]) == {padding.WIDTH}

    taken = padding.measure(lambda: small("QuestionAnswering"), ways, chosen)
    assert len({loss for _, (loss, _) in taken["longest"]}) == len(chosen)
    gap, own = padding.largest_gaps(taken)
    assert gap < 1e-4
    assert own > 0.1  # padding competes with the answer


def test_both_masked_lm_losses_are_timed_and_a_loss_that_differs_shows(tokenizer, monkeypatch):
    chosen = masked_loss.batches(tokenizer, ["A film.", "A long and tedious film."] * 20)
    assert [len(batch["labels"]) for batch in chosen] == [masked_loss.BATCH] * 2 + [8]
    seconds = masked_loss.measure(lambda: small("MaskedLM"), chosen)
    assert {name: len(each) for name, each in seconds.items()} == dict.fromkeys(masked_loss.WAYS, 3)
    loss_gap, gradient_gap = masked_loss.gaps(small("MaskedLM"), chosen[0])
    assert loss_gap < 1e-5
    assert gradient_gap < masked_loss.CLOSE[1]
    monkeypatch.setitem(masked_loss.WAYS, "masked positions", lambda m, b: 2 * m(**b).loss)
    assert min(masked_loss.gaps(small("MaskedLM"), chosen[0])) > 1e-3


# Freezing


@pytest.fixture
def experiment():
    return test_lab.experiment(bert)


RATES = {"head-only": 5e-2, r"train:layer\.2\..*bias": 1e-2, "first-1": 1e-2}


def keys(table, *columns):
    """Return the values of some columns, row by row, in order."""
    return sorted(table[list(columns)].itertuples(index=False, name=None))


def test_a_sweep_is_timed_in_three_ways_and_scores_alike(experiment):
    caching, taken = freezing.measure(experiment, RATES, (42, 43), epochs=1)
    assert caching > 0
    expected = sorted(product(freezing.WAYS, RATES, (42, 43)))
    assert keys(taken, "way", "strategy", "seed") == expected
    assert (taken["seconds"] > 0).all()
    assert freezing.agreement(taken)[0] < 1e-6
    assert len(experiment.evaluation) == len(experiment.cached(1)[1]) == 16  # all rows are back


def taken(**runs):
    """Return a table of made-up runs; way -> strategy -> (seconds, F1) of each seed."""
    rows = [
        (way, strategy, seed, *run)
        for way, strategies in runs.items()
        for strategy, each in strategies.items()
        for seed, run in enumerate(each)
    ]
    return pd.DataFrame(rows, columns=["way", "strategy", "seed", "seconds", "f1"])


def test_the_table_counts_caching_against_the_cache_and_tells_scores_beyond_the_seeds():
    cached = {"a": [(1.0, 0.5), (1.0, 0.7)], "b": [(2.0, 0.6), (2.0, 0.6)]}
    same = {"a": [(3.0, 0.5), (3.0, 0.6)], "b": [(4.0, 0.6), (4.0, 0.6)]}
    classic = {"a": [(5.0, 0.6), (5.0, 0.6)], "b": [(6.0, 0.5), (6.0, 0.7)]}
    all_ways = taken(cached=cached, same=same, classic=classic)
    lines, ratios = freezing.summary(1.0, all_ways)
    assert ratios == {"same": 14 / 7, "classic": 22 / 7}
    assert " | ".join(lines[0]).startswith("`a` | 3.0 | 5.0 | 0.600 (0.500 to 0.700) | 0.550")
    assert lines[-1][:3] == ("**the sweep, caching included**", "2.00", "3.14")
    gap, alike, _ = freezing.agreement(all_ways)
    assert gap == pytest.approx(0.1)
    assert alike
    classic["a"] = [(5.0, 0.85), (5.0, 0.85)]
    assert not freezing.agreement(taken(cached=cached, same=same, classic=classic))[1]


def test_the_smallest_p_is_that_of_the_strategy_with_the_clearest_gaps():
    eight = [(5.0, 0.5 + place / 100) for place in range(8)]
    higher = [(5.0, f1 + 0.1) for _, f1 in eight]
    others = {"a": eight, "b": eight}
    rows = taken(cached={"a": eight, "b": higher}, same=others, classic=others)
    assert freezing.agreement(rows)[2] == pytest.approx(2 / 2**8)


def test_the_strategies_of_the_sweep_can_all_be_cached():
    with torch.device("meta"):
        model = BertForSequenceClassification(BertConfig(num_hidden_layers=6))
    found = [frozen_boundary(freeze(model, strategy)) for strategy in freezing.RATES]
    assert found == [6, 6, 5, 5, 5, 4]


def test_random_batches_hold_each_row_once(experiment):
    loader = report.random_batches(experiment.train, 4, experiment.collator, 1)
    seen = sorted(ids for batch in loader for ids in map(tuple, batch["input_ids"].tolist()))
    assert len(seen) == len(experiment.train)


@pytest.fixture
def sweep(experiment, tmp_path, monkeypatch):
    """A lab whose ledger is a benchmark's, on three layers."""
    few = {"tiny": ("head-only", "first-2"), "full": ("head-only", "lora:2")}
    monkeypatch.setattr(strategies, "STRATEGIES", few)
    return Lab(experiment, test_lab.DEFAULTS | {"epochs": 1}, tmp_path / "runs.jsonl")


def test_strategies_are_measured_as_the_lab_does_and_what_is_there_is_skipped(sweep):
    sweep.run_strategy("first-2", seeds=3)
    left = {plan.strategy: plan.seeds for plan in strategies.plans(sweep)}
    assert left == {"head-only": list(range(42, 50)), "first-2": list(range(45, 50))}
    strategies.measure(sweep)
    expected = sorted(product(("head-only", "first-2"), range(42, 50)))
    assert keys(sweep.runs(), "strategy", "seed") == expected
    assert not any(plan.seeds for plan in strategies.plans(sweep))


def test_the_classic_runs_have_one_rate_but_lora_s_and_are_not_the_lab_s(sweep, monkeypatch):
    monkeypatch.setenv("COURSE_TRACK", "full")
    strategies.measure(sweep)
    stored = runs.read("06", file=sweep.ledger)
    assert stored["run"].tolist() == ["head-only"] * 3 + ["lora:2"] * 3
    rates = [settings["learning_rate"] for settings in stored["settings"]]
    assert rates == [2e-4] * 3 + [strategies.LORA["learning_rate"]] * 3
    assert {settings["average"] for settings in stored["settings"]} == {"binary"}
    assert sweep.runs().empty


@pytest.mark.parametrize(("track", "rows"), [("tiny", [240, 200]), ("full", [8530, 1066])])
def test_the_stored_runs_are_those_of_lesson_06_complete_and_in_order(track, rows, monkeypatch):
    monkeypatch.setenv("COURSE_TRACK", track)
    monkeypatch.setenv("COURSE_CHECKPOINT", "bundled")
    lesson, stored = course.start("06"), runs.bundled("strategies")
    stored = stored[stored["track"] == track]
    seeds = range(42, 42 + strategies.SEEDS[track])
    assert set(keys(stored, "run", "seed")) == set(product(strategies.STRATEGIES[track], seeds))
    shared = {"model": lesson.encoder, "rows": rows, "epochs": lesson.epochs}
    assert all(shared.items() <= settings.items() for settings in stored["settings"])
    scores = stored.groupby("run")["f1"]
    higher = {"tiny": "first-3", "full": "none"}[track]
    assert scores.mean()["head-only"] < scores.mean()["first-5"] < scores.mean()[higher]
    if track == "full":
        assert (scores.count() == 3).all()
        assert scores.max()["head-only"] < scores.min()["first-5"]


def test_the_stored_runs_of_the_crossover_are_complete_and_every_method_has_learned_its_rows():
    stored = runs.bundled("crossover")
    expected = sorted(product(crossover.SEEDS, crossover.SIZES, crossover.METHODS))
    assert keys(stored, "seed", "per_class", "method") == expected
    assert len(expected) == 36
    assert crossover.missing() == []
    assert set(stored["track"]) == {"tiny"}
    assert stored[["accuracy", "f1", "train_accuracy"]].stack().between(0, 1).all()
    least = stored.groupby("method")["train_accuracy"].min()
    assert least[crossover.SETFIT] == least[crossover.FULL] == 1
    assert least[crossover.HEAD] > 0.85


def test_the_crossover_goes_on_where_it_was_stopped(tmp_path):
    file = tmp_path / "crossover.jsonl"
    everything = crossover.missing(file)
    seed, size, method = everything[5]
    found = {"method": method, "per_class": size}
    runs.record("07", "a run", seed=seed, seconds=1, peak_mb=1, file=file, **found)
    assert crossover.missing(file) == everything[:5] + everything[6:]


def test_the_crossover_says_what_lesson_07_says_of_it():
    stored = runs.bundled("crossover")
    groups = stored.groupby(["per_class", "method"])["accuracy"]
    means = groups.mean().unstack()
    assert means.idxmax(axis=1)[[4, 8, 32]].tolist() == [crossover.SETFIT] * 2 + [crossover.FULL]
    assert abs(means[crossover.FULL] - means[crossover.SETFIT])[16] < 0.02
    scores = stored[stored["per_class"] == 32].pivot_table("accuracy", "seed", "method")
    assert (scores[crossover.FULL] > scores[crossover.SETFIT]).sum() == 1  # the lead of one draw
    gain = means[crossover.SETFIT] - means[crossover.HEAD]
    assert gain.between(0.01, 0.05).all()
    assert (groups.max() - groups.min()).max() > gain.max()
    text = (helpers.ROOT / "data" / "README.md").read_text(encoding="utf-8")
    few = dict(re.findall(r"(\d+) per class, SetFit \| ([\d.]+)", text))
    assert float(few["16"]) < float(few["8"])


def test_learners_are_compared_with_one_who_is_alone():
    assert learners.ways(2) == [(1, 2), (2, 2), (4, 2), (1, 1), (2, 1), (4, 1)]
    assert learners.ways(1) == [(1, 1), (2, 1), (4, 1)]
    taken = {(1, 2): [(2.0, 600.0), (4.0, 600.0)], (4, 2): [(8.0, 500.0), (10.0, 700.0)]}
    assert learners.rows(taken) == [
        (1, 2, "1.0", "1.0 to 1.0", "600"),
        (4, 2, "3.2", "2.5 to 4.0", "600"),
    ]


def test_kernels_run_a_cell_at_the_same_time(monkeypatch):
    cells = ("import os, time", "time.sleep(1)", "print(os.environ['OMP_NUM_THREADS'])")
    monkeypatch.setattr(learners, "CELLS", cells)
    seconds, share = asyncio.run(learners.together(3, threads=7))
    assert 1 <= seconds < 2.5
    assert share == 7


# A step of training


@pytest.mark.parametrize("number", step.CLASSES)
def test_a_step_takes_a_lesson_s_own_batches(number, tokenizer, monkeypatch):
    monkeypatch.setattr(step, "ROWS", 1)
    lesson = course.start(number)
    rows, collator = step.encoded(lesson, tokenizer)
    batch = collator(rows[:2])
    assert len(rows) >= step.STEPS
    assert batch["input_ids"].shape[1] <= lesson.max_length
    assert {"labels", "start_positions"} & set(batch)


def test_growth_is_told_as_multiples_of_the_fewest_rows(monkeypatch):
    seen = []
    monkeypatch.setattr(step, "peak_memory", lambda: 100 + len(seen))
    calls = lambda ways, batches: {"": [(1.0, ways[""](one)) for one in batches]}  # noqa: E731
    monkeypatch.setattr(step, "by_turns", calls)
    rows = [{"input_ids": [1] * n} for n in range(1, step.ROWS + 1)]
    costs, memory = step.growth(lambda batch: seen.append(1) or len(batch), rows, 4, list)
    assert costs == list(step.TIMES)
    assert memory == (100 + 64) / (100 + 8)


# Scores in bfloat16


def test_scores_of_two_precisions_are_compared_seed_by_seed_and_neither_always_goes_first():
    asked = []
    scores = precision.measure(lambda *run: asked.append(run) or sum(map(len, run[:1])), (7, 8))
    assert asked == [("bf16", 7), ("fp32", 7), ("fp32", 8), ("bf16", 8)]
    assert scores == {"fp32": [4, 4], "bf16": [4, 4]}
    scores = {"fp32": [0.5, 0.7, 0.6], "bf16": [0.6, 0.8, 0.7]}
    assert precision.summary("01", scores) == (
        ("01", "0.600", "0.100", "0.700", "0.100", "+0.100", "0.25"),
        False,
    )
    assert precision.summary("01", scores | {"bf16": [0.59, 0.71, 0.6]})[1]


@pytest.mark.parametrize(("name", "kind"), precision.PRECISIONS.items())
def test_a_run_computes_in_the_precision_that_is_compared(name, kind, monkeypatch):
    class Run:
        f1 = 0.5

        def run(self, strategy, **settings):
            assert (strategy, settings) == ("none", {"cached": False, "seed": 7})
            self.precision = Accelerator().mixed_precision
            return self

    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "unknown")  # put back afterwards
    experiment = Run()
    assert precision.train(experiment, name, seed=7) == 0.5
    assert experiment.precision == kind
    AcceleratorState._reset_state(reset_partial_state=True)


def test_the_stored_scores_differ_by_less_than_the_seeds():
    text = report.README.read_text(encoding="utf-8").partition("made by benchmarks/precision.py")[2]
    rows = re.findall(r"^\| (0\d) \| .* \| (\S+) \| .* \| (\S+) \| (\S+) \| \S+ \|$", text, re.M)
    assert [lesson for lesson, *_ in rows] == list(precision.LESSONS)
    for _, one, other, gap in rows:
        assert abs(float(gap)) < min(float(one), float(other))
