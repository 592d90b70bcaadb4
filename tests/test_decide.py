"""Deciding between two strategies: the test, its schedule, and how often it errs."""

from itertools import product

import numpy as np
import pytest

from labs.freezing import decide


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        pytest.param([1, 2, 3], 2 / 8, id="all one way"),
        pytest.param([-1, -2, -3], 2 / 8, id="the other way"),
        pytest.param([0, 0, 0], 1.0, id="no gap"),
        pytest.param([3, -1], 1.0, id="hand-worked: sums 2, 4, -4, -2"),
        pytest.param([1.0] * 8, 2 / 256, id="eight seeds"),
    ],
)
def test_the_p_value_counts_swaps(gaps, expected):
    assert decide.p_value(gaps) == pytest.approx(expected)


def test_the_p_value_is_that_of_every_swap():
    gaps = np.random.default_rng(1).normal(0.3, 1, 9).round(2)
    sums = [abs(np.dot(signs, gaps)) for signs in product((1, -1), repeat=9)]
    share = np.mean([one >= abs(gaps.sum()) - 1e-9 for one in sums])
    assert decide.p_value(gaps) == pytest.approx(share)


def drawn(seed, better=0.0):
    """Return scores of two strategies by seed: the second one better, with luck shared and its own."""
    luck = np.random.default_rng(seed).normal(0, 0.02, (3, 24))
    known = {"one": 0.8 + luck[0] + luck[1], "other": 0.8 + luck[0] + luck[2] + better}
    return lambda strategy, seeds: known[strategy][:seeds]


def test_equally_good_strategies_are_rarely_told_apart():
    decisions = [decide.until_decided(drawn(seed), "one", "other") for seed in range(400)]
    wrong = np.mean([decision.winner is not None for decision in decisions])
    assert 0 < wrong < 0.05


def test_a_real_difference_is_found():
    decisions = [decide.until_decided(drawn(seed, 0.03), "one", "other") for seed in range(60)]
    assert np.mean([decision.winner == "other" for decision in decisions]) > 0.9


def test_it_stops_at_the_first_look_that_decides_and_says_so():
    asked = []

    def scores(strategy, seeds):
        asked.append((strategy, seeds))
        return [0.9 if strategy == "one" else 0.8] * seeds

    decision = decide.until_decided(scores, "one", "other", looks=(8, 12))
    assert asked == [("one", 8), ("other", 8)]
    assert decision.winner == "one"
    assert str(decision) == "one is better than other by 0.100 on average (8 seeds, 1 look)."
    assert decision.looks.to_dict("records") == [
        {"seeds": 8, "gap": pytest.approx(0.1), "p": pytest.approx(2 / 256), "needed": 0.025}
    ]


def test_it_says_when_the_seeds_do_not_suffice():
    decision = decide.until_decided(lambda strategy, seeds: [0.8] * seeds, "one", "other")
    assert (decision.winner, len(decision.looks)) == (None, 4)
    assert str(decision).startswith("Not decided after 24 seeds, 4 looks: one and other may")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"other": "one"}, "Both strategies are 'one'", id="twice"),
        pytest.param({"level": 5}, "level is 5. Use a number between", id="per cent"),
        pytest.param({"looks": (8, 8)}, "looks is .8, 8.. Use rising", id="not rising"),
        pytest.param({"looks": ()}, "looks is ..", id="no look"),
        pytest.param({"looks": 8}, "looks is 8. Use rising", id="a number alone"),
        pytest.param({"looks": (1, 8)}, "looks is .1, 8.. Use rising", id="one seed"),
        pytest.param({"level": 0.001}, "24 seeds give no p below 0.00049, and each", id="level"),
        pytest.param({"looks": (3, 5)}, "5 seeds give no p below 0.062, and each", id="too few"),
    ],
)
def test_what_can_never_decide_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        decide.until_decided(**{"scores": drawn(0), "one": "one", "other": "other"} | change)
