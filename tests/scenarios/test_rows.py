"""Rows of CSV, JSONL and Parquet: the same cells from each, damage named by row, sizes bounded."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenarios import rows, sources
from scenarios.rows import Row, UnreadableFile
from tests.study_files import as_csv, as_jsonl, as_parquet, scenario_rows, stream

WRITERS: dict[str, Callable[..., bytes]] = {"csv": as_csv, "jsonl": as_jsonl, "parquet": as_parquet}


def read(content: bytes, name: str = "file.csv") -> list[Row]:
    with sources.opened(stream(content, name)) as source:
        return list(source.rows(source.columns))


def codes(found: list[Row]) -> list[tuple[int | None, str, str]]:
    return [(issue.row, issue.column, issue.code) for row in found for issue in row.issues]


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_ROWS", 3)
    monkeypatch.setattr(sources, "MAX_BYTES", 2_000)


# All formats


@pytest.mark.parametrize("ending", WRITERS)
def test_every_format_gives_the_same_cells(ending: str) -> None:
    table = scenario_rows(3)

    found = read(WRITERS[ending](table), f"file.{ending}")

    assert [row.cells for row in found] == table


@pytest.mark.parametrize("ending", WRITERS)
def test_a_file_can_be_read_twice(ending: str) -> None:
    with sources.opened(stream(WRITERS[ending](scenario_rows(3)), f"file.{ending}")) as source:
        first, second = list(source.rows(["key"])), list(source.rows(["key"]))

    assert first == second
    assert len(first) == 3


@pytest.mark.parametrize("ending", WRITERS)
def test_only_the_wanted_columns_are_read(ending: str) -> None:
    with sources.opened(stream(WRITERS[ending](scenario_rows(1)), f"file.{ending}")) as source:
        found = list(source.rows(["text"]))

    assert found[0].cells == {"text": "Situation 1."}


@pytest.mark.parametrize(("ending", "first"), [("csv", 2), ("jsonl", 1), ("parquet", 1)])
def test_rows_are_numbered_as_an_editor_of_the_format_shows_them(ending: str, first: int) -> None:
    found = read(WRITERS[ending](scenario_rows(2)), f"file.{ending}")

    assert [row.number for row in found] == [first, first + 1]


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.usefixtures("small_bounds")
def test_a_file_with_too_many_rows_is_refused(ending: str) -> None:
    with pytest.raises(UnreadableFile, match="more than 3 rows"):
        read(WRITERS[ending](scenario_rows(9)), f"file.{ending}")


@pytest.mark.usefixtures("small_bounds")
def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(UnreadableFile, match="Split it"):
        read(as_csv(scenario_rows(200)))


@pytest.mark.parametrize("ending", WRITERS)
def test_a_nul_character_is_named_with_its_row_and_column(ending: str) -> None:
    table = scenario_rows(3)
    table[1]["text"] = "Situation\0."

    found = read(WRITERS[ending](table), f"file.{ending}")

    assert codes(found) == [(found[1].number, "text", "nul")]
    assert found[1].cells["text"] is None


@pytest.mark.parametrize("ending", WRITERS)
def test_a_cell_that_is_far_too_long_is_named(ending: str) -> None:
    table = scenario_rows(3)
    table[1]["text"] = "x" * 131_072 + "y"

    if ending == "csv":
        with pytest.raises(UnreadableFile, match="quotation mark is not closed"):
            read(as_csv(table))
    else:
        assert codes(read(WRITERS[ending](table), f"file.{ending}")) == [(2, "text", "too_long")]


# Which format


@pytest.mark.parametrize("name", ["file.csv", "file.txt", "file", "FILE.CSV", "file.data"])
def test_text_without_braces_is_csv(name: str) -> None:
    assert len(read(as_csv(scenario_rows(2)), name)) == 2


@pytest.mark.parametrize("name", ["file.jsonl", "file.ndjson", "file.json", "file.txt", "file"])
def test_objects_line_by_line_are_jsonl(name: str) -> None:
    assert len(read(as_jsonl(scenario_rows(2)), name)) == 2


@pytest.mark.parametrize("name", ["file.parquet", "file.csv", "file"])
def test_parquet_is_known_by_its_first_bytes(name: str) -> None:
    assert len(read(as_parquet(scenario_rows(2)), name)) == 2


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"PK\x03\x04 and so on", "table.xlsx", "CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0 and so on", "table.xls", "CSV UTF-8"),
        (b"\x1f\x8b\x08", "table.csv.gz", "Unpack it"),
        (b"%PDF-1.7", "table.pdf", "CSV, JSONL or Parquet"),
        ("key,text\r\n".encode("utf-16"), "table.csv", "UTF-8"),
        (b'[{"key": "s1"}]', "table.json", "JSON Lines"),
        (b"no parquet at all", "table.parquet", "cannot be read as Parquet"),
        (as_parquet(scenario_rows(50))[:-40], "cut.parquet", "cannot be read as Parquet"),
        (b"", "empty.csv", "empty"),
        (b" \n\n\t\n", "blank.csv", "empty"),
        (b"\xef\xbb\xbf", "mark.csv", "empty"),
        (b"{}\n", "file.jsonl", "no columns"),
    ],
)
def test_a_file_that_is_no_table_gets_advice(content: bytes, name: str, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(content, name)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"), sources.opened(tmp_path / "nothing.csv"):
        pass


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be opened"), sources.opened(tmp_path):
        pass


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_stream_that_runs_only_once_is_kept_aside() -> None:
    with sources.opened(Pipe(as_csv(scenario_rows(2))), name="pipe.csv") as source:
        assert len(list(source.rows(["key"]))) == len(list(source.rows(["key"]))) == 2


@pytest.mark.usefixtures("small_bounds")
def test_a_stream_that_never_ends_is_cut_off() -> None:
    with pytest.raises(UnreadableFile, match="Split it"), sources.opened(Pipe(b"x" * 5_000)):
        pass


# CSV


@pytest.mark.parametrize(
    "content",
    [
        b"key,text\r\ns1,one\r\ns2,two\r\n",
        b"key,text\ns1,one\ns2,two",
        b"key,text\rs1,one\rs2,two\r",
        b"\xef\xbb\xbfkey,text\ns1,one\ns2,two\n",
        b'"key","text"\n"s1","one"\n"s2","two"\n',
        b"key;text\ns1;one\ns2;two\n",
        b"key\ttext\ns1\tone\ns2\ttwo\n",
        b"\n\nkey,text\n\ns1,one\n\n\ns2,two\n\n",
        b" key , text \ns1,one\ns2,two\n",
    ],
)
def test_the_usual_ways_to_write_csv_mean_the_same(content: bytes) -> None:
    assert [row.cells for row in read(content)] == [
        {"key": "s1", "text": "one"},
        {"key": "s2", "text": "two"},
    ]


def test_quoted_cells_hold_commas_quotation_marks_and_line_breaks() -> None:
    found = read(b'key,text\ns1,"one, ""two""\nthree"\n')

    assert found[0].cells["text"] == 'one, "two"\nthree'


def test_letters_of_every_script_come_through() -> None:
    found = read("key,text\ns1,été 東京 שלום 🙂\n".encode())

    assert found[0].cells["text"] == "été 東京 שלום 🙂"
    assert not found[0].issues


def test_bytes_that_are_no_utf_8_are_named_and_the_rest_is_read() -> None:
    found = read("key,text\ns1,one\ns2,caf\xe9\ns3,three\n".encode("latin-1"))

    assert codes(found) == [(3, "text", "bad_encoding")]
    assert [row.cells["key"] for row in found] == ["s1", "s2", "s3"]


def test_rows_of_the_wrong_length_are_named_and_the_rest_is_read() -> None:
    found = read(b"key,text\ns1\ns2,two\ns3,three,more\n")

    assert codes(found) == [(2, "", "ragged"), (4, "", "ragged")]


def test_empty_lines_count_as_rows_but_are_left_out() -> None:
    assert [row.number for row in read(b"key,text\n\ns1,one\n\ns2,two\n")] == [3, 5]


def test_a_quotation_mark_out_of_place_spoils_its_row_only() -> None:
    found = read(b'key,text\ns1,"one"two\ns2,two\n')

    assert codes(found) == [(2, "", "bad_csv")]
    assert found[1].cells["key"] == "s2"


def test_a_quotation_mark_that_is_never_closed_is_said_so() -> None:
    found = read(b'key,text\ns1,one\ns2,"two\ns3,three\n')

    assert codes(found) == [(3, "", "bad_csv")]
    assert "not closed" in found[-1].issues[0].reason


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.csv_rows.MAX_LINE", 1_000)

    with pytest.raises(UnreadableFile, match="A line holds more than"):
        read(b"key,text\n" + b"x" * 5_000)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"key,text,key", "occurs twice"),
        (b",,", "no columns"),
        (b"key,te\xffxt", "not valid UTF-8"),
        (b"key,te\0xt", "NUL"),
        (b'key,"text', "header cannot be read"),
        (b",".join(b"c%d" % number for number in range(1_001)), "more than 1,000 columns"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(header: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(header + b"\ns1,one\n")


# JSONL


def test_lines_that_are_no_objects_are_named_and_the_rest_is_read() -> None:
    lines = [b'{"key": "s1"}', b"{", b'["s3"]', b"null", b'{"key": "\xff"}', b'{"key": "s6"}', b"[" * 100_000]

    found = read(b"\n".join(lines), "file.jsonl")

    assert codes(found) == [
        (2, "", "bad_json"),
        (3, "", "bad_json"),
        (4, "", "bad_json"),
        (5, "", "bad_encoding"),
        (7, "", "bad_json"),
    ]
    assert [row.cells for row in found if row.cells] == [{"key": "s1"}, {"key": "s6"}]


def test_half_a_character_in_json_is_a_broken_encoding() -> None:
    assert codes(read(b'{"key": "\\ud83d"}\n', "file.jsonl")) == [(1, "key", "bad_encoding")]


def test_columns_of_jsonl_are_the_keys_of_all_first_objects() -> None:
    with sources.opened(stream(b'{"key": "s1"}\n{"key": "s2", "trait": "t"}\n', "file.jsonl")) as source:
        assert list(source.columns) == ["key", "trait"]


def test_a_byte_order_mark_before_jsonl_is_no_harm() -> None:
    assert read(b'\xef\xbb\xbf{"key": "s1"}\n', "file.jsonl")[0].cells == {"key": "s1"}


def test_a_json_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.jsonl_rows.MAX_LINE", 1_000)
    long = json.dumps({"key": "x" * 5_000}).encode()

    with pytest.raises(UnreadableFile, match="more than 1,000 bytes"):
        read(b'{"key": "s1"}\n' + long, "file.jsonl")


# Parquet


def parquet_of(**columns: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()])
def test_text_is_text_however_parquet_stores_it(kind: pa.DataType) -> None:
    content = parquet_of(key=pa.array(["s1", None, "été"]).cast(pa.binary()).cast(kind))

    assert [row.cells["key"] for row in read(content, "file.parquet")] == ["s1", None, "été"]


def test_categories_are_text() -> None:
    content = parquet_of(key=pa.array(["s1", "s2", "s1"]).dictionary_encode())

    assert [row.cells["key"] for row in read(content, "file.parquet")] == ["s1", "s2", "s1"]


def test_bytes_in_parquet_that_are_no_utf_8_are_named() -> None:
    content = parquet_of(key=pa.array([b"s1", b"caf\xe9", b"s3"]))

    assert codes(read(content, "file.parquet")) == [(2, "key", "bad_encoding")]


def test_nanoseconds_are_rounded_to_what_python_keeps() -> None:
    content = parquet_of(at=pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", "UTC")))

    moment = read(content, "file.parquet")[0].cells["at"]

    assert str(moment) == "2023-11-14 22:13:20.123456+00:00"


def test_a_huge_cell_repeated_in_every_row_takes_its_memory_once() -> None:
    places = pa.array([0] * 900, pa.int32())
    content = parquet_of(key=pa.DictionaryArray.from_arrays(places, pa.array(["x" * 1_000_000])))
    before = pa.total_allocated_bytes()

    with sources.opened(stream(content, "bomb.parquet")) as source:
        found = next(iter(source.rows(["key"])))
        taken = pa.total_allocated_bytes() - before

    assert found.issues[0].code == "too_long"
    assert taken < 50_000_000


def test_a_parquet_file_that_unpacks_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.parquet_rows.MAX_UNPACKED", 100)

    with pytest.raises(UnreadableFile, match="Unpacked"):
        read(as_parquet(scenario_rows(50)), "file.parquet")
