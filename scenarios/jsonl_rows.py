"""JSON Lines as rows: one object per line, UTF-8. A line that is no object becomes an issue of its row."""

import json
from collections.abc import Collection, Iterator
from itertools import islice
from typing import BinaryIO

from scenarios.issues import Issue
from scenarios.rows import MAX_LINE, Row, UnreadableFile, check_columns, check_row_count, checked

# JSON Lines has no header: the columns are the keys of this many first objects.
SAMPLE = 1_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class JsonlSource:
    """A JSON Lines file. `row` is the line's number; empty lines are left out."""

    format = "JSONL"

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        names: dict[str, None] = {}
        for _number, record in islice(self._records(), SAMPLE):
            if isinstance(record, dict):
                names.update(dict.fromkeys(record))
        self.columns = list(names)
        check_columns(self.columns)

    def rows(self, wanted: Collection[str]) -> Iterator[Row]:
        for number, record in self._records():
            if isinstance(record, Issue):
                yield Row(number, {}, (record,))
            else:
                yield checked(number, {name: record[name] for name in wanted if name in record})

    def _records(self) -> Iterator[tuple[int, dict[str, object] | Issue]]:
        self._file.seek(0)
        number = 0
        while line := self._file.readline(MAX_LINE):
            number += 1
            check_row_count(number)
            if len(line) == MAX_LINE and not line.endswith(b"\n"):
                raise UnreadableFile("too_long", f"The line holds more than {MAX_LINE:,} bytes.", row=number)
            if number == 1:
                line = line.removeprefix(BYTE_ORDER_MARK)
            if line.strip():
                yield number, _parsed(number, line)


def _parsed(number: int, line: bytes) -> dict[str, object] | Issue:
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return Issue(number, "", "bad_encoding", "The line is not valid UTF-8.")
    except RecursionError:
        return Issue(number, "", "bad_json", "The line nests objects or lists too deeply.")
    except ValueError as error:
        return Issue(number, "", "bad_json", f"The line is no JSON: {error}.")
    if not isinstance(record, dict):
        return Issue(number, "", "bad_json", 'The line is no object such as {"key": "s1", ...}.')
    return record
