"""Datasets by their classic names, from the bundle, a mirror or the Hub, always in the Hub's schema."""

import json
from dataclasses import dataclass
from pathlib import Path

from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value, concatenate_datasets
from datasets.exceptions import DatasetGenerationError

import helpers
from helpers import known
from helpers.encoder import download

DATA = helpers.ROOT / "data"


def _iob2(*kinds: str) -> list[str]:
    return ["O", *(f"{prefix}-{kind}" for kind in kinds for prefix in "BI")]


# Names in the order of the Hub's features. Source: eriktks/conll2003 on the Hub, itself CoNLL-2003.
_POS = (
    "\" '' # $ ( ) , . : `` CC CD DT EX FW IN JJ JJR JJS LS MD NN NNP NNPS NNS NN|SYM PDT POS PRP "
    "PRP$ RB RBR RBS RP SYM TO UH VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB"
)
POS_NAMES = _POS.split()
CHUNK_NAMES = _iob2("ADJP", "ADVP", "CONJP", "INTJ", "LST", "NP", "PP", "PRT", "SBAR", "UCP", "VP")
NER_NAMES = _iob2("PER", "ORG", "LOC", "MISC")

_TEXT = Value("string")
TEXTS = Features({"text": _TEXT})
ANSWERS = {"text": List(_TEXT), "answer_start": List(Value("int32"))}
_SQUAD = Features(
    {"id": _TEXT, "title": _TEXT, "context": _TEXT, "question": _TEXT, "answers": ANSWERS}
)
_CONLL = Features(
    {
        "id": _TEXT,
        "tokens": List(_TEXT),
        "pos_tags": List(ClassLabel(names=POS_NAMES)),
        "chunk_tags": List(ClassLabel(names=CHUNK_NAMES)),
        "ner_tags": List(ClassLabel(names=NER_NAMES)),
    }
)


@dataclass(frozen=True)
class Source:
    """Where one dataset is: Hub id, pinned revision, schema, bundled folder (None without one)."""

    hub: str
    revision: str
    features: Features
    bundle: str | None = None


SOURCES = {
    "rotten_tomatoes": Source(
        hub="cornell-movie-review-data/rotten_tomatoes",
        revision="aa13bc287fa6fcab6daf52f0dfb9994269ffea28",
        features=Features({"text": _TEXT, "label": ClassLabel(names=["neg", "pos"])}),
        bundle="reviews",
    ),
    "conll2003": Source(
        hub="eriktks/conll2003",
        revision="refs/convert/parquet",  # the original is a loading script, which no longer runs
        features=_CONLL,
        bundle="news",
    ),
    "squad": Source(
        hub="rajpurkar/squad",
        revision="7b6d24c440a36b6815f21b70d25016731768db1f",
        features=_SQUAD,
    ),
    "squad_v2": Source(
        hub="rajpurkar/squad_v2",
        revision="3ffb306f725f7d2ce8394bc1873b24868140c412",
        features=_SQUAD,
        bundle="passages",
    ),
}


def load(name: str, split: str | None = None) -> DatasetDict | Dataset:
    """Load all splits of a dataset, or one, by its classic name on the current track, in the Hub's schema.

    `name` is "rotten_tomatoes", "conll2003" or "squad_v2"; on the full track also "squad".
    Raises ValueError: unknown name or split, a set that is not bundled, a bundled line that breaks the
    schema, a mirror without the set. Raises ConnectionError: the Hub is needed and out of reach.
    """
    known("dataset", name, sorted(SOURCES))
    source = SOURCES[name]
    if helpers.track() == "tiny":
        parts = read_bundle(source)
    elif mirror := helpers.mirror():
        parts = _from_mirror(mirror, source)
    else:
        parts = _from_hub(source)
    if split is None:
        return DatasetDict(parts)
    known(f"split of {name}", split, parts)
    return parts[split]


