"""Agreement coefficients from a count table: values, order-independence, and when there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.agreement import (
    ALPHA,
    BRENNAN_PREDIGER,
    FLEISS_KAPPA,
    GWET_AC1,
    NO_PAIR,
    NO_VARIATION,
    ONE_OPTION,
    ONE_UNIT,
    PERCENT_AGREEMENT,
    Coefficient,
    InvalidScale,
    KrippendorffAlpha,
    PairAgreement,
    estimate,
    pair_agreement,
)
from analysis.count_tables import Counts

# Krippendorff (2011): four observers, twelve units, categories 1 to 5, some answers missing.
KRIPPENDORFF_C = np.array(
    [
        [3, 0, 0, 0, 0],
        [0, 3, 1, 0, 0],
        [0, 0, 4, 0, 0],
        [0, 0, 4, 0, 0],
        [0, 4, 0, 0, 0],
        [1, 1, 1, 1, 0],
        [0, 0, 0, 4, 0],
        [3, 1, 0, 0, 0],
        [0, 4, 0, 0, 0],
        [0, 0, 0, 0, 3],
        [2, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
    ]
)
# Fleiss (1971): fourteen raters, ten subjects, five categories.
FLEISS_1971 = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)
EVERY_COEFFICIENT = [
    ALPHA,
    KrippendorffAlpha(metric="ordinal"),
    KrippendorffAlpha(metric="interval"),
    PERCENT_AGREEMENT,
    GWET_AC1,
    PairAgreement(chance="gwet", weighting="quadratic"),
    PairAgreement(chance="fleiss", unequal=True),
    BRENNAN_PREDIGER,
]
every_coefficient = pytest.mark.parametrize("coefficient", EVERY_COEFFICIENT, ids=lambda each: each.name)
small_tables = arrays(np.int64, st.tuples(st.integers(1, 10), st.just(3)), elements=st.integers(0, 4))


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("nominal", 0.7434211), ("ordinal", 0.8153875), ("interval", 0.8491071), ("ratio", 0.7974028)],
)
def test_alpha_of_krippendorffs_own_example_with_missing_answers(metric: str, expected: float) -> None:
    # Values of kripp.alpha in the R package irr on the same data.
    coefficient = KrippendorffAlpha(metric=metric, values=(1, 2, 3, 4, 5))  # type: ignore[arg-type]

    assert estimate(KRIPPENDORFF_C, coefficient).estimate == pytest.approx(expected, abs=1e-6)


def test_units_with_a_single_answer_have_no_part_in_alpha() -> None:
    without = KRIPPENDORFF_C[:-1]

    assert estimate(KRIPPENDORFF_C) == estimate(without)
    assert (estimate(without).n_units, estimate(without).n_responses) == (11, 40)


@pytest.mark.parametrize(
    ("coefficient", "expected"),
    [
        (GWET_AC1, 0.77544),
        (PairAgreement(chance="fleiss", unequal=True), 0.76117),
        (BRENNAN_PREDIGER, 0.77273),
        (PairAgreement(chance="gwet", weighting="quadratic"), 0.91400),
        (PairAgreement(chance="fleiss", weighting="quadratic", unequal=True), 0.86494),
        (PairAgreement(chance="uniform", weighting="quadratic"), 0.90152),
    ],
)
def test_chance_corrected_coefficients_with_missing_answers(coefficient: Coefficient, expected: float) -> None:
    # Values printed by the R package irrCAC for its data set cac.raw4raters, which is the same example.
    assert estimate(KRIPPENDORFF_C, coefficient).estimate == pytest.approx(expected, abs=6e-6)


def test_fleiss_kappa_of_the_fourteen_raters() -> None:
    assert estimate(FLEISS_1971, FLEISS_KAPPA).estimate == pytest.approx(0.210, abs=5e-4)


def test_percent_agreement_is_the_mean_over_scenarios_of_agreeing_pairs() -> None:
    # 3 to 2: 3 + 1 of 10 pairs agree. 5 to 0: all. One answer: no pair.
    table = [[3, 2], [5, 0], [1, 0]]

    assert pair_agreement(table)[:2].tolist() == pytest.approx([0.4, 1.0])
    assert estimate(table, PERCENT_AGREEMENT).estimate == pytest.approx(0.7)


def test_kappa_collapses_and_ac1_does_not_when_one_option_rules() -> None:
    # 125 scenarios, two answers each: 118 alike, 7 split, none alike for the other option.
    table = [[2, 0]] * 118 + [[1, 1]] * 7

    assert estimate(table, PERCENT_AGREEMENT).estimate == pytest.approx(0.944)
    assert estimate(table, FLEISS_KAPPA).estimate == pytest.approx(-0.0288, abs=1e-4)
    assert estimate(table, GWET_AC1).estimate == pytest.approx(0.9407, abs=1e-4)


def test_options_nobody_chose_change_ac1_and_brennan_prediger_but_not_alpha() -> None:
    table = np.array([[3, 1], [1, 3], [4, 0]])
    with_unused = np.column_stack([table, [0, 0, 0]])

    assert estimate(with_unused).estimate == pytest.approx(estimate(table).estimate)
    # p_a = 2/3, p_e = 1/2 or 1/3
    assert estimate(table, BRENNAN_PREDIGER).estimate == pytest.approx(1 / 3)
    assert estimate(with_unused, BRENNAN_PREDIGER).estimate == pytest.approx(1 / 2)


@every_coefficient
@given(table=small_tables, order=st.permutations(range(10)))
def test_the_order_of_scenarios_does_not_matter(coefficient: Coefficient, table: Counts, order: list[int]) -> None:
    shuffled = table[[index for index in order if index < len(table)]]

    assert estimate(shuffled, coefficient) == estimate(table, coefficient)


@pytest.mark.parametrize(
    "coefficient",
    [ALPHA, PERCENT_AGREEMENT, GWET_AC1, BRENNAN_PREDIGER, PairAgreement(chance="fleiss", unequal=True)],
    ids=lambda each: each.name,
)
@given(table=small_tables, order=st.permutations(range(3)))
def test_the_names_of_the_options_do_not_matter(coefficient: Coefficient, table: Counts, order: list[int]) -> None:
    relabelled = estimate(table[:, order], coefficient)

    assert relabelled.undefined_reason == estimate(table, coefficient).undefined_reason
    assert relabelled.estimate == pytest.approx(estimate(table, coefficient).estimate, abs=1e-12)


@every_coefficient
@given(table=small_tables)
def test_a_coefficient_is_at_most_one_or_undefined_with_a_reason(coefficient: Coefficient, table: Counts) -> None:
    result = estimate(table, coefficient)

    if result.estimate is None:
        assert result.undefined_reason
    else:
        assert result.estimate <= 1 + 1e-12
        assert result.undefined_reason == ""


@every_coefficient
@pytest.mark.parametrize("table", [np.zeros((0, 2)), np.zeros((3, 2)), [[1, 0], [0, 1]]])
def test_without_a_pair_of_answers_nothing_is_estimated(coefficient: Coefficient, table: Counts) -> None:
    result = estimate(table, coefficient)

    assert (result.estimate, result.undefined_reason) == (None, NO_PAIR)
    assert (result.n_units, result.n_responses) == (0, 0)


@pytest.mark.parametrize("coefficient", [ALPHA, KrippendorffAlpha(metric="interval"), FLEISS_KAPPA])
def test_without_variation_agreement_beyond_chance_is_undefined(coefficient: Coefficient) -> None:
    result = estimate([[5, 0], [5, 0]], coefficient)

    assert (result.estimate, result.undefined_reason) == (None, NO_VARIATION)


def test_a_single_answer_for_another_option_is_no_variation_among_pairs() -> None:
    assert estimate([[5, 0], [5, 0], [0, 1]]).undefined_reason == NO_VARIATION


def test_percent_agreement_and_ac1_are_defined_without_variation() -> None:
    for coefficient in (PERCENT_AGREEMENT, GWET_AC1):
        assert estimate([[5, 0], [5, 0]], coefficient).estimate == 1


def test_one_scenario_has_a_percent_agreement_but_none_beyond_chance() -> None:
    assert estimate([[3, 2]], PERCENT_AGREEMENT).estimate == pytest.approx(0.4)
    assert estimate([[3, 2]], ALPHA).undefined_reason == ONE_UNIT


def test_one_option_leaves_nothing_to_agree_about() -> None:
    assert estimate([[3], [2]], GWET_AC1).undefined_reason == ONE_OPTION


def test_fleiss_kappa_says_why_unequal_numbers_of_answers_are_not_for_it() -> None:
    result = estimate([[5, 0], [2, 1]], FLEISS_KAPPA)

    assert result.estimate is None
    assert "range from 3 to 5" in result.undefined_reason


@pytest.mark.parametrize("values", [(1, 2), (1, 1, 2), (1, 2, float("inf"))])
def test_values_that_do_not_fit_the_options_are_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(InvalidScale, match="3 different values"):
        estimate([[1, 1, 0], [0, 1, 1]], KrippendorffAlpha(metric="interval", values=values))


def test_a_ratio_scale_has_no_negative_values() -> None:
    with pytest.raises(InvalidScale, match="0 or more"):
        estimate([[1, 1], [2, 0]], KrippendorffAlpha(metric="ratio", values=(-1, 1)))
