"""Drawn input for what is computed: alignment, entities, windows, spans, masks, adapters; nothing but documented errors."""

import copy
import math
import random
from functools import cache

import families
import numpy as np
import plain_windows
import published
import pytest
import tagging
import torch
from fuzzing import broken, broken_json, many, refused
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.linear_model import LogisticRegression
from test_metrics import squad, squad_v2
from transformers import BertForMaskedLM

from helpers import IGNORE_INDEX, data, encoder, fewshot, masking, metrics, ner, qa, runs, spans
from labs.own_data.tagging import Span, is_iob2, scheme, spans_of, split_words, tags_of, to_iob2
from tools import adapters

NAMES = data.NER_NAMES
TAGS = [*NAMES, "B-a-b", "I-a-b"]
TOKENIZERS = st.sampled_from(["BERT", "ModernBERT", "ALBERT"]).map(families.tokenizer)
WORDWISE = st.sampled_from(["BERT", "ALBERT", "RoBERTa"]).map(lambda name: spaced(name))
TEXTS = st.text(max_size=8) | st.sampled_from(["boat", "don't", "the", "é", "日本", "[SEP]", "\n"])


# Alignment and entities


@cache
def spaced(name):
    """Return a family's tokenizer that reads the words of a list as they stand in a text."""
    tokenizer = copy.deepcopy(families.tokenizer(name))
    tokenizer.backend_tokenizer.pre_tokenizer.add_prefix_space = True
    return tokenizer


@many
@given(
    sentence=st.lists(st.tuples(TEXTS, st.integers(0, len(NAMES) - 1)), max_size=9),
    tokenizer=WORDWISE,
    strategy=st.sampled_from(ner.STRATEGIES),
    max_length=st.none() | st.integers(3, 20),
)
def test_any_words_are_aligned(sentence, tokenizer, strategy, max_length):
    words, tags = [word for word, _ in sentence], [tag for _, tag in sentence]
    options = {"strategy": strategy, "max_length": max_length}
    examples = {"tokens": [words], "ner_tags": [tags]}
    encoding = ner.tokenize_and_align(examples, tokenizer, NAMES, **options)
    (labels,), before = encoding["labels"], None
    assert len(labels) == len(encoding["input_ids"][0]) <= (max_length or math.inf)
    for label, word in zip(labels, encoding.word_ids(0), strict=True):
        if word is None:
            assert label == IGNORE_INDEX
        elif word != before or strategy == "repeat":
            assert label == tags[word]
        elif strategy == "inside":
            assert NAMES[label] == NAMES[tags[word]].replace("B-", "I-")
        else:
            assert label == IGNORE_INDEX
        before = word


IDS = st.lists(st.integers(-2, 10), max_size=7)


@many
@given(
    labels=IDS,
    words=st.lists(st.none() | st.integers(-1, 7), max_size=9),
    names=st.lists(st.sampled_from(TAGS)),
    strategy=st.sampled_from([*ner.STRATEGIES, "last"]),
)
def test_any_labels_are_aligned_or_refused(labels, words, names, strategy):
    with refused():
        aligned = ner.align_labels(labels, words, names, strategy)
        assert len(aligned) == len(words)
        assert set(aligned) <= {IGNORE_INDEX, *range(len(names))}


TABLES = st.lists(st.lists(st.integers(-1, 9) | st.just(IGNORE_INDEX), max_size=4), max_size=3)


@many
@given(predictions=TABLES, references=TABLES)
def test_any_ids_are_decoded_or_refused(predictions, references):
    with refused():
        said, true = ner.to_entities(predictions, references, NAMES)
        kept = [[NAMES[i] for i in row if i != IGNORE_INDEX] for row in references]
        assert true == kept
        assert [len(row) for row in said] == [len(row) for row in kept]


LETTERS = st.sampled_from(["O", *(f"{letter}-{kind}" for letter in "BIESLUMW" for kind in "XY")])


