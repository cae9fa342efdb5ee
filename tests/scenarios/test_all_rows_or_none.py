"""An import writes everything or nothing: bad rows, dry runs, failures at any statement."""

from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from scenarios.importing import import_file
from scenarios.models import Scenario, ScenarioSet
from tests.scenarios.imports import ask, bring_in, counts
from tests.study_files import PowerCut, database_digest, power_cut_at, scenario_row, scenario_rows, stream

pytestmark = pytest.mark.django_db


def test_one_bad_row_keeps_everything_out() -> None:
    bring_in(scenario_rows(2))
    before = database_digest()
    rows = scenario_rows(2_500, text="Changed.")
    rows[2_400]["action_b"] = ""

    report = bring_in(rows)

    assert [(issue.row, issue.column, issue.code) for issue in report.issues] == [(2_401, "action_b", "empty")]
    assert not report.is_written
    assert database_digest() == before


def test_a_dry_run_reports_everything_and_writes_nothing() -> None:
    bring_in(scenario_rows(2))
    ask("s2")
    before = database_digest()
    rows = [scenario_row(1, text="New."), scenario_row(2, text="New."), scenario_row(3, trait="empathy")]

    report = bring_in(rows, dry_run=True, set_name="Everyday")

    assert counts(report) == (1, 1, 1, 0)
    assert report.created_traits == ("empathy",)
    assert not report.is_written
    assert database_digest() == before


def test_a_dry_run_into_a_new_set_leaves_no_set() -> None:
    report = bring_in(scenario_rows(2), dry_run=True, set_name="New Set")

    assert report.set == "new-set"
    assert not ScenarioSet.objects.exists()


def test_a_failure_at_any_statement_leaves_nothing() -> None:
    bring_in(scenario_rows(3))
    ask("s2")
    before = database_digest()
    rows = scenario_rows(4, text="Changed.", trait="empathy", statement_original="I help.", instrument="IRI")

    failures = 0
    while True:
        with connection.execute_wrapper(power_cut_at(failures)), suppress(PowerCut):
            bring_in(rows)
            break
        failures += 1
        assert database_digest() == before, f"after {failures} statements"

    assert failures > 15
    assert Scenario.objects.count() == 5


def test_every_bad_row_is_listed_in_the_order_of_the_file() -> None:
    rows = scenario_rows(4)
    rows[1]["text"] = ""
    rows[2] |= {"key": "s1", "action_b": "You help (3)."}
    rows[3]["pole_a"] = "7"

    report = bring_in(rows)

    assert [(issue.row, issue.code) for issue in report.issues] == [
        (2, "empty"),
        (3, "duplicate"),
        (3, "same_actions"),
        (4, "bad_pole"),
    ]
    assert (report.issues.total, report.issues.bad_rows) == (4, 3)


def test_a_file_without_rows_is_a_problem() -> None:
    report = import_file(stream(b"key,text,action_a,action_b\n"), set_name="everyday")

    assert [issue.code for issue in report.issues] == ["empty_file"]


def test_a_file_that_cannot_be_read_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    report = import_file(tmp_path / "nothing.csv", set_name="everyday")

    assert [issue.code for issue in report.issues] == ["unreadable"]
