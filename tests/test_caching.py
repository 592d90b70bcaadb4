"""Features at the frozen boundary: the same logits and the same training as the whole model."""

from contextlib import nullcontext, suppress
from functools import partial

import families
import pytest
import tagging
import torch
import transformers
from tagging import difference
from test_freezing import LAYERED, bert, distilbert
from transformers import Trainer, TrainerCallback

from helpers.freezing import (
    cache_frozen_features,
    freeze,
    frozen_boundary,
    keep_frozen_in_eval,
    layer_place,
    pad_features,
    starting_at,
    stopping_at,
)
from helpers.loop import fit, load_batches

PATTERN = r"train:layers?\.2\..*(bias|[Nn]orm)"
BOUNDARIES = {"head-only": 3, "first-3": 3, "first-2": 2, "first-1": 1, "first-0": 0, PATTERN: 2}
BOTH = [pytest.param(name, id=name.partition(":")[0]) for name in BOUNDARIES]
UNCACHED = ["none", "train:(word|tok)_embeddings", r"train:embeddings\.([Ln]\w*)\.weight"]


def ragged(count, seed):
    """Return rows of 4 to 14 tokens; the label depends on the first one."""
    rows = tagging.sentences(count, seed)
    return [row | {"labels": int(row["input_ids"][0] % 2)} for row in rows]


@pytest.fixture
def rows():
    return ragged(10, seed=0)


def collate(rows):
    ids = torch.nn.utils.rnn.pad_sequence([row["input_ids"] for row in rows], True, 0)
    labels = torch.tensor([row["labels"] for row in rows])
    return {"input_ids": ids, "attention_mask": ids.ne(0).long(), "labels": labels}


def new(build, strategy):
    torch.manual_seed(0)
    return freeze(build(), strategy)


@pytest.mark.parametrize("build", LAYERED)
@pytest.mark.parametrize("strategy", UNCACHED)
def test_where_the_embeddings_train_there_is_no_boundary(build, strategy, rows):
    model = new(build, strategy)
    assert frozen_boundary(model) is None
    with pytest.raises(ValueError, match="nothing to cache: freeze the model first"):
        cache_frozen_features(model, rows, collate)


@pytest.mark.parametrize(
    ("family", "strategy", "boundary"),
    [
        pytest.param("BERT", "bias-only", None, id="biases of the embeddings"),
        pytest.param("ELECTRA", "train:embeddings_project", None, id="the projection"),
        pytest.param("MPNet", "train:relative_attention_bias", None, id="what layers share"),
        pytest.param("DeBERTa", r"train:encoder\.LayerNorm", None, id="and its norm"),
        pytest.param("ModernBERT", "train:final_norm", 3, id="behind the layers"),
        pytest.param("BERT", r"train:layer\.1\.", 1, id="a frozen layer behind a trained one"),
    ],
)
def test_what_trains_counts_by_its_place(family, strategy, boundary):
    assert frozen_boundary(freeze(families.model(family), strategy)) == boundary


def logits(model, boundary, rows):
    """Return the logits of the whole model, and those from rows cached at the boundary that is its own."""
    cached = cache_frozen_features(model, rows, collate, batch_size=4)
    assert list(cached) == [boundary]
    with torch.no_grad():
        whole = model(**collate(rows)).logits
        with starting_at(model, boundary):
            return whole, model(**pad_features(cached[boundary])).logits


@pytest.mark.parametrize("build", LAYERED)
@pytest.mark.parametrize("strategy", BOTH)
def test_logits_from_cached_rows_are_those_of_the_whole_model(build, strategy, rows):
    model, boundary = new(build, strategy).eval(), BOUNDARIES[strategy]
    assert frozen_boundary(model) == boundary
    whole, part = logits(model, boundary, rows)
    assert torch.allclose(part, whole, atol=1e-5)
    assert not torch.allclose(whole[0], whole[1], atol=1e-5)  # different rows, so order matters


def test_an_encoder_that_counts_its_layers_is_cached_behind_the_last(rows):
    config = transformers.EuroBertConfig(**families.SMALL, vocab_size=60, pad_token_id=0)
    torch.manual_seed(0)
    model = transformers.EuroBertForSequenceClassification(config).eval()
    whole, part = logits(freeze(model, "head-only"), 3, rows)
    assert torch.allclose(part, whole, atol=1e-5)


@pytest.mark.parametrize("build", LAYERED)
def test_one_pass_caches_several_boundaries(build, rows):
    model = new(build, "head-only").eval()
    together = cache_frozen_features(model, rows, collate, [2, 0, 3, 1])
    assert list(together) == [0, 1, 2, 3]
    for boundary, kept in together.items():
        (alone,) = cache_frozen_features(model, rows, collate, [boundary]).values()
        for one, other, row in zip(kept, alone, rows, strict=True):
            assert torch.allclose(one["inputs_embeds"], other["inputs_embeds"], atol=1e-6)
            assert one["inputs_embeds"].shape == (len(row["input_ids"]), 32)
            assert one["labels"] == row["labels"]


