"""Exercise checks: solutions pass, stubs wait, and the usual wrong answers are told by name."""

import ast
import functools
import itertools
import re
from collections import Counter
from html import escape

import numpy as np
import pytest
import torch
from wrong_answers import SECOND, WRONG
from wrong_answers.start import names_from_one

from helpers import checks
from helpers.checks.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX
from tools import build

CHECKS = sorted(name for name in checks.__all__ if name.startswith("check_"))
IMPORTS = {
    "torch": torch,
    "np": np,
    "Counter": Counter,
    "IGNORE_INDEX": IGNORE_INDEX,
    "re": re,
}  # what lessons import
DRAWS = 100  # the inputs are fresh at every call: a verdict must not depend on them


def code_cells(path):
    return [cell for cell in build.read_source(path).cells if cell.cell_type == "code"]


@functools.cache
def uses():
    """Return (check, the learner's function, lesson's source) of each check call in the lessons."""
    return [
        (call.func.attr, ast.unparse(call.args[0]), path)
        for path in build.sources()
        for cell in code_cells(path)
        if "checks.check_" in cell.source
        for call in ast.walk(ast.parse(cell.source))
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("checks.check_")
    ]


@functools.cache
def exercises(path, version):
    """Return the names a lesson's exercise cells define, after `version` has turned the lesson."""
    namespace = dict(IMPORTS)
    for cell in version(build.read_source(path)).cells:
        if "exercise" in cell.metadata.get("tags", []):
            exec(cell.source, namespace)
    return namespace


def exercise(name, version):
    """Return the function that a lesson gives to the check `name`."""
    function, path = next(use[1:] for use in uses() if use[0] == name)
    return exercises(path, version)[function]


every_check = pytest.mark.parametrize("name", CHECKS)


def judge(name, function):
    return getattr(checks, name)(function)


# Right answers that change what they were given ----------------------------------------------


def baseline_that_sorts(train_labels, labels):
    train_labels.sort()
    runs = [(len(list(run)), label) for label, run in itertools.groupby(train_labels)]
    return labels.count(max(runs)[1]) / len(labels)


def padding_that_takes_rows_away(lengths, batch_size):
    total, positions = sum(lengths), 0
    while lengths:
        positions += max(lengths[:batch_size]) * len(lengths[:batch_size])
        del lengths[:batch_size]
    return 1 - total / positions


def mistakes_that_shift_the_logits(logits, references, count):
    logits -= logits.max(axis=1, keepdims=True)
    references -= logits.argmax(axis=1)
    wrong = [row for row in range(len(logits)) if references[row]]
    return sorted(wrong, key=lambda row: np.exp(logits[row]).sum())[:count]


def firsts_in_place(labels, word_ids):
    for i in range(len(word_ids) - 1, 0, -1):
        if word_ids[i] is not None and word_ids[i] == word_ids[i - 1]:
            labels[i] = IGNORE_INDEX
    return labels


def hidden_from_the_sorted_end(text, entities):
    entities.sort(key=lambda entity: entity["start"])
    while entities:
        entity = entities.pop()
        text = text[: entity["start"]] + f"[{entity['entity_group']}]" + text[entity["end"] :]
    return text


# Tests ---------------------------------------------------------------------------------------


def test_each_check_belongs_to_one_exercise():
    assert sorted(check for check, _, _ in uses()) == CHECKS
    assert [function for _, function, _ in uses()] == [
        check.removeprefix("check_") for check, _, _ in uses()
    ]


@every_check
def test_the_solution_is_correct_on_every_draw(name):
    solution = exercise(name, build.solved_version)
    verdicts = [judge(name, solution) for _ in range(DRAWS)]
    assert [verdict for verdict in verdicts if verdict.status != "correct"] == []


@every_check
def test_the_stub_is_undone(name):
    verdict = judge(name, exercise(name, build.learner_version))
    assert (verdict.status, verdict.first_difference) == ("undone", ())
    assert "not done yet" in verdict.message


@every_check
def test_a_second_style_is_correct(name):
    verdict = judge(name, SECOND[name])
    assert verdict.status == "correct", verdict


@every_check
def test_three_wrong_answers_have_three_messages(name):
    assert len({fragment for _, fragment in WRONG[name].values()}) >= 3


@pytest.mark.parametrize(
    ("name", "function", "fragment"),
    [
        pytest.param(name, *case, id=f"{name.removeprefix('check_')}: {label}")
        for name, cases in WRONG.items()
        for label, case in cases.items()
    ],
)
def test_a_usual_mistake_is_named(name, function, fragment):
    verdict = judge(name, function)
    assert verdict.status == "wrong"
    assert fragment in verdict.message, verdict
    others = {other for _, other in WRONG[name].values()} - {fragment}
    assert [other for other in others if other in verdict.message] == []
    difference = dict(verdict.first_difference)
    assert list(difference) == ["input", "yours", "expected"]
    assert difference["yours"] != difference["expected"]


@every_check
def test_a_forgotten_return_is_named(name):
    solution = exercise(name, build.solved_version)

    def without_return(*arguments):
        solution(*arguments)

    verdict = judge(name, without_return)
    assert verdict.status == "wrong"
    assert "`return`" in verdict.message, verdict
    assert dict(verdict.first_difference)["yours"] == "None"


