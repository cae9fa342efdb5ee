"""Pure: how a record becomes a line of JSON or a row of CSV.

Invariant: no CSV cell starts a formula in a spreadsheet, whatever people typed; JSON keeps what they typed.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from analysis.records import Column, Keys, Record, Schema

Cell = str | int | float
Flattener = Callable[[Any], list[Cell]]

# What spreadsheets take for the start of a formula, the full-width forms of East Asian keyboards included.
FORMULA_STARTS: Final = frozenset("=+-@\t\r\n＝＋－＠")
PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
LIST_SEPARATOR: Final = "|"
ROWS_PER_PIECE: Final = 500

_dump: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def time_text(moment: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds: one form for every value of a column."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def neutralised(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet would run it. Plain numbers stay as they are."""
    if text[:1] not in FORMULA_STARTS or not text or PLAIN_NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def json_ready(schema: Schema) -> Callable[[Record], Record]:
    """A function that makes a record of `schema` ready for JSON: times become text."""
    times = [column.name for column in schema.columns if column.type == "time"]

    def ready(record: Record) -> Record:
        texts = {name: time_text(record[name]) for name in times if record[name] is not None}
        return {**record, **texts}

    return ready


def json_lines(records: Iterable[Record], *, schema: Schema) -> Iterator[bytes]:
    """JSON Lines in pieces of some hundred rows."""
    ready = json_ready(schema)
    for piece in _pieces(records):
        yield "".join(f"{_dump(ready(record))}\n" for record in piece).encode()


def csv_lines(records: Iterable[Record], *, schema: Schema, keys: Keys) -> Iterator[bytes]:
    """RFC 4180 in UTF-8: the header, then pieces of some hundred rows."""
    row = csv_row(schema, keys=keys)
    yield _csv_text([csv_header(schema, keys=keys)])
    for piece in _pieces(records):
        yield _csv_text([row(record) for record in piece])


def csv_header(schema: Schema, *, keys: Keys) -> list[Cell]:
    return [neutralised(name) for column in schema.columns for name in flat_names(column, keys=keys)]


def flat_names(column: Column, *, keys: Keys) -> list[str]:
    """The flat columns of one column, such as count_a and count_b of counts."""
    found = keys.get(column.name, ())
    if column.type == "actions":
        return [f"{part}_{key}" for part in ("action", "pole") for key in found]
    if column.type in ("counts", "answers"):
        return [f"{column.prefix}{key}" for key in found]
    return [column.name]


def csv_row(schema: Schema, *, keys: Keys) -> Callable[[Record], list[Cell]]:
    """A function that flattens a record of `schema`; it depends on the keys found in the data."""
    flatteners = [(column.name, _flattener(column, keys)) for column in schema.columns]

    def row(record: Record) -> list[Cell]:
        return [cell for name, flatten in flatteners for cell in flatten(record[name])]

    return row


def _flattener(column: Column, keys: Keys) -> Flattener:
    found = list(keys.get(column.name, ()))
    match column.type:
        case "counts" | "answers":
            return lambda values: [_cell(values.get(key)) for key in found]
        case "actions":
            return lambda actions: _action_cells(actions, found)
        case _:
            return lambda value: [_cell(value)]


def _action_cells(actions: list[dict[str, Any]], keys: list[str]) -> list[Cell]:
    by_key = {action["action"]: action for action in actions}
    return [_cell(by_key.get(key, {}).get(part)) for part in ("text", "pole") for key in keys]


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralised(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return neutralised(LIST_SEPARATOR.join(value))
    return neutralised(_dump(value))


def _csv_text(rows: list[list[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _pieces(records: Iterable[Record]) -> Iterator[list[Record]]:
    piece: list[Record] = []
    for record in records:
        piece.append(record)
        if len(piece) == ROWS_PER_PIECE:
            yield piece
            piece = []
    if piece:
        yield piece
