"""Question answering against plain nested loops, on random and on awkward text."""

import copy
import random

import families
import numpy as np
import plain_windows
import pytest
import tagging
import torch
from datasets import Dataset
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.processors import TemplateProcessing
from transformers import RobertaTokenizer

from benchmarks import loops
from helpers import qa, spans

WORDS = [
    *("the", "boat", "boat", "Ishan", "1938", "clams", "unfathomable", "don't", ",", ".", "(a"),
    "cafe\u0301",  # the accent is a character of its own, and this tokenizer drops it
    *("\u0301", "\u200b", "😀", "👩\u200d👩\u200d👧", "日本", "x\u0301\u0302y"),
    *("  ", "\n", "[SEP]", "naïve"),
]
FIELDS = ("input_ids", "offset_mapping", "example_id", "context_tokens", "cls_index")


@pytest.fixture(scope="module", params=["right", "left"])
def sided(request, tokenizer):
    """The bundled tokenizer, and the same one padding on the left."""
    chosen = copy.deepcopy(tokenizer)
    chosen.padding_side = request.param
    return chosen


def random_text(rng, words):
    return "".join(rng.choice(WORDS) + rng.choice([" ", " ", ""]) for _ in range(words))


def random_answer(rng, context):
    """Return an answer anywhere: within words, at the ends, the whole context, or none."""
    if not context or rng.random() < 0.15:
        return {"text": [], "answer_start": []}
    start = rng.choice([0, rng.randrange(len(context)), rng.randrange(len(context))])
    end = rng.choice([len(context), start + 1, rng.randint(start + 1, len(context))])
    end = min(end, rng.choice([end, start + 25]))
    return {"text": [context[start:end]], "answer_start": [start]}


def random_examples(rng, count):
    contexts = [random_text(rng, rng.choice([0, 1, 8, 30, 80])) for _ in range(count)]
    return {
        "id": [f"{n:03d}" for n in range(count)],
        "question": [random_text(rng, rng.randint(1, 4)) for _ in range(count)],
        "context": contexts,
        "answers": [random_answer(rng, context) for context in contexts],
    }


def random_sizes(rng):
    max_length = rng.choice([48, 64, 96, 384])
    return max_length, rng.choice([0, 1, 5, 10])


def example(context, *answer, start=0, question="Which boat?"):
    return {
        "id": ["a"],
        "question": [question],
        "context": [context],
        "answers": [{"text": list(answer), "answer_start": [start] * len(answer)}],
    }


def labeled(context, answer, start, tokenizer, *sizes):
    """Return the text between the marked positions of each window; None for CLS."""
    rows = example(context, answer, start=start)
    features = qa.prepare_train_features(rows, tokenizer, *sizes)
    places, found = qa.prepare_validation_features(rows, tokenizer, *sizes), []
    for row, first in enumerate(features["start_positions"]):
        last, offsets = features["end_positions"][row], places["offset_mapping"][row]
        none = first == last == places["cls_index"][row]
        found.append(None if none else context[offsets[first][0] : offsets[last][1]])
    return found


# Windows and positions


@pytest.mark.parametrize("seed", range(10))
def test_windows_and_positions_equal_the_loops(seed, sided):
    rng = random.Random(seed)
    examples, sizes = random_examples(rng, 30), random_sizes(rng)
    train = qa.prepare_train_features(examples, sided, *sizes)
    validation = qa.prepare_validation_features(examples, sided, *sizes)
    ids, marks, context, owners = [], [], [], []
    for name, question, text, answers in zip(*examples.values(), strict=True):
        made = plain_windows.windows(question, text, sided, *sizes)
        ids += [window[0] for window in made]
        context += [window[1:3] if window[1] < window[2] else (0, 0) for window in made]
        owners += [name] * len(made)
        marks += plain_windows.positions(question, text, answers, sided, *sizes)
    assert train["input_ids"] == validation["input_ids"] == ids
    assert list(zip(train["start_positions"], train["end_positions"], strict=True)) == marks
    assert validation["context_tokens"] == context
    assert validation["example_id"] == owners
    cls = [row[at] for row, at in zip(ids, validation["cls_index"], strict=True)]
    assert set(cls) == {sided.cls_token_id}
    assert any(first != last for first, last in marks)


