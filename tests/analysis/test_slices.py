"""What agreement is computed over, and which answers count as the same."""

from collections.abc import Mapping

import pytest

from analysis import slices
from analysis.slices import Unit

OPPOSED = {"a": 1, "b": -1}
TURNED = {"a": -1, "b": 1}
WITHOUT = {"a": None, "b": None}


def unit(
    counts: Mapping[str, int],
    *,
    poles: Mapping[str, int | None] | None = None,
    trait: str = "",
    stratum: str = "all",
) -> Unit:
    return Unit(trait=trait, stratum=stratum, counts=counts, poles=OPPOSED if poles is None else poles)


def alpha(units: list[Unit]) -> tuple[float | None, str]:
    figures = slices.figures(units, offers_neutral=True, seed=1)
    [found] = [f for f in figures if (f.slice, f.coefficient) == ("all", "krippendorff_alpha")]
    return found.estimate.estimate, found.method


def test_slices_are_everything_each_trait_and_each_stratum() -> None:
    units = [
        unit({"a": 3}, trait="empathy"),
        unit({"a": 2}, trait="empathy", stratum="young"),
        unit({"a": 1}, trait="empathy", stratum="old"),
        unit({"b": 3}),
    ]

    found = slices.slices(units)

    assert {name: len(members) for name, members in found.items()} == {
        "all": 2,
        "stratum:old": 1,
        "stratum:young": 1,
        "trait:empathy": 1,
    }


def test_pairs_of_opposed_actions_are_compared_by_pole() -> None:
    units = [unit({"a": 4, "b": 1}), unit({"a": 1, "b": 4}, poles=TURNED)]

    counts = slices.category_counts(units, offers_neutral=True)

    assert counts.tolist() == [[4, 1, 0], [4, 1, 0]]


def test_which_action_was_listed_first_does_not_matter_where_poles_are_known() -> None:
    listed = [unit({"a": 4, "b": 1}), unit({"a": 3, "b": 2}), unit({"a": 5, "b": 0})]
    turned = [listed[0], unit({"a": 2, "b": 3}, poles=TURNED), unit({"a": 0, "b": 5}, poles=TURNED)]

    assert alpha(turned) == alpha(listed)


def test_without_poles_the_keys_are_the_categories_and_their_order_matters() -> None:
    listed = [unit({"a": 4, "b": 1}, poles=WITHOUT), unit({"a": 5, "b": 0}, poles=WITHOUT)]
    turned = [listed[0], unit({"a": 0, "b": 5}, poles=WITHOUT)]

    assert alpha(turned)[0] != pytest.approx(alpha(listed)[0])


@pytest.mark.parametrize(
    "poles",
    [WITHOUT, {"a": 1, "b": None}, {"a": 1, "b": 1}, {"a": 1, "b": -1, "c": 1}, {"a": 1}, {}],
)
def test_one_scenario_that_is_no_opposed_pair_brings_the_slice_back_to_keys(
    poles: dict[str, int | None],
) -> None:
    assert slices.basis_of([unit({}), unit({}, poles=TURNED)]) == "pole"
    assert slices.basis_of([unit({}), unit({}, poles=poles)]) == "action"


def test_the_method_says_which_categories_were_used() -> None:
    votes = [{"a": 4, "b": 1}, {"a": 1, "b": 4}, {"a": 3, "b": 2}]

    by_pole = alpha([unit(counts) for counts in votes])[1]
    by_action = alpha([unit(counts, poles=WITHOUT) for counts in votes])[1]

    assert by_pole == "nominal, by pole; percentile bootstrap over scenarios, 1000 replicates, seed 1"
    assert by_action.startswith("nominal, by action; percentile bootstrap")


def test_keys_of_all_scenarios_are_columns_in_a_fixed_order() -> None:
    units = [unit({"yes": 1}, poles={"yes": None, "no": None}), unit({"maybe": 2}, poles={"maybe": None})]

    counts = slices.category_counts(units, offers_neutral=False)

    assert counts.tolist() == [[0, 0, 1], [2, 0, 0]]


def test_not_applicable_is_missing_data() -> None:
    counts = slices.category_counts([unit({"a": 1, "not_applicable": 7})], offers_neutral=True)

    assert counts.sum() == 1


def test_neutral_is_a_category_where_it_is_offered_or_was_recorded() -> None:
    unused, used = [unit({"a": 2})], [unit({"a": 2, "neutral": 1})]

    assert slices.category_counts(unused, offers_neutral=False).shape == (1, 2)
    assert slices.category_counts(unused, offers_neutral=True).shape == (1, 3)
    assert slices.category_counts(used, offers_neutral=False).tolist() == [[2, 0, 1]]
