"""Exercise checks: solutions pass, stubs wait, and the usual wrong answers are told by name."""

import functools
import itertools
import random
import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import pytest
import second_answers
import torch

import exercises
from exercises.table import compare
from exercises.table import exercise as exercise_of
from exercises.verdict import Verdict
from helpers import IGNORE_INDEX
from tools import build

CHECKS = exercises.names()
# What solutions use of what their lessons import; a new one may need more.
IMPORTS = {"torch": torch, "np": np, "Counter": Counter, "IGNORE_INDEX": IGNORE_INDEX, "re": re}
FEW_DRAWS = 5
DRAWS = 50  # the inputs are fresh at every call: a verdict must not depend on them


@functools.cache
def answers(version):
    """Return check -> the function that its lesson gives it, after `version` has turned the lesson."""
    found = {}
    for path in build.sources():
        namespace = dict(IMPORTS)
        for cell in version(build.read_source(path)).cells:
            if "exercise" in cell.metadata.get("tags", []):
                exec(cell.source, namespace)
        found |= {name: value for name, value in namespace.items() if name in CHECKS}
    return found


def solved(name):
    """Return the lesson's solution of an exercise."""
    return answers(build.solved_version)[name]


every_check = pytest.mark.parametrize("name", CHECKS)
judge = exercises.judge


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(len, "no exercise has a function `len`. Keep the name", id="another function"),
        pytest.param([1, 2], "no function. Give it without brackets", id="a result"),
        pytest.param(functools.partial(len), "no exercise has a function `partial`", id="partial"),
    ],
)
def test_what_belongs_to_no_exercise_gets_advice(given, message):
    verdict = exercises.check(given)
    assert verdict.status == "wrong"
    assert message in verdict.message


def test_an_unknown_exercise_is_an_error():
    with pytest.raises(ValueError, match="no exercise 'decode_labels'. Use one of decode_label"):
        judge("decode_labels", len)


def ruin(arguments):
    """Empty every list and dictionary among the arguments, set every array to zero."""
    for argument in arguments:
        if type(argument) in (list, dict):
            argument.clear()
        elif isinstance(argument, np.ndarray):
            argument.fill(0)


@every_check
def test_the_solution_is_correct_on_every_draw_and_may_ruin_its_arguments_afterwards(name):
    solution = solved(name)

    @functools.wraps(solution)
    def careless(*arguments):
        answer = solution(*arguments)
        ruin(arguments)
        return answer

    verdicts = [exercises.check(careless) for _ in range(DRAWS)]
    assert {(verdict.exercise, verdict.status) for verdict in verdicts} == {(name, "correct")}


@every_check
def test_arguments_ruined_before_the_answer_fool_no_check(name):
    if all(isinstance(one, (int, bytes)) for one in exercises.find(name).cases(random.Random())[0]):
        pytest.skip("its arguments can't be changed")
    solution, seen = solved(name), []

    def cheating(*arguments):
        seen.append(", ".join(map(repr, arguments)))
        ruin(arguments)
        return solution(*arguments)

    verdict = judge(name, cheating)
    assert verdict.status == "wrong"
    shown = dict(verdict.first_difference)["input"].removesuffix(" …")
    assert any(given.startswith(shown) for given in seen)


@every_check
def test_the_stub_is_undone(name):
    verdict = judge(name, answers(build.learner_version)[name])
    assert (verdict.status, verdict.first_difference) == ("undone", ())
    assert "not done yet" in verdict.message


@every_check
def test_a_second_style_is_correct(name):
    for verdict in (judge(name, getattr(second_answers, name)) for _ in range(FEW_DRAWS)):
        assert verdict.status == "correct", verdict


@every_check
def test_each_mistake_of_the_table_is_told_by_its_own_message(name):
    mistakes = exercises.find(name).wrong
    assert len({message for message, _ in mistakes}) >= 3
    for message, mistaken in mistakes:
        for verdict in (judge(name, mistaken) for _ in range(FEW_DRAWS)):
            assert (verdict.status, verdict.message) == ("wrong", message), verdict
            difference = dict(verdict.first_difference)
            assert list(difference) == ["input", "yours", "expected"]
            assert difference["yours"] != difference["expected"]


