"""Loading: the Hub's schema from every source, and each way a file can be broken."""

import json

import datasets
import huggingface_hub
import pytest
from datasets import ClassLabel, Dataset, Features, List, Value

import helpers
from helpers import data

MIRROR = helpers.ROOT.parent / "shared" / "mirror"


@pytest.fixture
def full(monkeypatch):
    monkeypatch.setenv("COURSE_TRACK", "full")


def write(path, *lines):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


BUNDLED = [pytest.param(name, id=name) for name, source in data.SOURCES.items() if source.bundle]


@pytest.mark.parametrize("name", BUNDLED)
def test_the_bundle_has_the_hub_s_schema(name):
    loaded = data.load(name)
    assert {"train", "validation"} <= set(loaded) <= {"train", "validation", "test"}
    for part in loaded.values():
        assert part.features == data.SOURCES[name].features


def test_texts_to_read_are_the_training_reviews_and_the_unlabeled_ones():
    texts = data.texts("rotten_tomatoes")
    labeled = data.load("rotten_tomatoes")
    assert texts.features == data.TEXTS
    assert texts["text"][: len(labeled["train"])] == labeled["train"]["text"][:]
    assert len(texts) > len(labeled["train"]) + 500
    assert not set(texts["text"]) & {*labeled["test"]["text"], *labeled["validation"]["text"]}
    assert len(data.texts("general")) > 100


def test_unknown_texts_are_refused():
    with pytest.raises(ValueError, match="no set of texts 'imdb'. Use one of general"):
        data.texts("imdb")


def test_a_set_that_is_not_bundled_names_the_way_out():
    assert data.SOURCES["squad"].features == data.SOURCES["squad_v2"].features
    with pytest.raises(ValueError, match="rajpurkar/squad does not come.*COURSE_TRACK=full"):
        data.load("squad")


def test_label_names_are_those_of_the_hub():
    assert " ".join(data.NER_NAMES) == "O B-PER I-PER B-ORG I-ORG B-LOC I-LOC B-MISC I-MISC"
    assert data.CHUNK_NAMES[:5] == ["O", "B-ADJP", "I-ADJP", "B-ADVP", "I-ADVP"]
    assert (len(data.POS_NAMES), len(data.CHUNK_NAMES)) == (47, 23)


def test_one_split_by_name():
    everything = data.load("rotten_tomatoes").num_rows
    assert data.load("rotten_tomatoes", "validation").num_rows == everything["validation"]


def test_unknown_names_are_refused():
    known = "conll2003, rotten_tomatoes, squad, squad_v2"
    with pytest.raises(ValueError, match=f"no dataset 'imdb2'.*{known}"):
        data.load("imdb2")
    with pytest.raises(ValueError, match="no split of conll2003 'dev'.*train"):
        data.load("conll2003", "dev")


NAMES = List(ClassLabel(names=["O", "B-X"]))
SCHEMA = Features({"tokens": List(Value("string")), "tags": NAMES, "id": Value("string")})
GOOD = {"id": "a", "tokens": ["x", "y"], "tags": ["O", "B-X"]}


def test_a_good_file_becomes_ids(tmp_path):
    line = json.dumps(GOOD)
    read = data.read_jsonl(write(tmp_path / "f.jsonl", line, "", line), SCHEMA)
    assert read.num_rows == 2
    assert list(read[0]["tags"]) == [0, 1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{'id': 1}", "line 2: not valid JSON"),
        ([1], "line 2: list in place of a JSON object"),
        ({"id": "a", "tokens": []}, "line 2: lacks tags"),
        (GOOD | {"tags": ["O", "B-Y"]}, "line 2, tags: 'B-Y' is no label. Use one of O, B-X"),
        (GOOD | {"tags": ["O"]}, "line 2: columns of different length.*Give each token one tag"),
        (GOOD | {"tokens": "x"}, "line 2, tokens: 'x' in place of a list"),
        (GOOD | {"id": 7}, "line 2, id: 7 in place of a string"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, message):
    line = line if isinstance(line, str) else json.dumps(line)
    with pytest.raises(ValueError, match=f"f.jsonl, {message}"):
        data.read_jsonl(write(tmp_path / "f.jsonl", json.dumps(GOOD), line), SCHEMA)


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="f.jsonl holds no rows"):
        data.read_jsonl(write(tmp_path / "f.jsonl"), SCHEMA)


