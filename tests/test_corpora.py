"""The bundled corpora are what data/README.md says. tests/test_data.py checks that they have the Hub's schema."""

import json
from collections import Counter

import pytest
from seqeval.metrics.sequence_labeling import get_entities

from helpers import data
from labs.own_data.duplicates import near_pairs, words
from labs.own_data.tagging import lost

# The least rows of each file; of passages, the least questions.
LEAST = {
    "reviews": {"train": 480, "validation": 120, "test": 240, "unlabeled": 600},
    "news": {"train": 320, "validation": 100, "test": 100},
    "passages": {"train": 320, "validation": 100},
    ".": {"general": 120},
}
NEAR_DUPLICATE = 0.3  # share of the shorter text's shingles
# The parts of speech of which every chunk of a type holds at least one.
HEADS = {
    "NP": "NN NNS NNP NNPS PRP CD DT JJ JJR JJS EX WP WDT FW $ SYM POS",
    "VP": "VB VBD VBG VBN VBP VBZ MD TO",
    "PP": "IN TO VBG VBN RB JJ CC",
    "SBAR": "IN RB WRB DT WDT",
    "PRT": "RP RB IN",
    "ADVP": "RB RBR RBS WRB IN RP JJ JJR",
    "ADJP": "JJ JJR JJS VBN VBG RB CD $",
}


def read(folder, split):
    """Return the rows of one file as they are stored, label names not yet ids."""
    lines = (data.DATA / folder / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


REVIEWS, NEWS, PASSAGES, GENERAL = (
    {split: read(folder, split) for split in splits} for folder, splits in LEAST.items()
)
QUESTIONS = {split: [q for row in part for q in row["qas"]] for split, part in PASSAGES.items()}


def test_no_file_has_too_few_rows():
    for corpus, least in zip((REVIEWS, NEWS, QUESTIONS, GENERAL), LEAST.values(), strict=True):
        few = {split: len(rows) for split, rows in corpus.items() if len(rows) < least[split]}
        assert few == {}, least


@pytest.mark.parametrize(
    ("corpus", "text"),
    [
        (REVIEWS, lambda row: row["text"]),
        (NEWS, lambda row: " ".join(row["tokens"])),
        (PASSAGES, lambda row: row["context"]),
        (QUESTIONS, lambda row: row["question"]),
        (GENERAL, lambda row: row["text"]),
    ],
    ids=["reviews", "news", "passages", "questions", "general"],
)
def test_no_text_repeats_much_of_another(corpus, text):
    texts = {split: [text(row) for row in rows] for split, rows in corpus.items()}
    assert list(near_pairs(texts, NEAR_DUPLICATE)) == []


@pytest.mark.parametrize("corpus", [NEWS, QUESTIONS], ids=["news", "questions"])
def test_ids_are_unique(corpus):
    ids = Counter(row["id"] for rows in corpus.values() for row in rows)
    assert [name for name, count in ids.items() if count > 1] == []


def giveaways(labeled):
    """Return words that stand in 4 % of the rows or more, ten at least, and nearly always in one label's."""
    counts = {"neg": Counter(), "pos": Counter()}
    for row in labeled:
        counts[row["label"]].update(set(words(row["text"])))
    total, enough = counts["neg"] + counts["pos"], max(10, 0.04 * len(labeled))
    return [
        word
        for word, count in total.items()
        if count >= enough and max(c[word] for c in counts.values()) >= 0.95 * count
    ]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_reviews_are_balanced_a_fifth_is_long_and_no_word_gives_the_label_away(split):
    rows = REVIEWS[split]
    assert Counter(row["label"] for row in rows)["pos"] / len(rows) == pytest.approx(0.5, abs=0.02)
    sizes = [len(row["text"].split()) for row in rows]
    assert sum(size > 80 for size in sizes) >= 0.2 * len(rows)
    assert max(sizes) > 200
    assert giveaways(rows) == []
    told = [row | {"text": row["text"] + " zyx" * (row["label"] == "pos")} for row in rows]
    assert giveaways(told) == ["zyx"]


def headless(row):
    """Return the chunks of a sentence that hold no part of speech that heads them."""
    return [
        row["tokens"][first : last + 1]
        for kind, first, last in get_entities(row["chunk_tags"])
        if kind in HEADS and not {*HEADS[kind].split()} & {*row["pos_tags"][first : last + 1]}
    ]


@pytest.mark.parametrize("split", NEWS)
def test_news_have_sound_tags_and_every_chunk_has_a_head(split):
    for number, row in enumerate(NEWS[split], start=1):
        odd = lost(row["chunk_tags"]), lost(row["ner_tags"]), headless(row)
        assert odd == ("", "", []), f"line {number}"
        assert len({len(value) for value in row.values() if isinstance(value, list)}) == 1
    assert headless(NEWS[split][0] | {"pos_tags": ["RB"] * 99}) != []
    assert lost(["I-A"]) == "I-A at word 0 continues nothing"
    assert lost(["B-A", "O", "I-A"]) == "I-A at word 2 continues nothing"
    assert lost(["B-A", "I-B"]) == "I-B at word 1 continues nothing"


@pytest.mark.parametrize("split", ["validation", "test"])
def test_half_of_the_names_to_evaluate_on_are_unseen_in_training(split):
    seen, found = (
        {
            " ".join(row["tokens"][first : last + 1])
            for row in NEWS[part]
            for _, first, last in get_entities(row["ner_tags"])
        }
        for part in ("train", split)
    )
    assert len(found - seen) >= 0.5 * len(found)


def test_every_answer_stands_at_its_offset():
    for row in (row for rows in PASSAGES.values() for row in rows):
        for answers in (question["answers"] for question in row["qas"]):
            for text, start in zip(answers["text"], answers["answer_start"], strict=True):
                assert row["context"][start : start + len(text)] == text


@pytest.mark.parametrize("split", QUESTIONS)
def test_about_a_quarter_of_the_questions_has_no_answer(split):
    answered = [bool(question["answers"]["text"]) for question in QUESTIONS[split]]
    assert 0.2 <= answered.count(False) / len(answered) <= 0.3


def test_there_are_enough_passages_and_some_are_longer_than_a_window(tokenizer):
    contexts = [row["context"] for rows in PASSAGES.values() for row in rows]
    assert len(contexts) >= 40
    assert sum(len(ids) > 384 for ids in tokenizer(contexts)["input_ids"]) >= 12


def test_the_general_prose_speaks_of_no_films():
    films = {"film", "films", "movie", "movies", "cinema"}
    assert [row["text"] for row in GENERAL["general"] if films & {*words(row["text"])}] == []