@many
@given(tags=st.lists(LETTERS | TEXTS.filter(str.strip), max_size=9))
def test_any_tags_become_entities_and_come_back(tags):
    plain = to_iob2(tags)
    assert len(plain) == len(tags)
    assert is_iob2(plain)
    assert (to_iob2(plain), scheme([plain])) == (plain, "")
    found = [(kind, start, last + 1) for kind, start, last in get_entities(plain)]
    assert found == published.chunks(plain)
    text = " ".join("word" for _ in tags)
    assert tags_of(spans_of(plain, split_words(text)), split_words(text)) == plain


PLACE = st.integers(-2, 32)
MARKS = st.lists(st.tuples(PLACE, PLACE, st.sampled_from("XY")), max_size=4)


@many
@given(text=st.text(max_size=30), marks=MARKS)
def test_any_spans_become_tags(text, marks):
    offsets = split_words(text)
    assert "".join(text[start:end] for start, end in offsets) == "".join(text.split())
    assert is_iob2(tags := tags_of([Span(*mark) for mark in marks], offsets))
    assert len(tags) == len(offsets)


def test_entity_scores_are_those_of_the_conll_scorer():
    rng = random.Random(0)
    tags = ["O", "O", "O", *(f"{letter}-{kind}" for letter in "BBI" for kind in ("X", "Y", "a-b"))]
    metric, invalid = metrics.load_metric("seqeval"), 0
    for _ in range(100):
        lengths = [rng.randint(1, 12) for _ in range(10)]
        predictions = [rng.choices(tags, k=length) for length in lengths]
        references = [rng.choices(tags, k=length) for length in lengths]
        invalid += sum(to_iob2(row) != row for row in [*predictions, *references])
        found = metric.compute(predictions=predictions, references=references)
        wanted = published.conll_scores(predictions, references)
        names = ("precision", "recall", "f1", "number")
        for kind, figures in wanted.items():
            row = found[kind] if kind else {n: found.get(f"overall_{n}") for n in names}
            compared = names if kind else names[:3]
            assert [row[n] for n in compared] == pytest.approx(list(figures)[: len(compared)]), kind
        right = np.equal(np.concatenate(predictions), np.concatenate(references))
        assert found["overall_accuracy"] == pytest.approx(right.mean())
    assert invalid > 500


# Windows and spans


@st.composite
def passages(draw):
    """Draw a question, a context, and an answer that stands in it, or none."""
    pieces = st.lists(TEXTS | st.just(" "), max_size=20).map("".join)
    context, answers = draw(pieces), {"text": [], "answer_start": []}
    if context and draw(st.booleans()):
        start = draw(st.integers(0, len(context) - 1))
        end = draw(st.integers(start + 1, len(context)))
        answers = {"text": [context[start:end]], "answer_start": [start]}
    return {"id": ["a"], "question": [draw(pieces)], "context": [context], "answers": [answers]}


@many
@given(
    example=passages(), tokenizer=TOKENIZERS, length=st.integers(-1, 60), stride=st.integers(-1, 20)
)
def test_any_passage_is_cut_into_windows_or_refused(example, tokenizer, length, stride):
    sizes = tokenizer, length, stride
    with refused("Use "):
        check_windows(example, sizes)


def check_windows(example, sizes):
    tokenizer, length, _ = sizes
    train = qa.prepare_train_features(example, *sizes)
    windows = qa.prepare_validation_features(example, *sizes)
    (context,), seen = example["context"], []
    assert max(map(len, windows["input_ids"])) <= length
    for offsets, held in zip(windows["offset_mapping"], windows["context_tokens"], strict=True):
        seen += offsets[slice(*held)]
    _, whole = plain_windows.whole_tokens(context, tokenizer)
    assert len({tuple(place) for place in seen}) <= len(whole) <= len(seen)
    (answer,) = example["answers"]
    marks = zip(train["start_positions"], train["end_positions"], strict=True)
    places = zip(windows["cls_index"], windows["offset_mapping"], strict=True)
    for (first, last), (cls, offsets) in zip(marks, places, strict=True):
        if first == cls:
            assert last == cls
            continue
        start, end = offsets[first][0], offsets[last][1]
        asked = answer["answer_start"][0], answer["answer_start"][0] + len(answer["text"][0])
        assert start < asked[1]
        assert asked[0] < end
    if tokenizer is families.tokenizer("BERT"):
        made = plain_windows.windows(*example["question"], context, *sizes)
        assert windows["input_ids"] == [ids for ids, *_ in made]


