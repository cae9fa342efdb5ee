"""The two rules that say how united a scenario's answers are."""

from typing import get_args

import numpy as np
import pytest

from analysis.consensus import (
    POSTERIOR_READINGS,
    VOTES_READINGS,
    PosteriorClass,
    VotesClass,
    by_posterior,
    by_votes,
    fits_an_even_split,
    in_high_consensus_set,
)
from analysis.intervals import wilson


def posterior_class(positive: float, negative: float) -> str:
    sides = np.array([positive]), np.array([negative])
    low, high = wilson(sides[0], sides[0] + sides[1])
    return str(by_posterior(sides[0], negative=sides[1], low=low, high=high)[0])


def test_the_bins_of_ten_votes() -> None:
    larger_side = np.array([10, 9.5, 9, 8.5, 8, 7.5, 5]) / 10

    classes = by_votes(larger_side).tolist()

    assert classes == ["unanimous", "very_high", "very_high", "high", "high", "lower", "lower"]


def test_a_share_that_is_nine_tenths_but_for_rounding_is_not_put_a_bin_lower() -> None:
    almost = np.array([0.9 - 1e-16, 0.3 + 0.3 + 0.3])

    assert by_votes(almost).tolist() == ["very_high", "very_high"]


def test_no_vote_has_no_class() -> None:
    assert by_votes(np.array([np.nan])).tolist() == [""]
    assert posterior_class(0, 0) == ""


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        (10, 0, "strong"),  # P(p > .8) = 1 - .8^11 = .914
        (9, 1, "moderate"),  # P(p > .8) = .68, P(p > .5) = .994
        (8, 2, "moderate"),  # P(p > .5) = .967
        (7, 3, "leaning"),  # P(p > .5) = .887
        (6, 4, "undetermined"),  # P(p > .5) = .726
        (5, 5, "undetermined"),  # interval .24 to .76: wider than the band
        (50, 50, "split"),  # interval .40 to .60
        (4, 0, "moderate"),  # P(p > .5) = 31/32
        (3, 0, "undetermined"),  # P(p > .5) = 15/16, but three votes
        (1, 0, "undetermined"),
        (90, 10, "strong"),
        (60, 40, "moderate"),
    ],
)
def test_the_rule_on_the_posterior(positive: float, negative: float, expected: str) -> None:
    assert posterior_class(positive, negative) == expected
    assert posterior_class(negative, positive) == expected


def test_an_even_split_is_undetermined_only_while_votes_are_few() -> None:
    classes = [posterior_class(half, half) for half in range(1, 60)]

    assert classes == ["undetermined"] * 19 + ["split"] * 40  # the interval fits the band from 40 votes on


def test_above_67_votes_nothing_is_undetermined() -> None:
    assert posterior_class(36, 31) == "undetermined"
    assert "undetermined" not in {posterior_class(side, n - side) for n in range(68, 90) for side in range(n + 1)}


def test_the_high_consensus_set_starts_at_eight_in_ten() -> None:
    assert in_high_consensus_set(np.array([0.79, 0.8, 1.0, np.nan])).tolist() == [False, True, True, False]
    assert in_high_consensus_set(np.array([0.6]), tau=0.6).tolist() == [True]


def test_eight_of_ten_fit_an_even_split_and_nine_do_not() -> None:
    assert fits_an_even_split(*wilson(8, 10))
    assert not fits_an_even_split(*wilson(9, 10))


def test_every_class_has_a_reading_in_plain_words() -> None:
    assert VOTES_READINGS.keys() == set(get_args(VotesClass))
    assert POSTERIOR_READINGS.keys() == set(get_args(PosteriorClass))