def test_a_mirror_is_read_with_its_schema_and_refused_with_another(full, monkeypatch, tmp_path):
    source = data.SOURCES["rotten_tomatoes"]
    file = tmp_path / "datasets" / source.hub / "train.parquet"
    file.parent.mkdir(parents=True)
    monkeypatch.setenv("COURSE_MIRROR", str(tmp_path))
    row = {"text": ["good"], "label": [1]}
    Dataset.from_dict(row, features=source.features).to_parquet(file)
    assert data.load("rotten_tomatoes", "train")[0] == {"text": "good", "label": 1}
    Dataset.from_dict(row | {"label": ["pos"]}).to_parquet(file)
    with pytest.raises(ValueError, match="train.parquet: column 'label' is .*string"):
        data.load("rotten_tomatoes")


def test_a_mirror_without_the_set_is_refused(full, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_MIRROR", str(tmp_path))
    message = f"COURSE_MIRROR is '{tmp_path}'.*eriktks/conll2003 holds no"
    with pytest.raises(ValueError, match=message):
        data.load("conll2003")


def test_the_hub_is_asked_for_the_pinned_revision(full, monkeypatch, tmp_path):
    asked = {}

    def snapshot_download(name, revision, **_):
        asked[name] = revision
        row = {"text": ["x"], "label": [0]}
        features = data.SOURCES["rotten_tomatoes"].features
        Dataset.from_dict(row, features=features).to_parquet(tmp_path / "train.parquet")
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    assert data.load("rotten_tomatoes", "train").num_rows == 1
    revision = "aa13bc287fa6fcab6daf52f0dfb9994269ffea28"
    assert asked == {"cornell-movie-review-data/rotten_tomatoes": revision}


@pytest.mark.skipif(not MIRROR.is_dir(), reason="no mirror beside the checkout")
@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in data.SOURCES])
def test_the_real_sets_load_from_the_mirror(full, monkeypatch, name):
    monkeypatch.setenv("COURSE_MIRROR", str(MIRROR))
    assert data.load(name)["train"].num_rows > 2000


def test_labels_in_the_bundle_are_stored_by_name():
    first = (data.DATA / "news" / "train.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert set(json.loads(first)["ner_tags"]) <= set(data.NER_NAMES)


SQUAD = data.SOURCES["squad_v2"].features
QUESTION = {"id": "q", "question": "Who?", "answers": {"text": ["Ada"], "answer_start": [0]}}
PASSAGE = {"title": "T", "context": "Ada runs.", "qas": [QUESTION, QUESTION | {"id": "r"}]}


def test_a_passage_becomes_one_row_a_question(tmp_path):
    read = data.read_jsonl(write(tmp_path / "p.jsonl", json.dumps(PASSAGE)), SQUAD)
    assert list(read["id"]) == ["q", "r"]
    assert read[1] == {"title": "T", "context": "Ada runs."} | QUESTION | {"id": "r"}


def with_answers(answers):
    return PASSAGE | {"qas": [QUESTION | {"answers": answers}]}


@pytest.mark.parametrize(
    ("passage", "message"),
    [
        ({"title": "T", "context": "C"}, "line 1: lacks qas"),
        (PASSAGE | {"qas": [{"id": "q", "question": "Who?"}]}, "line 1: lacks answers"),
        (with_answers([]), r"line 1, answers: \[\] in place of an object with text, answer_start"),
        (
            with_answers({"text": ["Ada"], "answer_start": ["0"]}),
            "line 1, answers.answer_start: '0' in place of an integer",
        ),
    ],
)
def test_a_broken_passage_is_named(tmp_path, passage, message):
    with pytest.raises(ValueError, match=f"p.jsonl, {message}"):
        data.read_jsonl(write(tmp_path / "p.jsonl", json.dumps(passage)), SQUAD)