@many
@given(
    example=passages(),
    tokenizer=TOKENIZERS,
    seed=st.integers(0, 99),
    n_best=st.integers(-1, 30),
    longest=st.integers(-1, 30),
)
def test_any_answer_stands_in_its_passage(example, tokenizer, seed, n_best, longest):
    with refused("Use "):
        windows = qa.prepare_validation_features(example, tokenizer, 40, 8)
        shape = (len(windows["input_ids"]), 40)
        logits = np.random.default_rng(seed).integers(-3, 4, (2, *shape)).astype(np.float32)
        options = {"n_best": n_best, "max_answer_length": longest}
        table = spans.score_predictions(example, windows, *logits, **options)
        (row,) = table.to_dict("records")
        assert example["context"][0][row["start"] : row["end"]] == row["text"]
        assert np.isfinite(row["null_score"])


# Masks


@many
@given(
    rows=st.lists(st.lists(st.integers(0, 499), min_size=1, max_size=12), min_size=1, max_size=4),
    tokenizer=TOKENIZERS,
    share=st.floats(0.01, 1),
    seed=st.integers(0, 2**40),
)
def test_any_ids_are_masked_by_whole_words(rows, tokenizer, share, seed):
    rows = [torch.tensor(row) % len(tokenizer) for row in rows]
    examples = [{"input_ids": row.tolist()} for row in rows]
    before = torch.nn.utils.rnn.pad_sequence(rows, True, tokenizer.pad_token_id)
    collator = masking.WholeWordMaskCollator(tokenizer, share, seed)
    batch = collator(examples)
    hit = batch["labels"] != IGNORE_INDEX
    special = torch.isin(before, torch.tensor(tokenizer.all_special_ids))
    assert not (hit & special).any()
    assert torch.equal(batch["labels"][hit], before[hit])
    assert torch.equal(batch["input_ids"][~hit], before[~hit])
    words = collator.words(before)
    for numbers, masked in zip(words, hit, strict=True):
        for word in set(numbers.tolist()) - {-1}:
            assert len(set(masked[numbers == word].tolist())) == 1
    again = masking.WholeWordMaskCollator(tokenizer, share, seed)
    assert torch.equal(again(examples)["labels"], batch["labels"])


# Scores of answers

PIECES = ["the", "a", "an", "boat", "Boat,", "lake.", "é", "--", "the."]
SAID = st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join) | st.text(max_size=6)
ANSWERS = st.lists(SAID, max_size=2)
# The official search for a threshold takes "the" for an answer; its scores take it for none.
TOLD = SAID.map(lambda text: text * bool(metrics.normalize(text)))


@many
@given(
    rows=st.lists(st.tuples(SAID, st.lists(SAID, min_size=1, max_size=3)), min_size=1, max_size=4)
)
def test_squad_scores_are_those_of_the_official_script(rows):
    assert squad(*rows) == pytest.approx(published.squad(*zip(*rows, strict=True)))


@many
@given(
    rows=st.lists(st.tuples(SAID, ANSWERS, st.floats(0, 3)), min_size=1, max_size=5),
    threshold=st.floats(-3, 3),
)
def test_squad_v2_scores_are_those_of_the_official_script(rows, threshold):
    found = squad_v2(*rows, no_answer_threshold=threshold)
    wanted = published.squad_v2(*zip(*rows, strict=True), threshold)
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)


DOUBTED = st.tuples(TOLD, ANSWERS, st.floats(-3, 3))


