"""The check of lesson 08, Exercise 1 · Perplexity of batches."""

from __future__ import annotations

import math
import random

from exercises.verdict import Verdict, compare


def _mean_loss(losses, counts):
    return sum(loss * count for loss, count in zip(losses, counts, strict=True)) / sum(counts)


def _perplexity(losses, counts):
    return math.exp(_mean_loss(losses, counts))


def _plain_mean(losses, counts, *, each=float, of_all=True):
    """Return the mean of the batches' losses, each batch with the same weight."""
    seen = [each(loss) for loss, n in zip(losses, counts, strict=True) if n or of_all]
    return sum(seen) / len(seen)


def check_perplexity(function) -> Verdict:
    """Check `perplexity(losses, counts) -> float`: of mean losses of batches and their masked positions."""
    rng = random.Random()
    cases: list[tuple] = [([2.0], [10]), ([1.0, 3.0], [1, 9]), ([2.5, 0.0, 1.0], [5, 0, 3])]
    for _ in range(30):
        counts = [rng.randrange(40) for _ in range(rng.randrange(1, 9))] + [rng.randrange(1, 40)]
        cases.append(([round(rng.uniform(0.5, 6), 2) if n else 0.0 for n in counts], counts))
    return compare(
        "perplexity",
        function,
        _perplexity,
        cases,
        [
            *(
                (message, function)
                for of_all in (True, False)
                for message, function in (
                    (
                        "every batch weighs the same. Weigh each mean by its masked positions.",
                        lambda *case, of_all=of_all: math.exp(_plain_mean(*case, of_all=of_all)),
                    ),
                    (
                        "it averages perplexities, and every batch weighs the same. e to the mean comes last.",
                        lambda *case, of_all=of_all: _plain_mean(
                            *case, each=math.exp, of_all=of_all
                        ),
                    ),
                )
            ),
            (
                "it averages perplexities. Average the losses first; e to that comes last.",
                lambda losses, counts: _mean_loss([math.exp(loss) for loss in losses], counts),
            ),
            (
                "it is the mean loss. Perplexity is e to the mean loss.",
                _mean_loss,
            ),
            (
                "it raises 2 to the loss. These losses are natural logarithms: use e.",
                lambda losses, counts: 2 ** _mean_loss(losses, counts),
            ),
            (
                "it raises e to minus the loss. A loss is minus a logarithm already.",
                lambda losses, counts: math.exp(-_mean_loss(losses, counts)),
            ),
            (
                "it sums the losses of all positions. Divide by their number before the exponential.",
                lambda losses, counts: math.exp(_mean_loss(losses, counts) * sum(counts)),
            ),
            (
                "it sums the means of batches. Multiply each by its count first, then divide by all counts.",
                lambda losses, counts: math.exp(sum(losses)),
            ),
            (
                "means are summed without their counts. Multiply each by its count first.",
                lambda losses, counts: math.exp(sum(losses) / sum(counts)),
            ),
            (
                "it divides by the number of batches. Divide by that of masked positions.",
                lambda losses, counts: math.exp(
                    _mean_loss(losses, counts) * sum(counts) / len(counts)
                ),
            ),
        ],
    )
