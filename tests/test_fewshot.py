"""Learning from few examples: pairs as SetFit counts them, training by seed, a head kept without a pickle."""

import math
import random
import re

import joblib
import numpy as np
import pytest
import small_setfit
import torch
from datasets import Dataset, DatasetDict
from safetensors.numpy import save_file
from sentence_transformers import SentenceTransformer
from setfit import sample_dataset
from setfit.sampler import ContrastiveDataset
from sklearn.linear_model import LogisticRegression

from helpers import data, encoder, fewshot

pytestmark = pytest.mark.filterwarnings("ignore:.pin_memory. argument is set as true but no")
STRATEGIES = ("unique", "undersampling", "oversampling")


@pytest.fixture(scope="module")
def body(tmp_path_factory, tokenizer):
    return small_setfit.save_body(tmp_path_factory.mktemp("body"), tokenizer)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("iterations", [None, 0, 1, 3, 20])
def test_pairs_are_counted_as_the_sampler_makes_them(strategy, iterations):
    rng = random.Random(f"{strategy} {iterations}")
    for _ in range(40):
        labels = [rng.randrange(4) for _ in range(rng.randrange(2, 25))] + [0, 1]
        rng.shuffle(labels)
        texts = [f"text {row}" for row in range(len(labels))]
        made = ContrastiveDataset(texts, labels, False, iterations, strategy)
        assert fewshot.count_pairs(labels, iterations, strategy) == len(made) == len(list(made))
        if strategy == "oversampling":  # the default
            assert fewshot.count_pairs(labels, iterations) == len(made)


@pytest.mark.parametrize(
    "settings",
    [
        {"num_iterations": 2},
        {"sampling_strategy": "unique", "num_epochs": 2},
    ],
)
def test_the_trainer_makes_the_steps_that_were_counted(settings, body, tmp_path):
    what = small_setfit.model(body), small_setfit.rows(), str(tmp_path)
    state = fewshot.train_setfit(*what, 42, batch_size=4, **settings)
    epochs = settings.pop("num_epochs", 1)
    pairs = fewshot.count_pairs(small_setfit.LABELS, **settings)
    assert state.global_step == math.ceil(pairs / 4) * epochs
    assert any("embedding_loss" in entry for entry in state.log_history)
    assert list(tmp_path.rglob("checkpoint-*")) == []


@pytest.mark.parametrize("labels", [pytest.param([1, 1], id="one class"), pytest.param([], id="0")])
def test_one_class_has_no_different_pairs(labels):
    with pytest.raises(ValueError, match="Give rows of two"):
        fewshot.count_pairs(labels, 5)
    if labels:
        with pytest.raises(IndexError):  # SetFit counts them, and fails when it makes them
            list(ContrastiveDataset(["a", "b"], labels, False, 5))


def test_an_unknown_strategy_is_refused():
    with pytest.raises(ValueError, match="'all'.*'unique', 'undersampling', 'oversampling'"):
        fewshot.count_pairs([0, 1], sampling_strategy="all")


def test_the_seed_decides_the_result_and_not_what_ran_before(body, tmp_path):
    def trained(seed):
        model = small_setfit.model(body)
        rows = small_setfit.rows()
        fewshot.train_setfit(model, rows, str(tmp_path), seed, num_iterations=2, batch_size=4)
        return encoder.fingerprint(model.model_body)

    first = trained(42)
    torch.rand(5)
    assert trained(42) == first
    assert trained(43) != first


def test_a_new_model_reads_so_many_tokens_and_knows_its_labels(body):
    model = fewshot.new_model(body, ["neg", "pos"], 7)
    assert model.model_body.max_seq_length == 7
    assert model.labels == ["neg", "pos"]
    assert not hasattr(model.model_head, "coef_")
    assert fewshot.new_model(body, ["neg", "pos"], 7, model).model_head is model


def test_a_body_stored_in_half_precision_trains_in_float32(body, tmp_path):
    SentenceTransformer(body, device="cpu").bfloat16().save(str(tmp_path))
    model = fewshot.new_model(str(tmp_path), ["neg", "pos"], 7)
    assert len(encoder.fingerprint(model.model_body)) == 64


def test_columns_draws_the_same_rows_by_seed():
    rows = {"text": [f"t{n}" for n in range(9)], "label": [n % 2 for n in range(9)]}
    many = Dataset.from_dict(rows)
    reviews = DatasetDict({"validation": many, "test": many.select(range(3))})
    texts, labels = fewshot.columns(small_setfit.rows(2), reviews, 5, seed=1)
    assert (texts["train"], labels["train"]) == (small_setfit.TEXTS[:2], small_setfit.LABELS[:2])
    assert [len(texts[part]) for part in texts] == [2, 5, 3]
    assert len(set(texts["validation"])) == 5
    assert [int(text[1:]) % 2 for text in texts["validation"]] == labels["validation"]
    assert fewshot.columns(small_setfit.rows(2), reviews, 5, seed=1) == (texts, labels)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([[1, 0], [2, 0], [0, 1], [0, 3]], 1.0, id="parted, length does not count"),
        pytest.param([[1, 0], [1, 0], [1, 0], [1, 0]], 0.0, id="all alike"),
        pytest.param([[1, 0], [0, 1], [1, 0], [0, 1]], -0.5, id="crosswise"),
    ],
)
def test_separation_by_hand(rows, expected):
    assert fewshot.separation(np.array(rows, float), [0, 0, 1, 1]) == pytest.approx(expected)


