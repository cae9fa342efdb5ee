"""What makes a row a recorded answer: every way to get it wrong has its code, its column and a reason."""

from datetime import UTC, datetime
from typing import Any

import pytest

from annotation.recorded_rows import FIELDS, Asked, Reader, RecordedAnswer
from scenarios.rows import checked
from tests.cast import NOON

COLUMNS = {name: name for name in (*FIELDS.required, *FIELDS.optional)}
ASKED = Asked(1, "s1", "en", {"safe": 1, "unsafe": -1})
ROW: dict[str, object] = {"scenario": "s1", "participant": "p1", "choice": "safe"}
NAMES: dict[str, Asked | None] = {"s1": ASKED, "home/s1": ASKED, "twice": None}


def reader(*, strata: tuple[str, ...] = ("all",), values: dict[str, str] | None = None) -> Reader:
    return Reader(COLUMNS, NAMES, strata, values or {}, NOON)


def read(**cells: object) -> tuple[RecordedAnswer | None, list[Any]]:
    return reader().read(checked(2, ROW | cells))


def accepted(**cells: object) -> RecordedAnswer:
    answer, issues = read(**cells)
    assert answer is not None, issues
    return answer


def found(**cells: object) -> list[tuple[str, str]]:
    answer, issues = read(**cells)
    assert answer is None
    assert all(issue.row == 2 and issue.reason for issue in issues)
    return [(issue.column, issue.code) for issue in issues]


def test_three_columns_make_an_answer() -> None:
    assert accepted() == RecordedAnswer(2, ASKED, "p1", "all", "safe", None, None, None, "")


def test_everything_else_comes_along() -> None:
    answer = accepted(answered_at="2026-03-01T08:00Z", response_ms=1234.0, confidence="4", rationale=" Because. ")

    assert answer.answered_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert (answer.response_ms, answer.confidence, answer.rationale) == (1234, 4, "Because.")


@pytest.mark.parametrize("choice", ["neutral", "not_applicable"])
def test_neutral_and_not_applicable_are_always_taken(choice: str) -> None:
    assert accepted(choice=choice).choice == choice


def test_words_of_the_file_are_translated() -> None:
    values = {"Yes": "safe", "-1": "unsafe", "Unsure": "neutral"}

    for word, choice in [("Yes", "safe"), (-1, "unsafe"), (-1.0, "unsafe"), ("Unsure", "neutral"), ("safe", "safe")]:
        answer, _issues = reader(values=values).read(checked(2, ROW | {"choice": word}))
        assert answer is not None
        assert answer.choice == choice


@pytest.mark.parametrize("name", ["s1", "home/s1", " s1 "])
def test_a_scenario_is_named_by_its_key_alone_or_with_its_set(name: str) -> None:
    assert accepted(scenario=name).asked is ASKED


MORNING = datetime(2014, 6, 18, 1, 16, 54, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2014-06-18T01:16:54Z",
        "2014-06-18 01:16:54",
        "2014-06-18T03:16:54+02:00",
        "1403054214",
        1403054214,
        1403054214.0,
        "1403054214000",
        1403054214000,
        MORNING,
        MORNING.replace(tzinfo=None),
    ],
)
def test_times_can_be_written_in_several_ways(written: object) -> None:
    assert accepted(answered_at=written).answered_at == MORNING


def test_milliseconds_are_kept() -> None:
    assert accepted(answered_at="1403054214196").answered_at == MORNING.replace(microsecond=196_000)


@pytest.mark.parametrize("written", ["20140618", "2014-06-18"])
def test_a_day_is_its_beginning(written: str) -> None:
    assert accepted(answered_at=written).answered_at == datetime(2014, 6, 18, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", " ", None])
def test_a_time_may_be_unknown(written: object) -> None:
    assert accepted(answered_at=written).answered_at is None


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "Wed Jun 18 08:16:54 WIB 2014",
        "2014-13-01",
        "nan",
        "inf",
        "1e300",
        "-1e300",
        "2099-01-01",
        "1" * 25,
    ],
)
def test_what_is_no_time_or_lies_in_the_future_is_refused(written: str) -> None:
    assert found(answered_at=written) == [("answered_at", "bad_time")]


@pytest.mark.parametrize("field", ["scenario", "participant", "choice"])
@pytest.mark.parametrize(("cell", "code"), [(None, "missing"), ("", "empty"), ([1], "bad_type")])
def test_three_fields_need_a_value(field: str, cell: object, code: str) -> None:
    assert found(**{field: cell}) == [(field, code)]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"scenario": "s9"}, ("scenario", "unknown_scenario")),
        ({"scenario": "twice"}, ("scenario", "ambiguous_scenario")),
        ({"choice": "Safe"}, ("choice", "bad_choice")),
        ({"choice": "a"}, ("choice", "bad_choice")),
        ({"participant": "two\nlines"}, ("participant", "bad_participant")),
        ({"participant": "x" * 201}, ("participant", "too_long")),
        ({"participant": "\0"}, ("participant", "nul")),
        ({"response_ms": "-1"}, ("response_ms", "bad_number")),
        ({"response_ms": "1.5"}, ("response_ms", "bad_number")),
        ({"response_ms": "fast"}, ("response_ms", "bad_number")),
        ({"response_ms": 2**31}, ("response_ms", "bad_number")),
        ({"confidence": "0"}, ("confidence", "bad_number")),
        ({"confidence": 6}, ("confidence", "bad_number")),
        ({"confidence": float("inf")}, ("confidence", "bad_number")),
        ({"rationale": "x" * 20_001}, ("rationale", "too_long")),
        ({"rationale": "a\ud800"}, ("rationale", "bad_encoding")),
        ({"stratum": "young"}, ("stratum", "unknown_stratum")),
    ],
)
def test_what_cannot_be_stored_is_named(cells: dict[str, object], code: tuple[str, str]) -> None:
    assert found(**cells) == [code]


def test_a_choice_that_is_not_offered_comes_with_a_way_to_translate_it() -> None:
    _answer, issues = read(choice="Unsafe")

    assert "safe, unsafe, neutral, not_applicable" in issues[0].reason
    assert "--values Unsafe=unsafe" in issues[0].reason


def test_an_ambiguous_scenario_comes_with_the_way_to_name_it() -> None:
    _answer, issues = read(scenario="twice")

    assert "SET/KEY" in issues[0].reason


def test_with_several_strata_every_row_says_which() -> None:
    many = reader(strata=("young", "old"))

    _answer, issues = many.read(checked(2, ROW))
    answer, _issues = many.read(checked(3, ROW | {"participant": "p2", "stratum": "old"}))

    assert [(issue.column, issue.code) for issue in issues] == [("stratum", "missing")]
    assert answer is not None
    assert answer.stratum == "old"


def test_a_person_is_in_one_stratum() -> None:
    many = reader(strata=("young", "old"))
    many.read(checked(2, ROW | {"stratum": "old"}))

    _answer, issues = many.read(checked(3, ROW | {"stratum": "young"}))

    assert [(issue.row, issue.column, issue.code) for issue in issues] == [(3, "stratum", "stratum_changed")]


def test_all_problems_of_a_row_are_named_together() -> None:
    assert found(scenario="s9", participant="", answered_at="x", confidence="x") == [
        ("scenario", "unknown_scenario"),
        ("participant", "empty"),
        ("answered_at", "bad_time"),
        ("confidence", "bad_number"),
    ]
