"""Freezing by name: what each strategy leaves trainable, on two architectures."""

import pytest
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
)

from helpers.freezing import freeze


def bert():
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=64,
        vocab_size=50,
    )
    return BertForSequenceClassification(config)


def distilbert():
    config = DistilBertConfig(dim=32, n_layers=3, n_heads=2, hidden_dim=64, vocab_size=50)
    return DistilBertForSequenceClassification(config)


MODELS = [pytest.param(bert, id="bert"), pytest.param(distilbert, id="distilbert")]


def trainable(model):
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


def layer(name):
    parts = name.split(".")
    return int(parts[parts.index("layer") + 1]) if "layer" in parts else None


@pytest.mark.parametrize("build", MODELS)
def test_none_freezes_nothing_and_undoes_a_freeze(build):
    model = build()
    everything = trainable(model)
    assert trainable(freeze(freeze(model, "head-only"), "none")) == everything


@pytest.mark.parametrize("build", MODELS)
def test_head_only_trains_what_is_outside_the_encoder(build):
    model = freeze(build(), "head-only")
    assert trainable(model)
    assert not any(name.startswith(model.base_model_prefix) for name in trainable(model))


@pytest.mark.parametrize("build", MODELS)
@pytest.mark.parametrize("count", [pytest.param(n, id=f"first-{n}") for n in range(4)])
def test_first_k_freezes_embeddings_and_k_layers(build, count):
    model = build()
    for name in {name for name, _ in model.named_parameters()} - trainable(
        freeze(model, f"first-{count}")
    ):
        assert "embeddings" in name or layer(name) < count
    kept = trainable(model)
    assert not any("embeddings" in name for name in kept)
    assert {layer(name) for name in kept} - {None} == set(range(count, 3))


@pytest.mark.parametrize("build", MODELS)
def test_bias_only_trains_biases_and_the_head(build):
    model = freeze(build(), "bias-only")
    inside = {name for name in trainable(model) if name.startswith(model.base_model_prefix)}
    assert inside
    assert all(name.endswith("bias") for name in inside)
    assert any(name.endswith("classifier.weight") for name in trainable(model))


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        pytest.param("top-2", "no strategy 'top-2'.*first-K", id="unknown"),
        pytest.param(
            "first-4", "'first-4' asks for 4 layers; the model has 3", id="too many layers"
        ),
        pytest.param("first--1", "no strategy 'first--1'", id="negative"),
    ],
)
def test_what_cannot_be_frozen_is_refused(strategy, message):
    with pytest.raises(ValueError, match=message):
        freeze(bert(), strategy)