def trained(build, strategy, rows, cached, dropout_seed=7, collate=collate):
    """Return a model after three epochs, dropout on where it trains."""
    model, start = keep_frozen_in_eval(new(build, strategy)), nullcontext()
    if cached:
        boundary = frozen_boundary(model)
        rows, collate = cache_frozen_features(model, rows, collate)[boundary], pad_features
        start = starting_at(model, boundary)
    torch.manual_seed(dropout_seed)
    with start:
        fit(model, load_batches(rows, 4, collate, 0), 3, 1e-2)
    return model


@pytest.mark.parametrize("build", LAYERED)
@pytest.mark.parametrize("strategy", BOTH)
def test_training_from_the_cache_gives_the_same_weights(build, strategy, rows):
    whole, part = (trained(build, strategy, rows, cached) for cached in (False, True))
    # MPNet's key bias shifts all scores of a softmax alike: its gradient is rounding, which Adam blows up
    assert difference(whole, part, but="attn.k.bias") < 1e-5
    assert difference(whole, new(build, strategy)) > 1e-3  # it did train


@pytest.mark.parametrize("strategy", ["head-only", "first-1"])
def test_labels_of_tokens_are_cached_with_them(strategy):
    build, collate = partial(tagging.tiny_model, dropout=0.1), tagging.collate
    rows = tagging.sentences(10)
    whole, part = (trained(build, strategy, rows, c, collate=collate) for c in (False, True))
    # as above, a bias whose gradient is rounding
    assert difference(whole, part, but="key.bias") < 1e-5
    assert difference(whole, build()) > 1e-3  # it did train


def test_the_dropout_of_what_trains_is_on(rows):
    one, other = (trained(bert, "first-2", rows, True, seed) for seed in (7, 8))
    assert difference(one, other) > 1e-3


@pytest.mark.parametrize("build", LAYERED)
def test_only_wholly_frozen_modules_stay_in_eval(build):
    model = keep_frozen_in_eval(new(build, "first-2"))
    layers = getattr(*layer_place(model))
    for _ in range(2):
        assert [layer.training for layer in layers] == [False, False, True]
        assert all(not module.training for module in model.base_model.embeddings.modules())
        assert all(module.training for module in layers[2].modules())
        assert model.training
        head = [n for n, _ in model.named_modules() if not n.startswith(model.base_model_prefix)]
        assert all(model.get_submodule(name).training for name in head)
        assert not any(module.training for module in model.eval().modules())
        model.train()
    freeze(model, "none").train()
    assert all(module.training for module in model.modules())


def test_caching_leaves_the_model_in_its_mode(rows):
    model = keep_frozen_in_eval(new(bert, "head-only"))
    cache_frozen_features(model, rows, collate)
    assert model.training
    kept = cache_frozen_features(model.eval(), rows, collate)[3]
    assert not kept[0]["inputs_embeds"].requires_grad
    assert not model.training


def test_the_model_is_whole_again_after_an_error():
    model = new(distilbert, "head-only")
    names = [name for name, _ in model.named_parameters()]
    for part in (starting_at, stopping_at):
        with suppress(KeyError), part(model, 2):
            assert [name for name, _ in model.named_parameters()] != names
            raise KeyError
        assert [name for name, _ in model.named_parameters()] == names


def test_boundaries_beyond_the_frozen_layers_are_refused(rows):
    message = r"boundaries is \[1, 3\]. Use a list of 0 to 2: so many layers are frozen"
    with pytest.raises(ValueError, match=message):
        cache_frozen_features(new(bert, "first-2"), rows, collate, [1, 3])


@pytest.mark.parametrize(
    ("family", "options"), [("ALBERT", {}), ("DeBERTa", {"conv_kernel_size": 3})]
)
def test_an_encoder_whose_layers_do_not_run_alone_is_refused(family, options, rows):
    model = freeze(families.model(family, **options), "head-only")
    for attempt in (frozen_boundary, lambda model: cache_frozen_features(model, rows, collate)):
        with pytest.raises(ValueError, match="Model has no list of layers that each run alone"):
            attempt(model)


def test_batches_of_cached_rows_are_those_of_the_rows_and_each_is_told(rows):
    def batches(rows, collate, seed):
        return [batch["labels"].tolist() for batch in load_batches(rows, 4, collate, seed)]

    told, model = [], new(bert, "head-only")
    each = {"batch_size": 4, "after_batch": lambda: told.append(1)}
    cached = cache_frozen_features(model, rows, collate, **each)[3]
    assert len(told) == 3
    assert batches(cached, pad_features, 5) == batches(rows, collate, 5)
    assert batches(rows, collate, 5) != batches(rows, collate, 6)


def test_trainer_leaves_frozen_layers_in_eval(rows, tmp_path):
    model, seen = keep_frozen_in_eval(new(bert, "first-2")), []

    class Look(TrainerCallback):
        def on_pre_optimizer_step(self, *arguments, **options):
            seen.append([layer.training for layer in getattr(*layer_place(model))])

    arguments = tagging.arguments(tmp_path, max_steps=2, per_device_train_batch_size=4)
    Trainer(model, arguments, train_dataset=rows, data_collator=collate, callbacks=[Look()]).train()
    assert seen == [[False, False, True]] * 2
