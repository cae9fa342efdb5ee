"""Damaged files: each is refused with the row and the code that fit, and the database stays as it was."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scenarios.importing import import_file
from scenarios.models import Scenario
from tests.study_files import as_csv, as_jsonl, as_parquet, database_digest, scenario_rows, stream

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

ROWS = 3
WRITERS: dict[str, Callable[..., bytes]] = {"csv": as_csv, "jsonl": as_jsonl, "parquet": as_parquet}
FIRST_ROW = {"csv": 2, "jsonl": 1, "parquet": 1}
OPTIONAL = {
    "pole_a": "1",
    "pole_b": "-1",
    "key_a": "x",
    "key_b": "y",
    "trait": "empathy",
    "intended_class": "AGREE",
    "license": "MIT",
}

# A cell, what stands in it instead, and the code that says so.
BAD_CELLS: list[tuple[str, str, str]] = [
    ("key", "", "empty"),
    ("key", " \t ", "empty"),
    ("key", "x" * 121, "too_long"),
    ("key", "two\nlines", "bad_key"),
    ("key", "other", "duplicate"),
    ("key", "s\0", "nul"),
    ("text", "", "empty"),
    ("text", "\u200b", "empty"),
    ("text", "x" * 20_001, "too_long"),
    ("text", "\0", "nul"),
    ("action_a", "", "empty"),
    ("action_a", "x" * 5_001, "too_long"),
    ("action_b", "", "empty"),
    ("action_b", "SAME", "same_actions"),
    ("action_b", "a\0b", "nul"),
    ("pole_a", "2", "bad_pole"),
    ("pole_b", "positive", "bad_pole"),
    ("key_a", "neutral", "reserved_key"),
    ("key_b", "not_applicable", "reserved_key"),
    ("key_a", "two words", "bad_action_key"),
    ("key_a", "x" * 21, "too_long"),
    ("key_b", "x", "duplicate_action_key"),
    ("trait", "no such trait", "unknown_trait"),
    ("intended_class", "RIGHT", "bad_class"),
    ("license", "x" * 61, "too_long"),
]


def bad_cell_cases() -> Iterator[Any]:
    for ending in WRITERS:
        for field, value, code in BAD_CELLS:
            for place in (0, ROWS - 1):
                if code != "duplicate" or place > 0:
                    yield pytest.param(ending, field, value, code, place, id=f"{ending}-{field}-{code}-{place}")


def table_with(field: str, value: str, place: int) -> list[dict[str, object]]:
    rows = scenario_rows(ROWS, **OPTIONAL)
    rows[place][field] = value
    if value == "SAME":
        rows[place][field] = rows[place]["action_a"]
    if value == "other":
        rows[place][field] = rows[0]["key"]
    return rows


@pytest.mark.parametrize(("ending", "field", "value", "code", "place"), list(bad_cell_cases()))
def test_a_bad_cell_is_named_and_nothing_is_written(
    ending: str, field: str, value: str, code: str, place: int
) -> None:
    before = database_digest()
    content = WRITERS[ending](table_with(field, value, place))

    report = import_file(stream(content, f"file.{ending}"), set_name="everyday")

    assert [(issue.row, issue.column, issue.code) for issue in report.issues] == [
        (FIRST_ROW[ending] + place, field, code)
    ]
    assert database_digest() == before


def damaged_lines() -> Iterator[Any]:
    good = as_csv(scenario_rows(ROWS)).decode().splitlines()
    lines = [
        ("ragged short", b"s9,Text.,Go.", "ragged"),
        ("ragged long", b"s9,Text.,Go.,Stay.,Sit.", "ragged"),
        ("latin-1", "s9,Café.,Go.,Stay.".encode("latin-1"), "bad_encoding"),
        ("half a character", b"s9,Caf\xc3,Go.,Stay.", "bad_encoding"),
        ("nul bytes", b"s9,\0\0,Go.,Stay.", "nul"),
        ("stray quotation mark", b's9,"Text"x,Go.,Stay.', "bad_csv"),
        ("only commas", b",,,", "empty"),
    ]
    for name, line, code in lines:
        for place in range(1, ROWS + 1):
            content = [text.encode() for text in good]
            content.insert(place, line)
            yield pytest.param("csv", b"\r\n".join(content), place + 1, code, id=f"csv {name} {place}")


def damaged_objects() -> Iterator[Any]:
    good = as_jsonl(scenario_rows(ROWS)).splitlines()
    row = {"key": "s9", "text": "Text.", "action_a": "Go.", "action_b": "Stay."}
    lines = [
        ("cut", b'{"key": "s9", "text', "bad_json"),
        ("list", b'["s9"]', "bad_json"),
        ("word", b"hello", "bad_json"),
        ("two on a line", b'{"key": "a"} {"key": "b"}', "bad_json"),
        ("latin-1", '{"key": "é"}'.encode("latin-1"), "bad_encoding"),
        ("half a character", json.dumps({**row, "text": "\ud800"}).encode(), "bad_encoding"),
        ("nul", json.dumps({**row, "text": "\0"}).encode(), "nul"),
        ("number too long", b'{"key": ' + b"9" * 5_000 + b"}", "bad_json"),
        ("object for text", json.dumps({**row, "text": {"en": "Text."}}).encode(), "bad_type"),
        ("null for text", json.dumps({**row, "text": None}).encode(), "missing"),
        ("left out", json.dumps({"key": "s9", "text": "Text.", "action_a": "Go."}).encode(), "missing"),
    ]
    for name, line, code in lines:
        for place in range(ROWS):
            content = [*good[: place + 1], line, *good[place + 1 :]]
            yield pytest.param("jsonl", b"\n".join(content), place + 2, code, id=f"jsonl {name} {place}")


@pytest.mark.parametrize(("ending", "content", "row", "code"), [*damaged_lines(), *damaged_objects()])
def test_a_damaged_row_is_named_and_nothing_is_written(ending: str, content: bytes, row: int, code: str) -> None:
    before = database_digest()

    report = import_file(stream(content, f"file.{ending}"), set_name="everyday")

    assert (row, code) in [(issue.row, issue.code) for issue in report.issues]
    assert {issue.row for issue in report.issues} == {row}
    assert database_digest() == before


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("seed", range(20))
def test_a_file_with_random_damage_comes_in_whole_or_not_at_all(ending: str, seed: int) -> None:
    dice = random.Random(seed)
    content = bytearray(WRITERS[ending](scenario_rows(20)))
    for _damage in range(dice.randint(1, 6)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    if seed % 4 == 0:
        del content[dice.randrange(len(content)) :]
    before = database_digest()

    report = import_file(stream(bytes(content), f"file.{ending}"), set_name="everyday")

    if report.issues:
        assert database_digest() == before
    else:
        assert Scenario.objects.count() == report.rows == report.created
