"""Adapters: what was learned comes back from the files, and nothing else of the model moves."""

import copy
import re

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import BertConfig, BertForMaskedLM, BertForQuestionAnswering

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
BATCH = {"input_ids": torch.arange(12).reshape(2, 6), "attention_mask": torch.ones(2, 6).long()}
SPANS = BATCH | {"start_positions": torch.tensor([1, 2]), "end_positions": torch.tensor([3, 4])}
WORDS = BATCH | {"labels": BATCH["input_ids"]}
KINDS = {
    "qa": (BertForQuestionAnswering, "qa_outputs", lambda model, batch: model(**batch).loss, SPANS),
    "mlm": (BertForMaskedLM, "transform.dense", masking.masked_lm_loss, WORDS),
}
HEADS = {"qa": {"qa_outputs.weight", "qa_outputs.bias"}}
HEADS["mlm"] = {f"cls.predictions.transform.dense.{part}" for part in ("weight", "bias")} | {
    "cls.predictions.bias"
}


def bare(name):
    """Return the name that a parameter has without peft, or the layer of an update and its factor."""
    for part in ("base_model.model.", ".modules_to_save", ".default"):
        name = name.replace(part, "")
    return name


def logits(model):
    with torch.no_grad():
        output = model.eval()(**BATCH)
    return torch.cat([value.flatten() for name, value in output.items() if "logits" in name])


@pytest.fixture(params=list(KINDS), scope="module")
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def trained(kind, tmp_path_factory):
    """Return an untouched model, the same one trained a little, its folder, what its card tells, and how often it was written."""
    torch.manual_seed(0)
    cls, head, loss_of, batch = KINDS[kind]
    plain, folder, written = cls(CONFIG), tmp_path_factory.mktemp("runs") / kind, []
    adapted = adapters.adapt(copy.deepcopy(plain), 3, head)
    assert torch.equal(logits(adapted), logits(plain))  # an update starts as nothing
    save = adapters.save
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapters, "save", lambda *given: written.append(save(*given)))
        about = adapters.train(
            adapted,
            [batch] * 30,
            loss_of,
            adapters.Recipe(3, 1e-2, 1e-2, 0.1),
            folder,
            head="a head",
            data="two rows",
            training="30 steps",
        )
    return plain, adapted, folder, about, len(written)


def restore(plain, folder):
    return PeftModel.from_pretrained(copy.deepcopy(plain), folder).merge_and_unload()


def test_only_updates_norms_and_head_are_trained(kind, trained):
    model = trained[1]
    learns = {bare(name) for name, value in model.named_parameters() if value.requires_grad}
    updates = {name for name in learns if ".lora_" in name}
    assert len(updates) == 2 * 6 * CONFIG.num_hidden_layers  # 6 linear layers a layer
    assert all(".encoder." in name for name in updates)
    assert {name for name in learns - updates if "LayerNorm" not in name} == HEADS[kind]
    norms = {name for name, _ in trained[0].named_parameters() if "LayerNorm" in name}
    assert learns - updates - HEADS[kind] == norms


def test_the_loop_learns_and_writes_on_the_way(trained):
    *_, about, written = trained
    (told,) = re.findall(r"\| loss of each tenth of the run \| (.+) \|", about)
    losses = [float(loss) for loss in told.split(", ")]
    assert len(losses) == 10
    assert losses[-1] < losses[0] - 0.5
    assert written == 11  # each tenth, and the end


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
    assert {file.name for file in folder.iterdir()} == {
        *("adapter_config.json", "adapter_model.safetensors")
    }


def test_what_is_not_in_the_file_does_not_move(trained):
    plain, _, folder, *_ = trained
    held = {bare(name) for name in load_file(folder / "adapter_model.safetensors")}
    for name, value in restore(plain, folder).named_parameters():
        moves = name in held or name.replace(".weight", ".lora_A.weight") in held
        assert torch.equal(value, plain.get_parameter(name)) != moves, name
