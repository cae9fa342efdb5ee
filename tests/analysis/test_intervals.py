"""What a number of votes says about a share."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.intervals import (
    INTERVALS,
    ImpossibleVotes,
    clopper_pearson,
    jeffreys,
    p_above,
    p_majority,
    p_strong,
    wilson,
)

IntervalFunction = Callable[..., tuple[Any, Any]]
every_interval = pytest.mark.parametrize("interval", INTERVALS.values(), ids=INTERVALS)


@st.composite
def votes(draw: st.DrawFn) -> tuple[float, float]:
    """Successes and n in half votes, n at least a half."""
    halves = draw(st.integers(1, 400))
    return draw(st.integers(0, halves)) / 2, halves / 2


@pytest.mark.parametrize(
    ("successes", "low", "high"),
    [(5, 0.236593090513, 0.763406909487), (7, 0.396778147461, 0.892208732594), (10, 0.722467200137, 1)],
)
def test_wilson_at_ten_votes(successes: int, low: float, high: float) -> None:
    # Reference: prop.test of R without continuity correction.
    assert wilson(successes, 10) == pytest.approx((low, high), abs=1e-9)


def test_wilson_of_the_cases_newcombe_published() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857, Table I, to four decimals.
    low, high = wilson(np.array([81, 15, 0, 1]), np.array([263, 148, 20, 29]))

    assert low == pytest.approx([0.2553, 0.0624, 0, 0.0061], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


def test_jeffreys_and_clopper_pearson_at_seven_of_ten() -> None:
    # Reference: qbeta and binom.test of R.
    assert jeffreys(7, 10) == pytest.approx((0.394181681851, 0.907305406062), abs=1e-9)
    assert clopper_pearson(7, 10) == pytest.approx((0.34754714994, 0.933260488822), abs=1e-9)


def test_ends_are_exact_where_nobody_or_everybody_agrees() -> None:
    for interval in (wilson, clopper_pearson):
        assert interval(0, 10)[0] == 0
        assert interval(10, 10)[1] == 1


def test_jeffreys_keeps_its_pure_quantiles_at_the_ends() -> None:
    assert jeffreys(0, 20)[0] == pytest.approx(2.42464784592e-05, abs=1e-12)


def test_eight_of_ten_still_fits_an_even_split_and_nine_does_not() -> None:
    assert wilson(8, 10)[0] < 0.5 < wilson(9, 10)[0]


def test_clopper_pearson_rounds_half_votes_outwards() -> None:
    low, high = clopper_pearson(7.5, 10)

    assert low == clopper_pearson(7, 10)[0]
    assert high == clopper_pearson(8, 10)[1]


@every_interval
def test_no_votes_give_no_bounds(interval: IntervalFunction) -> None:
    assert all(math.isnan(bound) for bound in interval(0, 0))


@every_interval
def test_numbers_give_numbers_and_arrays_give_arrays(interval: IntervalFunction) -> None:
    low, high = interval(np.array([0.0, 3.5, 10.0]), 10)

    assert isinstance(interval(3.5, 10)[0], float)
    assert (low[1], high[1]) == interval(3.5, 10)


@every_interval
@pytest.mark.parametrize(("successes", "n"), [(-1, 10), (11, 10), (math.nan, 10), (1, math.inf)])
def test_impossible_votes_are_refused(interval: IntervalFunction, successes: float, n: float) -> None:
    with pytest.raises(ImpossibleVotes, match="between 0 and n"):
        interval(successes, n)


@every_interval
@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_probability_is_refused(interval: IntervalFunction, level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        interval(5, 10, level=level)


@every_interval
@given(votes=votes(), level=st.floats(0.5, 0.999))
def test_bounds_are_ordered_within_zero_and_one_and_contain_the_share_or_nearly(
    interval: IntervalFunction, votes: tuple[float, float], level: float
) -> None:
    successes, n = votes

    low, high = interval(successes, n, level=level)

    assert 0 <= low <= high <= 1
    assert low - 0.5 / (n + 1) <= successes / n <= high + 0.5 / (n + 1)


@every_interval
@given(votes=votes())
def test_swapping_the_sides_mirrors_the_interval(interval: IntervalFunction, votes: tuple[float, float]) -> None:
    successes, n = votes

    low, high = interval(successes, n)
    mirrored_low, mirrored_high = interval(n - successes, n)

    assert (low, high) == pytest.approx((1 - mirrored_high, 1 - mirrored_low), abs=1e-9)


@every_interval
@given(votes=votes())
def test_a_higher_level_gives_a_wider_interval(interval: IntervalFunction, votes: tuple[float, float]) -> None:
    narrow, wide = interval(*votes, level=0.8), interval(*votes, level=0.99)

    assert wide[0] <= narrow[0]
    assert narrow[1] <= wide[1]


def test_seven_of_ten_make_a_majority_probable_but_not_certain() -> None:
    assert p_majority(7, 3) == pytest.approx(1816 / 2048, abs=1e-12)


@pytest.mark.parametrize("n", [1, 3, 4, 6])
def test_a_unanimous_run_leaves_a_doubt_that_halves_with_each_vote(n: int) -> None:
    assert p_majority(n, 0) == pytest.approx(1 - 2 ** -(n + 1), abs=1e-12)


def test_without_votes_the_posterior_is_the_flat_prior() -> None:
    assert p_majority(0, 0) == 0.5
    assert p_above(0.8, positive=0, negative=0) == pytest.approx(0.2)


def test_p_strong_counts_both_sides() -> None:
    # 10 of 10: P(p > .8) = 1 - .8^11, P(p < .2) = .2^11
    assert p_strong(10, 0) == pytest.approx(1 - 0.8**11 + 0.2**11, abs=1e-12)
    assert p_strong(0, 10) == pytest.approx(p_strong(10, 0), abs=1e-12)


def test_negative_votes_have_no_posterior() -> None:
    with pytest.raises(ImpossibleVotes, match="not negative"):
        p_majority(-1, 3)
