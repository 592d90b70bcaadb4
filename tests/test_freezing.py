"""Freezing by name: what each strategy leaves trainable, in each family of encoders."""

import re
from copy import deepcopy
from functools import partial

import families
import peft
import pytest
import tagging
import torch

from helpers.freezing import freeze, keep_frozen_in_eval, trainable_parameters

bert, distilbert = (partial(families.model, name) for name in ("BERT", "DistilBERT"))
MODELS = [pytest.param(bert, id="bert"), pytest.param(distilbert, id="distilbert")]
FAMILIES = [pytest.param(partial(families.model, name), id=name) for name in families.FAMILIES]
LAYERED = [family for family in FAMILIES if family.id != "ALBERT"]  # whose layers are one


def trainable(model):
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


def inside(names, model):
    """Return those of the names that belong to the model's encoder."""
    return {name for name in names if name.startswith(model.base_model_prefix)}


def layer(name):
    parts = name.replace("layers", "layer").split(".")
    return int(parts[parts.index("layer") + 1]) if "layer" in parts else None


@pytest.mark.parametrize("build", FAMILIES)
def test_head_only_trains_what_is_outside_the_encoder_and_none_undoes_it(build):
    model = build()
    everything = trainable(model)
    head = trainable(freeze(model, "head-only"))
    assert head
    assert not inside(head, model)
    assert trainable(freeze(model, "none")) == everything


@pytest.mark.parametrize("build", LAYERED)
@pytest.mark.parametrize("count", [pytest.param(n, id=f"first-{n}") for n in range(4)])
def test_first_k_freezes_embeddings_and_k_layers(build, count):
    model = freeze(build(), f"first-{count}")
    kept = trainable(model)
    for name in {name for name, _ in model.named_parameters()} - kept:
        assert layer(name) is None or layer(name) < count
    assert not any(re.search("embeddings|relative|encoder.LayerNorm", name) for name in kept)
    assert {layer(name) for name in kept} - {None} == set(range(count, 3))


@pytest.mark.parametrize("build", [family for family in FAMILIES if family.id != "ModernBERT"])
def test_bias_only_trains_biases_and_the_head(build):
    model = freeze(build(), "bias-only")
    assert {name.rpartition(".")[2] for name in inside(trainable(model), model)} == {"bias"}
    assert any(re.search(r"classifier\..*weight", name) for name in trainable(model))


@pytest.mark.parametrize(("count", "trained"), [(0, True), (1, False), (3, False)])
def test_of_layers_that_are_one_all_are_frozen_or_none(count, trained):
    names = trainable(freeze(families.model("ALBERT"), f"first-{count}"))
    assert any("albert_layers" in name for name in names) == trained
    assert not any("embedding" in name for name in names)
    assert "albert.pooler.weight" in names


@pytest.mark.parametrize(
    ("build", "pattern", "expected"),
    [
        pytest.param(bert, r"layer\.2\..*query", ["weight", "bias"], id="bert, a module"),
        pytest.param(bert, r"layer\.2\.output\.dense\.bias", ["bias"], id="bert, a bias"),
        pytest.param(distilbert, r"layer\.[01]\.ffn\.lin1\.w", ["weight"] * 2, id="distilbert"),
        pytest.param(bert, "pooler", ["weight", "bias"], id="beside the layers"),
    ],
)
def test_a_pattern_trains_where_it_is_found_and_the_head(build, pattern, expected):
    model = freeze(build(), f"train:{pattern}")
    found = inside(trainable(model), model)
    assert sorted(name.rpartition(".")[2] for name in found) == sorted(expected)
    names = {name for name, _ in model.named_parameters()}
    assert names - inside(names, model) <= trainable(model)


def test_tied_weights_are_counted_once():
    model = families.model("BERT", "MaskedLM")
    assert trainable_parameters(model)["parameters"].sum() == model.num_parameters()


def test_a_model_of_which_nothing_trains_goes_to_eval_mode_but_for_itself():
    model = keep_frozen_in_eval(bert().requires_grad_(False))
    assert {part.training for part in [*model.modules()][1:] if [*part.parameters()]} == {False}


@pytest.mark.parametrize("build", MODELS)
def test_trainable_parameters_has_a_row_a_module(build):
    model = freeze(build(), "bias-only")
    table = trainable_parameters(model).set_index("module")
    assert table.columns.tolist() == ["parameters", "trainable"]
    assert table["parameters"].sum() == sum(value.numel() for value in model.parameters())
    kept = sum(value.numel() for value in model.parameters() if value.requires_grad)
    assert table["trainable"].sum() == kept
    assert table.loc["classifier"].tolist() == [66, 66]
    feed_forward = next(name for name in table.index if name.endswith((".lin1", "mediate.dense")))
    assert table.loc[feed_forward].tolist() == [32 * 64 + 64, 64]


