"""The bundled corpora are sound, and every check of them can fail."""

import shutil

import corpora
import pytest

from helpers import data
from helpers.metrics import spans


def test_the_bundled_corpora_pass_every_check():
    assert corpora.check() == []


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param([], [], id="empty"),
        pytest.param(["O", "B-A", "I-A", "O"], [("A", 1, 3)], id="one"),
        pytest.param(["B-A", "B-A"], [("A", 0, 1), ("A", 1, 2)], id="touching"),
        pytest.param(["O", "B-A"], [("A", 1, 2)], id="at the end"),
    ],
)
def test_spans_by_hand(tags, expected):
    assert spans(tags) == expected


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param(["I-A"], id="at the start"),
        pytest.param(["B-A", "O", "I-A"], id="after O"),
        pytest.param(["B-A", "I-B"], id="of another type"),
    ],
)
def test_an_inside_tag_that_continues_nothing_is_refused(tags):
    with pytest.raises(ValueError, match="continues nothing"):
        spans(tags)


def review(number, label="pos", words=30):
    text = " ".join(f"w{number}x{i}" for i in range(words))
    return {"text": text, "label": label}


def reviews(train):
    other = [review(f"o{i}", ("neg", "pos")[i % 2], 210 if i < 3 else 30) for i in range(10)]
    test = [row | {"text": row["text"].replace("o", "t")} for row in other]
    return {"train": train, "validation": other, "test": test, "unlabelled": []}


GOOD = [review(i, ("neg", "pos")[i % 2], 210 if i < 10 else 30) for i in range(40)]


@pytest.mark.parametrize(
    ("train", "complaint"),
    [
        pytest.param([r | {"label": "neg"} for r in GOOD], "0.0% are pos", id="balance"),
        pytest.param(
            [review(i, ("neg", "pos")[i % 2]) for i in range(40)],
            "0.0% are longer than 80",
            id="short",
        ),
        pytest.param(
            [review(i, ("neg", "pos")[i % 2], 90) for i in range(40)],
            "none is longer than 200",
            id="no very long",
        ),
        pytest.param(
            [r | {"text": r["text"] + " superb" * (r["label"] == "pos")} for r in GOOD],
            "gives the label away: superb",
            id="give-away",
        ),
        pytest.param(
            [*GOOD[:-2], GOOD[0] | {"label": "neg"}, GOOD[1]],
            "share 206 of 206 shingles",
            id="double",
        ),
    ],
)
def test_each_flaw_of_reviews_is_named(train, complaint):
    assert any(complaint in found for found in corpora.check_reviews(reviews(train)))


def test_good_reviews_get_no_complaint():
    assert list(corpora.check_reviews(reviews(GOOD))) == []


def sentence(name, tokens, pos, chunks, entities):
    return {
        "id": name,
        "tokens": tokens.split(),
        "pos_tags": pos.split(),
        "chunk_tags": chunks.split(),
        "ner_tags": entities.split(),
    }


PLAIN = sentence("a", "Ada runs .", "NNP VBZ .", "B-NP B-VP O", "B-PER O O")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        pytest.param(
            PLAIN | {"ner_tags": ["I-PER", "O", "O"]},
            "I-PER at word 0 continues nothing",
            id="IOB2",
        ),
        pytest.param(
            PLAIN | {"pos_tags": ["RB", "VBZ", "."]}, "NP without a head: ['Ada']", id="head"
        ),
        pytest.param(PLAIN | {"id": "v"}, "id 'v' occurs 2 times", id="id"),
    ],
)
def test_each_flaw_of_news_is_named(row, complaint):
    other = sentence("v", "Bo sleeps .", "NNP VBZ .", "B-NP B-VP O", "B-PER O O")
    last = sentence("t", "Cy eats .", "NNP VBZ .", "B-NP B-VP O", "B-PER O O")
    (found,) = corpora.check_news({"train": [row], "validation": [other], "test": [last]})
    assert complaint in found


def test_names_already_seen_in_training_are_counted():
    splits = {split: [PLAIN | {"id": split}] for split in ("train", "validation", "test")}
    found = list(corpora.check_news(splits))
    assert "validation: 0% of the names are unseen in train, fewer than half" in found


def test_too_few_rows_are_named(tmp_path):
    shutil.copytree(data.DATA, tmp_path / "data")
    file = tmp_path / "data" / "news" / "test.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:3]), encoding="utf-8")
    assert corpora.check(tmp_path / "data") == ["news, test: 3 rows, fewer than 100"]


def passage(number, answers, words=30):
    context = " ".join(f"c{number}w{i}" for i in range(words))
    qas = [
        {
            "id": f"{number}-{i}",
            "question": f"What about {number} and {i} here then?",
            "answers": {"text": [context[:4]] * answer, "answer_start": [0] * answer},
        }
        for i, answer in enumerate(answers)
    ]
    return {"title": f"T{number}", "context": context, "qas": qas}


def passages(change=lambda part: part):
    train = [passage(i, [1, 1, 1, 0], 160 if i < 12 else 30) for i in range(40)]
    validation = [passage(i, [1, 1, 1, 0]) for i in range(40, 44)]
    return list(corpora.check_passages({"train": change(train), "validation": validation}))


def test_good_passages_get_no_complaint():
    assert passages() == []


def shifted(part):
    part[0]["qas"][0]["answers"]["answer_start"] = [1]
    return part


def doubled_id(part):
    part[1]["qas"][0]["id"] = part[0]["qas"][0]["id"]
    return part


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(shifted, "train, line 1, 0-0: at 1 stands '0w0 ', not 'c0w0'", id="offset"),
        pytest.param(doubled_id, "id '0-0' occurs 2 times", id="id"),
        pytest.param(lambda part: part[:30], "34 passages, fewer than 40", id="too few"),
        pytest.param(
            lambda part: part[12:] + part[:5],
            "5 have more than 384 tokens, fewer than 12",
            id="too short",
        ),
        pytest.param(
            lambda part: [p | {"qas": p["qas"][:3]} for p in part],
            "train: 0% of the questions are unanswerable, not about a quarter",
            id="all answerable",
        ),
        pytest.param(
            lambda part: [*part[:-1], part[-1] | {"context": part[0]["context"]}],
            "train:40 and train:1 share",
            id="double",
        ),
    ],
)
def test_each_flaw_of_passages_is_named(change, complaint):
    assert any(complaint in found for found in passages(change))


def test_general_prose_that_speaks_of_films_is_named():
    prose = [{"text": "Bread needs time."}, {"text": "A film of oil."}]
    assert list(corpora.check_general({"general": prose})) == ["line 2: speaks of film"]