@every_check
def test_an_exception_is_named(name):
    def failing(*arguments):
        raise KeyError("no such <key>")

    verdict = judge(name, failing)
    assert verdict.status == "wrong"
    assert dict(verdict.first_difference)["yours"] == "KeyError: 'no such <key>'"
    assert "`return`" not in verdict.message


@every_check
def test_one_input_that_fails_is_the_one_shown(name):
    solution, calls = exercise(name, build.solved_version), itertools.count(1)

    def failing_at_the_third(*arguments):
        if next(calls) == 3:
            raise ZeroDivisionError("division by zero")
        return solution(*arguments)

    verdict = judge(name, failing_at_the_third)
    assert verdict.status == "wrong"
    assert verdict.message.startswith("an input makes it fail; 1 of ")
    assert dict(verdict.first_difference)["yours"] == "ZeroDivisionError: division by zero"


# Changed arguments


def ruin(arguments):
    """Empty every list and dictionary among the arguments, set every array to zero."""
    for argument in arguments:
        if type(argument) in (list, dict):
            argument.clear()
        elif isinstance(argument, np.ndarray):
            argument.fill(0)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        pytest.param("check_majority_baseline", baseline_that_sorts, id="sorts"),
        pytest.param("check_padding_share", padding_that_takes_rows_away, id="takes rows away"),
        pytest.param("check_confident_mistakes", mistakes_that_shift_the_logits, id="shifts"),
        pytest.param("check_keep_first", firsts_in_place, id="writes into the labels"),
        pytest.param("check_hide_names", hidden_from_the_sorted_end, id="empties the entities"),
    ],
)
def test_a_right_answer_may_change_its_arguments(name, function):
    verdict = judge(name, function)
    assert verdict.status == "correct", verdict


@every_check
def test_arguments_ruined_after_the_answer_do_no_harm(name):
    solution = exercise(name, build.solved_version)

    def careless(*arguments):
        answer = solution(*arguments)
        ruin(arguments)
        return answer

    verdict = judge(name, careless)
    assert verdict.status == "correct", verdict


UNCHANGEABLE = ("check_training_steps", "check_affordable_iterations", "check_is_safetensors")


@pytest.mark.parametrize("name", [name for name in CHECKS if name not in UNCHANGEABLE])
def test_arguments_ruined_before_the_answer_fool_no_check(name):
    solution, seen = exercise(name, build.solved_version), []

    def cheating(*arguments):
        seen.append(", ".join(map(repr, arguments)))
        ruin(arguments)
        return solution(*arguments)

    verdict = judge(name, cheating)
    assert verdict.status == "wrong"
    shown = dict(verdict.first_difference)["input"].removesuffix(" …")
    assert any(given.startswith(shown) for given in seen)


# What a verdict looks like


@pytest.mark.parametrize(
    ("function", "status"),
    [
        pytest.param(lambda label, names: names[label], "correct", id="correct"),
        pytest.param(exercise("check_decode_label", build.learner_version), "undone", id="undone"),
        pytest.param(names_from_one, "wrong", id="wrong"),
    ],
)
def test_a_verdict_shows_its_message(function, status):
    verdict = checks.check_decode_label(function)
    assert verdict.status == status
    shown, html = repr(verdict), verdict._repr_html_()
    assert f"decode_label: {verdict.message}" in shown
    assert escape(verdict.message) in html
    for name, value in verdict.first_difference:
        assert f"{name}: {value}" in shown
        assert f"<code>{escape(value)}</code>" in html


def test_a_verdict_escapes_everything_it_did_not_write():
    rows = (("<i>input</i>", "[1] & '<b>'"),)
    html = Verdict("<u>name</u>", "wrong", '1 < 2 & "so on"', rows)._repr_html_()
    assert "&lt;u&gt;name&lt;/u&gt;" in html
    assert "1 &lt; 2 &amp; &quot;so on&quot;" in html
    assert "&lt;i&gt;input&lt;/i&gt;" in html
    assert "[1] &amp; &#x27;&lt;b&gt;&#x27;" in html


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: "<script>alert(1)</script>", id="value"),
        pytest.param(lambda: int("<script>alert(1)</script>"), id="exception"),
    ],
)
def test_a_learner_s_answer_is_escaped(answer):
    html = checks.check_decode_label(lambda label, names: answer())._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


# What counts as the same


@pytest.mark.parametrize(
    ("answer", "expected", "status"),
    [
        pytest.param((1, 2), [1, 2], "correct", id="a tuple for a list"),
        pytest.param(np.array([1, 2]), [1, 2], "correct", id="an array for a list"),
        pytest.param(torch.tensor(2), 2, "correct", id="a tensor for a number"),
        pytest.param({"a": np.int64(1)}, {"a": 1}, "correct", id="NumPy inside a dict"),
        pytest.param(0.1 + 0.2, 0.3, "correct", id="rounding"),
        pytest.param([1, 2], [1, 2, 3], "wrong", id="too short"),
        pytest.param([2, 1], [1, 2], "wrong", id="other order"),
        pytest.param({"a": 1, "b": 0}, {"a": 1}, "wrong", id="a key too many"),
        pytest.param(True, 1, "wrong", id="a Boolean for a number"),
        pytest.param("1", 1, "wrong", id="text for a number"),
        pytest.param(0.3001, 0.3, "wrong", id="more than rounding"),
        pytest.param(float("nan"), 0.3, "wrong", id="not a number"),
    ],
)
def test_what_counts_as_the_same(answer, expected, status):
    assert compare("f", lambda _: answer, lambda _: expected, [(0,)]).status == status
