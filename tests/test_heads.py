"""A head kept without a pickle: the same predictions after loading, and everything else refused."""

import json

import joblib
import numpy as np
import pytest
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

from helpers import fewshot


def fitted(classes):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 5)).astype(np.float32)
    return LogisticRegression().fit(rows, [classes[n % len(classes)] for n in range(40)]), rows


@pytest.mark.parametrize(
    "classes",
    [
        pytest.param([0, 1], id="two ids"),
        pytest.param([0, 1, 2], id="three ids"),
        pytest.param(["neg", "pos"], id="two names"),
        pytest.param([3, 7], id="ids that are no places"),
    ],
)
def test_a_head_comes_back_with_the_same_predictions(classes, tmp_path):
    head, rows = fitted(classes)
    fewshot.save_head(head, ["a", "b", "c"], tmp_path / "new" / "folder")
    loaded, labels = fewshot.load_head(tmp_path / "new" / "folder")
    assert labels == ["a", "b", "c"]
    assert (loaded.predict(rows) == head.predict(rows)).all()
    assert np.array_equal(loaded.predict_proba(rows), head.predict_proba(rows))
    assert sorted(p.name for p in (tmp_path / "new" / "folder").iterdir()) == [
        fewshot.DESCRIPTION,
        fewshot.WEIGHTS,
    ]


def test_a_pickle_is_refused_unopened(tmp_path):
    head, _ = fitted([0, 1])
    joblib.dump(head, tmp_path / fewshot.PICKLE)
    with pytest.raises(ValueError, match="no head.safetensors. It holds model_head.pkl"):
        fewshot.load_head(tmp_path)


def test_a_pickle_under_another_name_is_refused(tmp_path):
    head, _ = fitted([0, 1])
    fewshot.save_head(head, ["neg", "pos"], tmp_path)
    joblib.dump(head, tmp_path / fewshot.WEIGHTS)
    with pytest.raises(ValueError, match="holds no head of save_head"):
        fewshot.load_head(tmp_path)


@pytest.mark.parametrize("name", [fewshot.WEIGHTS, fewshot.DESCRIPTION])
def test_a_missing_file_is_named(tmp_path, name):
    head, _ = fitted([0, 1])
    fewshot.save_head(head, ["neg", "pos"], tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ValueError, match=f"has no {name}. Ask for"):
        fewshot.load_head(tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param({"coef": np.zeros((2, 5))}, "2 classes, but coefficients (2, 5)", id="rows"),
        pytest.param({"coef": np.zeros(5)}, "2 classes, but coefficients (5,)", id="flat"),
        pytest.param({"intercept": np.zeros(3)}, "but intercepts (3,)", id="intercepts"),
        pytest.param({"coef": np.full((1, 5), np.nan)}, "not all finite", id="nan"),
        pytest.param({"coef": None}, "KeyError('coef')", id="no coefficients"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, changed, message):
    head, _ = fitted([0, 1])
    fewshot.save_head(head, ["neg", "pos"], tmp_path)
    tensors = {"coef": head.coef_, "intercept": head.intercept_} | changed
    kept = {name: value for name, value in tensors.items() if value is not None}
    save_file(kept, tmp_path / fewshot.WEIGHTS)
    with pytest.raises(ValueError) as error:  # noqa: PT011, the message is compared below
        fewshot.load_head(tmp_path)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "description",
    [
        pytest.param("{", id="no JSON"),
        pytest.param("[]", id="a list"),
        pytest.param(json.dumps({"classes": [0, 1]}), id="no labels"),
        pytest.param(json.dumps({"classes": [0], "labels": ["a"]}), id="one class"),
        pytest.param(json.dumps({"classes": 2, "labels": ["a"]}), id="no list of classes"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(tmp_path, description):
    head, _ = fitted([0, 1])
    fewshot.save_head(head, ["neg", "pos"], tmp_path)
    (tmp_path / fewshot.DESCRIPTION).write_text(description, encoding="utf-8")
    with pytest.raises(ValueError, match="Save"):
        fewshot.load_head(tmp_path)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        pytest.param(LogisticRegression(), "not fitted", id="not fitted"),
        pytest.param(LogisticRegression(solver="liblinear"), "liblinear", id="other probabilities"),
        pytest.param(object(), "Only a LogisticRegression", id="another kind"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path, head, message):
    with pytest.raises(ValueError, match=message):
        fewshot.save_head(head, ["neg", "pos"], tmp_path)
    assert list(tmp_path.iterdir()) == []
