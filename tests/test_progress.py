"""Progress: what a check finds is kept, survives, and can be opened again."""

import pytest

import exercises
from exercises import progress
from exercises.table import compare
from helpers import course, runs
from tools import build

pytestmark = pytest.mark.usefixtures("file")


def right(label, names):
    return names[label]


def names_in_another_order(label, names):
    return names[label - 1]


def undone(label, names):
    raise NotImplementedError("your turn")


def state(number):
    return progress.rows("00")[number - 1][""]


def test_every_check_belongs_to_one_exercise_of_one_lesson():
    names = [item.name for item in progress.exercises()]
    assert sorted(names) == sorted(exercises.names())
    assert len(names) >= 50
    assert all(item.minutes > 0 for item in progress.exercises())


@pytest.mark.parametrize("path", build.sources(), ids=lambda path: path.stem[:2])
def test_every_lesson_shows_its_progress_once_behind_the_exercises(path):
    cells = build.read_source(path).cells
    [place] = [i for i, c in enumerate(cells) if "progress.table(lesson.number)" in c.source]
    assert place > max(i for i, c in enumerate(cells) if "exercises.check(" in c.source)


def test_undone_then_wrong_then_correct_then_wrong_again_each_change_is_a_line_beside_the_ledger():
    for function, expected, lines in (
        (undone, "○ open", 0),
        (names_in_another_order, "✗ tried", 1),
        (right, "✓ done", 2),
        (right, "✓ done", 2),
        (names_in_another_order, "✓ done", 2),
    ):
        exercises.judge("decode_label", function)
        assert state(1) == expected
        file = runs.path().parent / "progress.jsonl"
        assert (len(file.read_text().splitlines()) if file.exists() else 0) == lines
    assert state(2) == "○ open"


def test_one_row_a_lesson_counts_what_is_done():
    before = progress.rows()[0]
    exercises.judge("decode_label", right)
    after = progress.rows()[0]
    assert (before["done"], after["done"]) == ("0 of 3", "1 of 3")
    assert (before["exercises"], after["exercises"]) == ("○○○", "✓○○")
    assert before["minutes left"] - after["minutes left"] == 3
    assert len(progress.rows()) == len(course.lessons())


def test_reset_of_one_lesson_leaves_the_others():
    for name in ("decode_label", "padding_share"):
        progress.note(name, "correct")
    progress.reset("01")
    assert progress.states() == {"decode_label": "correct"}
    progress.reset()
    assert progress.states() == {}
    progress.note("decode_label", "wrong")
    assert state(1) == "✗ tried"


@pytest.mark.parametrize("call", [progress.exercises, progress.rows, progress.reset])
def test_an_unknown_lesson_is_refused(call):
    with pytest.raises(ValueError, match=r"no lesson '77'.* 00, 01"):
        call("77")


@pytest.mark.parametrize(
    "line",
    [
        *("{half", "[]", '"text"', "{}", '{"exercise": "decode_label"}', "", "\ud800"),
        *('{"exercise": ["x"], "status": "wrong"}', '{"exercise": "first", "status": "done"}'),
        pytest.param("[" * 10**5, id="deep"),
    ],
)
def test_a_spoiled_line_costs_no_other(line):
    progress.note("label_counts", "correct")
    with progress.path().open("ab") as file:
        file.write(line.encode(errors="surrogatepass"))
    progress.note("decode_label", "correct")
    assert progress.states() == {"label_counts": "correct", "decode_label": "correct"}


def test_a_check_answers_where_nothing_can_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("COURSE_LEDGER", str(tmp_path / "file" / "ledger.jsonl"))
    with pytest.warns(UserWarning, match="progress is not kept.*COURSE_LEDGER"):
        verdict = compare("f", right, right, [(0, ["a"])])
    assert verdict.status == "correct"


def test_a_file_that_cannot_be_read_is_as_none():
    progress.path().mkdir(parents=True)
    assert progress.states() == {}
    assert "○ open" in progress.table("00")._repr_html_()


def test_the_table_shows_each_exercise_with_its_state():
    exercises.judge("decode_label", right)
    shown = progress.table("00")._repr_html_()
    assert [shown.count(part) for part in ("<tr>", "✓ done", "○ open")] == [4, 1, 2]
