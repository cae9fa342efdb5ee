"""What leaves the database: no recruiter's id, no completion code, nobody's e-mail, no other study's row."""

from typing import Any

import pytest

from annotation.models import Study
from tests.api.cast import (
    NOON,
    RECRUITER_ID,
    Program,
    a_lively_study,
    a_person,
    a_program,
    a_user,
    an_answer,
    an_exclusion,
    body_of,
)

PATHS = ["", "scenarios/", "responses/", "distributions/", "agreement/", "participants/", "exclusions/"]
SECRETS = [RECRUITER_ID, "SECRET-CODE-99", "decider@example.org", "team-only", "SECRET-REMARK"]


@pytest.fixture
def guarded(study: Study) -> Study:
    """A study with something secret in every place that has no column in any record."""
    study.completion_code = "SECRET-CODE-99"
    study.completion_url = "https://recruiter.example/done?cc=SECRET-CODE-99"
    study.notes = "team-only"
    study.save()
    person = study.participations.first()
    assert person is not None
    person.comment = "SECRET-REMARK"
    person.profile = {**person.profile, "PROLIFIC_PID": RECRUITER_ID}
    person.save()
    decider = a_user("decider@example.org")
    an_exclusion(study, participation=a_person(study, name="x"), decided_by=decider, note="SECRET-REMARK")
    return study


@pytest.mark.parametrize("form", ["json", "csv", "jsonl", "parquet"])
@pytest.mark.parametrize("path", PATHS)
def test_no_secret_is_in_any_answer(path: str, form: str, guarded: Study, program: Program) -> None:
    address = f"studies/{guarded.slug}/{path}" if path else "studies/"

    body = body_of(program.get(address, format=form)).decode("latin-1")

    assert [secret for secret in SECRETS if secret in body] == []


@pytest.mark.parametrize("form", ["json", "csv", "jsonl"])
@pytest.mark.parametrize("path", PATHS[1:])
def test_no_row_of_another_study_is_in_any_answer(path: str, form: str, study: Study, program: Program) -> None:
    a_lively_study("another")

    body = body_of(program.get(f"studies/{study.slug}/{path}", format=form))

    assert b"another" not in body
    assert b"kindness" in body


def records(program: Program, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.get(path).json()["results"]
    return found


def test_pseudonyms_link_answers_and_people_of_one_study(study: Study, program: Program) -> None:
    people = {record["participant"] for record in records(program, f"studies/{study.slug}/participants/")}
    answers = {record["participant"] for record in records(program, f"studies/{study.slug}/responses/")}

    assert answers == people
    assert all(len(name) == 18 and name.startswith("p_") for name in people)


def test_the_same_person_has_other_names_in_another_study(study: Study) -> None:
    a_lively_study("another")
    root = a_program(a_user("root@example.org", is_superuser=True))

    here = {record["participant"] for record in records(root, "studies/kindness/participants/")}
    there = {record["participant"] for record in records(root, "studies/another/participants/")}

    assert not here & there


def test_people_who_withdrew_leave_nothing_they_said(study: Study, program: Program) -> None:
    person = a_person(study, name="gone", profile={"age": "30-44", "years": 7})
    an_answer(person, standing="excluded")
    before = len(records(program, f"studies/{study.slug}/responses/"))
    person.state = "withdrawn"
    person.ended_at = NOON
    person.save()

    answers = records(program, f"studies/{study.slug}/responses/")
    [row] = [row for row in records(program, f"studies/{study.slug}/participants/") if row["state"] == "withdrawn"]

    assert len(answers) == before - 1
    assert (row["age"], row["years"], row["languages"]) == (None, None, [])
    assert (row["median_response_ms"], row["left_share"]) == (None, None)


def test_reading_about_people_leaves_a_line_in_the_event_log(study: Study, program: Program) -> None:
    program.get(f"studies/{study.slug}/responses/", scenario="s1")
    program.get(f"studies/{study.slug}/distributions/")
    program.get(f"studies/{study.slug}/distributions/", format="csv")

    lines = list(study.events.values_list("kind", "data__records", "data__format", "data__asked"))

    assert lines == [
        ("data_read", "responses", "json", "scenario=s1"),
        ("data_exported", "distributions", "csv", "format=csv"),
    ]
