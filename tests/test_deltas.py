"""Deltas: what was learned comes back from the file, and nothing else of the model moves."""

import copy

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForQuestionAnswering, BertForTokenClassification

from helpers import deltas

CONFIG = BertConfig(
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=32,
    vocab_size=40,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
BATCH = {"input_ids": torch.arange(12).reshape(2, 6)}


@pytest.fixture
def pair(tmp_path):
    """Return an untouched model, the same one trained a little, and the file of its delta."""
    torch.manual_seed(0)
    plain = BertForQuestionAnswering(CONFIG)
    trained = deltas.add_low_rank(copy.deepcopy(plain), rank=3)
    optimizer = torch.optim.SGD([p for p in trained.parameters() if p.requires_grad], lr=0.5)
    for _ in range(5):
        labels = {"start_positions": torch.tensor([1, 2]), "end_positions": torch.tensor([3, 4])}
        trained(**BATCH, **labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    deltas.save(trained, tmp_path / "delta.safetensors")
    return plain, trained, tmp_path / "delta.safetensors"


def logits(model):
    with torch.no_grad():
        output = model.eval()(**BATCH)
    return torch.stack([output.start_logits, output.end_logits])


def test_a_low_rank_update_starts_as_nothing():
    torch.manual_seed(0)
    plain = BertForQuestionAnswering(CONFIG)
    assert torch.equal(logits(deltas.add_low_rank(copy.deepcopy(plain), rank=3)), logits(plain))


def test_only_updates_norms_and_head_are_trained():
    model = deltas.add_low_rank(BertForQuestionAnswering(CONFIG), rank=3)
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert {name.rsplit(".", 1)[-1] for name in trained} == {"down", "up", "weight", "bias"}
    whole = {name for name in trained if name.endswith((".weight", ".bias"))}
    assert all("LayerNorm" in name or "qa_outputs" in name for name in whole)
    assert len(trained - whole) == 2 * 6 * CONFIG.num_hidden_layers  # 6 linear layers a layer


def test_the_file_brings_back_what_was_learned(pair):
    plain, trained, file = pair
    moved = (logits(trained) - logits(plain)).abs().max()
    restored = deltas.apply(copy.deepcopy(plain), file)
    assert moved > 0.1
    assert (logits(restored) - logits(trained)).abs().max() < 0.01 * moved  # half precision


def test_the_file_is_small_and_half_precision(pair):
    held = load_file(pair[2])
    assert {value.dtype for value in held.values()} == {torch.float16}
    assert not [name for name in held if "embeddings.word" in name or name.endswith("query.weight")]


def test_what_is_not_in_the_file_does_not_move(pair):
    plain, _, file = pair
    restored, held = deltas.apply(copy.deepcopy(plain), file), load_file(file)
    for name, value in restored.named_parameters():
        layer = name.removesuffix(".weight")
        if name not in held and f"{layer}.down" not in held:
            assert torch.equal(value, plain.get_parameter(name)), name


def test_another_class_of_model_is_refused(pair):
    with pytest.raises(ValueError, match="qa_outputs.*BertForTokenClassification"):
        deltas.apply(BertForTokenClassification(CONFIG), pair[2])


def test_another_size_is_refused(pair, tmp_path):
    held = {name: value for name, value in load_file(pair[2]).items() if "qa_outputs" in name}
    held["qa_outputs.weight"] = torch.zeros(2, 8, dtype=torch.float16)
    save_file(held, tmp_path / "small.safetensors")
    with pytest.raises(ValueError, match=r"qa_outputs.weight.*\(2, 8\)"):
        deltas.apply(BertForQuestionAnswering(CONFIG), tmp_path / "small.safetensors")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="none.safetensors is missing"):
        deltas.apply(BertForQuestionAnswering(CONFIG), tmp_path / "none.safetensors")
