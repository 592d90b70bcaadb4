"""Where each dataset is and what its rows look like, on the Hub and in the bundle."""

from __future__ import annotations

from dataclasses import dataclass

from datasets import ClassLabel, Features, List, Value

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


_SQUAD = Features(
    {
        "id": Value("string"),
        "title": Value("string"),
        "context": Value("string"),
        "question": Value("string"),
        "answers": {"text": List(Value("string")), "answer_start": List(Value("int32"))},
    }
)


@dataclass(frozen=True)
class Source:
    """Where one dataset is: its bundled folder (None without one), Hub id, pinned revision, schema."""

    bundle: str | None
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
    "squad": Source(
        bundle=None,
        hub="rajpurkar/squad",
        revision="7b6d24c440a36b6815f21b70d25016731768db1f",
        features=_SQUAD,
    ),
    "squad_v2": Source(
        bundle="passages",
        hub="rajpurkar/squad_v2",
        revision="3ffb306f725f7d2ce8394bc1873b24868140c412",
        features=_SQUAD,
    ),
}