def texts(name: str) -> Dataset:
    """Load texts without labels, column "text", to go on pretraining with or to measure on; raises as `load`.

    "rotten_tomatoes" names the training reviews, on the tiny track the unlabeled ones too; "general" prose
    that does not speak of films, the same on both tracks.
    """
    if name == "general":
        return read_jsonl(DATA / "general.jsonl", TEXTS)
    known("set of texts", name, ("general", "rotten_tomatoes"))
    parts = [load(name, "train").select_columns("text")]
    if helpers.track() == "tiny":
        parts.append(read_jsonl(DATA / "reviews" / "unlabeled.jsonl", TEXTS))
    return concatenate_datasets(parts)


def read_bundle(source: Source) -> dict[str, Dataset]:
    """Read the bundled splits of a dataset. Raises ValueError: it is not bundled, or as `read_jsonl`."""
    if source.bundle is None:
        raise ValueError(
            f"{source.hub} does not come with the course. Set COURSE_TRACK=full to take it from the "
            "Hub or from COURSE_MIRROR, or use squad_v2, whose passages are bundled."
        )
    paths = ((DATA / source.bundle / f"{split}.jsonl") for split in ("train", "validation", "test"))
    paths = [path for path in paths if path.stem != "test" or path.exists()]
    return {path.stem: read_jsonl(path, source.features) for path in paths}


def read_jsonl(path: str | Path, features: Features) -> Dataset:
    """Read one JSON object a line into a Dataset with the Hub's features.

    Label names become ids. A line of passages holds a passage with all its questions ("qas", as in SQuAD's
    own files), and becomes one row a question. Raises ValueError, naming file and line: no JSON, a missing
    column, an unknown label, a value of another kind; or the file holds no row.
    """
    rows, where, wanted = [], path, f"Each line is an object with {', '.join(features)}."
    try:
        for number, line in enumerate(Path(path).read_bytes().split(b"\n"), start=1):
            where = f"{path}, line {number}"
            row = json.loads(line) if line.strip() else {"qas": []}
            for question in row.get("qas", [{}]):
                whole = row | question
                rows.append(features.encode_example({name: whole[name] for name in features}))
        where = path  # a value of another kind may be told only when all rows are put together
        if not rows:
            raise ValueError("no rows")
        return Dataset.from_list(rows, features=features)
    except Exception as error:  # of JSON, of a feature, or of Arrow
        raise ValueError(f"{where}: {type(error).__name__}, {error}. {wanted}") from error


def _from_mirror(mirror: Path, source: Source) -> dict[str, Dataset]:
    folder = mirror / "datasets" / source.hub
    if not (files := sorted(folder.glob("*.parquet"))):
        raise ValueError(
            f"COURSE_MIRROR is {str(mirror)!r}, but {folder} holds no <split>.parquet. Copy the set "
            "there, or unset COURSE_MIRROR to take it from the Hub."
        )
    return {path.stem: _checked(_from_parquet(path), source, path) for path in files}


def _from_parquet(path: Path) -> Dataset:
    try:
        return Dataset.from_parquet(str(path))
    except (ValueError, OSError, DatasetGenerationError) as error:
        raise ValueError(f"{path} is damaged ({error}). Copy it from the Hub again.") from error


def _from_hub(source: Source) -> dict[str, Dataset]:
    from datasets import load_dataset

    files = {"repo_type": "dataset", "allow_patterns": ["*.parquet", "README.md"]}
    loaded = load_dataset(download(source.hub, source.revision, **files))
    return {name: _checked(part, source, source.hub) for name, part in loaded.items()}


def _checked(part: Dataset, source: Source, origin) -> Dataset:
    for column, feature in source.features.items():
        if part.features.get(column) != feature:
            raise ValueError(
                f"{origin}: column {column!r} is {part.features.get(column)}, not {feature}. "
                f"The course was written against {source.hub} at revision {source.revision}."
            )
    return part
