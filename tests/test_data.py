"""Loading: the Hub's schema from every source, and each way a file can be broken."""

import json
from dataclasses import replace

import datasets
import huggingface_hub
import pytest
from datasets import ClassLabel, Dataset, Features, List, Value

import helpers
from helpers import data

MIRROR = helpers.ROOT.parent / "shared" / "mirror"


def write(folder, *rows):
    """Write a file of rows, each as JSON unless it is a text; return its path."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "f.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder / "f.jsonl"


@pytest.mark.parametrize("name", [name for name, one in data.SOURCES.items() if one.bundle])
def test_the_bundle_has_the_hub_s_schema_and_gives_one_split_by_name(name):
    loaded = data.load(name)
    assert {"train", "validation"} <= set(loaded) <= {"train", "validation", "test"}
    for part in loaded.values():
        assert part.features == data.SOURCES[name].features
    assert data.load(name, "validation")[:] == loaded["validation"][:]


def test_texts_to_read_are_the_training_reviews_and_the_unlabeled_ones():
    texts = data.texts("rotten_tomatoes")
    labeled = data.load("rotten_tomatoes")
    assert texts.features == data.TEXTS
    assert texts["text"][: len(labeled["train"])] == labeled["train"]["text"][:]
    assert len(texts) > len(labeled["train"]) + 500
    assert not set(texts["text"]) & {*labeled["test"]["text"], *labeled["validation"]["text"]}
    assert len(data.texts("general")) > 100


def test_label_names_are_those_of_the_hub():
    assert data.SOURCES["squad"].features == data.SOURCES["squad_v2"].features
    assert " ".join(data.NER_NAMES) == "O B-PER I-PER B-ORG I-ORG B-LOC I-LOC B-MISC I-MISC"
    assert data.CHUNK_NAMES[:5] == ["O", "B-ADJP", "I-ADJP", "B-ADVP", "I-ADVP"]
    assert (len(data.POS_NAMES), len(data.CHUNK_NAMES)) == (47, 23)


KNOWN = f"Use one of {', '.join(sorted(data.SOURCES))}"


@pytest.mark.parametrize(
    ("load", "names", "message"),
    [
        (data.load, ["imdb2"], f"no dataset 'imdb2'.*{KNOWN}"),
        (data.load, ["conll2003", "dev"], "no split of conll2003 'dev'.*train"),
        (data.load, ["squad"], "rajpurkar/squad does not come.*COURSE_TRACK=full"),
        (data.texts, ["imdb"], "no set of texts 'imdb'. Use one of general"),
    ],
)
def test_what_is_not_there_is_refused_with_a_way_out(load, names, message):
    with pytest.raises(ValueError, match=message):
        load(*names)


NAMES = List(ClassLabel(names=["O", "B-X"]))
SCHEMA = Features({"tokens": List(Value("string")), "tags": NAMES, "id": Value("string")})
GOOD = {"id": "a", "tokens": ["x", "y"], "tags": ["O", "B-X"]}


SQUAD = data.SOURCES["squad_v2"].features
QUESTION = {"id": "q", "question": "Who?", "answers": {"text": ["Ada"], "answer_start": [0]}}
PASSAGE = {"title": "T", "context": "Ada runs.", "qas": [QUESTION, QUESTION | {"id": "r"}]}


def test_a_good_file_becomes_ids_and_a_passage_one_row_a_question(tmp_path):
    read = data.read_jsonl(write(tmp_path, GOOD, "", GOOD), SCHEMA)
    assert read[:] == {"id": ["a"] * 2, "tokens": [["x", "y"]] * 2, "tags": [[0, 1]] * 2}
    read = data.read_jsonl(write(tmp_path, PASSAGE), SQUAD)
    assert list(read["id"]) == ["q", "r"]
    assert read[1] == {"title": "T", "context": "Ada runs."} | QUESTION | {"id": "r"}


EMPTY = QUESTION | {"answers": []}


@pytest.mark.parametrize(
    ("features", "line", "message"),
    [
        (SCHEMA, "{'id': 1}", "JSONDecodeError"),
        (SCHEMA, [1], "AttributeError, 'list' object"),
        (SCHEMA, {"id": "a", "tokens": []}, "KeyError, 'tags'"),
        (SCHEMA, GOOD | {"tags": ["O", "B-Y"]}, "ValueError, Invalid string class label B-Y"),
        (SQUAD, {"title": "T", "context": "C"}, "KeyError, 'id'"),
        (SQUAD, PASSAGE | {"qas": 3}, "TypeError, 'int' object is not iterable"),
        (SQUAD, PASSAGE | {"qas": [{"id": "q", "question": "Who?"}]}, "KeyError, 'answers'"),
        (SQUAD, PASSAGE | {"qas": [EMPTY]}, "AttributeError, 'list' object"),
    ],
)
def test_a_broken_line_is_named(tmp_path, features, line, message):
    good = GOOD if features is SCHEMA else PASSAGE
    remedy = f"Each line is an object with {', '.join(features)}"
    with pytest.raises(ValueError, match=f"f.jsonl, line 2: {message}.*{remedy}"):
        data.read_jsonl(write(tmp_path, good, line), features)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "ValueError, no rows"),
        ([GOOD | {"tokens": ["x", 7]}], "ArrowTypeError, Expected bytes, got a 'int' object"),
        (
            [GOOD, GOOD | {"tags": [1.7, 0]}],
            r"ArrowInvalid, Float value 1\.7(00000)? was truncated",
        ),
    ],
)
def test_a_file_without_rows_or_with_values_of_another_kind_is_named(tmp_path, lines, message):
    with pytest.raises(ValueError, match=f"f.jsonl: {message}.*Each line is an object with"):
        data.read_jsonl(write(tmp_path, *lines), SCHEMA)


@pytest.mark.parametrize("place", ["reviewz", "data"])
def test_a_bundle_that_is_not_there_is_told(place):
    with pytest.raises(ValueError, match=rf"{place}.train\.jsonl: FileNotFoundError"):
        data.read_bundle(replace(data.SOURCES["rotten_tomatoes"], bundle=place))


@pytest.mark.parametrize("name", ["reviews", "news"])
def test_bundled_rows_are_read_as_they_stand(name):
    source = next(one for one in data.SOURCES.values() if one.bundle == name)
    for split, part in data.read_bundle(source).items():
        lines = (data.DATA / name / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        stored = [{key: json.loads(line)[key] for key in source.features} for line in lines]
        kinds = {key: getattr(kind, "feature", kind) for key, kind in source.features.items()}
        read = [
            {
                k: kinds[k].int2str(v) if isinstance(kinds[k], ClassLabel) else v
                for k, v in row.items()
            }
            for row in part
        ]
        assert read == stored


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
