"""Figures about a person's way of answering, checked by eye."""

import pytest

from analysis.answering import Answer, left_share, longest_side_run, median_response_ms, repeat_consistency


def answers(sides: str) -> list[Answer]:
    """One answer per letter: f(irst), s(econd) or - for an answer without a side."""
    names = {"f": "first", "s": "second", "-": ""}
    return [
        Answer(number, "a", names[side], 1000 * (number + 1), is_repeat=False) for number, side in enumerate(sides)
    ]


@pytest.mark.parametrize(
    ("sides", "share", "run"),
    [("", None, None), ("---", None, None), ("f", 1.0, 1), ("fsfs", 0.5, 1), ("ffsf", 0.75, 2), ("ff-ff", 1.0, 2)],
)
def test_sides_are_counted_where_there_are_any(sides: str, share: float | None, run: int | None) -> None:
    assert left_share(answers(sides)) == share
    assert longest_side_run(answers(sides)) == run


def test_the_median_leaves_out_what_was_not_measured() -> None:
    measured = answers("fff")

    assert median_response_ms([*measured, Answer(9, "a", "first", None, is_repeat=False)]) == 2000.0
    assert median_response_ms([]) is None


def test_consistency_is_the_share_of_repeats_answered_alike() -> None:
    first = [Answer(1, "a", "", None, is_repeat=False), Answer(2, "b", "", None, is_repeat=False)]
    repeats = [Answer(1, "a", "", None, is_repeat=True), Answer(2, "a", "", None, is_repeat=True)]

    assert repeat_consistency([*first, *repeats]) == 0.5
    assert repeat_consistency(first) is None
    assert repeat_consistency(repeats) is None
