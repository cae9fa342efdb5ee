"""Typed access to the cells of one row by field name; what cannot be used becomes an issue.

Pure. Shared by every importer, so that the same mistake has the same code and the same words everywhere.
"""

from collections.abc import Mapping
from math import isfinite, isnan

from scenarios.issues import Issue, quoted
from scenarios.rows import Row

# What files hold around words beside ordinary white space: zero-width space, byte order mark.
_UNSEEN = "\u200b\ufeff"


class Cells:
    """One row seen through the mapping. Reading a field adds to `issues` what is wrong with it."""

    __slots__ = ("_broken", "_columns", "_row", "issues")

    def __init__(self, row: Row, columns: Mapping[str, str]) -> None:
        self._row = row
        self._columns = columns
        self.issues: list[Issue] = list(row.issues)
        self._broken = {issue.column for issue in row.issues}

    def report(self, field: str, code: str, reason: str) -> None:
        self.issues.append(Issue(self._row.number, self.name(field), code, reason))

    def name(self, field: str) -> str:
        """What the file calls this field."""
        return self._columns.get(field, field)

    def raw(self, field: str) -> object:
        column = self._columns.get(field)
        return None if column is None else self._row.cells.get(column)

    def text(self, field: str, *, limit: int) -> str:
        """The cell without white space around it; empty where there is none. Issues: bad_type, too_long."""
        cell = self.raw(field)
        if cell is None:
            return ""
        text = cell if isinstance(cell, str) else _as_text(cell)
        if text is None:
            self.report(field, "bad_type", f"The cell holds {type(cell).__name__}, not text.")
            return ""
        text = text.strip().strip(_UNSEEN).strip()
        if len(text) > limit:
            self.report(field, "too_long", f"The text has {len(text):,} characters; {limit:,} are allowed.")
            return text[:limit]
        return text

    def required(self, field: str, *, limit: int) -> str:
        """As `text`; further issues: missing (no value at all), empty (nothing but white space)."""
        before = len(self.issues)
        text = self.text(field, limit=limit)
        if text or len(self.issues) > before or self._columns.get(field) in self._broken:
            return text
        if self.raw(field) is None:
            self.report(field, "missing", f"The row has no value for “{field}”.")
        else:
            self.report(field, "empty", f"The cell for “{field}” is empty.")
        return ""

    def whole_number(self, field: str, *, lowest: int, highest: int) -> int | None:
        """A whole number in bounds, None where the cell is empty. Issue: bad_number."""
        text = self.text(field, limit=40)
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if isfinite(number) and number == int(number) and lowest <= number <= highest:
            return int(number)
        reason = f"{quoted(text)} is no whole number from {lowest:,} to {highest:,}."
        self.report(field, "bad_number", reason)
        return None


def _as_text(cell: object) -> str | None:
    """A single value as text, None for lists and other structures.

    173.0 is `173`: so a table writes whole numbers in a column with gaps. Not-a-number is empty.
    """
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if isnan(cell):
            return ""
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, int):
        return str(cell)
    return None