@pytest.mark.parametrize(
    ("context", "answer", "start", "found"),
    [
        pytest.param("boat ashore", "boat", 0, "boat", id="first character"),
        pytest.param("a red boat", "boat", 6, "boat", id="last character"),
        pytest.param("boat", "boat", 0, "boat", id="all of the context"),
        pytest.param("the boats", "boat", 4, "boats", id="part of a word"),
        pytest.param(" a boat ", " boat ", 2, "boat", id="spaces around it"),
        pytest.param("the cafe\u0301", "cafe\u0301", 4, "cafe", id="an accent at the end"),
        pytest.param("the cafe\u0301 is", "cafe\u0301", 4, "cafe", id="an accent in the middle"),
        pytest.param("a 😀 boat", "😀", 2, "😀", id="an emoji"),
        pytest.param("a \u0301 boat", "\u0301", 2, None, id="nothing that a token covers"),
    ],
)
def test_the_marked_tokens_are_the_answer(context, answer, start, found, sided):
    assert labeled(context, answer, start, sided) == [found]


def test_an_answer_cut_by_a_window_is_marked_only_where_it_is_whole(sided):
    # of 10 tokens the question takes three, so do the specials: "a b c d", "c d e f", "e f g"
    assert labeled("a b c d e f g", "d e", 6, sided, 10, 2) == [None, "d e", None]
    assert labeled("a b c d e f g", "b c d e f", 2, sided, 10, 2) == [None, None, None]


def test_an_empty_context_makes_one_window_without_context_and_without_answer(sided):
    rows = example("")
    train = qa.prepare_train_features(rows, sided)
    features = qa.prepare_validation_features(rows, sided)
    assert features["context_tokens"] == [(0, 0)]
    assert train["start_positions"] == features["cls_index"]
    scores = spans.score_predictions(rows, features, *points(features)).loc["a"]
    assert (scores["text"], scores["score"], scores["null_score"]) == ("", -np.inf, 0)
    assert qa.postprocess_predictions(rows, features, *points(features)) == {"a": ""}


def test_cls_may_stand_last(tokenizer):
    xlnet_like = copy.deepcopy(tokenizer)
    xlnet_like.padding_side = "left"
    xlnet_like.backend_tokenizer.post_processor = TemplateProcessing(
        single="$A [SEP] [CLS]",
        pair="$A [SEP] $B:1 [SEP]:1 [CLS]:2",
        special_tokens=[("[SEP]", 102), ("[CLS]", 101)],
    )
    features = qa.prepare_train_features(example("a boat " * 9, "boat", start=2), xlnet_like, 16, 0)
    assert {row[-1] for row in features["input_ids"]} == {101}
    assert features["start_positions"][0] != 15
    assert features["start_positions"][1:] == [15] * (len(features["start_positions"]) - 1)


def test_a_tokenizer_of_bytes_marks_whole_characters():
    """Every byte is a token, so an emoji is four tokens of the same character."""
    pieces = [*sorted(ByteLevel.alphabet()), *families.ROBERTA]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    bytewise = RobertaTokenizer(vocab=vocabulary, merges=[], trim_offsets=False)
    context = "a 😀 in the café, 日本"
    for start in range(len(context)):
        for end in range(start + 1, len(context) + 1):
            answer = context[start:end]
            assert labeled(context, answer, start, bytewise) == [answer]


@pytest.mark.parametrize("family", families.FAMILIES)
def test_in_each_family_the_marked_tokens_are_the_answer_and_the_text(family):
    context, answer = "The map was drawn by Jan Mayer. " * 30, "Jan Mayer"
    chosen = families.tokenizer(family)
    found = labeled(context, answer, context.rindex(answer), chosen, 96, 24)
    assert found[0] is None
    assert set(found) == {None, answer}
    model = families.model(family, "QuestionAnswering")
    text, _, _, start, end = qa.answer("Who?", context, model, chosen, max_length=96, doc_stride=24)
    assert text == text.strip() == context[start:end] != ""


