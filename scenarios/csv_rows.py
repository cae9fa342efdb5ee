"""CSV (RFC 4180) as rows: UTF-8 with or without a byte order mark, any line ends, `,` `;` or tab.

Undecodable bytes, NUL bytes and rows of the wrong length become issues of their row; reading goes on.
"""

import csv
import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from scenarios.issues import Issue
from scenarios.rows import MAX_CELL, MAX_LINE, Row, UnreadableFile, check_columns, check_row_count, checked

DELIMITERS = (",", ";", "\t")


class CsvSource:
    """A CSV file. The first row that is not empty names the columns."""

    format = "CSV"

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        with _decoded(file) as text:
            header_line = next((line for line in _lines(text) if line.strip()), "")
        # A header never needs its delimiter inside a name as often as between the names.
        self._delimiter = max(DELIMITERS, key=header_line.count)
        self.columns = self._header()

    def rows(self, wanted: Collection[str]) -> Iterator[Row]:
        width = len(self.columns)
        places = [(place, name) for place, name in enumerate(self.columns) if name in wanted]
        for number, values in self._records():
            if isinstance(values, Issue):
                yield Row(number, {}, (values,))
            elif len(values) != width:
                reason = f"The row has {len(values)} cells, the header has {width}."
                yield Row(number, {}, (Issue(number, "", "ragged", reason),))
            else:
                yield checked(number, {name: values[place] for place, name in places})

    def _header(self) -> list[str]:
        with _decoded(self._file) as text:
            reader = self._reader(text)
            try:
                header: list[str] = next((values for values in reader if values), [])
            except csv.Error as error:
                raise UnreadableFile("bad_csv", f"The header cannot be read: {error}.", row=1) from error
        columns = [name.strip() for name in header]
        check_columns(columns)
        return columns

    def _records(self) -> Iterator[tuple[int, list[str] | Issue]]:
        """Every record below the header with its number; empty lines are counted and left out."""
        with _decoded(self._file) as text:
            reader = self._reader(text)
            number = 0
            header_seen = False
            while True:
                number += 1
                check_row_count(number - 1)
                try:
                    values = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield number, _unparsable(number, reader.line_num, error)
                    continue
                if values and header_seen:
                    yield number, values
                header_seen = header_seen or bool(values)

    def _reader(self, text: io.TextIOWrapper) -> Any:
        return csv.reader(_lines(text), delimiter=self._delimiter, strict=True)


def _unparsable(number: int, line: int, error: csv.Error) -> Issue:
    if "field limit" in str(error):
        reason = (
            f"A cell that ends near line {line} holds more than {MAX_CELL:,} characters; most often a"
            " quotation mark is not closed. The rows below were not read."
        )
        raise UnreadableFile("bad_csv", reason, row=number) from error
    if "unexpected end of data" in str(error):
        reason = "The file ends inside a cell: a quotation mark is not closed."
        return Issue(number, "", "bad_csv", reason)
    reason = f"Line {line} is no CSV: {error}. A quotation mark inside a cell is written twice."
    return Issue(number, "", "bad_csv", reason)


@contextmanager
def _decoded(file: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """The file from its start as text; bytes that are no UTF-8 stay recognisable in their cell."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield text
    finally:
        text.detach()


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith(("\n", "\r")):
            raise UnreadableFile("too_long", f"A line holds more than {MAX_LINE:,} characters.")
        yield line
