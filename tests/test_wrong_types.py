"""A value of another type than documented ends in the documented ValueError, which names it and a remedy."""

import math

import families
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import course, data, encoder, freezing, masking, metrics, ner, qa

NAMES = ["O", "B-PER", "I-PER"]
TOKENIZER = families.tokenizer("BERT")
MODEL = freezing.freeze(families.model("BERT"), "head-only")
ROW = {
    "id": ["a"],
    "question": ["Who?"],
    "context": ["a boat"],
    "answers": [{"text": ["boat"], "answer_start": [2]}],
}
FEATURES = qa.prepare_validation_features(ROW, TOKENIZER)
LOGITS = np.zeros((1, len(FEATURES["input_ids"][0])))


def align(labels=(0,), words=(0,), names=NAMES, strategy="inside"):
    return ner.align_labels(labels, words, names, strategy)


def tag(words=("a",), tags=(0,), names=NAMES, **options):
    return ner.tokenize_and_align(
        {"tokens": [words], "ner_tags": [tags]}, TOKENIZER, names, **options
    )


def windows(max_length=32, doc_stride=0, **changes):
    return qa.prepare_train_features(ROW | changes, TOKENIZER, max_length, doc_stride)


# What each argument may be, beside which the call is tried; "word" stands for any text.
CALLS = {
    "a label": (lambda v: align(labels=[v]), "number"),
    "labels": (lambda v: align(labels=v), "list"),
    "a word id": (lambda v: align(words=[v]), "number none"),
    "word ids": (lambda v: align(words=v), "list"),
    "names": (lambda v: align(names=v), "list"),
    "a name": (lambda v: ner.inside_ids(["O", v]), "word"),
    "an alignment": (lambda v: align(strategy=v), ""),
    "words": (lambda v: tag(words=v), "list"),
    "a tag": (lambda v: tag(tags=[v]), "number"),
    "tags": (lambda v: tag(tags=v), "list"),
    "a column": (lambda v: tag(label_column=v), ""),
    "a length": (lambda v: tag(max_length=v), "number none"),
    "a prediction": (lambda v: ner.to_entities([[v]], [[0]], NAMES), "number"),
    "a reference": (lambda v: ner.to_entities([[0]], [[v]], NAMES), "number"),
    "predictions": (lambda v: ner.to_entities(v, [[0]], NAMES), ""),
    "a tagger's names": (lambda v: ner.to_entities([[0]], [[0]], v), "list"),
    "a task": (lambda v: ner.load_task(course.start("04"), v), ""),
    "a share": (lambda v: masking.WholeWordMaskCollator(TOKENIZER, v), "number float"),
    "a seed": (lambda v: masking.WholeWordMaskCollator(TOKENIZER, seed=v), "number none"),
    "a tokenizer": (lambda v: masking.WholeWordMaskCollator(v), ""),
    "a freezing strategy": (lambda v: freezing.freeze(MODEL, v), ""),
    "a boundary": (lambda v: freezing.cache_frozen_features(MODEL, [], list, [v]), "number"),
    "boundaries": (lambda v: freezing.cache_frozen_features(MODEL, [], list, v), "list none"),
    "a window": (lambda v: windows(max_length=v), "number"),
    "a stride": (lambda v: windows(doc_stride=v), "number"),
    "a context": (lambda v: windows(context=[v]), "word"),
    "an answer": (lambda v: windows(answers=[{"text": [v], "answer_start": [2]}]), "word"),
    "a start": (lambda v: windows(answers=[{"text": ["boat"], "answer_start": [v]}]), "number"),
    "answers": (lambda v: windows(answers=[v]), ""),
    "n_best": (
        lambda v: qa.postprocess_predictions(ROW, FEATURES, LOGITS, LOGITS, n_best=v),
        "number",
    ),
    "start logits": (lambda v: qa.postprocess_predictions(ROW, FEATURES, v, LOGITS), ""),
    "an adapter": (encoder.load, ""),
    "a data set": (data.load, ""),
    "a split": (lambda v: data.load("rotten_tomatoes", v), "none"),
    "a lesson": (course.start, ""),
    "a metric": (metrics.load_metric, ""),
}
KINDS = {
    "none": st.none(),
    "word": st.text(max_size=3),
    "float": st.floats(),
    "number": st.integers(),
    "list": st.just([]) | st.lists(st.integers(), max_size=2),
    "other": st.booleans() | st.binary(max_size=2) | st.just({}) | st.builds(object),
}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=15)
@given(choice=st.data())
def test_a_value_of_another_type_is_refused_by_name(name, choice):
    call, right = CALLS[name]
    wrong = [kind for key, kind in KINDS.items() if key not in right.split()]
    value = choice.draw(st.one_of(wrong))
    with pytest.raises(ValueError, match=r"[A-Za-z]{3}"):
        call(value)


@pytest.mark.parametrize("value", [None, "PER", math.nan, True])
def test_a_label_that_is_no_id_is_named_with_the_remedy(value):
    with pytest.raises(
        ValueError, match=f"Label id {value!r} is outside the 3 label names .* Pass"
    ):
        align(labels=[value])