@pytest.mark.parametrize("line", ["value → 0", "return a"])  # another name; no arrow
def test_a_mistake_that_does_not_fit_the_answer_is_an_error(line):
    def answer(a):
        """A message."""
        return a

    answer.__doc__ = f"\n    a message.\n        {line}"
    broken = exercise_of(lambda rng: [(1,)])(answer)
    old = line.removesuffix(" → 0")
    with pytest.raises(ValueError, match=f"'{old}' does not stand in the answer"):
        broken.wrong  # noqa: B018
    answer.__doc__ = "\n    a message.\n        return a → a\n    return a → return 0"
    with pytest.raises(ValueError, match="below 'return a → return 0', indented, a mistake is"):
        exercise_of(lambda rng: [(1,)])(answer).wrong  # noqa: B018


@every_check
def test_a_forgotten_return_an_exception_and_one_input_that_fails_are_named(name):
    solution, calls = solved(name), itertools.count(1)

    def without_return(*arguments):
        solution(*arguments)

    def failing(*arguments):
        raise KeyError("no such <key>")

    def failing_once(*arguments):
        if next(calls) == 3:
            raise ZeroDivisionError("division by zero")
        return solution(*arguments)

    for function, message, yours in (
        (without_return, "Did you forget `return`", "None"),
        (failing, "every input", "KeyError: 'no such <key>'"),
        (failing_once, "an input makes it fail; 1 of ", "ZeroDivisionError: division by zero"),
    ):
        verdict = judge(name, function)
        assert verdict.status == "wrong"
        assert message in verdict.message, verdict
        assert dict(verdict.first_difference)["yours"] == yours


# What a verdict looks like


@pytest.mark.parametrize(("status", "sign"), [("correct", "✓"), ("undone", "○"), ("wrong", "✗")])
def test_a_verdict_is_shown_with_its_code_and_spaces(status, sign):
    verdict = Verdict("name", status, "Use `a < b`, & so on", (("input", "[1]  &"),))
    assert repr(verdict) == f"{sign} name: Use `a < b`, & so on\n  input: [1]  &"
    html = verdict._repr_html_()
    assert f"{sign} name</b> Use <code>a &lt; b</code>, &amp; so on" in html
    assert "white-space:pre-wrap'><code>[1]  &amp;</code>" in html


@pytest.mark.parametrize("places", [1, 2, 3, 4])
def test_a_rounded_number_is_named(places):
    cases = [(1,), (2,), (3,), (10,)]  # 3 / 3 needs no rounding
    rounded = compare("f", lambda n: round(n / 3, places), lambda n: n / 3, cases)
    assert f"it is rounded, as by `round(…, {places})`" in rounded.message
    inside = compare("f", lambda n: [1, round(n / 3, places)], lambda n: [1, n / 3], cases)
    assert "of each value that differs: it is rounded" in inside.message


# The picture of the first difference


def picture(yours, expected):
    """Return the picture of a wrong answer to one case."""
    verdict = compare("f", lambda _: yours, lambda _: expected, [(0,)])
    assert verdict.status == "wrong"
    assert verdict.picture in verdict._repr_html_()
    return verdict.picture


def table_of(html):
    """Return row title → cells of a picture's table; a cell of another color begins with an asterisk."""
    rows = {}
    for title, *cells in ET.fromstring(f"<div>{html}</div>").iter("tr"):
        marks = ["*" if "background" in cell.get("style") else "" for cell in cells]
        rows[title.text] = [mark + cell.text for mark, cell in zip(marks, cells, strict=True)]
    return rows


