"""The interval of a coefficient over resampled scenarios."""

import numpy as np
import pytest

from analysis.agreement import (
    ALPHA,
    FLEISS_KAPPA,
    GWET_AC1,
    NO_VARIATION,
    PERCENT_AGREEMENT,
    Coefficient,
    KrippendorffAlpha,
    bootstrap_over_units,
    estimate,
)
from analysis.count_tables import Counts

COEFFICIENTS = [ALPHA, KrippendorffAlpha(metric="ordinal"), GWET_AC1, FLEISS_KAPPA]
every_coefficient = pytest.mark.parametrize("coefficient", COEFFICIENTS, ids=lambda each: each.name)


def contested(*, units: int, votes: int, seed: int = 3) -> Counts:
    """Scenarios whose true shares vary, with a few neutral answers."""
    rng = np.random.default_rng(seed)
    neutral = rng.binomial(votes, 0.07, size=units)
    first = rng.binomial(votes - neutral, rng.beta(0.8, 0.8, size=units))
    return np.column_stack([first, votes - neutral - first, neutral])


def resampled_one_by_one(table: Counts, coefficient: Coefficient, *, replicates: int) -> np.ndarray:
    rng = np.random.default_rng(2)
    tables = (table[rng.integers(len(table), size=len(table))] for _ in range(replicates))
    return np.array([estimate(each, coefficient).estimate for each in tables])


@every_coefficient
@pytest.mark.parametrize(("units", "votes"), [(400, 5), (60, 40)], ids=["few patterns", "many patterns"])
def test_the_interval_is_that_of_resampling_scenarios_one_by_one(
    coefficient: Coefficient, units: int, votes: int
) -> None:
    table = contested(units=units, votes=votes)

    result = bootstrap_over_units(table, coefficient, seed=1, replicates=4000)

    slow = resampled_one_by_one(table, coefficient, replicates=2000)
    assert result.estimate == estimate(table, coefficient).estimate
    assert (result.low, result.high) == pytest.approx(tuple(np.quantile(slow, [0.025, 0.975])), abs=0.3 * slow.std())


def test_the_same_seed_gives_the_same_interval_whatever_the_order_of_scenarios() -> None:
    table = contested(units=200, votes=10)

    first = bootstrap_over_units(table, seed=7)

    assert bootstrap_over_units(table[::-1], seed=7) == first
    assert bootstrap_over_units(table, seed=8) != first


def test_the_method_is_stated_with_its_seed() -> None:
    result = bootstrap_over_units(contested(units=50, votes=5), seed=7, replicates=1000)

    assert result.method == "percentile bootstrap over scenarios, 1000 replicates, seed 7"


def test_a_higher_level_gives_a_wider_interval() -> None:
    table = contested(units=200, votes=10)

    narrow = bootstrap_over_units(table, seed=1, level=0.8)
    wide = bootstrap_over_units(table, seed=1, level=0.99)

    assert (narrow.level, wide.level) == (0.8, 0.99)
    assert wide.low is not None
    assert narrow.low is not None
    assert wide.low < narrow.low


def test_an_undefined_coefficient_has_no_interval_either() -> None:
    result = bootstrap_over_units([[5, 0], [5, 0]], seed=1)

    assert (result.estimate, result.low, result.undefined_reason) == (None, None, NO_VARIATION)


def test_one_scenario_gives_an_estimate_without_an_interval() -> None:
    result = bootstrap_over_units([[3, 2]], PERCENT_AGREEMENT, seed=1)

    assert result.estimate == pytest.approx(0.4)
    assert (result.low, result.high) == (None, None)
    assert "only one scenario" in result.undefined_reason


def test_replicates_without_a_value_are_left_out_and_counted() -> None:
    # A replicate without any of the four dissenting scenarios (about 1 in 67) has no variation.
    table = [[5, 0]] * 96 + [[4, 1]] * 4

    result = bootstrap_over_units(table, seed=1)

    assert result.low is not None
    assert result.method.endswith(" undefined")


def test_there_is_no_interval_if_too_many_replicates_have_no_value() -> None:
    # Without the single dissenting scenario, that is in 37 % of replicates, there is no variation.
    result = bootstrap_over_units([[5, 0]] * 99 + [[4, 1]], seed=1)

    assert result.estimate is not None
    assert (result.low, result.high) == (None, None)
    assert "undefined in" in result.undefined_reason


@pytest.mark.parametrize("options", [{"replicates": 0}, {"level": 1.0}, {"level": 0.0}])
def test_a_bootstrap_without_replicates_or_level_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least one replicate"):
        bootstrap_over_units([[3, 2], [2, 3]], seed=1, **options)  # type: ignore[arg-type]


def test_blocks_of_replicates_are_only_a_matter_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    table = contested(units=300, votes=5)
    at_once = bootstrap_over_units(table, seed=1)

    monkeypatch.setattr("analysis.agreement._CELLS_AT_ONCE", 500)

    assert bootstrap_over_units(table, seed=1) == at_once
