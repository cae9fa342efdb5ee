"""Whole record sets as files: streamed from one consistent view of the database, a chunk in memory at a time.

Invariant: everything in one file was true at one moment, however long the download takes; reading takes no
lock that an annotator could wait for.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, Final, Protocol

from django.db import connection, transaction
from django.db.models import QuerySet

from analysis.flattening import csv_lines, json_lines
from analysis.parquet import parquet_pieces
from analysis.records import Keys, Record, Schema

Writer = Callable[[Iterable[Record], Schema, Keys], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: its name in `?format=` and as a suffix, its media type, and who writes it."""

    name: str
    media_type: str
    write: Writer


class RecordSource(Protocol):
    """What can be written to a file. They are in the modules `*_records` and `record_sources`."""

    schema: Schema
    chunk: ClassVar[int]

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]: ...

    def keys(self) -> Keys: ...

    def to_records(self, rows: Sequence[Any]) -> list[Record]: ...


FORMATS: Final[dict[str, Format]] = {
    file_format.name: file_format
    for file_format in (
        Format("csv", "text/csv", lambda rows, schema, keys: csv_lines(rows, schema=schema, keys=keys)),
        Format("jsonl", "application/x-ndjson", lambda rows, schema, _keys: json_lines(rows, schema=schema)),
        Format(
            "parquet",
            "application/vnd.apache.parquet",
            lambda rows, schema, keys: parquet_pieces(rows, schema=schema, keys=keys),
        ),
    )
}


def stream(source: RecordSource, *, file_format: Format, rows: QuerySet[Any, Any] | None = None) -> Iterator[bytes]:
    """The file in pieces. Nothing is read before the first piece is asked for.

    `rows` narrows what `source.rows()` would give. To be iterated and closed in one thread.
    """
    chosen = source.rows() if rows is None else rows
    with snapshot(), closing(_records(source, chosen)) as found:
        yield from file_format.write(found, source.schema, source.keys())


def _records(source: RecordSource, rows: QuerySet[Any, Any]) -> Generator[Record]:
    with closing(_rows(source, rows)) as remaining:
        while chunk := list(islice(remaining, source.chunk)):
            yield from source.to_records(chunk)


def _rows(source: RecordSource, rows: QuerySet[Any, Any]) -> Generator[Any]:
    yield from rows.iterator(chunk_size=source.chunk)


@contextmanager
def snapshot() -> Iterator[None]:
    """Every query inside sees the database as it was at the first one.

    Inside somebody's transaction it adds nothing: what is seen is then up to that transaction.
    """
    if connection.in_atomic_block:
        yield
        return
    with _postgres_snapshot() if connection.vendor == "postgresql" else _sqlite_snapshot():
        yield


@contextmanager
def _postgres_snapshot() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # A download may be slow; what protects short requests must not cut it off.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
        yield


@contextmanager
def _sqlite_snapshot() -> Iterator[None]:
    with connection.cursor() as cursor:
        # Django's own transactions take the write lock at once, and annotators would wait for the download.
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
