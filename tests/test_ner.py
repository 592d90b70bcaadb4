"""Lesson 03's task: alignment by the classic facts and by hand; its model, score and card."""

from dataclasses import replace
from types import SimpleNamespace

import families
import published
import pytest
import torch
from transformers import AutoTokenizer

import helpers
from helpers import IGNORE_INDEX, course, data, ner
from helpers.encoder import load_tokenizer
from helpers.loop import Prediction

NAMES = data.NER_NAMES
# CoNLL-2003, first training sentence (Tjong Kim Sang and De Meulder, 2003).
WORDS = ["EU", "rejects", "German", "call", "to", "boycott", "British", "lamb", "."]
TAGS = [3, 0, 7, 0, 0, 0, 7, 0, 0]


def test_the_words_that_lesson_02_cuts(tokenizer):
    assert tokenizer.tokenize("Zwingmann") == ["z", "##wing", "##mann"]
    assert tokenizer.tokenize("sheepmeat") == ["sheep", "##me", "##at"]


@pytest.fixture
def conll(monkeypatch):
    mirror = helpers.ROOT.parent / "shared" / "mirror"
    if not (mirror / "datasets" / "eriktks" / "conll2003").is_dir():
        pytest.skip("no mirror with CoNLL-2003")
    monkeypatch.setenv("COURSE_TRACK", "full")
    monkeypatch.setenv("COURSE_MIRROR", str(mirror))
    return data.load("conll2003")


def test_classic_fifth_sentence_has_31_words_and_39_tokens(tokenizer, conll):
    words = conll["train"][4]["tokens"]
    assert len(words) == 31
    assert len(tokenizer(words, is_split_into_words=True)["input_ids"]) == 39


@pytest.mark.parametrize(("strategy", "entities"), [("first", 5_942), ("repeat", 8_939)])
def test_lesson_03_says_what_published_scores_count(strategy, entities, tokenizer, conll):
    rows = conll["validation"]
    options = {"label_names": NAMES, "strategy": strategy}
    labels = ner.tokenize_and_align(rows[:], tokenizer, **options)["labels"]
    tags = [[NAMES[label] for label in row if label != IGNORE_INDEX] for row in labels]
    assert (len(rows), sum(len(published.chunks(row)) for row in tags)) == (3_250, entities)
    (lesson,) = (helpers.ROOT / "notebooks" / "source").glob("03_*.py")
    assert f"{entities:,}" in lesson.read_text(encoding="utf-8")


BY_HAND = [1, 0, 3], [None, 0, 0, 0, 1, 2, 2, None]  # B-PER O B-ORG
CASED = TAGS, [None, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, None]  # bert-base-cased cuts "lamb" in two


@pytest.mark.parametrize(
    ("words", "strategy", "expected"),
    [
        (BY_HAND, "first", [-100, 1, -100, -100, 0, 3, -100, -100]),
        (BY_HAND, "repeat", [-100, 1, 1, 1, 0, 3, 3, -100]),
        (BY_HAND, "inside", [-100, 1, 2, 2, 0, 3, 4, -100]),
        (CASED, "repeat", [-100, 3, 0, 7, 0, 0, 0, 7, 0, 0, 0, -100]),
    ],
)
def test_each_strategy_by_hand(words, strategy, expected):
    assert ner.align_labels(*words, NAMES, strategy) == expected


CLASSIC = {"tokens": [WORDS], "ner_tags": [TAGS]}
SPEECH = {"tokens": [["a"], ["b", "sheepmeat"]], "pos_tags": [[3], [4, 5]]}
REPEATED = {"label_names": data.POS_NAMES, "label_column": "pos_tags", "strategy": "repeat"}


@pytest.mark.parametrize(
    ("batch", "options", "labels"),
    [
        pytest.param(CLASSIC, {}, [[-100, *TAGS, -100]], id="a token a word"),
        pytest.param(CLASSIC, {"max_length": 5}, [[-100, 3, 0, 7, -100]], id="cut"),
        pytest.param(SPEECH, REPEATED, [[-100, 3, -100], [-100, 4, 5, 5, 5, -100]], id="others"),
    ],
)
def test_a_batch_by_hand(batch, options, labels, tokenizer):
    encoding = ner.tokenize_and_align(batch, tokenizer, **{"label_names": NAMES} | options)
    assert encoding["labels"] == labels
    if not options:
        ids = [101, 7327, 19164, 2446, 2655, 2000, 17757, 2329, 12559, 1012, 102]
        assert encoding["input_ids"] == [ids]


@pytest.mark.parametrize(
    ("labels", "word_ids", "names", "strategy", "message"),
    [
        ([1], [0], NAMES, "last", "'last'.*first, repeat, inside"),
        ([9], [0], NAMES, "first", "Label id 9 is outside the 9 label names .* Pass ids"),
        ([-1], [0], NAMES, "first", "Label id -1 is outside"),
        ([None], [0], NAMES, "first", "Label id None is outside"),
        ([True], [0], NAMES, "first", "Label id True is outside"),
        ([1], [0, 1], NAMES, "first", "word 1.*labels for 1 words"),
        ([1], [0], ["O", "B-PER"], "inside", "'I-PER'.*Add it"),
        ([1], [0], ["O", "I-PER"], "inside", "'B-PER'.*Add it"),
    ],
)
def test_bad_labels_are_refused(labels, word_ids, names, strategy, message):
    with pytest.raises(ValueError, match=message):
        ner.align_labels(labels, word_ids, names, strategy)


