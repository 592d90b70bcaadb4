"""README's table of encoders says what the tests of each family show."""

import re

import families
import pytest

import helpers
from helpers.freezing import layer_place
from labs.freezing.pictures import parameter_map

ROWS = re.findall(
    r"^\| ([\w-]+) \| (WordPiece|bytes \(BPE\)|Unigram) \| (yes|no: .+) \|$",
    (helpers.ROOT / "README.md").read_text(encoding="utf-8"),
    re.M,
)
MODELS = {"WordPiece": "WordPiece", "BPE": "bytes (BPE)", "Unigram": "Unigram"}


def caching(family):
    try:
        layer_place(families.model(family))
    except ValueError:
        return "no"
    return "yes"


def test_readme_names_the_families_that_are_tested():
    found = [(name, kind, cached.partition(":")[0]) for name, kind, cached in ROWS]
    tested = [
        (
            name,
            MODELS[type(families.tokenizer(name).backend_tokenizer.model).__name__],
            caching(name),
        )
        for name in families.FAMILIES
    ]
    assert found == tested


@pytest.mark.parametrize("family", families.FAMILIES)
def test_the_map_of_parameters_can_be_drawn(family):
    picture = parameter_map(families.model(family), family)
    rows = [label.get_text() for label in picture.axes[0].get_yticklabels()]
    layers = [row for row in rows if row.startswith("layer")]
    assert layers == [f"layer {number}" for number in range(1 if family == "ALBERT" else 3)]
    assert {"embeddings", "head"} <= set(rows)
