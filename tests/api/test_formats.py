"""One set of records in four forms: pages of JSON, CSV, JSON Lines, Parquet."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from annotation.models import Study
from tests.api.cast import Program, a_lively_study, a_program, a_user, an_answer, body_of

LISTS = ["scenarios", "responses", "distributions", "agreement", "participants", "exclusions"]


def pages(program: Program, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every record, by following `next`."""
    found: list[dict[str, Any]] = []
    answer = program.get(path, **query).json()
    while True:
        found += answer["results"]
        if answer["next"] is None:
            return found
        answer = program.client.get(answer["next"], headers=program.headers).json()


@pytest.mark.parametrize("records", LISTS)
def test_a_stream_of_json_lines_equals_the_pages(records: str, study: Study, program: Program) -> None:
    paged = pages(program, f"studies/{study.slug}/{records}/", page_size=2)

    streamed = body_of(program.get(f"studies/{study.slug}/{records}/", format="jsonl"))

    assert paged
    assert [json.loads(line) for line in streamed.splitlines()] == paged


@pytest.mark.parametrize("records", LISTS)
def test_csv_and_parquet_have_a_row_for_every_record(records: str, study: Study, program: Program) -> None:
    expected = len(pages(program, f"studies/{study.slug}/{records}/"))

    rows = csv_rows(program.get(f"studies/{study.slug}/{records}/", format="csv"))
    table = pq.read_table(io.BytesIO(body_of(program.get(f"studies/{study.slug}/{records}/", format="parquet"))))

    assert len(rows) == table.num_rows == expected


def csv_rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body_of(response).decode(), newline="")))


def test_studies_are_a_list_like_every_other(study: Study, program: Program) -> None:
    [row] = csv_rows(program.get("studies/", format="csv"))

    assert row["study"] == study.slug
    assert row["seats_accepted"] == "0"


def test_csv_flattens_counts_to_one_column_per_option(study: Study, program: Program) -> None:
    rows = csv_rows(program.get(f"studies/{study.slug}/distributions/", format="csv"))

    assert {key: rows[0][key] for key in rows[0] if key.startswith("count_")} == {
        "count_a": "7",
        "count_b": "2",
        "count_neutral": "1",
        "count_not_applicable": "0",
    }


def test_csv_flattens_actions_to_the_columns_the_importer_takes(study: Study, program: Program) -> None:
    rows = csv_rows(program.get(f"studies/{study.slug}/scenarios/", format="csv"))

    assert (rows[0]["action_a"], rows[0]["action_b"]) == ("You help.", "You leave.")
    assert (rows[0]["pole_a"], rows[0]["pole_b"]) == ("1", "-1")


def test_csv_has_a_column_for_every_further_question(study: Study, program: Program) -> None:
    person = study.participations.get(person__digest="kindness-person-0")
    an_answer(person, "s2", kind="repeat", standing="unscored", quota=None, answers={"fair": 4, "why": "=x"})

    rows = csv_rows(program.get(f"studies/{study.slug}/responses/", format="csv"))

    assert "answers" not in rows[0]
    assert (rows[0]["answer_fair"], rows[0]["answer_why"]) == ("", "")
    assert (rows[-1]["answer_fair"], rows[-1]["answer_why"]) == ("4", "'=x")


def test_parquet_keeps_types_and_says_which_schema_it_has(study: Study, program: Program) -> None:
    body = body_of(program.get(f"studies/{study.slug}/distributions/", format="parquet"))

    table = pq.read_table(io.BytesIO(body))

    assert table.schema.metadata[b"schema"] == b"commonground.distribution/1"
    assert str(table.schema.field("updated_at").type) == "timestamp[us, tz=UTC]"
    assert table.column("counts")[0].as_py() == {"a": 7, "b": 2, "neutral": 1, "not_applicable": 0}


def test_files_come_with_a_name_and_are_kept_by_no_cache(study: Study, program: Program) -> None:
    response = program.get(f"studies/{study.slug}/responses/", format="csv")

    assert response["Content-Type"] == "text/csv"
    assert response["Content-Disposition"] == 'attachment; filename="kindness-responses.csv"'
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/csv", "text/csv"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_the_accept_header_chooses_the_form(accept: str, content_type: str, study: Study, program: Program) -> None:
    response = program.client.get(
        f"/api/v1/studies/{study.slug}/responses/", headers={**program.headers, "Accept": accept}
    )

    assert response.status_code == 200
    assert response["Content-Type"] == content_type


def test_the_parameter_goes_before_the_accept_header(study: Study, program: Program) -> None:
    response = program.client.get(
        f"/api/v1/studies/{study.slug}/responses/?format=csv",
        headers={**program.headers, "Accept": "application/json"},
    )

    assert response["Content-Type"] == "text/csv"


def test_a_form_we_do_not_speak_is_not_acceptable(study: Study, program: Program) -> None:
    response = program.client.get(
        f"/api/v1/studies/{study.slug}/responses/", headers={**program.headers, "Accept": "text/turtle"}
    )

    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"


def test_an_empty_study_still_has_headers_and_footers(db: None) -> None:
    study = a_lively_study("quiet", people=0)
    study.distributions.all().delete()
    program = a_program(a_user(study=study))

    rows = body_of(program.get("studies/quiet/distributions/", format="csv"))
    table = pq.read_table(io.BytesIO(body_of(program.get("studies/quiet/distributions/", format="parquet"))))

    assert rows.startswith(b"study,scenario,version,")
    assert rows.count(b"\r\n") == 1
    assert table.num_rows == 0


def test_asking_for_the_head_of_a_file_reads_nothing(study: Study, program: Program) -> None:
    response = program.client.head(f"/api/v1/studies/{study.slug}/responses/?format=csv", headers=program.headers)

    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv"