@pytest.mark.parametrize(
    ("text", "start", "stands", "place"),
    [
        ("map", 3, " ma", r"\[4\]"),
        ("map", -7, "", r"\[4\]"),
        ("maps", 4, "map ", "no place"),
    ],
)
def test_an_answer_that_is_not_at_its_start_is_refused(text, start, stands, place, tokenizer):
    message = f"'{text}' .* answer_start {start}, where '{stands}' .*stands at {place}"
    with pytest.raises(ValueError, match=f"'a': the answer {message}"):
        qa.prepare_train_features(example("the map was drawn", text, start=start), tokenizer)


# Errors of windows


@pytest.mark.parametrize(
    ("sizes", "question", "message"),
    [
        ((0, 0), "boat", r"max_length is 0\..*1 or more"),
        ((5, 0), "a?", "max_length is 5,.*question 'a.' has 2 tokens and 3 are special"),
        ((40, 4), "boat " * 40, "max_length is 40,.*leaves 0 .* Use max_length > 47, .* a shorter"),
        ((513, 120), "boat", r"max_length is 513\..*Use at most 512"),
        ((384, -1), "boat", r"doc_stride is -1\..*0 or more"),
        ((13, 9), "boat", r"doc_stride is 9\..*leaves 9 .* Use max_length > 13, a smaller doc"),
    ],
)
def test_sizes_that_leave_no_window_are_refused(sizes, question, message, sided):
    rows = example("a boat " * 50, question=question)
    for prepare in (qa.prepare_train_features, qa.prepare_validation_features):
        with pytest.raises(ValueError, match=message):
            prepare(rows, sided, *sizes)


def test_sizes_at_the_limit_work(sided):
    rows = example("a b c d", question="q")
    assert len(qa.prepare_validation_features(rows, sided, 5, 0)["input_ids"]) == 4
    assert len(qa.prepare_validation_features(rows, sided, 6, 1)["input_ids"]) == 3


def test_a_tokenizer_without_cls_is_refused(tokenizer):
    headless = copy.deepcopy(tokenizer)
    headless.cls_token = None
    with pytest.raises(ValueError, match="Use .*, fast and with a CLS token"):
        qa.prepare_train_features(example("a boat"), headless)


# From logits to text


def random_logits(rng, features, ties):
    """Return logits padded to their width; with `ties` there are only four values."""
    width = max(map(len, features["input_ids"]))
    shape = (2, len(features["input_ids"]), width + rng.choice([0, 3]))
    numbers = np.random.default_rng(rng.randrange(2**32))
    values = numbers.integers(0, 4, shape) if ties else numbers.normal(size=shape)
    return values.astype(np.float32)


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("seed", range(10))
def test_texts_equal_the_loops(seed, ties, sided):
    rng = random.Random(100 + seed)
    examples, sizes = random_examples(rng, 20), random_sizes(rng)
    features = qa.prepare_validation_features(examples, sided, *sizes)
    logits = random_logits(rng, features, ties)
    options = {
        "n_best": rng.choice([1, 2, 20, 1000]),
        "max_answer_length": rng.choice([1, 3, 30]),
        "allow_no_answer": rng.random() < 0.7,
        "null_threshold": rng.choice([-3.0, -1.0, 0.0]),
    }
    expected = loops.postprocess(examples, features, *logits, **options)
    assert qa.postprocess_predictions(examples, features, *logits, **options) == expected
    # the same in another order, in tables and tensors
    order = rng.sample(range(logits.shape[1]), logits.shape[1])
    shuffled = {name: [features[name][row] for row in order] for name in FIELDS}
    tables = Dataset.from_dict(examples), Dataset.from_dict(shuffled)
    tensors = map(torch.tensor, logits[:, order])
    shuffled_texts = qa.postprocess_predictions(*tables, *tensors, **options)
    assert shuffled_texts == expected
    assert list(shuffled_texts) == examples["id"]


