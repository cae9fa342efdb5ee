"""Recorded answers a second time, of excluded people, and with mistakes: nothing doubles, nothing half-done."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection

from annotation import exclusion, leaving
from annotation.models import Stratum, Study
from annotation.recorded_answers import StudyTakesNoAnswers, import_file
from scenarios import versions
from scenarios.models import Scenario
from tests import cast
from tests.annotation.recorded import assert_counters_equal_the_log, at, log, problems, record, recorded, row
from tests.cast import NOON
from tests.study_files import PowerCut, database_digest, power_cut_at, stream

pytestmark = pytest.mark.django_db


# Again


@pytest.mark.parametrize("timed", [True, False])
def test_importing_again_changes_nothing(timed: bool) -> None:
    study = cast.make_study(scenarios=2, quota=2)
    time = {"answered_at": at(1)} if timed else {}
    rows = [row("p1", **time), row("p1", "b", **time), row("p2", **time), row("p3", **time), row("p1", scenario="s2")]
    recorded(study, *rows)
    before = database_digest()

    report = recorded(study, *rows, now=NOON + timedelta(days=1))

    assert (report.unchanged, report.counted, report.replaced) == (5, 0, 0)
    assert database_digest() == before


def test_an_answer_that_a_file_holds_twice_is_twice_in_the_log_and_counts_once() -> None:
    study = cast.make_study(scenarios=1, quota=5)
    twice = [row("p1", answered_at=at(1)), row("p1", answered_at=at(1))]

    recorded(study, *twice)
    again = recorded(study, *twice)

    assert log(study) == [("p1", "a", "replaced"), ("p1", "a", "counted")]
    assert again.unchanged == 2


def test_only_what_is_new_in_a_longer_file_is_added() -> None:
    study = cast.make_study(scenarios=1, quota=5)
    recorded(study, row("p1", answered_at=at(1)))

    report = recorded(study, row("p1", answered_at=at(1)), row("p2", answered_at=at(2)))

    assert (report.unchanged, report.counted, report.new_participants) == (1, 1, 1)


# Exclusions and withdrawals


def test_an_excluded_person_stays_excluded() -> None:
    study = cast.make_study(scenarios=2, quota=2)
    recorded(study, row("p1", answered_at=at(1)))
    exclusion.exclude_participation(study.participations.get(), reason="test", now=NOON)

    report = recorded(study, row("p1", "b", answered_at=at(2)), row("p1", scenario="s2", answered_at=at(3)))

    assert report.excluded == 2
    assert [standing for _who, _choice, standing in log(study)] == ["replaced", "excluded", "excluded"]
    assert_counters_equal_the_log(study)


def test_revoking_an_exclusion_brings_back_only_the_answers_that_stand() -> None:
    study = cast.make_study(scenarios=1, quota=2)
    recorded(study, row("p1", "a", answered_at=at(1)), row("p1", "b", answered_at=at(2)))
    entry = exclusion.exclude_participation(study.participations.get(), reason="test", now=NOON)

    exclusion.revoke_exclusion(entry, now=NOON)

    assert log(study) == [("p1", "a", "replaced"), ("p1", "b", "counted")]
    assert_counters_equal_the_log(study)


def test_somebody_who_withdrew_is_not_imported_again() -> None:
    study = cast.make_study(scenarios=1, quota=2)
    recorded(study, row("p1"))
    leaving.withdraw(study.participations.get().pk, now=NOON)

    assert problems(study, row("p2"), row("p1", "b"), row("p1", "a")) == [(2, "", "withdrawn")]


# All or nothing


def test_every_bad_row_is_listed_and_nothing_is_written() -> None:
    study = cast.make_study(scenarios=1, is_open=False)
    before = database_digest()

    found = problems(study, row("p1"), row("p2", "z"), row("p3", scenario="s9"), row("", answered_at="x"))

    assert found == [
        (2, "choice", "bad_choice"),
        (3, "scenario", "unknown_scenario"),
        (4, "participant", "empty"),
        (4, "answered_at", "bad_time"),
    ]
    assert database_digest() == before


def test_a_dry_run_reports_everything_and_writes_nothing() -> None:
    study = cast.make_study(scenarios=1, is_open=False, quota=1)
    before = database_digest()

    report = recorded(study, row("p1"), row("p2"), row("p1", "b"), dry_run=True)

    assert (report.counted, report.surplus, report.replaced, report.is_written) == (1, 1, 1, False)
    assert database_digest() == before


def test_a_stratum_that_contradicts_an_earlier_import_is_refused() -> None:
    study = cast.make_study(scenarios=2, is_open=False)
    Stratum.objects.create(study=study, key="young")
    Stratum.objects.create(study=study, key="old")
    recorded(study, row("p1", stratum="young"))

    assert problems(study, row("p1", scenario="s2", stratum="old")) == [(1, "", "stratum_changed")]


def test_a_key_that_two_sets_hold_needs_its_set() -> None:
    study = cast.make_study(scenarios=1, is_open=False)
    study.sets.add(cast.make_set("other", scenarios=1))

    assert problems(study, row("p1")) == [(1, "scenario", "ambiguous_scenario")]
    recorded(study, row("p1", scenario="other/s1"))
    assert study.responses.get().scenario == Scenario.objects.get(set__slug="other")


def test_answers_are_to_the_version_that_the_study_asks() -> None:
    study = cast.make_study(scenarios=1)
    cast.answer_everything(cast.at_work(study))
    asked = Scenario.objects.get()
    versions.make_new(asked)

    recorded(study, row("p1"))

    assert set(study.responses.values_list("scenario", flat=True)) == {asked.pk}


def test_an_archived_study_takes_no_answers() -> None:
    study = cast.make_study(scenarios=1)
    Study.objects.update(state="archived")
    study.refresh_from_db()

    with pytest.raises(StudyTakesNoAnswers):
        record(study, row("p1"))


@pytest.mark.parametrize("content", [b"", b"scenario,participant,choice\n", b"PK\x03\x04", b"a,b\n1,2\n"])
def test_a_file_that_is_no_table_of_answers_is_a_problem_and_no_crash(content: bytes) -> None:
    study = cast.make_study(scenarios=1, is_open=False)
    before = database_digest()

    report = import_file(stream(content), study=study, now=NOON)

    assert report.issues
    assert database_digest() == before


def test_a_failure_at_any_statement_leaves_nothing() -> None:
    study = cast.make_study(scenarios=2, quota=2)
    recorded(study, row("p1", answered_at=at(1)))
    before = database_digest()
    rows = [row("p1", "b", answered_at=at(2)), row("p2", answered_at=at(3)), row("p2", scenario="s2")]

    failures = 0
    while True:
        with connection.execute_wrapper(power_cut_at(failures)), suppress(PowerCut):
            recorded(study, *rows)
            break
        failures += 1
        assert database_digest() == before, f"after {failures} statements"

    assert failures > 20
    assert_counters_equal_the_log(study)
