"""Distances between two distributions over the same options."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.distances import (
    InvalidDistribution,
    brier,
    cross_entropy,
    hellinger,
    jensen_shannon,
    kl_divergence,
    total_variation,
    wasserstein_1,
)

Distance = Callable[..., Any]
SYMMETRIC = [total_variation, jensen_shannon, hellinger, wasserstein_1, brier]
votes_of_two_groups = st.tuples(*[st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any) for _ in range(2)])


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        (total_variation, 0.3),
        (jensen_shannon, 0.06665370714512761),
        (hellinger, 0.2158371355331454),
        (wasserstein_1, 0.3),
        (kl_divergence, 0.18378689738681217),
        (cross_entropy, 0.7946511994417057),
        (brier, 0.18),
    ],
)
def test_seventy_thirty_against_forty_sixty(distance: Distance, expected: float) -> None:
    assert distance([0.7, 0.3], [0.4, 0.6]) == pytest.approx(expected, abs=1e-12)
    assert distance([7, 3], [40, 60]) == pytest.approx(expected, abs=1e-12)


def test_disjoint_answers_are_one_bit_apart() -> None:
    assert jensen_shannon([1, 0], [0, 1]) == 1
    assert total_variation([1, 0], [0, 1]) == 1
    assert hellinger([1, 0], [0, 1]) == 1
    assert kl_divergence([1, 0], [0, 1]) == math.inf


def test_moving_votes_along_a_scale_costs_their_way() -> None:
    p, q = [0.1, 0.2, 0.4, 0.2, 0.1], [0, 0.1, 0.2, 0.3, 0.4]

    assert wasserstein_1(p, q) == pytest.approx(1)
    assert wasserstein_1(p, q, support=[0, 10, 20, 30, 40]) == pytest.approx(10)


@pytest.mark.parametrize("distance", SYMMETRIC)
@given(groups=votes_of_two_groups)
def test_distances_are_symmetric_bounded_and_zero_for_equals(
    distance: Distance, groups: tuple[list[int], list[int]]
) -> None:
    p, q = groups

    assert distance(p, q) == pytest.approx(distance(q, p), abs=1e-12)
    assert 0 <= distance(p, q) <= (3 if distance is wasserstein_1 else 2 if distance is brier else 1) + 1e-12
    assert distance(p, p) == pytest.approx(0, abs=1e-12)


def test_rows_are_compared_row_by_row_and_against_one() -> None:
    rows = np.array([[7, 3], [4, 6]])

    assert total_variation(rows, [0.7, 0.3]) == pytest.approx([0, 0.3])


@pytest.mark.parametrize("distance", [*SYMMETRIC, kl_divergence, cross_entropy])
def test_a_group_without_votes_has_no_distance(distance: Distance) -> None:
    assert math.isnan(distance([0, 0], [1, 1]))


@pytest.mark.parametrize(("p", "q"), [([1, 2], [1, 2, 3]), ([1, -1], [1, 1]), ([1, math.nan], [1, 1]), (1, [1, 1])])
def test_what_is_no_pair_of_distributions_is_refused(p: Any, q: Any) -> None:
    with pytest.raises(InvalidDistribution):
        total_variation(p, q)


def test_a_scale_must_increase() -> None:
    with pytest.raises(InvalidDistribution, match="increasing"):
        wasserstein_1([1, 1], [1, 0], support=[2, 1])
