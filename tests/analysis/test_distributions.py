"""What is published about one scenario, from its counts."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.distributions import (
    InvalidCounts,
    InvalidVoteWeights,
    Summary,
    Tally,
    VoteWeights,
    entropy_bits,
    sides,
    summarise,
    summarise_all,
    summarise_table,
)

a_count = st.integers(0, 200)
some_counts = st.fixed_dictionaries({"a": a_count, "b": a_count, "neutral": a_count, "not_applicable": a_count})
NEUTRAL_DROPPED = VoteWeights(neutral_to_positive=0, neutral_to_negative=0)


def pair(counts: dict[str, int], **options: Any) -> Summary:
    """Summary of a scenario pair whose action a is the positive side."""
    return summarise(counts, positive={"a"}, negative={"b"}, **options)


def test_a_neutral_answer_is_half_a_vote_for_each_side() -> None:
    summary = pair({"a": 6, "b": 2, "neutral": 2})

    assert summary.share_positive == pytest.approx(0.70)
    assert summary.weighted_n == 10


def test_the_figures_of_seven_to_three() -> None:
    summary = pair({"a": 7, "b": 3})

    assert (summary.n, summary.majority, summary.agreement) == (10, "a", 0.7)
    assert (summary.low, summary.high) == pytest.approx((0.396778147461, 0.892208732594), abs=1e-9)
    assert summary.p_majority == pytest.approx(0.88671875)
    assert summary.entropy_bits == pytest.approx(0.8812908992306927)
    assert (summary.consensus_votes, summary.consensus_posterior) == ("lower", "leaning")
    assert summary.high_consensus is False


def test_not_applicable_is_kept_apart_and_changes_only_the_number_of_answers() -> None:
    with_it = pair({"a": 7, "b": 3, "not_applicable": 5})

    assert (with_it.n, with_it.not_applicable, with_it.weighted_n) == (15, 5, 10)
    assert dataclasses.replace(with_it, n=10, not_applicable=0) == pair({"a": 7, "b": 3})


def test_a_study_can_drop_neutral_answers() -> None:
    summary = pair({"a": 6, "b": 2, "neutral": 2}, weights=NEUTRAL_DROPPED)

    assert (summary.share_positive, summary.weighted_n, summary.n) == (0.75, 8, 10)


def test_a_study_can_count_not_applicable_as_half_a_vote() -> None:
    weights = VoteWeights(not_applicable_to_positive=0.5, not_applicable_to_negative=0.5)

    summary = pair({"a": 4, "not_applicable": 4}, weights=weights)

    assert (summary.share_positive, summary.weighted_n) == (0.75, 8)


@pytest.mark.parametrize("weight", [-0.1, 1.1, math.nan, math.inf])
def test_weights_of_less_than_nothing_or_more_than_a_vote_are_refused(weight: float) -> None:
    with pytest.raises(InvalidVoteWeights, match="neutral"):
        VoteWeights(neutral_to_positive=weight, neutral_to_negative=0)


@pytest.mark.parametrize("counts", [{}, {"a": 0, "b": 0}, {"not_applicable": 3}])
def test_without_a_judgement_nothing_is_claimed(counts: dict[str, int]) -> None:
    summary = pair(counts)

    claims = {
        name: value
        for name, value in dataclasses.asdict(summary).items()
        if name not in {"n", "neutral", "not_applicable", "weighted_n", "interval", "level"}
    }
    assert set(claims.values()) == {None}
    assert summary.weighted_n == 0


def test_equal_counts_are_a_tie() -> None:
    assert pair({"a": 4, "b": 4, "neutral": 2}).majority == "tie"


def test_if_everybody_is_neutral_it_is_a_tie_at_one_half() -> None:
    summary = pair({"neutral": 5})

    assert (summary.majority, summary.share_positive, summary.entropy_bits) == ("tie", 0.5, 0)


def test_if_everybody_is_neutral_and_neutral_is_dropped_there_is_no_share() -> None:
    summary = pair({"neutral": 5}, weights=NEUTRAL_DROPPED)

    assert (summary.majority, summary.share_positive, summary.weighted_n) == ("tie", None, 0)


def test_an_action_nobody_chose_need_not_be_counted() -> None:
    assert pair({"a": 10}) == pair({"a": 10, "b": 0})


def test_three_actions_share_two_sides() -> None:
    summary = summarise({"a": 3, "b": 4, "c": 3}, positive={"a", "c"}, negative={"b"})

    assert summary.share_positive == pytest.approx(0.6)
    assert summary.majority == "b"
    assert summary.entropy_bits == pytest.approx(-(0.6 * math.log2(0.3) + 0.4 * math.log2(0.4)))


def test_an_action_on_neither_side_is_counted_but_has_no_part_in_the_share() -> None:
    summary = summarise({"a": 3, "b": 1, "c": 6}, positive={"a"}, negative={"b"})

    assert (summary.n, summary.weighted_n, summary.share_positive, summary.majority) == (10, 4, 0.75, "c")


def test_the_other_intervals_can_be_chosen_and_are_named() -> None:
    summary = pair({"a": 7, "b": 3}, interval="clopper_pearson", level=0.95)

    assert (summary.interval, summary.level) == ("clopper_pearson", 0.95)
    assert summary.low == pytest.approx(0.34754714994, abs=1e-9)


def test_an_action_cannot_stand_on_both_sides() -> None:
    with pytest.raises(InvalidCounts, match="both sides: a"):
        summarise({"a": 1}, positive={"a"}, negative={"a", "b"})


def test_negative_counts_are_refused() -> None:
    with pytest.raises(InvalidCounts, match="0 or more"):
        pair({"a": -1, "b": 2})


@given(counts=some_counts)
def test_swapping_the_poles_mirrors_the_share_and_keeps_the_rest(counts: dict[str, int]) -> None:
    summary = pair(counts)
    swapped = summarise(counts, positive={"b"}, negative={"a"})

    if summary.share_positive is not None and swapped.share_positive is not None:
        assert swapped.share_positive == pytest.approx(1 - summary.share_positive)
    assert swapped.agreement == summary.agreement
    assert swapped.majority == summary.majority
    assert swapped.entropy_bits == summary.entropy_bits
    assert swapped.consensus_votes == summary.consensus_votes
    assert swapped.consensus_posterior == summary.consensus_posterior


@given(counts=st.lists(some_counts, min_size=1, max_size=8))
def test_many_at_once_give_the_figures_of_each_alone(counts: list[dict[str, int]]) -> None:
    tallies = [Tally(counts=each, positive={"a"}, negative={"b"}) for each in counts]
    tallies.append(Tally(counts={"x": 1, "y": 2, "z": 3}, positive={"z"}, negative={"x"}))

    together = summarise_all(tallies)

    alone = [summarise(each.counts, positive=each.positive, negative=each.negative) for each in tallies]
    assert together == alone


def test_no_scenarios_give_no_summaries() -> None:
    assert summarise_all([]) == []


def test_the_table_form_takes_poles_per_scenario_or_for_all() -> None:
    counts = np.array([[7, 3], [7, 3]])
    nobody = np.zeros(2)

    reverse_keyed = summarise_table(counts, poles=[[1, -1], [-1, 1]], neutral=nobody, not_applicable=nobody)
    alike = summarise_table(counts, poles=[[1, -1]], neutral=nobody, not_applicable=nobody)

    assert reverse_keyed.share_positive == pytest.approx([0.7, 0.3])
    assert alike.share_positive == pytest.approx([0.7, 0.7])
    assert alike.majority.tolist() == [0, 0]


def test_entropy_is_zero_when_all_agree_one_bit_when_two_options_split_and_undefined_without_votes() -> None:
    entropy = entropy_bits([[10, 0], [5, 5], [0, 0]])

    assert entropy[:2].tolist() == [0.0, 1.0]
    assert math.isnan(entropy[2])
    assert math.copysign(1, entropy[0]) == 1


@pytest.mark.parametrize(
    ("poles", "positive", "negative"),
    [
        ({"a": 1, "b": -1}, {"a"}, {"b"}),
        ({"a": -1, "b": 1}, {"b"}, {"a"}),
        ({"a": 1, "b": -1, "c": None}, {"a"}, {"b"}),
        ({"a": None, "b": 1}, {"b"}, {"a"}),
        ({"a": -1, "b": None}, {"b"}, {"a"}),
        ({"a": None, "b": None}, {"a"}, {"b"}),
        ({"y": None, "x": None, "z": None}, {"y"}, {"x", "z"}),
        ({"a": 1, "b": 1}, {"a"}, {"b"}),
        ({"a": -1, "b": -1}, {"a"}, {"b"}),
    ],
)
def test_the_sides_follow_the_poles_or_else_the_order(
    poles: dict[str, int | None], positive: set[str], negative: set[str]
) -> None:
    assert sides(poles) == (frozenset(positive), frozenset(negative))
