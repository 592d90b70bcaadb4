"""Adapters: what was learned comes back from the files, and nothing else of the model moves."""

import copy
import re
from functools import partial

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForQuestionAnswering,
    default_data_collator,
)

from helpers import masking
from tools import adapters

CONFIG = BertConfig(
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=64,
    vocab_size=40,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
ROWS = [{"input_ids": list(range(at, at + 6)), "attention_mask": [1] * 6} for at in (0, 6)]
SPANS = [row | {"start_positions": 1 + i, "end_positions": 3 + i} for i, row in enumerate(ROWS)]
WORDS = [row | {"labels": row["input_ids"]} for row in ROWS]
KINDS = {
    "qa": (BertForQuestionAnswering, "qa_outputs", lambda model, batch: model(**batch).loss, SPANS),
    "mlm": (BertForMaskedLM, "transform.dense", masking.masked_lm_loss, WORDS),
}
HEADS = {
    "qa": {"qa_outputs.weight", "qa_outputs.bias"},
    "mlm": {"cls.predictions.bias"}
    | {f"cls.predictions.transform.dense.{part}" for part in ("weight", "bias")},
}


def bare(name):
    """Return the name that a parameter has without peft, or the layer of an update and its factor."""
    return re.sub(r"base_model\.model\.|\.modules_to_save|\.default", "", name)


def logits(model):
    with torch.no_grad():
        output = model.eval()(**default_data_collator(ROWS))
    return torch.cat([value.flatten() for name, value in output.items() if "logits" in name])


@pytest.fixture(params=list(KINDS), scope="module")
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def trained(kind, tmp_path_factory):
    """Return an untouched model, the same one trained a little, its folder, what its card tells, and how often it was written."""
    torch.manual_seed(0)
    cls, head, loss_of, rows = KINDS[kind]
    plain, folder, written = cls(CONFIG), tmp_path_factory.mktemp("runs") / kind, []
    adapted, save = adapters.adapt(copy.deepcopy(plain), 3, head), adapters.save
    assert torch.equal(logits(adapted), logits(plain))  # an update starts as nothing
    recipe = adapters.Recipe(3, epochs=10, learning_rate=1e-2, head_rate=1e-2, warmup=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapters, "save", lambda *given: written.append(save(*given)))
        epoch = partial(list, rows * 24)  # three batches
        about = adapters.train(adapted, epoch, default_data_collator, loss_of, recipe, folder)
    return plain, adapted, folder, about, len(written)


def restore(plain, folder):
    return PeftModel.from_pretrained(copy.deepcopy(plain), folder).merge_and_unload()


def test_only_updates_norms_and_head_are_trained(kind, trained):
    plain, model, *_ = trained
    learns = {bare(name) for name, value in model.named_parameters() if value.requires_grad}
    updates = {name for name in learns if ".lora_" in name}
    assert len(updates) == 2 * 6 * CONFIG.num_hidden_layers  # 6 linear layers a layer
    assert all(".encoder." in name for name in updates)
    norms = {name for name, _ in plain.named_parameters() if "LayerNorm" in name}
    assert learns - updates == norms | HEADS[kind]


def test_the_loop_learns_and_writes_on_the_way(trained):
    *_, about, written = trained
    (told,) = re.findall(r"\| loss of each epoch \| (.+) \|", about)
    losses = [float(loss) for loss in told.split(", ")]
    assert len(losses) == written == 10
    assert losses[-1] < losses[0] - 0.5


def test_the_files_bring_back_what_was_learned_as_peft_reads_them(trained):
    plain, adapted, folder, *_ = trained
    moved = (logits(adapted) - logits(plain)).abs().max()
    restored = restore(plain, folder)
    assert moved > 0.1
    assert (logits(restored) - logits(adapted)).abs().max() < 0.01 * moved  # half precision


def test_the_files_hold_what_was_trained_once_and_in_half_precision(trained):
    _, adapted, folder, *_ = trained
    held = load_file(folder / "adapter_model.safetensors")
    assert {value.dtype for value in held.values()} == {torch.float16}
    learns = {bare(name) for name, value in adapted.named_parameters() if value.requires_grad}
    assert sorted(map(bare, held)) == sorted(learns)
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["adapter_config.json", "adapter_model.safetensors"]


def test_what_is_not_in_the_file_does_not_move(trained):
    plain, _, folder, *_ = trained
    held = {bare(name) for name in load_file(folder / "adapter_model.safetensors")}
    for name, value in restore(plain, folder).named_parameters():
        moves = name in held or name.replace(".weight", ".lora_A.weight") in held
        assert torch.equal(value, plain.get_parameter(name)) != moves, name
