"""Pure: records as Parquet, a row group at a time.

Invariant: what is held in memory is one row group, never the file. A file that broke off has no footer, so
that no reader takes it for whole.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.records import Column, Keys, Record, Schema

ROWS_PER_GROUP: Final = 10_000

_PLAIN: Final[dict[str, pa.DataType]] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "texts": pa.list_(pa.string()),
    # Answers to further questions may be of any shape: they travel as JSON text.
    "answers": pa.string(),
    "actions": pa.list_(pa.struct([("action", pa.string()), ("text", pa.string()), ("pole", pa.int64())])),
}


class Drain:
    """A file that hands on what was written to it and keeps nothing; it can say where it is, not go back."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing to let go of; the writer calls it all the same."""

    def taken(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def parquet_pieces(records: Iterable[Record], *, schema: Schema, keys: Keys) -> Iterator[bytes]:
    """The bytes of one Parquet file: a piece per row group, and the footer last."""
    arrow = arrow_schema(schema, keys=keys)
    readers = [_reader(column) for column in schema.columns]
    remaining = iter(records)
    drain = Drain()
    with pq.ParquetWriter(drain, arrow, compression="zstd") as writer:  # type: ignore[arg-type]
        while group := list(islice(remaining, ROWS_PER_GROUP)):
            arrays = [
                pa.array([read(record) for record in group], type=field.type)
                for read, field in zip(readers, arrow, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=arrow))
            yield drain.taken()
    yield drain.taken()


def arrow_schema(schema: Schema, *, keys: Keys) -> pa.Schema:
    fields = [
        pa.field(column.name, _arrow_type(column, keys), metadata={"description": column.description})
        for column in schema.columns
    ]
    return pa.schema(fields, metadata={"schema": schema.name})


def _arrow_type(column: Column, keys: Keys) -> pa.DataType:
    if column.type == "counts":
        return pa.struct([(key, pa.int64()) for key in keys[column.name]])
    return _PLAIN[column.type]


def _reader(column: Column) -> Callable[[Record], Any]:
    name = column.name
    if column.type == "answers":
        return lambda record: json.dumps(record[name], ensure_ascii=False)
    return lambda record: record[name]