def points(features, **marks):
    """Return logits of 0 with what is asked: start=(row, position, value), end=(...), ..."""
    shape = (len(features["input_ids"]), max(map(len, features["input_ids"])))
    logits = {"start": np.zeros(shape), "end": np.zeros(shape)}
    for name, (row, place, value) in marks.items():
        logits[name.split("_")[0]][row, place] = value
    return logits["start"], logits["end"]


THREE = {"start": (0, 3, 5), "end": (0, 5, 5)}  # "a b c"
EQUAL = {"start": (0, 4, 1), "start_2": (0, 5, 1), "end": (0, 6, 1), "end_2": (0, 5, 1)}
IN_BOTH = {"start": (0, 5, 4), "end": (0, 6, 4), "start_2": (1, 3, 4), "end_2": (1, 3, 4)}


@pytest.mark.parametrize(
    ("context", "marks", "longest", "windows", "text"),
    [
        pytest.param("a b c d", {}, 30, ["a"], "a", id="of equal spans the first"),
        pytest.param("a b c d", EQUAL, 30, ["b c"], "b c", id="and then the shortest"),
        # the windows hold "a b c d" and "c d e f"
        pytest.param("a b c d e f", IN_BOTH, 30, ["c d", "c"], "c", id="shortest of two windows"),
        pytest.param("a b c d", THREE, 3, ["a b c"], "a b c", id="as long as allowed, in tokens"),
        pytest.param("a b c d", THREE, 2, ["a"], "a", id="longer than allowed"),
    ],
)
def test_the_span_that_wins(context, marks, longest, windows, text, tokenizer):
    rows = example(context, question="q")
    features = qa.prepare_validation_features(rows, tokenizer, 8, 2)
    logits, limit = points(features, **marks), {"max_answer_length": longest}
    best = spans.score_windows(features, *logits, **limit)[["start", "end"]]
    assert [context[start:end] for start, end in best.values] == windows
    assert qa.postprocess_predictions(rows, features, *logits, **limit) == {"a": text}


def three_windows(tokenizer):
    """An answer in the second of three windows; CLS scores 8, 1 and 8, the span 6."""
    rows = example("a b c d e f g", question="q")
    features = qa.prepare_validation_features(rows, tokenizer, 8, 2)
    marks = {"start": (0, 0, 8), "start_2": (1, 0, 1), "start_3": (2, 0, 8)}
    logits = points(features, **marks, start_4=(1, 4, 3), end=(1, 5, 3))
    return rows, features, logits


def test_a_higher_threshold_answers_more_often(tokenizer):
    rows, features, logits = three_windows(tokenizer)  # null score - best score: -5
    for threshold, text in ((-5.5, ""), (-5.0, "d e"), (0.0, "d e")):
        for allow, said in ((True, text), (False, "d e")):
            options = {"null_threshold": threshold, "allow_no_answer": allow}
            assert qa.postprocess_predictions(rows, features, *logits, **options) == {"a": said}


def test_no_examples_give_no_texts(tokenizer):
    rows = {"id": [], "context": [], "question": []}
    features = qa.prepare_validation_features(example("a"), tokenizer)
    none = {name: features[name][:0] for name in FIELDS}
    assert qa.postprocess_predictions(rows, none, np.zeros((0, 7)), np.zeros((0, 7))) == {}


ZEROS = np.zeros((3, 8))
NAN = np.where(np.arange(3)[:, None] == 1, np.nan, ZEROS)
FEWER = r"start_logits has the shape \(2, 8\), .* but there are 3 features of up to 8 tokens"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_logits": ZEROS[:2]}, FEWER),
        ({"start_logits": ZEROS[:, :7]}, r"shape \(3, 7\)"),
        ({"start_logits": ZEROS[0]}, r"shape \(8,\)"),
        ({"end_logits": np.zeros((3, 9))}, r"start_logits .* shape \(3, 8\), end_logits \(3, 9\)"),
        ({"start_logits": ZEROS - np.inf}, "start_logits holds NaN or infinity"),
        ({"end_logits": NAN}, "end_logits holds NaN .* in row 1 first. Lower the learning rate"),
        ({"examples": {"id": ["a", "b"]}}, "1 examples have no features, 'b' the first"),
        ({"examples": {"id": []}}, "1 example ids of the features are no example's, 'a' the first"),
        ({"examples": {"id": ["a", "a"]}}, "The id 'a' stands twice"),
        ({"n_best": 0}, "n_best is 0.*1 or more"),
        ({"max_answer_length": 0}, "max_answer_length is 0.*1 or more"),
    ],
)
def test_what_does_not_belong_together_is_refused(change, message, tokenizer):
    rows, features, _ = three_windows(tokenizer)
    rest = {"examples": rows, "start_logits": ZEROS, "end_logits": ZEROS}
    with pytest.raises(ValueError, match=message):
        qa.postprocess_predictions(features=features, **rest | change)


