"""Rows of a study file, whatever its format: what a row is, how large anything may be, what no cell may hold.

Pure. Invariant: a cell that leaves here without an issue can be stored by every database: no NUL, no broken
encoding, no oversized text.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from scenarios.issues import Issue

MAX_BYTES = 512 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
# What the csv module reads into one cell by default; the same bound for every format.
MAX_CELL = 131_072
MAX_LINE = 4 * 1024 * 1024

# What `surrogateescape` turns undecodable bytes into, and what JSON can smuggle in as \ud800.
_BROKEN = re.compile("[\ud800-\udfff]")


class UnreadableFile(Exception):
    """Reading cannot go on: the file is no table, is damaged, or is larger than the bounds."""

    def __init__(self, code: str, reason: str, *, row: int | None = None) -> None:
        super().__init__(reason)
        self.issue = Issue(row=row, column="", code=code, reason=reason)


@dataclass(frozen=True, slots=True)
class Row:
    """One record: cells by the file's column names (absent or None: no value), and what is wrong."""

    number: int
    cells: dict[str, object]
    issues: tuple[Issue, ...] = ()


class Source(Protocol):
    """A file that can be read from the start any number of times, a few rows in memory at once."""

    format: str

    @property
    def columns(self) -> Sequence[str]: ...

    def rows(self, wanted: Collection[str]) -> Iterator[Row]:
        """Every row with the cells of the wanted columns. Raises UnreadableFile where reading must stop."""
        ...


def checked(number: int, cells: dict[str, object]) -> Row:
    """A row whose cells were looked at; cells that cannot be used are taken out and named in its issues."""
    issues: list[Issue] = []
    for column, cell in cells.items():
        if isinstance(cell, str) and (found := _problem(cell)):
            issues.append(Issue(number, column, *found))
    for issue in issues:
        cells[issue.column] = None
    return Row(number, cells, tuple(issues))


def _problem(cell: str) -> tuple[str, str] | None:
    if len(cell) > MAX_CELL:
        return "too_long", f"The cell holds more than {MAX_CELL:,} characters."
    if "\0" in cell:
        return "nul", "The cell holds a NUL character, which no text may hold. Was the file saved as UTF-16?"
    if not cell.isascii() and _BROKEN.search(cell):
        return "bad_encoding", "The cell is not valid UTF-8. Save the file again with the encoding UTF-8."
    return None


def check_columns(columns: Sequence[str]) -> None:
    """Raise UnreadableFile unless the names are usable: some, not too many, none twice, all readable."""
    if not any(columns):
        raise UnreadableFile("empty_file", "The file names no columns.")
    if len(columns) > MAX_COLUMNS:
        raise UnreadableFile("too_large", f"The file has more than {MAX_COLUMNS:,} columns.")
    named = [name for name in columns if name]
    if len(set(named)) < len(named):
        twice = next(name for name in named if named.count(name) > 1)
        raise UnreadableFile("duplicate_column", f"The column “{twice}” occurs twice.", row=1)
    for name in named:
        if found := _problem(name):
            raise UnreadableFile(found[0], f"A column's name cannot be read. {found[1]}", row=1)


def check_row_count(count: int) -> None:
    if count > MAX_ROWS:
        reason = f"The file has more than {MAX_ROWS:,} rows. Split it and import the parts."
        raise UnreadableFile("too_large", reason)
