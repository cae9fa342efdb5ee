"""Opens a study file as rows: which format it has, and whether it is small enough to read.

What the first bytes say goes before what the name says.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from scenarios.csv_rows import CsvSource
from scenarios.jsonl_rows import BYTE_ORDER_MARK, JsonlSource
from scenarios.rows import MAX_BYTES, Source, UnreadableFile

_HEAD = 4_096
_CHUNK = 1024 * 1024
# First bytes of files that people hand in by mistake, and what to tell them.
_FOREIGN = {
    b"PK\x03\x04": "This is a spreadsheet or an archive. Save the table as “CSV UTF-8” and import that.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel file. Save the table as “CSV UTF-8” and import that.",
    b"\x1f\x8b": "The file is compressed. Unpack it first.",
    b"%PDF": "This is a PDF. Import a table: CSV, JSONL or Parquet.",
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def opened(source: Path | BinaryIO, *, name: str = "") -> Iterator[Source]:
    """The rows of a path or of an open binary file; `name` tells the format where the content does not.

    Raises UnreadableFile for a file that is missing, too large or no table.
    """
    if isinstance(source, Path):
        with _file_at(source) as file:
            yield _source(file, name or source.name)
        return
    if _can_be_read_again(source):
        yield _source(source, name or str(getattr(source, "name", "")))
        return
    with tempfile.TemporaryFile() as copy:
        _copy(source, cast(BinaryIO, copy))
        yield _source(cast(BinaryIO, copy), name)


@contextmanager
def _file_at(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableFile("unreadable", f"{path} cannot be opened: {error.strerror}.") from error
    with file:
        if _can_be_read_again(file):
            yield file
            return
        with tempfile.TemporaryFile() as copy:
            _copy(file, cast(BinaryIO, copy))
            yield cast(BinaryIO, copy)


def _can_be_read_again(source: BinaryIO) -> bool:
    """False for pipes and for the bodies of requests, which do not even know the question."""
    return hasattr(source, "seekable") and source.seekable()


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    """Keep a stream that can be read only once, no further than the largest file allowed."""
    size = 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        _check_size(size)
        target.write(chunk)


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        reason = f"The file holds more than {MAX_BYTES // 1024 // 1024} MB. Split it and import the parts."
        raise UnreadableFile("too_large", reason)


def _source(file: BinaryIO, name: str) -> Source:
    _check_size(file.seek(0, 2))
    file.seek(0)
    head = file.read(_HEAD)
    if not head.removeprefix(BYTE_ORDER_MARK).strip():
        raise UnreadableFile("empty_file", "The file is empty.")
    suffix = Path(name).suffix.lower()
    if head.startswith(b"PAR1") or suffix in {".parquet", ".pq"}:
        # Here, because pyarrow takes half a second to load and most imports are CSV.
        from scenarios.parquet_rows import ParquetSource

        return ParquetSource(file)
    _check_text(head)
    return JsonlSource(file) if _is_jsonl(head, suffix) else CsvSource(file)


def _check_text(head: bytes) -> None:
    for magic, advice in _FOREIGN.items():
        if head.startswith(magic):
            raise UnreadableFile("wrong_format", advice)
    if head.startswith(_UTF_16):
        reason = "The file is UTF-16. Save it with the encoding UTF-8 (in Excel: “CSV UTF-8”)."
        raise UnreadableFile("bad_encoding", reason)


def _is_jsonl(head: bytes, suffix: str) -> bool:
    start = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    if suffix == ".json" and start.startswith(b"["):
        reason = "This is one JSON list. Write JSON Lines instead: one object per line, no commas between."
        raise UnreadableFile("wrong_format", reason)
    if suffix in {".jsonl", ".ndjson", ".json"}:
        return True
    return suffix not in {".csv", ".tsv"} and start.startswith(b"{")
