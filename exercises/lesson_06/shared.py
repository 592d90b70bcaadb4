"""What checks of lesson 06 share."""

from __future__ import annotations

MODULES = (
    "attention.self.query",
    "attention.output.LayerNorm",
    "intermediate.dense",
    "output.dense",
)


def parameter_names(layers: int, head: str = "classifier") -> list[str]:
    """Return the names of a small BERT's parameters, in the model's order."""
    modules = ["bert.embeddings.LayerNorm"]
    modules += [f"bert.encoder.layer.{n}.{module}" for n in range(layers) for module in MODULES]
    modules += ["bert.pooler.dense", head]
    names = [f"{module}.{kind}" for module in modules for kind in ("weight", "bias")]
    return ["bert.embeddings.word_embeddings.weight", *names]
