"""A value of another type than documented ends in the documented ValueError, which names it and a remedy."""

from pathlib import Path

import families
import numpy as np
import pytest
import torch
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import (
    course,
    data,
    encoder,
    fewshot,
    freezing,
    loop,
    masking,
    metrics,
    ner,
    plots,
    qa,
    runs,
    tables,
)

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
DATASET = Dataset.from_dict({"text": ["a", "b"]})
WORDS = torch.zeros((1, 2), dtype=torch.long)
ROWS = {"input_ids": [1]}


def start(boundary):
    with freezing.starting_at(MODEL, boundary):
        pass


def align(labels=(0,), words=(0,), names=NAMES, strategy="inside"):
    return ner.align_labels(labels, words, names, strategy)


def tag(words=("a",), tags=(0,), names=NAMES, **options):
    return ner.tokenize_and_align(
        {"tokens": [words], "ner_tags": [tags]}, TOKENIZER, names, **options
    )


def postprocess(start=LOGITS, **options):
    return qa.postprocess_predictions(ROW, FEATURES, start, LOGITS, **options)


def record(seconds=1, peak_mb=1):
    return runs.record("01", "x", seed=1, seconds=seconds, peak_mb=peak_mb)


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
    "n_best": (lambda v: postprocess(n_best=v), "number"),
    "start logits": (lambda v: postprocess(v), ""),
    "an adapter": (encoder.load, ""),
    "a data set": (data.load, ""),
    "a split": (lambda v: data.load("rotten_tomatoes", v), "none"),
    "a lesson": (course.start, ""),
    "a metric": (metrics.load_metric, ""),
    "strips": (tables.strip, "other"),
    "a strip": (lambda v: tables.strip({"word": v}), "list"),
    "rows of a table": (tables.table, "list"),
    "a number of rows": (lambda v: tables.random_rows(DATASET, v), "number"),
    "words to draw": (lambda v: tables.entities_in_text(v, ["O"]), "list"),
    "names to draw": (lambda v: tables.entities_in_text(["a"], v), "list"),
    "texts to pair": (lambda v: tables.pairs(v, [1]), "list"),
    "labels to pair": (lambda v: tables.pairs(["a"], v), "list"),
    "a number of checkpoints": (lambda v: loop.check_target(Path("none"), v), "number"),
    "runs of a bench": (runs.bundled, ""),
}
# Functions whose whole body stands in a lesson, or draws: what they call refuses the value.
LEFT_TO_OTHERS = {
    "words to mask": (lambda v: masking.choose_words(v, 0.5), ""),
    "a share of words": (lambda v: masking.choose_words(WORDS, v), "number float other"),
    "a boundary to start at": (lambda v: start(v), "number none other"),
    "labels to count": (lambda v: fewshot.count_pairs(v, 2), "list word other"),
    "a sampling strategy": (lambda v: fewshot.count_pairs([0, 1], None, v), ""),
    "batches to draw": (plots.padding, ""),
    "a history": (lambda v: plots.curves(v, ["loss"]), ""),
    "counts": (lambda v: plots.confusion(v, ["a", "b"]), ""),
    "scores of seeds": (plots.bars_with_seeds, "other"),
    "a view": (lambda v: plots.embeddings({"a": v}, [0], ["x"]), ""),
    "losses": (lambda v: plots.steps({"a": v}, "loss"), "word list other"),
    "a model to group": (lambda v: loop.parameter_groups(v, 0.1), ""),
    "logits": (lambda v: loop.summed_loss(v, WORDS), ""),
    "rows to load": (lambda v: loop.load_batches(v, 2, list, 0), "other"),
    "a size of batches": (lambda v: loop.load_batches([ROWS], v, list, 0), "number none other"),
    "seconds": (lambda v: record(seconds=v), "number float other"),
    "memory": (lambda v: record(peak_mb=v), "number float other"),
    "a lesson's folder": (runs.run_folder, ""),
}
KINDS = {
    "none": st.none(),
    "word": st.text(max_size=3),
    "float": st.floats(),
    "number": st.integers(),
    "list": st.just([]) | st.lists(st.integers(), max_size=2),
    "other": st.booleans() | st.binary(max_size=2) | st.just({}) | st.builds(object),
}


@pytest.mark.parametrize("name", [*CALLS, *LEFT_TO_OTHERS])
@settings(max_examples=15)
@given(choice=st.data())
def test_a_value_of_another_type_is_refused_by_name(name, choice):
    call, right = (CALLS | LEFT_TO_OTHERS)[name]
    wrong = [kind for key, kind in KINDS.items() if key not in right.split()]
    value = choice.draw(st.one_of(wrong))
    with pytest.raises(ValueError if name in CALLS else Exception, match=r"[A-Za-z]{3}"):
        call(value)


def test_no_call_is_both_ours_and_left_to_others():
    assert not CALLS.keys() & LEFT_TO_OTHERS.keys()
