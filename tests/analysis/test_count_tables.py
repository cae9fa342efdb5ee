"""How answers become a table of counts, and how equal rows are merged."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.count_tables import (
    InvalidCountTable,
    UnknownOption,
    checked_counts,
    count_table,
    patterns_of,
)


def test_answers_are_counted_per_unit_and_option() -> None:
    table = count_table(["s2", "s1", "s2", "s2"], ["b", "a", "a", "b"], options=["a", "b", "neutral"])

    assert table.units.tolist() == ["s1", "s2"]
    assert table.options == ("a", "b", "neutral")
    assert table.counts.tolist() == [[1, 0, 0], [1, 2, 0]]


def test_a_missing_answer_counts_nowhere_but_its_unit_keeps_a_row() -> None:
    table = count_table([1, 2], ["a", "not_applicable"], options=["a", "b"], missing={"not_applicable"})

    assert table.counts.tolist() == [[1, 0], [0, 0]]


def test_an_answer_that_is_no_option_is_named() -> None:
    with pytest.raises(UnknownOption, match="'maybe'"):
        count_table([1, 1], ["a", "maybe"], options=["a", "b"])


def test_no_answers_make_an_empty_table() -> None:
    assert count_table([], [], options=["a", "b"]).counts.shape == (0, 2)


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(InvalidCountTable, match="same length"):
        count_table([1, 2], ["a"], options=["a"])


def test_an_option_listed_twice_is_refused() -> None:
    with pytest.raises(InvalidCountTable, match="twice"):
        count_table([1], ["a"], options=["a", "a"])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([1, 2, 3], "units x options"),
        (np.zeros((3, 0)), "units x options"),
        ([[1.5, 2]], "whole numbers"),
        ([[np.nan, 2]], "whole numbers"),
        ([["a", "b"]], "whole numbers"),
        ([[-1, 2]], "negative"),
    ],
)
def test_what_is_no_count_table_is_refused(table: object, message: str) -> None:
    with pytest.raises(InvalidCountTable, match=message):
        checked_counts(table)  # type: ignore[arg-type]


def test_equal_rows_are_merged_and_empty_rows_dropped() -> None:
    patterns = patterns_of([[5, 0], [3, 2], [0, 0], [5, 0]])

    assert patterns.rows.tolist() == [[3, 2], [5, 0]]
    assert patterns.multiplicity.tolist() == [1, 2]


@given(table=arrays(np.int64, st.tuples(st.integers(0, 12), st.integers(1, 4)), elements=st.integers(0, 3)))
def test_merged_rows_unfold_to_the_same_table(table: np.ndarray) -> None:
    patterns = patterns_of(table)

    unfolded = np.repeat(patterns.rows, patterns.multiplicity, axis=0).tolist()

    assert unfolded == sorted(row for row in table.tolist() if sum(row))


def test_counts_too_large_for_one_key_per_row_are_merged_too() -> None:
    huge = [[2**40, 1, 2**40], [0, 5, 1], [2**40, 1, 2**40]]

    assert patterns_of(huge).multiplicity.tolist() == [1, 2]