def test_lists_stand_cell_under_cell_with_their_inputs_above():
    inputs, wanted = (["a", "b", "c"], [None, 0, 1]), [3, IGNORE_INDEX, 0]
    html = compare("f", lambda labels, word_ids: [3, 0, 0], lambda *_: wanted, [inputs]).picture
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
        pytest.param(["1"], [1], ["*≠ '1'"], ["1"], id="text for a number"),
        pytest.param(["a\nb"], ["a b"], ["*≠ 'a\\nb'"], ["a b"], id="a newline"),
        pytest.param(["\u202ea"], ["a"], ["*≠ '\\u202ea'"], ["a"], id="turns direction"),
        pytest.param(["שלום"], ["a"], ["*≠ שלום"], ["a"], id="right to left"),
        pytest.param(["\ud800"], ["a"], ["*≠ '\\ud800'"], ["a"], id="half a character"),
        pytest.param([" a", "b"], ["a", "b"], ["*≠ ' a'", "b"], ["a", "b"], id="a space"),
        pytest.param((1, 5), [1, 2], ["1", "*≠ 5"], ["1", "2"], id="a tuple"),
        pytest.param(np.array([1, 5]), [1, 2], ["1", "*≠ 5"], ["1", "2"], id="an array"),
        pytest.param([torch.tensor(5)], [2], ["*≠ 5"], ["2"], id="tensors in a list"),
        pytest.param([0.1 + 0.2, 5], [0.3, 2], ["0.3", "*≠ 5"], ["0.3", "2"], id="rounding"),
        pytest.param([(np.int64(0),)], [(1,)], ["*≠ (0,)"], ["(1,)"], id="tuples in a list"),
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


# What counts as the same


