"""The bundled corpora are sound, and every check of them can fail."""

import shutil

import corpora
import pytest

from helpers import data
from labs.own_data.tagging import lost

BUNDLED = corpora.read()
ASKED = BUNDLED["passages"]["train"][0]["qas"][0]


def test_the_bundled_corpora_pass_every_check():
    assert corpora.check() == []


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ([], ""),
        (["O", "B-A", "I-A", "O", "B-A", "B-B"], ""),
        (["I-A"], "I-A at word 0"),
        (["B-A", "O", "I-A"], "I-A at word 2"),
        (["B-A", "I-B"], "I-B at word 1"),
    ],
)
def test_an_inside_tag_that_continues_nothing_is_found(tags, found):
    assert lost(tags) == (found and f"{found} continues nothing")


def every(change):
    """Return what makes `change` to each row."""
    return lambda rows: [row | change(row) for row in rows]


def first(change):
    """Return what makes `change` to the first row."""
    return lambda rows: [rows[0] | change(rows[0]), *rows[1:]]


def first_question(**change):
    """Return what changes the first question of the first passage."""
    return first(lambda row: {"qas": [row["qas"][0] | change, *row["qas"][1:]]})


def doubled(rows):
    return [*rows, rows[0]]


@pytest.mark.parametrize(
    ("corpus", "spoil", "complaint"),
    [
        ("reviews", every(lambda row: {"label": "neg"}), "train: 0.0% are pos"),
        ("reviews", every(lambda row: {"text": row["text"][:100]}), "0.0% are longer than 80"),
        ("reviews", every(lambda row: {"text": row["text"][:600]}), "none is longer than 200"),
        ("reviews", every(lambda row: {"text": row["text"] + " zyx" * (row["label"] == "pos")}), "gives the label away: zyx"),
        ("reviews", doubled, "and train:1 share"),
        ("news", first(lambda row: {"ner_tags": ["I-PER"]}), "I-PER at word 0 continues nothing"),
        ("news", every(lambda row: {"pos_tags": ["RB"] * 99}), "line 1: NP without a head: ['"),
        ("news", doubled, f"id {BUNDLED['news']['train'][0]['id']!r} occurs 2 times"),
        ("news", lambda rows: rows + BUNDLED["news"]["test"], "test: 0% of the names are unseen"),
        ("passages", first_question(answers={"text": ["?"], "answer_start": [1]}), f"train, line 1, {ASKED['id']}: at 1 stands"),
        ("passages", doubled, f"id {ASKED['id']!r} occurs 2 times"),
        ("passages", doubled, "and train:1 share"),
        ("passages", lambda rows: rows[:5], "passages, fewer than 40"),
        ("passages", every(lambda row: {"context": "short"}), "have more than 384 tokens, fewer than"),
        ("passages", every(lambda row: {"qas": [q for q in row["qas"] if q["answers"]["text"]]}),
         "train: 0% of the questions are unanswerable, not about a quarter"),
        ("general", lambda rows: [*rows, {"text": "A film of oil."}], "speaks of film"),
    ],
)  # fmt: skip
def test_each_flaw_is_named(corpus, spoil, complaint):
    name, rows = next(iter(BUNDLED[corpus].items()))
    spoiled = BUNDLED[corpus] | {name: spoil(rows)}
    assert any(complaint in found for found in corpora.CHECKS[corpus](spoiled))


def test_too_few_rows_are_named(tmp_path):
    shutil.copytree(data.DATA, tmp_path / "data")
    file = tmp_path / "data" / "news" / "test.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:3]), encoding="utf-8")
    assert corpora.check(tmp_path / "data") == ["news, test: 3 rows, fewer than 100"]