def test_plain_words_beat_abbreviations_and_a_few_labeled_reviews():
    """Lesson 07 says so of the bundled encoder and reviews: two good words, and a head on the frozen encoder."""
    reviews = data.load("rotten_tomatoes")
    few = sample_dataset(reviews["train"], num_samples=8, seed=42)
    model = fewshot.new_model(encoder.folder(), ["neg", "pos"], 96)
    seen = reviews["test"][:200]
    test = model.encode(seen["text"])

    def score(texts, labels):
        model.model_head.fit(model.encode(texts), labels)
        return model.model_head.score(test, seen["label"][:])

    names = score(["This sentence is neg", "This sentence is pos"], [0, 1])
    words = score(["This film is terrible", "This film is wonderful"], [0, 1])
    labeled = score(list(few["text"]), list(few["label"]))
    assert names < 0.55
    assert words > labeled > names


# A head kept without a pickle: the same predictions after loading, and everything else refused


def fitted(classes):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 5)).astype(np.float32)
    return LogisticRegression().fit(rows, [classes[n % len(classes)] for n in range(40)]), rows


@pytest.mark.parametrize("classes", [[0, 1], [0, 1, 2], ["neg", "pos"], [3, 7]])
def test_a_head_comes_back_with_the_same_predictions(classes, tmp_path):
    head, rows = fitted(classes)
    fewshot.save_head(head, ["a", "b", "c"], tmp_path / "new" / "folder")
    loaded, labels = fewshot.load_head(tmp_path / "new" / "folder")
    assert labels == ["a", "b", "c"]
    assert (loaded.predict(rows) == head.predict(rows)).all()
    assert np.array_equal(loaded.predict_proba(rows), head.predict_proba(rows))
    kept = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert kept == [fewshot.DESCRIPTION, fewshot.WEIGHTS]


@pytest.fixture
def kept(tmp_path):
    """A fitted head, and the folder that keeps it."""
    head, _ = fitted([0, 1])
    fewshot.save_head(head, ["neg", "pos"], tmp_path / "kept")
    return head, tmp_path / "kept"


def test_a_pickle_is_refused_unopened_under_another_name_too(kept, tmp_path):
    joblib.dump(kept[0], tmp_path / fewshot.PICKLE)
    with pytest.raises(ValueError, match="no head.safetensors. It holds model_head.pkl"):
        fewshot.load_head(tmp_path)
    joblib.dump(kept[0], kept[1] / fewshot.WEIGHTS)
    with pytest.raises(ValueError, match="holds no head of save_head"):
        fewshot.load_head(kept[1])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (fewshot.WEIGHTS, None, "has no head.safetensors. Ask for"),
        (fewshot.DESCRIPTION, None, "has no head.json. Ask for"),
        (fewshot.WEIGHTS, {"coef": np.zeros((2, 5))}, "2 classes, but coefficients (2, 5)"),
        (fewshot.WEIGHTS, {"coef": np.zeros(5)}, "2 classes, but coefficients (5,)"),
        (fewshot.WEIGHTS, {"intercept": np.zeros(3)}, "and intercepts (3,)"),
        (fewshot.WEIGHTS, {"coef": np.full((1, 5), np.nan)}, "not all finite"),
        (fewshot.WEIGHTS, {"coef": None}, "KeyError('coef')"),
        (fewshot.DESCRIPTION, "{", "Save"),
        (fewshot.DESCRIPTION, "[]", "Save"),
        (fewshot.DESCRIPTION, '{"classes": [0, 1]}', "Save"),
        (fewshot.DESCRIPTION, '{"classes": [0], "labels": ["a"]}', "Save"),
        (fewshot.DESCRIPTION, '{"classes": 2, "labels": ["a"]}', "Save"),
    ],
)
def test_a_file_that_is_missing_or_does_not_fit_is_refused(name, content, message, kept):
    head, folder = kept
    (folder / name).unlink()
    if name == fewshot.DESCRIPTION and content:
        (folder / name).write_text(content, encoding="utf-8")
    elif content:
        tensors = {"coef": head.coef_, "intercept": head.intercept_} | content
        save_file({k: v for k, v in tensors.items() if v is not None}, folder / name)
    with pytest.raises(ValueError, match=re.escape(message)):
        fewshot.load_head(folder)


AGAINST_THE_REST = LogisticRegression()
AGAINST_THE_REST.multi_class = "ovr"  # scikit-learn below 1.8 has it


@pytest.mark.parametrize(
    ("head", "message"),
    [
        pytest.param(LogisticRegression(), "not fitted", id="not fitted"),
        pytest.param(LogisticRegression(solver="liblinear"), "liblinear", id="other probabilities"),
        pytest.param(AGAINST_THE_REST, "is kept.*without multi_class", id="against the rest"),
        pytest.param(object(), "Only a LogisticRegression", id="another kind"),
    ],
)
def test_what_cannot_be_kept_is_refused(head, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        fewshot.save_head(head, ["neg", "pos"], tmp_path)
    assert list(tmp_path.iterdir()) == []
