"""The check of lesson 06, Exercise 4 · What does a sweep cost?"""

from __future__ import annotations

import random

from exercises.verdict import Verdict, compare


def _passes(
    layers,
    boundaries,
    epochs,
    seeds,
    *,
    caching=max,
    backward=2,
    through=False,
    shared=1,
    above=False,
):
    runs = epochs * seeds
    known = [boundary for boundary in boundaries if boundary is not None]
    plain = cached = 0
    for boundary in boundaries:
        trained = layers - (boundary or 0)
        forward = trained if above else layers
        plain += runs * (forward + backward * (layers if through else trained))
        cached += runs * (1 + backward) * trained
    return plain, cached + shared * (caching(known) if known else 0)


def check_sweep_passes(function) -> Verdict:
    """Check `sweep_passes(layers, boundaries, epochs, seeds) -> (plain, cached)`: layer passes of a row."""
    rng = random.Random()
    cases: list[tuple] = [
        (6, [5], 3, 3),
        (6, [6, 6, 5, 4], 3, 3),
        (6, [None], 2, 1),
        (6, [None, 3, 5], 2, 3),
        (12, [0, 10], 1, 2),
    ]
    for _ in range(20):
        layers = rng.randrange(2, 25)
        known = [rng.randrange(1, layers + 1) for _ in range(rng.randrange(2, 6))]
        unknown = [None] * rng.randrange(2)
        cases.append((layers, known + unknown, rng.randrange(2, 6), rng.randrange(2, 6)))

    def mistaken(**options):
        return lambda *case: _passes(*case, **options)

    each = "each strategy caches for itself. One pass up to the highest boundary gives all of them."
    again = "caching comes again with every {}. Frozen layers are the same for all {}s."

    def repeated(times):
        return lambda layers, boundaries, epochs, seeds: _passes(
            layers, boundaries, epochs, seeds, shared=times(epochs, seeds)
        )

    return compare(
        "sweep_passes",
        function,
        _passes,
        cases,
        [
            (
                "the caching pass is missing. Someone has to compute what is kept.",
                mistaken(shared=0),
            ),
            (each, mistaken(caching=sum)),
            (each, mistaken(caching=lambda known: sum(set(known)))),
            (
                each,
                lambda layers, boundaries, *runs: _passes(
                    layers, boundaries, *runs, shared=len(boundaries)
                ),
            ),
            (again.format("seed", "seed"), repeated(lambda epochs, seeds: seeds)),
            (again.format("epoch", "epoch"), repeated(lambda epochs, seeds: epochs)),
            (again.format("run", "run"), repeated(lambda epochs, seeds: epochs * seeds)),
            (
                "the caching pass costs 1 a layer. Nothing trains in it: it has no backward pass.",
                mistaken(shared=3),
            ),
            (
                "the caching pass goes on to the top. It ends at the highest boundary.",
                lambda layers, *case: _passes(layers, *case, caching=lambda known: layers),
            ),
            (
                "the backward pass goes through frozen layers. It ends at the boundary.",
                mistaken(through=True),
            ),
            ("a layer's backward pass costs two passes, not one.", mistaken(backward=1)),
            (
                "the plain sweep leaves out frozen layers. It runs all of them forward, each time.",
                mistaken(above=True),
            ),
            (
                "the seeds are missing. Every strategy is trained with each of them.",
                lambda layers, boundaries, epochs, seeds: _passes(layers, boundaries, epochs, 1),
            ),
            (
                "the epochs are missing. Each goes through the row again.",
                lambda layers, boundaries, epochs, seeds: _passes(layers, boundaries, 1, seeds),
            ),
            (
                "strategies whose boundary is `None` are left out. They train all layers.",
                lambda layers, boundaries, *runs: _passes(
                    layers, [boundary for boundary in boundaries if boundary is not None], *runs
                ),
            ),
        ],
    )