# One question, one context


@pytest.fixture(scope="module")
def model(tokenizer):
    return tagging.small("QuestionAnswering", len(tokenizer), initializer_range=0.5)


def alone(model, features, row):
    """Return start and end logits of a window, (tokens,) each, that the model reads by itself."""
    names = ("input_ids", "attention_mask", "token_type_ids")
    with torch.no_grad():
        output = model.eval()(**{name: torch.tensor([features[name][row]]) for name in names})
    return output.start_logits[0], output.end_logits[0]


def test_answer_equals_one_window_at_a_time(model, sided):
    context = random_text(random.Random(5), 150)
    found = qa.answer("Which boat?", context, model, sided, max_length=64, doc_stride=16)
    rows = example(context)
    features = qa.prepare_validation_features(rows, sided, 64, 16)
    assert len(features["input_ids"]) > 4
    starts, ends = np.full((2, len(features["input_ids"]), 64), -50.0)
    for row, ids in enumerate(features["input_ids"]):
        starts[row, : len(ids)], ends[row, : len(ids)] = alone(model, features, row)
    expected = loops.postprocess(rows, features, starts, ends)["a"]
    assert found.text == expected == context[found.start : found.end] != ""


def test_windows_of_like_length_share_a_batch_whose_padding_moves_no_logit(model, tokenizer):
    rows = random_examples(random.Random(3), 9)
    features = qa.prepare_validation_features(rows, tokenizer, 64, 16)
    lengths, widths = [len(ids) for ids in features["input_ids"]], []
    hook = model.register_forward_hook(
        lambda *given: widths.append(given[2]["input_ids"].shape[1]), with_kwargs=True
    )
    together = spans.window_logits(features, model, tokenizer, batch_size=4)
    hook.remove()
    assert widths == [max(sorted(lengths)[at : at + 4]) for at in range(0, len(lengths), 4)]
    assert widths[0] < widths[-1]
    held = spans.window_logits(Dataset.from_dict(dict(features)), model, tokenizer, batch_size=4)
    assert all(map(np.array_equal, held, together))
    for row, length in enumerate(lengths):
        for logits, wanted in zip(together, alone(model, features, row), strict=True):
            np.testing.assert_allclose(logits[row, :length], wanted, rtol=0, atol=1e-4)


def test_answer_leaves_the_model_in_its_mode_and_answers_in_eval_mode(model, tokenizer):
    answers = []
    for training in (True, False, True):
        model.train(training)
        answers.append(qa.answer("Which boat?", "a boat " * 9, model, tokenizer))
        assert model.training == training
    assert answers[0] == answers[1] == answers[2]
    assert qa.answer("Which boat?", "", model, tokenizer).text == ""


def test_answer_with_and_without_leave_to_be_empty(model, tokenizer):
    ask = ("Which boat?", "a red boat, two clams", model, tokenizer)
    given = qa.answer(*ask)
    gap = given.null_score - given.score
    empty = qa.answer(*ask, allow_no_answer=True, null_threshold=gap - 0.01)
    assert given.text
    assert (empty.text, empty.start, empty.end) == ("", 0, 0)
    assert (empty.score, empty.null_score) == (given.score, given.null_score)
    assert qa.answer(*ask, allow_no_answer=True, null_threshold=gap + 0.01) == given
    assert qa.answer(*ask, null_threshold=gap - 0.01) == given
    assert [type(part) for part in given] == [str, float, float, int, int]
