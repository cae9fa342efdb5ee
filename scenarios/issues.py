"""What is wrong with an imported file, and where: one shape for the command, the admin and the API.

Invariant: every problem is counted; the first KEPT are kept with their place and reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 10_000
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem. `row` is None where the whole file is meant, `column` is empty where the whole row is.

    Rows are counted as a spreadsheet shows them: in CSV the header is row 1; in JSONL and Parquet the first
    record is row 1. `column` is the name in the file, `code` a stable word for programs, `reason` is for
    people.
    """

    row: int | None
    column: str
    code: str
    reason: str

    def __str__(self) -> str:
        place = "the file" if self.row is None else f"row {self.row}"
        where = f"{place}, {self.column}" if self.column else place
        return f"{where}: {self.code}: {self.reason}"


@dataclass(slots=True)
class IssueLog:
    """Problems in the order of the file. Counts all of them, keeps the first KEPT."""

    total: int = 0
    bad_rows: int = 0
    by_code: Counter[str] = field(default_factory=Counter)
    kept: list[Issue] = field(default_factory=list)
    _last_row: int | None = None

    def add(self, issues: Iterable[Issue]) -> None:
        for issue in issues:
            self.total += 1
            self.by_code[issue.code] += 1
            if issue.row is not None and issue.row != self._last_row:
                self.bad_rows += 1
                self._last_row = issue.row
            if len(self.kept) < KEPT:
                self.kept.append(issue)

    def absorb(self, other: "IssueLog") -> None:
        """Take in the problems of other rows, back in the order of the file."""
        self.total += other.total
        self.bad_rows += other.bad_rows
        self.by_code += other.by_code
        self.kept = sorted(self.kept + other.kept, key=lambda issue: issue.row or 0)[:KEPT]

    def __bool__(self) -> bool:
        return self.total > 0

    def __iter__(self) -> Iterator[Issue]:
        return iter(self.kept)

    def summary(self) -> str:
        """Such as `3 problems in 2 rows (2 empty, 1 duplicate)`."""
        codes = ", ".join(f"{count:,} {code}" for code, count in self.by_code.most_common())
        rows = f" in {_counted(self.bad_rows, 'row')}" if self.bad_rows else ""
        return f"{_counted(self.total, 'problem')}{rows} ({codes})"

    def lines(self) -> Iterator[str]:
        """One line per kept problem, and one more where some are only counted."""
        yield from map(str, self.kept)
        if self.total > len(self.kept):
            yield f"... and {self.total - len(self.kept):,} more."

    def as_dict(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "bad_rows": self.bad_rows,
            "by_code": dict(self.by_code),
            "listed": [asdict(issue) for issue in self.kept],
        }


def quoted(value: object) -> str:
    """A value from a file as it can be shown in a message: short, on one line, without control characters."""
    start = str(value)[: _SHOWN + 1]
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in start)
    return f"“{text[:_SHOWN]}…”" if len(text) > _SHOWN else f"“{text}”"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
