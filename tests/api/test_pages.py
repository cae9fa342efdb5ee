"""Pages: ordered by id, found again by a cursor, at a price that does not grow with the study."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.models import Study
from tests.api.cast import Program, a_person, an_answer

# The token, two queries for permissions, the study, the memberships; then the rows and what each kind of
# record needs beside them. Data about people adds a line to the event log.
QUERIES = {
    "": 8,
    "scenarios/": 8,
    "distributions/": 6,
    "agreement/": 6,
    "responses/": 7,
    "participants/": 9,
    "exclusions/": 7,
}


def keys(answer: dict[str, Any]) -> list[str]:
    return [record["response"] for record in answer["results"]]


@pytest.mark.parametrize("page_size", [1, 2, 7])
def test_pages_show_every_record_once_in_the_same_order(page_size: int, study: Study, program: Program) -> None:
    everything = keys(program.get(f"studies/{study.slug}/responses/").json())
    walked: list[str] = []

    answer = program.get(f"studies/{study.slug}/responses/", page_size=page_size).json()
    walked += keys(answer)
    while answer["next"]:
        answer = program.client.get(answer["next"], headers=program.headers).json()
        walked += keys(answer)

    assert len(everything) == 9
    assert walked == everything


def test_previous_leads_back(study: Study, program: Program) -> None:
    first = program.get(f"studies/{study.slug}/responses/", page_size=3).json()
    second = program.client.get(first["next"], headers=program.headers).json()

    back = program.client.get(second["previous"], headers=program.headers).json()

    assert first["previous"] is None
    assert keys(back) == keys(first)


def test_answers_that_arrive_meanwhile_neither_hide_nor_repeat_others(study: Study, program: Program) -> None:
    first = program.get(f"studies/{study.slug}/responses/", page_size=5).json()

    an_answer(a_person(study, name="late"), "s2")
    second = program.client.get(first["next"], headers=program.headers).json()

    assert len(set(keys(first)) | set(keys(second))) == 10
    assert len(keys(first)) + len(keys(second)) == 10


def test_filters_stay_on_the_following_pages(study: Study, program: Program) -> None:
    first = program.get(f"studies/{study.slug}/responses/", page_size=1, scenario="s2").json()

    second = program.client.get(first["next"], headers=program.headers).json()

    assert {record["scenario"] for record in first["results"] + second["results"]} == {"s2"}
    assert second["next"] is None


@pytest.mark.parametrize("page_size", ["0", "1001", "-1", "ten", "", "1e3", "٣", "9" * 400])
def test_an_impossible_page_size_is_a_problem(page_size: str, study: Study, program: Program) -> None:
    response = program.get(f"studies/{study.slug}/responses/", page_size=page_size)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["page_size"]


@pytest.mark.parametrize(
    "cursor", ["x", "ü", "%00", "cD1hYmM=", "cD0lMDA=", "cD0tMQ==", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "bz0teA=="]
)
def test_a_forged_cursor_is_a_problem(cursor: str, study: Study, program: Program) -> None:
    response = program.get(f"studies/{study.slug}/responses/", cursor=cursor)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["cursor"]


@pytest.mark.parametrize("records", QUERIES)
def test_a_page_costs_the_same_queries_however_long_it_is(records: str, study: Study, program: Program) -> None:
    path = f"studies/{study.slug}/{records}" if records else "studies/"
    program.get(path)  # notes the use of the token, which happens once a minute

    with CaptureQueriesContext(connection) as small:
        assert program.get(path, page_size=1).status_code == 200
    with CaptureQueriesContext(connection) as large:
        assert program.get(path, page_size=100).status_code == 200

    assert len(small) == len(large) == QUERIES[records], [query["sql"][:90] for query in large]
