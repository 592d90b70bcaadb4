"""The benchmarks on small inputs: they compare what they say, and keep their results in place."""

import re

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, BertForQuestionAnswering

from benchmarks import masked_loss, padding, postprocess, report

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
    ratio, *gaps = re.search(
        r"made by benchmarks/masked_loss.*?\n\| ([\d.]+) \|[^|]*\| (\S+) \| (\S+) \|", text, re.S
    ).groups()
    assert float(ratio) >= masked_loss.LEAST
    assert all(float(gap) < least for gap, least in zip(gaps, masked_loss.CLOSE, strict=True))


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


def small_masked_lm():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30522,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertForMaskedLM(config)


def test_both_masked_lm_losses_are_timed_on_the_same_batches(tokenizer):
    chosen = masked_loss.batches(tokenizer, ["A film.", "A long and tedious film."] * 20)
    assert [len(batch["labels"]) for batch in chosen] == [masked_loss.BATCH] * 2 + [8]
    seconds = masked_loss.measure(small_masked_lm, chosen)
    assert seconds.keys() == masked_loss.WAYS.keys()
    assert all(len(each) == len(chosen) for each in seconds.values())
    loss_gap, gradient_gap = masked_loss.gaps(small_masked_lm(), chosen[0])
    assert loss_gap < 1e-5
    assert gradient_gap < masked_loss.CLOSE[1]


def test_a_loss_that_differs_shows_as_a_gap(tokenizer, monkeypatch):
    (batch,) = masked_loss.batches(tokenizer, ["A long and tedious film."] * 4)
    doubled = {**masked_loss.WAYS, "masked positions": lambda m, b: 2 * m(**b).loss}
    monkeypatch.setattr(masked_loss, "WAYS", doubled)
    assert min(masked_loss.gaps(small_masked_lm(), batch)) > 1e-3
