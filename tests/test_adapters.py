"""Adapters: what was learned comes back from the files, and nothing else of the model moves."""

import copy
import re
from functools import partial

import pytest
import tagging
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import default_data_collator

from helpers import masking
from tools import adapters

ROWS = [{"input_ids": list(range(at, at + 6)), "attention_mask": [1] * 6} for at in (0, 6)]
SPANS = [row | {"start_positions": 1 + i, "end_positions": 3 + i} for i, row in enumerate(ROWS)]
WORDS = [row | {"labels": row["input_ids"]} for row in ROWS]
KINDS = {
    "qa": ("QuestionAnswering", "qa_outputs", lambda model, batch: model(**batch).loss, SPANS),
    "mlm": ("MaskedLM", "transform.dense", masking.masked_lm_loss, WORDS),
}


def bare(name):
    """Return the name that a parameter has without peft, or the layer of an update and its factor."""
    return re.sub(r"base_model\.model\.|\.modules_to_save|\.default", "", name)


def logits(model):
    with torch.no_grad():
        output = model.eval()(**default_data_collator(ROWS))
    return torch.cat([value.flatten() for name, value in output.items() if "logits" in name])


@pytest.fixture(params=KINDS, scope="module")
def trained(request, tmp_path_factory):
    """Return an untouched model, the same one trained a little, its head, its folder, what its card tells, and how often it was written."""
    task, head, loss_of, rows = KINDS[request.param]
    plain, folder = tagging.small(task, dropout=0.0), tmp_path_factory.mktemp("runs") / "new"
    adapted, save, written = adapters.adapt(copy.deepcopy(plain), 3, head), adapters.save, []
    assert torch.equal(logits(adapted), logits(plain))  # an update starts as nothing
    recipe = adapters.Recipe(3, epochs=10, learning_rate=1e-2, head_rate=1e-2, warmup=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapters, "save", lambda *given: written.append(save(*given)))
        epoch = partial(list, rows * 24)  # three batches
        about = adapters.train(adapted, epoch, default_data_collator, loss_of, recipe, folder)
    return plain, adapted, head, folder, about, len(written)


def test_only_updates_norms_and_head_are_trained_and_stored_once_in_half_precision(trained):
    plain, model, head, folder, *_ = trained
    learns = {bare(name) for name, value in model.named_parameters() if value.requires_grad}
    updates = {name for name in learns if ".lora_" in name}
    assert len(updates) == 2 * 6 * model.config.num_hidden_layers  # 6 linear layers a layer
    assert all(".encoder." in name for name in updates)
    whole = re.compile(rf"LayerNorm|{head}|predictions\.bias$")
    assert learns - updates == {n for n, _ in plain.named_parameters() if whole.search(n)}
    held = load_file(folder / "adapter_model.safetensors")
    assert {value.dtype for value in held.values()} == {torch.float16}
    assert sorted(map(bare, held)) == sorted(learns)
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["adapter_config.json", "adapter_model.safetensors"]


def test_the_loop_learns_and_writes_on_the_way(trained):
    *_, about, written = trained
    (told,) = re.findall(r"\| loss of each epoch \| (.+) \|", about)
    losses = [float(loss) for loss in told.split(", ")]
    assert len(losses) == written == 10
    assert losses[-1] < losses[0] - 0.5


def test_the_files_bring_back_what_was_learned_as_peft_reads_them_and_move_nothing_else(trained):
    plain, adapted, _, folder, *_ = trained
    restored = PeftModel.from_pretrained(copy.deepcopy(plain), folder).merge_and_unload()
    moved = (logits(adapted) - logits(plain)).abs().max()
    assert moved > 0.1
    assert (logits(restored) - logits(adapted)).abs().max() < 0.01 * moved  # half precision
    held = {bare(name) for name in load_file(folder / "adapter_model.safetensors")}
    for name, value in restored.named_parameters():
        moves = name in held or name.replace(".weight", ".lora_A.weight") in held
        assert torch.equal(value, plain.get_parameter(name)) != moves, name
