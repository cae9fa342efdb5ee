"""No cell of a CSV file starts a formula in a spreadsheet; everything else stays as people typed it."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import records
from analysis.flattening import FORMULA_STARTS, csv_header, csv_lines, json_lines, neutralised, time_text
from analysis.records import Column, Schema

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://example.org\",\"x\")", "=IMPORTXML(\"http://example.org\")",
    "=WEBSERVICE(\"http://example.org\")", "=1", "==1", "=-1", "=+1", "=@SUM(1)", "=\"x\"", "='x'", "=A1", "=",
    "+1+1", "+cmd|' /C calc'!A0", "+", "++1", "+-1", "+A1", "+(1)", "+@SUM(1)", "+=1", "+1e5x",
    "-1+1", "-cmd|' /C calc'!A0", "-", "--1", "-+1", "-A1", "-(1)", "-@SUM(1)", "- I said no.", "-2+3+cmd",
    "@SUM(1+1)", "@", "@A1", "@=1", "@someone on a network", "@@", "@-1",
    "\t=1+1", "\t", "\tindented", "\t\t=1", "\r=1+1", "\r", "\r\n=1", "\rword", "\n=1+1", "\n", "\nword", "\n\n=1",
    "＝1+1", "＋1", "－1", "＠SUM(1)", "=\u200b1", "=;1", "=1\x000", "-1-1", "+1 (555) 01", "-1.2.3", "+1.", "-.5",
]  # fmt: skip
HARMLESS = [
    "", "a", "1", "-1", "+1", "-1.5", "+3.25", "0", "You help.", "a=b", "1+1", " =1", "'=1", "x@y", "“=1”", "–1",
    "Ünïcödé", "日本語", "مرحبا", "a\nb", "a,b", 'say "no"', "|", ";", "#", "%", "_", "*", "(", "[", "{", "\u200b=1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutralised(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text


@given(st.text())
def test_no_cell_begins_like_a_formula_unless_it_is_a_plain_number(text: str) -> None:
    cell = neutralised(text)

    assert cell in (text, f"'{text}")
    assert cell[:1] not in FORMULA_STARTS or not cell or float(cell) is not None


SCHEMA = Schema(
    "thing",
    1,
    "A thing.",
    (
        Column("words", "text", ""),
        Column("number", "integer", ""),
        Column("share", "number", ""),
        Column("flag", "boolean", ""),
        Column("at", "time", ""),
        Column("tags", "texts", ""),
        Column("counts", "counts", "", prefix="count_"),
        Column("answers", "answers", "", prefix="answer_"),
        Column("actions", "actions", ""),
    ),
)
KEYS = {"counts": ["a", "b"], "answers": ["why", "=x"], "actions": ["a", "b"]}
RECORD: dict[str, Any] = {
    "words": "=1+1",
    "number": -1,
    "share": -0.5,
    "flag": True,
    "at": datetime(2026, 5, 1, 14, 0, tzinfo=timezone(timedelta(hours=2))),
    "tags": ["=x", "y"],
    "counts": {"a": 3},
    "answers": {"why": "@me", "=x": [1, 2]},
    "actions": [{"action": "a", "text": "-go", "pole": -1}],
}


def test_a_record_becomes_one_flat_row_in_which_numbers_stay_numbers() -> None:
    body = b"".join(csv_lines([RECORD], schema=SCHEMA, keys=KEYS)).decode()

    header, row = csv.reader(io.StringIO(body, newline=""))
    assert dict(zip(header, row, strict=True)) == {
        "words": "'=1+1",
        "number": "-1",
        "share": "-0.5",
        "flag": "true",
        "at": "2026-05-01T12:00:00.000000Z",
        "tags": "'=x|y",
        "count_a": "3",
        "count_b": "",
        "answer_why": "'@me",
        "answer_=x": "[1,2]",
        "action_a": "'-go",
        "action_b": "",
        "pole_a": "-1",
        "pole_b": "",
    }


def test_what_is_unknown_is_an_empty_cell() -> None:
    empty = dict.fromkeys(SCHEMA.names) | {"counts": {}, "answers": {}, "actions": [], "tags": []}

    body = b"".join(csv_lines([empty], schema=SCHEMA, keys=KEYS)).decode()

    assert body.splitlines()[1] == "," * 13


def test_names_of_columns_cannot_start_a_formula_either() -> None:
    schema = Schema("thing", 1, "", (Column("=evil", "text", ""),))

    assert csv_header(schema, keys={}) == ["'=evil"]


def test_rows_end_and_quote_as_rfc_4180_says() -> None:
    schema = Schema("thing", 1, "", (Column("words", "text", ""),))

    body = b"".join(csv_lines([{"words": 'a "b", c\nd'}], schema=schema, keys={}))

    assert body == b'words\r\n"a ""b"", c\nd"\r\n'


def test_json_keeps_what_people_typed() -> None:
    body = b"".join(json_lines([RECORD], schema=SCHEMA)).decode()

    assert '"words":"=1+1"' in body
    assert '"tags":["=x","y"]' in body


@given(st.lists(st.dictionaries(st.just("words"), st.text(), min_size=1), max_size=5))
def test_every_csv_file_reads_back_as_it_was_written(rows: list[dict[str, str]]) -> None:
    schema = Schema("thing", 1, "", (Column("words", "text", ""),))

    body = b"".join(csv_lines(iter(rows), schema=schema, keys={})).decode("utf-8", "surrogatepass")

    read = [row[0] if row else "" for row in csv.reader(io.StringIO(body, newline=""))]
    assert read == ["words", *(neutralised(row["words"]) for row in rows)]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), "2026-01-02T03:04:05.678901Z"),
    ],
)
def test_times_have_one_form(moment: datetime, text: str) -> None:
    assert time_text(moment) == text


def test_a_study_question_named_like_a_column_does_not_replace_it() -> None:
    schema = records.participant_schema([{"key": "state"}, {"key": "age", "label": "How old are you?"}])

    assert schema.names.count("state") == 1
    assert schema.names[4] == "age"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "18-29", "18-29"),
        ("text", None, None),
        ("text", "", None),
        ("text", 7, "7"),
        ("number", 7, 7.0),
        ("number", "seven", None),
        ("number", True, None),
        ("texts", ["de", "ar"], ["de", "ar"]),
        ("texts", "de", ["de"]),
        ("texts", None, []),
    ],
)
def test_answers_about_people_take_the_type_of_their_column(kind: Any, value: Any, expected: Any) -> None:
    assert records.questionnaire_value(Column("q", kind, ""), value) == expected
