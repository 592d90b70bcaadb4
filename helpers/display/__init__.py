"""Pictures of tokens, labels, batches and scores: what people would rather look at than read."""

from helpers.display.fewshot import crossover, embeddings, pairs
from helpers.display.loops import shards, steps
from helpers.display.masks import masks
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
from helpers.display.windows import logits, passage, span_scores, thresholds, windows

__all__ = [
    "COLOURS",
    "Html",
    "bars_with_seeds",
    "confusion",
    "crossover",
    "curves",
    "decode",
    "embeddings",
    "entities_in_text",
    "logits",
    "masks",
    "padding",
    "pairs",
    "passage",
    "random_rows",
    "shards",
    "span_scores",
    "steps",
    "strip",
    "table",
    "thresholds",
    "windows",
]