@pytest.mark.parametrize(
    ("answer", "expected", "status"),
    [
        pytest.param((1, 2), [1, 2], "correct", id="a tuple for a list"),
        pytest.param(np.array([1, 2]), [1, 2], "correct", id="an array for a list"),
        pytest.param(torch.tensor(2), 2, "correct", id="a tensor for a number"),
        pytest.param({"a": np.int64(1)}, {"a": 1}, "correct", id="NumPy inside a dict"),
        pytest.param(0.1 + 0.2, 0.3, "correct", id="rounding"),
        pytest.param(np.float32(0.1), 0.1, "correct", id="rounding to float32"),
        pytest.param(3.0, 3, "correct", id="a float for a whole number"),
        pytest.param(pd.Series([1, 2], index=["a", "b"]), [1, 2], "correct", id="a series"),
        pytest.param([torch.tensor([1, 2])], [[1, 2]], "correct", id="a tensor in a list"),
        pytest.param(np.bool_(True), True, "correct", id="NumPy's True"),
        pytest.param(defaultdict(int, b=2, a=1), {"a": 1, "b": 2}, "correct", id="order of keys"),
        pytest.param(1_000_001, 1_000_000, "wrong", id="one too many of a million"),
        pytest.param(10**400, 1, "wrong", id="a number of 401 digits"),
        pytest.param(10**400, 0.5, "wrong", id="a number that no float can hold"),
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


# Habits that any exercise may meet


def double(values):
    return [2 * value for value in values]


def itself(values):
    return {value: value for value in values}


def message(function, expected=double, cases=(([1, 2, 3],), ([4, 5],), ([6],))):
    """Return what is said of a wrong answer; its verdict can be shown in both ways."""
    verdict = compare("double", function, expected, cases)
    assert verdict.status == "wrong"
    assert repr(verdict).startswith("✗ double")
    assert verdict._repr_html_().encode()
    return verdict.message


def appending(values, found=[]):  # noqa: B006  as learners write it
    for value in values:
        found.append(2 * value)
    return found


def holding_itself(values):
    values.append(values)
    return values


def endless(values):
    return endless(values)


@pytest.mark.parametrize(
    ("function", "fragment"),
    [
        pytest.param(lambda v: (2 * value for value in v), "list of it", id="generator"),
        pytest.param(appending, "given twice, has two answers", id="a list kept between calls"),
        pytest.param(lambda v: [np.random.rand()], "Use nothing random", id="random"),
        pytest.param(
            lambda v: [v[0] / v[2]] * 3, "differ, some with an error (IndexError", id="error"
        ),
        pytest.param(lambda v: set(double(v)), "it returns a set.", id="set"),
        pytest.param(lambda v: range(9), "of the type range. Return a list.", id="range"),
        pytest.param(lambda v: pd.DataFrame(v), "the type DataFrame", id="frame"),
        pytest.param(lambda v: v.copy, "it returns a function", id="not called"),
        pytest.param(lambda v: NotImplemented, "NotImplementedType", id="NotImplemented"),
        pytest.param(lambda v: str(double(v)), "it returns a text.", id="text"),
        pytest.param(lambda v: list(map(str, double(v))), "list is a text", id="texts"),
        pytest.param(lambda v: [value > 1 for value in v], "list is True or False", id="mask"),
        pytest.param(lambda v: list(enumerate(double(v))), "list is a tuple", id="pairs"),
        pytest.param(lambda v: [2 * i + 1 for i in v], "that is one too many", id="plus one"),
        pytest.param(lambda v: [200 * i for i in v], "that is per cent", id="per cent"),
        pytest.param(lambda v: double(v)[::-1] if v[1:] else v, "inputs differ", id="two habits"),
        pytest.param(lambda: [], "it is called with 1 argument.", id="no parameter"),
        pytest.param(lambda v, w: [], "it is called with 1 argument.", id="two parameters"),
        pytest.param(endless, "it fails on every input", id="endless"),
        pytest.param(holding_itself, "it fails on every input", id="a list in itself"),
        pytest.param(lambda v: [10**5000], "inputs differ", id="5001 digits"),
        pytest.param(lambda v: [float("nan")] * len(v), "inputs differ", id="nan"),
        pytest.param(lambda v: list(range(10**5)), "inputs differ", id="a long list"),
        pytest.param(Counter, "it returns a dictionary.", id="a class"),
    ],
)
def test_a_general_habit_is_named(function, fragment):
    assert fragment in message(function)


IN_A_DICTIONARY = "each value of its dictionary is a list, where a number is expected"


@pytest.mark.parametrize(
    ("function", "expected", "fragment"),
    [
        (lambda v: None if v == [4, 5] else 1, lambda v: None if v == [6] else 1, "inputs differ"),
        (lambda v: len(v), lambda v: (len(v), 0), "it returns a number. Return a tuple."),
        (lambda v: (sum(v), None), sum, "it returns a tuple. Return a number."),
        (lambda v: np.array(v), sum, "the type ndarray. Return a number"),
        (lambda v: np.bool_(True), sum, "it returns True or False."),
        (lambda v: iter(v), sum, "only once. Return a number."),
        (lambda v: 1000 * sum(v), sum, "inputs differ"),
        (lambda v: 10**400, len, "inputs differ"),
        (lambda v: {value: [value] for value in v}, itself, IN_A_DICTIONARY),
        (lambda v: {str(value): value for value in v}, itself, "a key is '1', where 1 is expected"),
    ],
)
def test_a_habit_is_named_after_what_is_expected(function, expected, fragment):
    assert fragment in message(function, expected)


def test_a_list_kept_between_calls_does_no_harm_where_it_is_emptied():
    found = []

    def emptying(values):
        found.clear()
        found.extend(double(values))
        return found

    assert compare("double", emptying, double, [([1, 2],), ([3],)]).status == "correct"


def test_a_long_error_is_cut():
    def raising_at_length(values):
        raise ValueError("a" * 10_000)

    verdict = compare("double", raising_at_length, double, [([1],)])
    assert verdict.message.startswith("it fails on every input")
    assert len(dict(verdict.first_difference)["yours"]) < 320


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_ends_the_check(error):
    def interrupted(values):
        raise error

    with pytest.raises(error):
        compare("double", interrupted, double, [([1],)])


def test_only_the_raise_of_an_exercise_is_undone_and_it_is_named():
    def find_entities(names):
        raise NotImplementedError("your turn")

    verdict = judge("entity_counts", lambda predicted, reference: find_entities(predicted))
    assert verdict.status == "undone"
    assert "raise in `find_entities`" in verdict.message
    verdict = judge("batch_loss", lambda means, counts: torch.tensor(counts).softmax(0))
    assert verdict.status == "wrong"
    assert "not implemented for 'Long'" in repr(verdict)
