"""Compare `postprocess_predictions` with the plain loops that the tests believe.

python -m benchmarks postprocess      about a minute
"""

import statistics

import numpy as np

from benchmarks import loops
from benchmarks.report import by_turns, publish, seconds
from helpers.qa import postprocess_predictions

LEAST = 5.0  # times faster
HEAD = "times faster, median | of each round"
QUESTION = 12  # tokens before the context: CLS, a question of ten, SEP


def made_up(windows: int, width: int):
    """Return examples of two windows each, their features, random logits (2, windows, width)."""
    words = width - QUESTION - 1
    offsets = [(6 * n, 6 * n + 5) for n in range(words)]  # a word of five letters and a space
    row = {
        "input_ids": [0] * width,
        "offset_mapping": [(0, 0)] * QUESTION + offsets + [(0, 0)],
        "context_tokens": (QUESTION, width - 1),
        "cls_index": 0,
    }
    features = {name: [value] * windows for name, value in row.items()}
    features["example_id"] = [str(n // 2) for n in range(windows)]
    ids = list(dict.fromkeys(features["example_id"]))
    examples = {"id": ids, "context": ["abcde " * words] * len(ids)}
    logits = np.random.default_rng(42).normal(size=(2, windows, width))
    return examples, features, logits.astype(np.float32)


def measure(windows: int = 10_000, width: int = 384, rounds: int = 7) -> dict[str, list]:
    """Return (seconds of processor time, texts) of both, round by round.

    Raises ValueError: the two give different texts.
    """
    examples, features, logits = made_up(windows, width)
    options = {"allow_no_answer": True, "null_threshold": -4.0}
    ways = {
        name: lambda _, way=way: way(examples, features, *logits, **options)
        for name, way in {"vectorized": postprocess_predictions, "loops": loops.postprocess}.items()
    }
    taken = by_turns(ways, range(rounds))
    vectorized, plain = ([texts for _, texts in calls] for calls in taken.values())
    if vectorized != plain:
        raise ValueError("The two give different texts. Run tests/test_qa.py to see which errs.")
    return taken


def main() -> int:
    """Measure, write the section, and fail where the claim does not hold."""
    taken = measure()
    print({name: round(seconds(calls), 1) for name, calls in taken.items()})
    vectorized, plain = taken.values()
    ratios = [slow[0] / fast[0] for slow, fast in zip(plain, vectorized, strict=True)]
    ratio = statistics.median(ratios)
    row = f"{ratio:.1f}", " · ".join(f"{one:.1f}" for one in ratios)
    claim = f"{ratio:.1f} times faster than the loops; at least {LEAST} is claimed"
    return publish("postprocess", HEAD, [row], claim, ratio >= LEAST)
