"""Datasets by their classic names, from the bundle, a mirror or the Hub, always in the Hub's schema."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

from helpers import track

DATA = track.ROOT / "data"

# Names in the order of the Hub's features. Source: eriktks/conll2003 on the Hub, itself CoNLL-2003.
POS_NAMES = [
    '"',
    "''",
    "#",
    "$",
    "(",
    ")",
    ",",
    ".",
    ":",
    "``",
    "CC",
    "CD",
    "DT",
    "EX",
    "FW",
    "IN",
    "JJ",
    "JJR",
    "JJS",
    "LS",
    "MD",
    "NN",
    "NNP",
    "NNPS",
    "NNS",
    "NN|SYM",
    "PDT",
    "POS",
    "PRP",
    "PRP$",
    "RB",
    "RBR",
    "RBS",
    "RP",
    "SYM",
    "TO",
    "UH",
    "VB",
    "VBD",
    "VBG",
    "VBN",
    "VBP",
    "VBZ",
    "WDT",
    "WP",
    "WP$",
    "WRB",
]
_CHUNKS = ["ADJP", "ADVP", "CONJP", "INTJ", "LST", "NP", "PP", "PRT", "SBAR", "UCP", "VP"]
CHUNK_NAMES = ["O", *(f"{prefix}-{chunk}" for chunk in _CHUNKS for prefix in "BI")]
NER_NAMES = [
    "O",
    *(f"{prefix}-{kind}" for kind in ("PER", "ORG", "LOC", "MISC") for prefix in "BI"),
]


@dataclass(frozen=True)
class Source:
    """Where one dataset is: its bundled folder, its Hub id and pinned revision, its schema."""

    bundle: str
    hub: str
    revision: str
    features: Features


SOURCES = {
    "rotten_tomatoes": Source(
        bundle="reviews",
        hub="cornell-movie-review-data/rotten_tomatoes",
        revision="aa13bc287fa6fcab6daf52f0dfb9994269ffea28",
        features=Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])}),
    ),
    "conll2003": Source(
        bundle="news",
        hub="eriktks/conll2003",
        revision="refs/convert/parquet",  # the original is a loading script, which no longer runs
        features=Features(
            {
                "id": Value("string"),
                "tokens": List(Value("string")),
                "pos_tags": List(ClassLabel(names=POS_NAMES)),
                "chunk_tags": List(ClassLabel(names=CHUNK_NAMES)),
                "ner_tags": List(ClassLabel(names=NER_NAMES)),
            }
        ),
    ),
}


def hub_unreachable(wanted: str) -> ConnectionError:
    """Return the one error for a Hub out of reach; it names both ways out."""
    return ConnectionError(
        f"The Hub is out of reach, and the full track wants {wanted} from it. Two ways out: unset "
        "COURSE_TRACK (the tiny track needs no network), or set COURSE_MIRROR to a folder that "
        "holds the files as the Hub does."
    )


def load(name: str, split: str | None = None) -> DatasetDict | Dataset:
    """Load a dataset by its classic name on the current track.

    Args:
        name: "rotten_tomatoes" or "conll2003".
        split: one split's name; None for all of them.

    Returns:
        A DatasetDict, or one Dataset where `split` is given, with the Hub's features.

    Raises:
        ValueError: unknown name or split, a bundled line that breaks the schema, a mirror without the set.
        ConnectionError: the Hub is needed and out of reach.
    """
    if name not in SOURCES:
        raise ValueError(f"There is no dataset {name!r}. Use one of {', '.join(sorted(SOURCES))}.")
    source = SOURCES[name]
    if track.current() == "tiny":
        files = {path.stem: path for path in sorted((DATA / source.bundle).glob("*.jsonl"))}
        parts = {
            stem: read_jsonl(path, source.features)
            for stem, path in files.items()
            if stem in ("train", "validation", "test")
        }
    elif mirror := os.environ.get("COURSE_MIRROR"):
        parts = _from_mirror(Path(mirror), source)
    else:
        parts = _from_hub(source)
    if split is None:
        return DatasetDict(parts)
    if split not in parts:
        raise ValueError(f"{name} has no split {split!r}. Use one of {', '.join(parts)}.")
    return parts[split]


def read_jsonl(path: str | Path, features: Features) -> Dataset:
    """Read one JSON object a line into a Dataset; label names become the ids of `features`.

    Raises:
        ValueError: naming file and line: no JSON, a missing column, an unknown label, ragged columns;
            or the file holds no row.
    """
    columns: dict[str, list] = {column: [] for column in features}
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            row = _parse(line, features, f"{path}, line {number}")
            for column, values in columns.items():
                values.append(row[column])
    if not any(columns.values()):
        raise ValueError(
            f"{path} holds no rows. Each line is one JSON object with {list(features)}."
        )
    return Dataset.from_dict(columns, features=features)


def _parse(line: str, features: Features, where: str) -> dict:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{where}: not valid JSON ({error}). Write one object on one line."
        ) from error
    if not isinstance(row, dict):
        raise ValueError(f"{where}: {type(row).__name__} in place of a JSON object.")
    if missing := [column for column in features if column not in row]:
        raise ValueError(
            f"{where}: lacks {', '.join(missing)}. Each row has {', '.join(features)}."
        )
    parsed = {
        column: _encode(row[column], features[column], f"{where}, {column}") for column in features
    }
    lengths = {column: len(value) for column, value in parsed.items() if isinstance(value, list)}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            f"{where}: columns of different length, {lengths}. Give each token one tag."
        )
    return parsed


def _encode(value, feature, where: str):
    if isinstance(feature, List):
        if not isinstance(value, list):
            raise ValueError(f"{where}: {value!r} in place of a list.")
        return [_encode(item, feature.feature, where) for item in value]
    if isinstance(feature, ClassLabel):
        if value in feature.names:
            return feature.names.index(value)
        raise ValueError(f"{where}: {value!r} is no label. Use one of {', '.join(feature.names)}.")
    if not isinstance(value, str):
        raise ValueError(f"{where}: {value!r} in place of a string.")
    return value


def _from_mirror(mirror: Path, source: Source) -> dict[str, Dataset]:
    folder = mirror / "datasets" / source.hub
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise ValueError(
            f"COURSE_MIRROR is {str(mirror)!r}, but {folder} holds no <split>.parquet. Copy the set "
            "there, or unset COURSE_MIRROR to take it from the Hub."
        )
    return {path.stem: _checked(Dataset.from_parquet(str(path)), source, path) for path in files}


def _from_hub(source: Source) -> dict[str, Dataset]:
    from datasets import load_dataset
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        loaded = load_dataset(source.hub, revision=source.revision)
    except (HfHubHTTPError, OfflineModeIsEnabled, OSError) as error:
        raise hub_unreachable(f"the dataset {source.hub}") from error
    return {name: _checked(part, source, source.hub) for name, part in loaded.items()}


def _checked(part: Dataset, source: Source, origin) -> Dataset:
    for column, feature in source.features.items():
        if part.features.get(column) != feature:
            raise ValueError(
                f"{origin}: column {column!r} is {part.features.get(column)}, not {feature}. "
                f"The course was written against {source.hub} at revision {source.revision}."
            )
    return part


def main(arguments: list[str]) -> int:
    """Run `python -m helpers.data check`; return 1 when a corpus is not what it should be."""
    from helpers import corpora

    if arguments != ["check"]:
        print("usage: python -m helpers.data check")
        return 2
    for corpus, sizes in corpora.counts().items():
        print(f"{corpus}: {', '.join(f'{split} {count:,}' for split, count in sizes.items())}")
    problems = corpora.check()
    print("\n".join(problems) or "Every check passed.")
    return 1 if problems else 0


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
