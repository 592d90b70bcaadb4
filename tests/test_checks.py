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
from helpers.processes import dealt
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


def test_repeated_rows_are_those_that_accelerate_deals_out():
    solution = exercise("check_repeated_rows", build.solved_version)
    for rows, size, processes in itertools.product(range(1, 14), range(1, 4), range(1, 4)):
        held = dealt(torch.utils.data.DataLoader(range(rows), batch_size=size), processes, False)
        assert solution(rows, size, processes) == sum(map(len, itertools.chain(*held))) - rows


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


UNCHANGEABLE = (
    "check_training_steps",
    "check_repeated_rows",
    "check_affordable_iterations",
    "check_is_safetensors",
)


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
        assert f"<code>{escape(value)}</code>" in html  # no picture: texts, not lists


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


# The picture of the first difference


def picture(yours, expected, *inputs, function=None):
    """Return the picture of a wrong answer to one case."""
    function = function or (lambda *_: yours)
    verdict = compare("f", function, lambda *_: expected, [inputs or (0,)])
    assert verdict.status == "wrong"
    assert verdict.picture in verdict._repr_html_()
    return verdict.picture


def table_of(html):
    """Return row title → cells of a picture's table; a cell of another colour begins with an asterisk."""
    rows = {}
    for row in re.findall(r"<tr>(.*?)</tr>", html):
        title = re.search(r"<th[^>]*>(.*?)</th>", row)[1]
        cells = re.findall(r"<td style='(.*?)'>(.*?)</td>", row)
        rows[title] = [("*" if "background" in style else "") + text for style, text in cells]
    return rows


def align(labels, word_ids):
    return [3, 0, 0]


def test_lists_stand_cell_under_cell_with_their_inputs_above():
    html = picture([3, 0, 0], [3, IGNORE_INDEX, 0], ["a", "b", "c"], [None, 0, 1], function=align)
    assert table_of(html) == {
        "place": ["0", "1", "2"],
        "labels": ["a", "b", "c"],
        "word_ids": ["None", "0", "1"],
        "yours": ["3", "*≠ 0", "0"],
        "expected": ["3", "IGNORE", "0"],
    }
    assert "labels =" not in html


@pytest.mark.parametrize(
    ("yours", "expected", "shown", "wanted"),
    [
        pytest.param([1], [1, 2], ["1", "*≠ –"], ["1", "2"], id="too short"),
        pytest.param([1, 2], [1], ["1", "*≠ 2"], ["1", "–"], id="too long"),
        pytest.param([], ["a"], ["*≠ –"], ["a"], id="empty"),
        pytest.param(["1"], [1], ["*≠ &#x27;1&#x27;"], ["1"], id="text for a number"),
        pytest.param([" a", "b"], ["a", "b"], ["*≠ &#x27; a&#x27;", "b"], ["a", "b"], id="a space"),
        pytest.param((1, 5), [1, 2], ["1", "*≠ 5"], ["1", "2"], id="a tuple"),
        pytest.param(np.array([1, 5]), [1, 2], ["1", "*≠ 5"], ["1", "2"], id="an array"),
        pytest.param([torch.tensor(5)], [2], ["*≠ 5"], ["2"], id="tensors in a list"),
        pytest.param(
            [0.1 + 0.2, 1.5], [0.3, 2.5], ["0.3", "*≠ 1.5"], ["0.3", "2.5"], id="rounding"
        ),
        pytest.param(
            [("PER", np.int64(0))],
            [("PER", 1)],
            ["*≠ (&#x27;PER&#x27;, 0)"],
            ["(&#x27;PER&#x27;, 1)"],
            id="tuples in a list",
        ),
    ],
)
def test_the_cells_that_differ_are_marked(yours, expected, shown, wanted):
    rows = table_of(picture(yours, expected))
    assert (rows["yours"], rows["expected"]) == (shown, wanted)


def test_dictionaries_stand_key_by_key():
    rows = table_of(picture(Counter({"fp": 1, "tp": 2, "x": 0}), {"tp": 2, "fp": 3, "fn": 0}))
    assert rows["key"] == ["tp", "fp", "fn", "x"]
    assert rows["yours"] == ["2", "*≠ 1", "*≠ –", "*≠ 0"]
    assert rows["expected"] == ["2", "3", "0", "–"]


@pytest.mark.parametrize(("at", "first", "last"), [(0, 0, 15), (50, 42, 57), (99, 84, 99)])
def test_a_long_list_is_cut_around_its_first_difference(at, first, last):
    expected = list(range(100))
    html = picture([*expected[:at], -1, *expected[at + 1 :]], expected)
    rows = table_of(html)
    assert rows["place"] == [str(place) for place in range(first, last + 1)]
    assert rows["yours"][at - first] == "*≠ -1"
    assert f"{first + 1} to {last + 1} of 100" in html


def test_wide_cells_leave_room_for_few():
    words = ["w" * 60] * 9
    rows = table_of(picture([*words[:-1], "x"], words))
    assert rows["place"] == ["6", "7", "8"]
    assert rows["expected"] == ["w" * 40 + " …"] * 3


@pytest.mark.parametrize(
    ("yours", "expected"),
    [(1, 2), ("ab", "ba"), (None, [1]), ([1], None), ({"a": 1}, [1]), (ValueError("no"), [1])],
)
def test_what_cannot_stand_side_by_side_is_told_in_words(yours, expected):
    assert picture(yours, expected) == ""


def test_an_input_of_the_same_length_by_chance_is_no_row():
    cases = [(["x", "y"],), (["x", "y", "z"],)]
    verdict = compare("f", lambda names: [0, 0], lambda names: [0, 1], cases)
    assert "names" not in table_of(verdict.picture)
    assert "names = <code>[&#x27;x&#x27;, &#x27;y&#x27;]</code>" in verdict.picture


def test_a_picture_escapes_everything_it_shows():
    bad = "<script>alert(1)</script>"
    for yours, expected in (([bad], ["a"]), ({bad: 1}, {"a": 1}), (["a"], [bad])):
        html = picture(yours, expected, [bad])
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


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