NAMELESS = "has no encoder '.*' beside a head. Pass a model with a head"
QUERIES = peft.LoraConfig(target_modules=["query"])


@pytest.mark.parametrize(
    ("build", "strategy", "message"),
    [
        pytest.param(bert, "top-2", "no strategy 'top-2'.*first-K", id="unknown"),
        pytest.param(bert, "first-4", "'first-4' asks for 4 layers; the model has 3", id="too many"),
        pytest.param(bert, "train:", "pattern is empty.*bert.embeddings.word", id="empty pattern"),
        pytest.param(bert, "train:query(", r"'query\(' is no regular expression", id="no expression"),
        pytest.param(bert, "train:a{99999999999}", "is no regular expression", id="a count too large"),
        pytest.param(bert, r"train:q\.l", r"'q\\.l' is found in no name.*bert.encoder", id="not found"),
        pytest.param(bert, "train:classifier", "'classifier' is found in no name of the encoder", id="the head's"),
        pytest.param(bert, "first--1", "no strategy 'first--1'", id="negative"),
        pytest.param(bert, "lora:", "'lora:' names no rank. Write lora:8", id="no rank"),
        pytest.param(bert, "lora:0", "'lora:0' names no rank", id="rank 0"),
        pytest.param(bert, "lora:8:", "The pattern is empty", id="empty pattern of LoRA"),
        pytest.param(bert, "lora:8:que(", "no regular expression", id="no expression of LoRA"),
        pytest.param(bert, "lora:8:LayerNorm", "'LayerNorm' is found in no name", id="no linear layer"),
        pytest.param(lambda: bert().bert, "head-only", NAMELESS, id="no head"),
        pytest.param(lambda: torch.compile(bert()), "head-only", NAMELESS, id="compiled"),
        pytest.param(lambda: peft.get_peft_model(bert(), QUERIES), "head-only", NAMELESS, id="wrapped by peft"),
        pytest.param(partial(families.model, "ModernBERT"), "bias-only", "has no biases in its encoder. Use lora:8", id="no biases"),
    ],
)  # fmt: skip
def test_what_cannot_be_frozen_is_refused_and_nothing_changes(build, strategy, message):
    model = build()
    next(model.parameters()).requires_grad_(False)  # a refusal that thaws is seen
    before = trainable(model)
    with pytest.raises(ValueError, match=message):
        freeze(model, strategy)
    assert trainable(model) == before


# LoRA


@pytest.mark.parametrize("build", FAMILIES)
def test_lora_trains_small_matrices_beside_the_attention_s_and_what_they_learn_stays(build):
    model, inputs = build(), {"input_ids": torch.arange(5, 13)[None]}
    before, head = model(**inputs).logits, trainable(freeze(model, "head-only"))
    names = {name for name, _ in model.named_parameters()}
    added = trainable(freeze(model, "lora:2").eval()) - head
    matrices = {name: value for name, value in model.named_parameters() if ".lora_" in name}
    assert matrices.keys() == added
    assert all(re.search(r"att(entio)?n\b.*lora_[AB]", name) for name in added)
    assert {min(value.shape) for value in matrices.values()} == {2}
    torch.testing.assert_close(model(**inputs).logits, before)  # they change nothing yet
    with torch.no_grad():
        for name, value in matrices.items():
            if "lora_B" in name:
                value.normal_()
    learned = model(**inputs).logits
    assert not torch.allclose(learned, before)
    for strategy in ("head-only", "lora:4", "none"):
        torch.testing.assert_close(freeze(model, strategy).eval()(**inputs).logits, learned)
    assert {name for name, _ in model.named_parameters()} == names


def test_a_pattern_chooses_what_lora_adapts():
    names = trainable(freeze(bert(), r"lora:2:layer\.2\..*(query|value)"))
    added = {name for name in names if "lora" in name}
    assert {name.split(".lora")[0].rpartition(".")[2] for name in added} == {"query", "value"}
    assert {layer(name) for name in added} == {2}


def test_a_copy_of_a_partly_frozen_model_switches_its_own_mode():
    model = keep_frozen_in_eval(freeze(tagging.tiny_model(dropout=0.1), "head-only"))
    other = deepcopy(model)
    model.eval()
    assert other.eval().train() is other
    assert (model.training, other.training, other.base_model.training) == (False, True, False)
