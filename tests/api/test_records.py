"""What the records hold, kind by kind."""

from typing import Any

import pytest

from analysis import records
from annotation.models import Response, Study
from tests.api.cast import Program, a_person, an_answer, an_exclusion


def found(program: Program, path: str, **query: Any) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = program.get(f"studies/kindness/{path}", **query).json()["results"]
    return answer


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("scenarios/", records.SCENARIO),
        ("responses/", records.RESPONSE),
        ("distributions/", records.DISTRIBUTION),
        ("agreement/", records.AGREEMENT),
        ("exclusions/", records.EXCLUSION),
    ],
)
def test_a_record_has_the_columns_of_its_schema_in_order(path: str, schema: records.Schema, program: Program) -> None:
    page = program.get(f"studies/kindness/{path}").json()

    assert list(page["results"][0]) == schema.names
    assert page["schema"] == page["results"][0]["schema"] == schema.name
    always = [column.name for column in schema.columns if column.is_always_set]
    assert all(record[name] is not None for record in page["results"] for name in always)


def test_a_scenario_has_its_actions_with_their_poles(program: Program) -> None:
    record = found(program, "scenarios/")[0]

    assert record["text"] == "Situation 1."
    assert record["actions"] == [
        {"action": "a", "text": "You help.", "pole": 1},
        {"action": "b", "text": "You leave.", "pole": -1},
    ]
    assert record["tags"] == ["work"]


def test_a_draft_shows_the_latest_scenarios_of_its_sets(study: Study, program: Program) -> None:
    Response.objects.update(quota=None, standing="surplus")
    study.quotas.all().delete()
    study.sets.get().scenarios.filter(key="s3").update(is_latest=False)

    assert [record["scenario"] for record in found(program, "scenarios/")] == ["s1", "s2"]


def test_checks_are_no_judgements(study: Study, program: Program) -> None:
    rows = found(program, "responses/")

    assert study.responses.filter(kind="check").count() == 2
    assert len(rows) == study.responses.exclude(kind="check").count()


def test_a_repeat_says_so_and_does_not_count(program: Program) -> None:
    repeats = [row for row in found(program, "responses/") if row["is_repeat"]]

    assert len(repeats) == 2
    assert not any(row["counted"] or row["surplus"] for row in repeats)


@pytest.mark.parametrize(
    ("standing", "counted", "surplus", "reason"),
    [
        ("counted", True, False, None),
        ("surplus", False, True, None),
        ("replaced", False, False, "replaced"),
    ],
)
def test_the_standing_of_an_answer_is_told_by_flags(
    standing: str, counted: bool, surplus: bool, reason: str | None, study: Study, program: Program
) -> None:
    an_answer(a_person(study, name="new"), "s2", standing=standing)

    row = found(program, "responses/")[-1]

    assert (row["counted"], row["surplus"], row["excluded_reason"]) == (counted, surplus, reason)


def test_an_excluded_answer_names_the_reason_that_stands(study: Study, program: Program) -> None:
    person = a_person(study, name="fast", included=False)
    an_answer(person, "s1", standing="excluded")
    an_exclusion(study, participation=person, reason="forgiven", revoked_at=person.arrived_at)
    an_exclusion(study, participation=person, reason="failed_checks")
    answer = an_answer(a_person(study, name="once"), "s1", standing="excluded")
    an_exclusion(study, response=answer, reason="nonsense")

    rows = found(program, "responses/")

    assert [row["excluded_reason"] for row in rows[-2:]] == ["failed_checks", "nonsense"]
    assert len(rows) == study.responses.exclude(kind="check").count()


def test_times_are_utc_with_microseconds(program: Program) -> None:
    assert found(program, "responses/")[0]["answered_at"] == "2026-05-01T12:00:00.000000Z"


def test_a_participant_has_a_column_for_each_question_of_the_study(study: Study, program: Program) -> None:
    a_person(study, name="new", profile={"age": "30-44", "years": 3, "languages": ["de", "ar"]})

    row = found(program, "participants/")[-1]

    assert list(row)[:7] == ["participant", "study", "stratum", "language", "age", "years", "languages"]
    assert (row["age"], row["years"], row["languages"]) == ("30-44", 3.0, ["de", "ar"])


def test_a_participants_way_of_answering_is_summed_up(study: Study, program: Program) -> None:
    person = a_person(study, name="new")
    an_answer(person, "s1", minute=0, side="first", response_ms=1000)
    an_answer(person, "s2", minute=1, side="second", response_ms=2000)
    an_answer(person, "s3", minute=2, side="second", response_ms=6000, choice="b")
    an_answer(person, "s1", minute=3, choice="b", side="second", kind="repeat", standing="unscored", quota=None)

    row = found(program, "participants/")[-1]

    assert row["median_response_ms"] == 1501.5
    assert row["left_share"] == 0.25
    assert row["longest_side_run"] == 3
    assert row["repeat_consistency"] == 0.0


def test_exclusions_say_whom_they_mean_and_who_decided(program: Program) -> None:
    person, answer = found(program, "exclusions/")

    assert (person["participant"] is None, person["response"] is None) == (False, True)
    assert (answer["participant"] is None, answer["response"] is None) == (True, False)
    assert person["decided_by"] == "rule"
    assert answer["revoked_at"] is not None


def test_the_response_an_exclusion_names_is_in_the_list_of_responses(program: Program) -> None:
    named = {row["response"] for row in found(program, "exclusions/")} - {None}

    assert named < {row["response"] for row in found(program, "responses/")}


def test_a_study_shows_its_progress(study: Study, program: Program) -> None:
    study.quotas.update(reserved=1, accepted=2)
    a_person(study, name="pilot", is_pilot=True)

    record = program.get("studies/kindness/").json()

    assert record["seats"] == {"target": 30, "open": 21, "reserved": 3, "accepted": 6}
    assert record["scenarios"] == 3
    assert record["participations"]["completed"] == 3
    assert set(record["participations"].values()) == {0, 3}
    assert record["aggregated_at"] == "2026-05-01T12:00:00.000000Z"
    assert record == program.get("studies/").json()["results"][0]


def test_without_a_limit_no_number_of_open_seats_is_invented(study: Study, program: Program) -> None:
    study.quotas.update(target=None, accepted=2)

    record = program.get("studies/kindness/").json()

    assert record["seats"] == {"target": None, "open": None, "reserved": 0, "accepted": 6}


def test_a_viewer_may_read_progress_and_nothing_else(study: Study) -> None:
    from tests.api.cast import a_program, a_user

    program = a_program(a_user("viewer@example.org", study=study, role="viewer"))

    assert program.get("studies/kindness/").status_code == 200
    assert program.get("studies/kindness/distributions/").status_code == 403
