"""Pictures of tokens, labels, batches and scores: what people would rather look at than read."""

from helpers.display.loops import shards, steps
from helpers.display.plots import bars_with_seeds, confusion, curves, padding
from helpers.display.tables import (
    COLOURS,
    Html,
    decode,
    entities_in_text,
    random_rows,
    strip,
    table,
)

__all__ = [
    "COLOURS",
    "Html",
    "bars_with_seeds",
    "confusion",
    "curves",
    "decode",
    "entities_in_text",
    "padding",
    "random_rows",
    "shards",
    "steps",
    "strip",
    "table",
]
