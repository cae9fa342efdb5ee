"""Numbers in words never say more than the numbers."""

import pytest

from analysis import readings
from analysis.readings import SHOWS_TRAIT


def test_a_share_names_the_side_that_leads_and_its_interval() -> None:
    said = readings.of_share(0.3, low=0.108, high=0.603, votes=10, sides=SHOWS_TRAIT)

    assert said == (
        "70 % of 10 votes: opposes the trait. The share of everybody lies between 40 % and 89 % (95 % interval). "
        "An even split is not ruled out."
    )


def test_nine_of_ten_rule_out_an_even_split_and_eight_do_not() -> None:
    nine = readings.of_share(0.9, low=0.596, high=0.982, votes=10, sides=SHOWS_TRAIT)
    eight = readings.of_share(0.8, low=0.490, high=0.943, votes=10, sides=SHOWS_TRAIT)

    assert "even split" not in nine
    assert "An even split is not ruled out." in eight


def test_an_even_split_has_no_leading_side() -> None:
    said = readings.of_share(0.5, low=0.237, high=0.763, votes=10, sides=SHOWS_TRAIT)

    assert said.startswith("10 votes, evenly split.")


def test_without_votes_nothing_is_claimed() -> None:
    assert readings.of_share(None, low=None, high=None, votes=0, sides=SHOWS_TRAIT) == "Nobody has judged this yet."


@pytest.mark.parametrize(
    ("part", "said"), [(0, "0 %"), (0.001, "under 1 %"), (0.666, "67 %"), (0.999, "over 99 %"), (1, "100 %")]
)
def test_only_none_and_all_are_written_so(part: float, said: str) -> None:
    assert readings.percent(part) == said


def test_pairwise_agreement_is_said_in_pairs() -> None:
    said = readings.of_agreement("percent_agreement", 0.57, low=0.5, high=0.6)

    assert said == "Of 100 pairs of answers to the same scenario, 57 are alike."


def test_an_interval_that_includes_chance_is_said_to() -> None:
    said = readings.of_agreement("krippendorff_alpha", 0.05, low=-0.02, high=0.12)

    assert said == "Hardly more agreement than chance would give. The interval includes chance."


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.3, 0.667, 0.8, 1.0])
def test_every_value_of_a_coefficient_has_a_reading(value: float) -> None:
    assert readings.of_agreement("gwet_ac1", value, low=None, high=None)


def test_an_undefined_coefficient_has_none() -> None:
    assert readings.of_agreement("fleiss_kappa", None, low=None, high=None) == ""


@pytest.mark.parametrize(
    ("hours", "said"), [(0.01, "a minute"), (0.5, "30 minutes"), (3.2, "3 hours"), (100, "4 days")]
)
def test_a_duration_takes_the_coarsest_unit_that_still_says_something(hours: float, said: str) -> None:
    assert readings.duration(hours) == said
