"""Compare `postprocess_predictions` with the plain loops that the tests believe.

python -m benchmarks.postprocess      about a minute
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

from benchmarks import loops
from benchmarks.report import write_section
from helpers.qa import postprocess_predictions

LEAST = 5.0  # times faster
QUESTION = 12  # tokens before the context: CLS, a question of ten, SEP


def made_up(windows: int, width: int, seed: int = 42):
    """Return examples of two windows each, their features, and random logits (2, windows, width)."""
    letters = 6  # a word of five and a space
    words = width - QUESTION - 1
    offsets = [(letters * n, letters * n + letters - 1) for n in range(words)]
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
    logits = np.random.default_rng(seed).normal(size=(2, windows, width))
    return examples, features, logits.astype(np.float32)


def measure(windows: int = 10_000, width: int = 384, rounds: int = 7) -> list[dict[str, float]]:
    """Return the seconds of processor time of both, round by round.

    Raises:
        ValueError: the two give different texts.
    """
    examples, features, logits = made_up(windows, width)
    options = {"allow_no_answer": True, "null_threshold": -4.0}
    ways = {"vectorised": postprocess_predictions, "loops": loops.postprocess}
    results = []
    for _ in range(rounds):
        seconds, texts = {}, []
        for name, way in ways.items():
            start = time.process_time()
            texts.append(way(examples, features, *logits, **options))
            seconds[name] = time.process_time() - start
        if texts[0] != texts[1]:
            raise ValueError(
                "The two give different texts. Run tests/test_qa.py to see which errs."
            )
        results.append(seconds)
        print(" · ".join(f"{name} {value:.2f} s" for name, value in seconds.items()), flush=True)
    return results


def main() -> int:
    """Measure, write the section, and fail where the claim does not hold."""
    ratios = [seconds["loops"] / seconds["vectorised"] for seconds in measure()]
    ratio = statistics.median(ratios)
    write_section(
        "postprocess",
        "## From logits to answers\n"
        "`postprocess_predictions` against plain loops over the n-best pairs (`benchmarks/loops.py`), 10,000 windows of 384\n"
        "tokens, 20 starts and 20 ends each, the same texts, in processor time:\n\n"
        "| times faster, median | of each round |\n|---|---|\n"
        f"| {ratio:.1f} | {' · '.join(f'{one:.1f}' for one in ratios)} |",
    )
    print(f"{ratio:.1f} times faster than the loops; at least {LEAST} is claimed")
    return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
