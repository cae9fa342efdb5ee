"""The units x options table of counts: all that agreement statistics need to know of the answers.

Owns how answers become a table and how equal rows of it are merged. Invariant: whoever computes from the
merged rows and their multiplicities gets what the full table would give, whatever the order of its rows.
"""

import math
from collections.abc import Collection, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.int64]


class InvalidCountTable(ValueError):
    """A table that is not units x options with whole, non-negative counts."""


class UnknownOption(ValueError):
    """An answer that is neither one of the options nor declared missing."""


class CountTable(NamedTuple):
    """`counts[i, j]` answers chose `options[j]` for unit `units[i]`; units are sorted."""

    units: NDArray[Any]
    options: tuple[Hashable, ...]
    counts: Counts


class Patterns(NamedTuple):
    """The distinct rows of a count table and how many units show each."""

    rows: Counts
    multiplicity: Counts


def count_table(
    units: ArrayLike, values: ArrayLike, *, options: Sequence[Hashable], missing: Collection[Hashable] = ()
) -> CountTable:
    """Count the answers `values[i]` to `units[i]` per unit and option; one entry per answer, in any order.

    `options` fixes the columns, those nobody chose included. Values in `missing` ("not_applicable") count
    nowhere, but their unit keeps its row. Raises UnknownOption for any other value.
    """
    unit_labels, unit_codes = np.unique(np.asarray(units), return_inverse=True)
    value_labels, value_codes = np.unique(np.asarray(values), return_inverse=True)
    if unit_codes.shape != value_codes.shape or unit_codes.ndim != 1:
        raise InvalidCountTable("Units and values must be two flat lists of the same length.")
    column_of_label = _columns(value_labels.tolist(), options=options, missing=missing)
    columns = column_of_label[value_codes]
    present = columns >= 0
    cells = unit_codes[present] * len(options) + columns[present]
    counts = np.bincount(cells, minlength=len(unit_labels) * len(options))
    return CountTable(unit_labels, tuple(options), counts.reshape(len(unit_labels), len(options)))


def checked_counts(table: ArrayLike) -> Counts:
    """The table as whole numbers, or InvalidCountTable with what is wrong with it."""
    counts = np.asarray(table)
    if counts.ndim != 2 or counts.shape[1] == 0:
        raise InvalidCountTable(f"Expected a table of units x options, got an array of shape {counts.shape}.")
    if counts.dtype.kind not in "iub":
        if counts.dtype.kind != "f" or not np.array_equal(counts, np.rint(counts)):
            raise InvalidCountTable("Counts must be whole numbers; weighted votes have no count table.")
        counts = counts.astype(np.int64)
    if counts.size and counts.min() < 0:
        raise InvalidCountTable("Counts must not be negative.")
    return counts.astype(np.int64, copy=False)


def patterns_of(table: ArrayLike) -> Patterns:
    """Merge equal rows, sorted; rows without any count are dropped because nobody answered there.

    2,000 scenarios of ten votes and two actions have at most 11 patterns: whatever is resampled or summed per
    pattern costs the same for a hundred scenarios and for a million.
    """
    counts = checked_counts(table)
    radix = [int(top) + 1 for top in counts.max(axis=0)] if len(counts) else [1] * counts.shape[1]
    if math.prod(radix) < np.iinfo(np.int64).max:
        # One integer per row sorts some 50 times faster than rows do.
        keys, multiplicity = np.unique(np.ravel_multi_index(tuple(counts.T), radix), return_counts=True)
        rows = np.stack(np.unravel_index(keys, radix), axis=1).astype(np.int64)
    else:
        rows, multiplicity = np.unique(counts, axis=0, return_counts=True)
    answered = rows.sum(axis=1) > 0
    return Patterns(rows[answered], multiplicity[answered].astype(np.int64))


def _columns(labels: list[Any], *, options: Sequence[Hashable], missing: Collection[Hashable]) -> Counts:
    """Column of each label, -1 for a missing value."""
    position = {option: column for column, option in enumerate(options)}
    if len(position) < len(options):
        raise InvalidCountTable("An option is listed twice.")
    unknown = [label for label in labels if label not in position and label not in missing]
    if unknown:
        raise UnknownOption(f"Answers that are no option of this table: {', '.join(map(repr, unknown[:5]))}.")
    return np.array([position.get(label, -1) for label in labels], dtype=np.int64)