def test_what_cannot_be_aligned_is_refused(tokenizer):
    batch = {"tokens": [["a", "b"]], "ner_tags": [[0]]}
    with pytest.raises(ValueError, match=r"2 words but 1 labels in 'ner_tags'.*Give each word one"):
        ner.tokenize_and_align(batch, tokenizer, NAMES)
    with pytest.raises(ValueError, match="Namespace.*Use a fast one.*AutoTokenizer"):
        ner.tokenize_and_align(batch, SimpleNamespace(is_fast=False), NAMES)


@pytest.mark.parametrize("family", families.FAMILIES)
def test_in_each_family_words_are_read_as_in_running_text(family, tmp_path):
    words, tags = ["An", "unfathomable", "lamb"], [0, 3, 4]
    batch, plain = {"tokens": [words], "ner_tags": [tags]}, families.tokenizer(family)
    plain.save_pretrained(tmp_path)
    loaded = load_tokenizer(str(tmp_path))
    encoding = ner.tokenize_and_align(batch, loaded, NAMES, strategy="repeat")
    assert encoding["input_ids"] == loaded([" ".join(words)])["input_ids"]
    by_word = dict(zip(encoding.word_ids(0), encoding["labels"][0], strict=True))
    assert by_word == {None: ner.IGNORE_INDEX} | dict(enumerate(tags))
    loaded.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert ner.tokenize_and_align(batch, again, NAMES)["input_ids"] == encoding["input_ids"]
    if family in ("RoBERTa", "ModernBERT"):
        with pytest.raises(ValueError, match="no space stood before them. Load it with add_prefix"):
            ner.tokenize_and_align(batch, plain, NAMES)
    model = families.model(family, "TokenClassification", num_labels=len(NAMES))
    with torch.no_grad():
        predicted = model(**loaded.pad(encoding, return_tensors="pt")).logits.argmax(-1)
    names = ner.to_entities(predicted, encoding["labels"], NAMES)[1]
    assert names == [[NAMES[label] for label in encoding["labels"][0][1:-1]]]


def test_to_entities_drops_ignored_positions_and_refuses_other_shapes():
    predicted, references = ner.to_entities([[1, 2, 5, 0]], [[-100, 1, 0, -100]], NAMES)
    assert (predicted, references) == ([["I-PER", "B-LOC"]], [["B-PER", "O"]])
    with pytest.raises(ValueError, match="1 predicted sentences but 2 references"):
        ner.to_entities([[0]], [[0], [0]], NAMES)
    with pytest.raises(ValueError, match="2 predictions but 1 references"):
        ner.to_entities([[0, 0]], [[0]], NAMES)


# The task as one thing: its sentences, its model, its score, its card


@pytest.fixture(scope="module")
def task():
    return ner.load_task(course.start("04"))


def test_a_task_has_the_lessons_sizes_and_the_sentences_of_its_seed(task):
    assert len(task.train) == task.lesson.train_rows
    assert len(task.validation) == task.lesson.evaluation_rows
    assert max(map(len, task.train["input_ids"])) <= task.lesson.max_length
    again = ner.load_task(task.lesson)
    assert list(again.train["input_ids"]) == list(task.train["input_ids"])


@pytest.mark.parametrize(
    ("name", "labels", "main"),
    [
        ("ner", 9, "f1"),
        ("chunk", 23, "f1"),
        ("pos", 47, "accuracy"),
    ],
)
def test_each_task_has_its_labels_and_its_main_score(name, labels, main, task):
    made = ner.load_task(task.lesson, name)
    assert 0 < max(max(labels) for labels in made.train["labels"]) < len(made.label_names) == labels
    assert made.main == main


def test_another_task_is_refused(task):
    with pytest.raises(ValueError, match="no task 'nre'. Use one of ner, pos, chunk"):
        ner.load_task(task.lesson, "nre")


def test_dropout_is_that_of_attention_too_where_it_is_a_number(task, tmp_path):
    lesson = replace(task.lesson, checkpoint=families.save("ModernBERT", tmp_path))
    layers = replace(task, lesson=lesson).new_model(0.25).model.layers
    assert {layer.attn.attention_dropout for layer in layers} == {0.25}
    config = {"attention_probs_dropout_prob": 0, "hidden_dropout_prob": 0}  # as ALBERT's version 2
    families.model("ALBERT", "MaskedLM", **config).save_pretrained(tmp_path / "albert")
    other = replace(task, lesson=replace(task.lesson, checkpoint=str(tmp_path / "albert")))
    drops = [part for part in other.new_model(0.25).modules() if isinstance(part, torch.nn.Dropout)]
    assert {part.p for part in drops} == {0.25}


@pytest.mark.parametrize(("dropout", "expected"), [(None, {0.1}), (0.0, {0.0})])
def test_a_new_model_is_seeded_and_in_train_mode(task, dropout, expected):
    torch.manual_seed(1)
    one = task.new_model(dropout)
    torch.manual_seed(2)
    other = task.new_model(dropout)
    assert torch.equal(one.classifier.weight, other.classifier.weight)
    assert one.training
    assert {layer.p for layer in one.modules() if isinstance(layer, torch.nn.Dropout)} == expected
    assert one.config.id2label == dict(enumerate(NAMES))


def test_scores_go_by_name_and_leave_out_what_has_no_label():
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    prediction = Prediction([[3, 1, 2, 0, 0, 3]], [[-100, 1, 2, 0, 3, -100]])
    found = ner.scores(prediction, names)
    assert found == pytest.approx({"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "accuracy": 0.75})


def test_the_card_holds_the_figures_of_the_last_epoch(task):
    row = {"epoch": 1, "f1": 0.1, "precision": 0.2, "recall": 0.3, "accuracy": 0.4}
    card = task.card([row, row | {"epoch": 2, "f1": 0.5678}])
    assert card.startswith("---\nbase_model: ")
    for words in ("F1 0.568", "epoch 2 of", f"{len(task.train)} sentences"):
        assert words in card
