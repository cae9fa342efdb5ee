"""Parquet as rows, a batch of records in memory at a time.

Text columns are read as dictionaries: a small file can repeat one huge cell in every row, and expanding it
would take memory without bound.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scenarios.rows import Row, UnreadableFile, check_columns, check_row_count, checked

BATCH = 1_000
MAX_UNPACKED = 2 * 1024 * 1024 * 1024


class ParquetSource:
    """A Parquet file. `row` is the record's number, starting at 1."""

    format = "Parquet"

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        with _damage_named():
            parquet = self._open([])
            schema, metadata = parquet.schema_arrow, parquet.metadata
            self.columns = list(schema.names)
            self._texts = [field.name for field in schema if _is_text(field.type)]
        _check_bounds(metadata)
        check_columns(self.columns)

    def rows(self, wanted: Collection[str]) -> Iterator[Row]:
        chosen = [name for name in self.columns if name in wanted]
        number = 0
        for columns in self._batches(chosen):
            for values in zip(*columns, strict=True):
                number += 1
                yield checked(number, dict(zip(chosen, values, strict=True)))

    def _batches(self, chosen: list[str]) -> Iterator[list[list[object]]]:
        """The cells of each chosen column, for some rows at a time."""
        with _damage_named():
            parquet = self._open([name for name in self._texts if name in chosen])
            for batch in parquet.iter_batches(batch_size=BATCH, columns=chosen, use_threads=False):
                yield [_values(batch.column(name)) for name in chosen]

    def _open(self, texts: list[str]) -> pq.ParquetFile:
        self._file.seek(0)
        return pq.ParquetFile(self._file, read_dictionary=texts, pre_buffer=False)


def _check_bounds(metadata: pq.FileMetaData) -> None:
    check_row_count(metadata.num_rows)
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if unpacked > MAX_UNPACKED:
        raise UnreadableFile("too_large", f"Unpacked, the file would hold {unpacked:,} bytes.")


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def _values(column: Any) -> list[object]:
    if pa.types.is_timestamp(column.type):
        # Python keeps microseconds; nanoseconds would need another type of time.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if not (pa.types.is_dictionary(column.type) and _is_text(column.type)):
        values: list[object] = column.to_pylist()
        return values
    used = pc.unique(column.indices.drop_null())
    texts = column.dictionary.take(used).cast(pa.large_binary()).to_pylist()
    by_index = {
        index: None if text is None else text.decode("utf-8", "surrogateescape")
        for index, text in zip(used.to_pylist(), texts, strict=True)
    }
    return [None if index is None else by_index[index] for index in column.indices.to_pylist()]


@contextmanager
def _damage_named() -> Iterator[None]:
    """What the library raises for a damaged file, as the importers expect it."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = f"The file cannot be read as Parquet: {str(error)[:200]}"
        raise UnreadableFile("bad_parquet", reason) from error
