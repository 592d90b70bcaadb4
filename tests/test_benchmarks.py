"""The benchmarks on small inputs: they compare what they say, and keep their results in place."""

import re
from itertools import product

import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from benchmarks import crossover, padding, postprocess, report
from helpers import ledger

ENTRY = "<!-- fast: made by benchmarks/fast.py -->"


def test_a_section_is_added_at_the_end_and_then_replaced(tmp_path):
    file = tmp_path / "README.md"
    file.write_text("# Title\n", encoding="utf-8")
    report.write_section("fast", "one", file)
    report.write_section("other", "two", file)
    report.write_section("fast", "three", file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"# Title\n\n{ENTRY}\nthree\n<!-- end of fast -->\n\n<!-- other:")
    assert "one" not in text
    assert "\ntwo\n" in text


def test_the_stored_ratios_hold_what_is_claimed():
    text = report.README.read_text(encoding="utf-8")
    assert (
        float(re.search(r"made by benchmarks/postprocess.*?\n\| ([\d.]+) \|", text, re.S)[1])
        >= postprocess.LEAST
    )
    _, ratio, gap = re.search(r"grouped by length \| (\S+) \| (\S+) \| (\S+) \|", text).groups()
    assert float(ratio) >= padding.LEAST
    assert float(gap) < padding.CLOSE


def test_both_ways_from_logits_to_text_are_timed_on_the_same_texts():
    (seconds,) = postprocess.measure(windows=6, width=40, rounds=1)
    assert seconds.keys() == {"vectorised", "loops"}
    assert all(value >= 0 for value in seconds.values())


def test_different_texts_are_refused(monkeypatch):
    monkeypatch.setattr(postprocess.loops, "postprocess", lambda *rows, **options: {})
    with pytest.raises(ValueError, match="different texts"):
        postprocess.measure(windows=2, width=40, rounds=1)


@pytest.fixture
def rows(tokenizer):
    words = [5, 300, 20, 90, 10, 40, 7, 60, 150] * 16
    examples = {
        "question": ["Which boat?"] * len(words),
        "context": ["boat " * count for count in words],
        "answers": [{"text": ["boat"], "answer_start": [5]}] * len(words),
    }
    return padding.windows(tokenizer, examples)


def test_batches_grouped_by_length_are_narrower(rows):
    def width(grouped):
        chosen = padding.batches(rows, 6, grouped)
        assert [len(batch) for batch in chosen] == [padding.BATCH] * 6
        return sum(max(len(row["input_ids"]) for row in batch) for batch in chosen)

    assert width(grouped=True) < width(grouped=False)


def test_both_paddings_give_the_same_losses_and_different_widths(rows, tokenizer):
    def model():
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        return BertForQuestionAnswering(config)

    ways = padding.collators(tokenizer)
    chosen = padding.batches(rows, 3, grouped=True)
    widths = [
        {name: way(batch)["input_ids"].shape[1] for name, way in ways.items()} for batch in chosen
    ]
    assert all(width["longest"] < width["max_length"] == padding.WIDTH for width in widths)
    steps = padding.measure(model, ways, chosen)
    assert len({step.loss for step in steps["longest"]}) == len(chosen)
    assert padding.largest_gap(steps, "loss") < 1e-4
    assert padding.largest_gap(steps, "own_loss") > 0.1  # padding competes with the answer


def test_the_stored_runs_of_the_crossover_are_complete():
    stored = ledger.bundled("crossover")
    assert (len(crossover.SIZES), len(crossover.SEEDS), len(crossover.METHODS)) == (4, 3, 3)
    found = set(stored[["seed", "per_class", "method"]].itertuples(index=False, name=None))
    assert found == set(product(crossover.SEEDS, crossover.SIZES, crossover.METHODS))
    assert len(stored) == len(found) == 36
    assert crossover.missing() == []
    assert set(stored["track"]) == {"tiny"}
    assert stored[["accuracy", "f1", "train_accuracy"]].stack().between(0, 1).all()


def test_every_method_of_the_crossover_has_learned_its_rows():
    """No method is held back: where it does not know new rows, it is not for want of training."""
    stored = ledger.bundled("crossover")
    least = stored.groupby("method")["train_accuracy"].min()
    assert least[crossover.SETFIT] == least[crossover.FULL] == 1
    assert least[crossover.HEAD] > 0.85


def test_the_crossover_goes_on_where_it_was_stopped(tmp_path):
    file = tmp_path / "crossover.jsonl"
    everything = crossover.missing(file)
    assert len(everything) == 36
    seed, size, method = everything[5]
    ledger.record(
        "07",
        f"{method}, {size} a class",
        seed=seed,
        seconds=1,
        peak_mb=1,
        file=file,
        method=method,
        per_class=size,
    )
    assert crossover.missing(file) == everything[:5] + everything[6:]


def test_the_crossover_says_what_lesson_07_says_of_it():
    stored = ledger.bundled("crossover")
    groups = stored.groupby(["per_class", "method"])["accuracy"]
    means = groups.mean().unstack()
    assert means.idxmax(axis=1)[[4, 8, 32]].tolist() == [crossover.SETFIT] * 2 + [crossover.FULL]
    assert abs(means[crossover.FULL] - means[crossover.SETFIT])[16] < 0.02
    scores = stored[stored["per_class"] == 32].pivot(
        index="seed", columns="method", values="accuracy"
    )
    assert (scores[crossover.FULL] > scores[crossover.SETFIT]).sum() == 1  # the lead of one draw
    gain = means[crossover.SETFIT] - means[crossover.HEAD]
    assert gain.between(0.01, 0.05).all()
    assert (groups.max() - groups.min()).max() > gain.max()
    text = (ledger.track.ROOT / "data" / "README.md").read_text(encoding="utf-8")
    eight, sixteen = (
        float(re.search(rf"{size} a class, SetFit \| ([\d.]+)", text)[1]) for size in (8, 16)
    )
    assert sixteen < eight
