"""Whether the distributions would repeat with other annotators of the same kind."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reliability import (
    NO_SPREAD,
    TOO_FEW_UNITS,
    panel_noise_floor,
    spearman_brown,
    split_half,
    split_half_of_annotators,
)


def votes(*, shares: list[float] | np.ndarray, n: int, seed: int = 1) -> np.ndarray:
    first = np.random.default_rng(seed).binomial(n, shares)
    return np.column_stack([first, n - first])


@pytest.mark.parametrize(("r", "k", "expected"), [(0.6, 2, 0.75), (0.5, 3, 0.75), (0.17, 10, 0.67193676)])
def test_spearman_brown(r: float, k: float, expected: float) -> None:
    assert spearman_brown(r, k=k) == pytest.approx(expected)


def test_spearman_brown_has_no_value_for_opposite_halves() -> None:
    with pytest.raises(ValueError, match="undefined"):
        spearman_brown(-1)


@given(r=st.floats(0.01, 0.99))
def test_stepping_up_and_down_again_changes_nothing(r: float) -> None:
    assert spearman_brown(spearman_brown(r, k=2), k=0.5) == pytest.approx(r)


def test_halves_of_unanimous_scenarios_are_alike() -> None:
    result = split_half([[10, 0], [0, 10], [10, 0]], scores=[1, 0], seed=1)

    assert (result.correlation, result.reliability) == pytest.approx((1, 1))
    assert (result.n_units, result.n_responses) == (3, 30)


def test_the_step_up_predicts_the_reliability_of_all_answers() -> None:
    shares = np.random.default_rng(2).beta(1, 1, size=4000)

    result = split_half(votes(shares=shares, n=10), scores=[1, 0], seed=1, splits=50)

    # Variance of a Beta(1, 1) share 1/12, of a mean of m votes around it E[p(1-p)] / m = 1 / (6 m).
    assert result.correlation == pytest.approx((1 / 12) / (1 / 12 + 1 / 30), abs=0.01)
    assert result.reliability == pytest.approx((1 / 12) / (1 / 12 + 1 / 60), abs=0.01)


def test_listing_all_halves_and_drawing_them_give_the_same() -> None:
    # 300 units of 11 possible rows are listed, 300 units of 300 votes are drawn one by one.
    shares = np.random.default_rng(2).beta(1, 1, size=300)
    few = votes(shares=shares, n=10)

    listed = split_half(np.repeat(few, 20, axis=0), scores=[1, 0], seed=1)
    drawn = split_half(few, scores=[1, 0], seed=1)

    assert listed.correlation is not None
    assert drawn.correlation == pytest.approx(listed.correlation, abs=0.005)


def test_neutral_answers_can_count_half() -> None:
    table = [[10, 0, 0], [0, 10, 0], [0, 0, 10], [5, 5, 0]]

    result = split_half(table, scores=[1, 0, 0.5], seed=1)

    assert result.correlation is not None
    assert 0.9 < result.correlation < 1


def test_reliability_has_a_seed_and_does_not_depend_on_the_order_of_scenarios() -> None:
    table = votes(shares=np.linspace(0.1, 0.9, 60), n=9)

    first = split_half(table, scores=[1, 0], seed=5)

    assert split_half(table[::-1], scores=[1, 0], seed=5) == first
    assert split_half(table, scores=[1, 0], seed=6) != first


def test_scenarios_that_do_not_differ_have_no_reliability() -> None:
    result = split_half([[10, 0]] * 5, scores=[1, 0], seed=1)

    assert (result.correlation, result.reliability, result.undefined_reason) == (None, None, NO_SPREAD)


@pytest.mark.parametrize("table", [np.zeros((4, 2), dtype=int), [[1, 0]] * 5, [[5, 5], [3, 2]]])
def test_fewer_than_three_scenarios_with_two_answers_have_no_reliability(table: np.ndarray) -> None:
    assert split_half(table, scores=[1, 0], seed=1).undefined_reason == TOO_FEW_UNITS


def test_scores_must_fit_the_options() -> None:
    with pytest.raises(ValueError, match="each of the 2 options"):
        split_half([[1, 2]], scores=[1, 0, 0.5], seed=1)


def answers_of_a_fixed_panel(*, units: int, annotators: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Everybody answers everything; annotators lean to one side or the other."""
    rng = np.random.default_rng(4)
    unit, annotator = np.divmod(np.arange(units * annotators), annotators)
    chance = np.clip(rng.beta(1, 1, units)[unit] + rng.normal(0, 0.3, annotators)[annotator], 0, 1)
    return unit, annotator, rng.binomial(1, chance)


def test_a_fixed_panel_is_more_reliable_when_its_members_are_split_than_when_answers_are() -> None:
    unit, annotator, positive = answers_of_a_fixed_panel(units=80, annotators=30)
    first = np.bincount(unit, weights=positive).astype(int)

    of_annotators = split_half_of_annotators(unit, annotator, scores=positive, seed=1, splits=100)
    of_answers = split_half(np.column_stack([first, 30 - first]), scores=[1, 0], seed=1, splits=100)

    assert of_annotators.n_responses == of_answers.n_responses == 2400
    assert of_annotators.correlation is not None
    assert of_answers.correlation is not None
    assert of_annotators.correlation > of_answers.correlation


def test_annotators_need_at_least_three_shared_scenarios() -> None:
    result = split_half_of_annotators([1, 1, 2], ["x", "y", "x"], scores=[1, 0, 1], seed=1)

    assert (result.reliability, result.undefined_reason) == (None, TOO_FEW_UNITS)


def test_lists_of_annotators_and_scores_must_match() -> None:
    with pytest.raises(ValueError, match="one length"):
        split_half_of_annotators([1, 1], ["x", "y"], scores=[1], seed=1)


def test_the_noise_floor_of_two_panels_of_one_is_the_chance_that_two_people_differ() -> None:
    # Two single answers are 0 bits apart if alike and 1 bit if not; of 5 and 5, two differ in 5/9.
    floor = panel_noise_floor([[5, 5]], panel=1, seed=1, draws=40_000)

    assert floor == pytest.approx(5 / 9, abs=0.01)


def test_larger_panels_have_a_lower_noise_floor() -> None:
    table = votes(shares=np.linspace(0.2, 0.8, 30), n=100)

    floors = [panel_noise_floor(table, panel=size, seed=1) for size in (5, 10, 25, 50)]

    assert floors == sorted(floors, key=lambda floor: -(floor or 0))


def test_two_panels_that_use_everybody_are_possible_and_larger_ones_are_not() -> None:
    assert panel_noise_floor([[6, 4]], panel=5, seed=1) is not None
    assert panel_noise_floor([[6, 4]], panel=6, seed=1) is None


def test_a_panel_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one answer"):
        panel_noise_floor([[6, 4]], panel=0, seed=1)