@many
@given(rows=st.lists(DOUBTED, min_size=1, max_size=6, unique_by=lambda row: row[2]))
def test_the_best_threshold_of_squad_v2_gives_the_best_score(rows):
    best = squad_v2(*rows)
    for name in ("exact", "f1"):
        found = squad_v2(*rows, no_answer_threshold=best[f"best_{name}_thresh"])
        assert found[name] == pytest.approx(best[f"best_{name}"])


# Files that the course reads: bundled rows, the ledger, adapters, a head

BREAK = {"json": broken_json, "sors": broken}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def bundled_lines():
    found = {}
    for name in ("rotten_tomatoes", "conll2003", "squad_v2"):
        source = data.SOURCES[name]
        lines = (data.DATA / source.bundle / "validation.jsonl").read_bytes().splitlines()
        found[name] = lines[0], source.features
    return found


@pytest.mark.parametrize("name", bundled_lines())
@many
@given(choice=st.data())
def test_a_broken_bundled_line_is_read_or_named(name, folder, choice):
    line, features = bundled_lines()[name]
    path = folder / "rows.jsonl"
    path.write_bytes(choice.draw(broken_json(line)))
    with refused("rows.jsonl"):
        assert data.read_jsonl(path, features).features == features


@many
@given(choice=st.data())
def test_a_broken_ledger_is_read_or_the_line_is_named(folder, choice):
    path = folder / "ledger.jsonl"
    path.unlink(missing_ok=True)
    row = {"lesson": "06", "run": "none", "track": "tiny", "seed": 1, "settings": {"a": 1}}
    runs.append(row, path)
    whole = path.read_bytes()
    path.write_bytes(whole + choice.draw(broken_json(whole)) + b"\n" + whole)
    with refused("ledger.jsonl, line"):
        assert set(runs.NAME) <= set(runs.read("06", file=path))


@cache
def adapter(folder):
    """Write a small encoder and an adapter of it; return the adapter's files."""
    model = tagging.small("MaskedLM")
    model.base_model.save_pretrained(folder / "base")
    adapters.save(adapters.adapt(model, 2, "transform.dense"), folder / "adapter")
    return {path.name: path.read_bytes() for path in (folder / "adapter").iterdir()}


def one_broken(files, folder, name, choice):
    """Write files into a folder, one of them broken."""
    content = choice.draw(BREAK[name[-4:]](files[name]))
    for file, whole in (files | {name: content}).items():
        (folder / file).write_bytes(whole)


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
@many
@given(choice=st.data())
def test_a_broken_adapter_is_loaded_or_refused(name, folder, choice):
    one_broken(adapter(folder), folder / "adapter", name, choice)
    with pytest.MonkeyPatch.context() as patch, refused("adapter", "Use an adapter"):
        patch.setattr(encoder, "folder", lambda: str(folder / "base"))
        model = encoder.load("minilm-mlm", folder / "adapter")
        assert type(model) is BertForMaskedLM
        assert not any(".lora_" in name for name, _ in model.named_parameters())


@cache
def head(folder):
    fitted = LogisticRegression().fit([[0.0, 1], [1, 0], [2, 2]], [0, 1, 2])
    fewshot.save_head(fitted, ["a", "b", "c"], folder / "head")
    return {path.name: path.read_bytes() for path in (folder / "head").iterdir()}


@pytest.mark.parametrize("name", [fewshot.WEIGHTS, fewshot.DESCRIPTION])
@many
@given(choice=st.data())
def test_a_broken_head_is_loaded_or_refused(name, folder, choice):
    one_broken(head(folder), folder / "head", name, choice)
    with refused("Save it again"):
        loaded, labels = fewshot.load_head(folder / "head")
        assert len(labels) >= len(loaded.classes_)
        width = loaded.coef_.shape[1]
        probable = loaded.predict_proba(np.zeros((2, width)))
        assert probable.shape == (2, len(loaded.classes_))
