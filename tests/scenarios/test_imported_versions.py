"""Importing a second time: unchanged, updated in place, or a new version of what a study has asked."""

import pytest

from scenarios.models import Action, Scenario, Translation
from tests.scenarios.imports import ask, bring_in, counts, latest
from tests.study_files import database_digest, scenario_row, scenario_rows

pytestmark = pytest.mark.django_db


def test_importing_again_changes_nothing() -> None:
    bring_in(scenario_rows(5, trait="empathy", statement_original="I help.", tags="work"))
    before = database_digest()

    report = bring_in(scenario_rows(5, trait="empathy", statement_original="I help.", tags="work"))

    assert counts(report) == (0, 0, 0, 5)
    assert database_digest() == before


def test_only_new_keys_are_added() -> None:
    bring_in(scenario_rows(2))

    assert counts(bring_in(scenario_rows(5))) == (3, 0, 0, 2)


def test_scenarios_that_a_file_leaves_out_stay() -> None:
    bring_in(scenario_rows(3))

    bring_in(scenario_rows(1))

    assert Scenario.objects.latest_versions().count() == 3


CONTENT = [
    {"text": "Other words."},
    {"action_b": "You leave."},
    {"action_c": "You laugh."},
    {"key_a": "help"},
    {"pole_a": 1},
    {"trait": "empathy"},
    {"statement_original": "I help."},
    {"instrument": "IRI"},
]
DESCRIPTION = [{"tags": "work"}, {"license": "MIT"}, {"intended_class": "AGREE"}]


@pytest.mark.parametrize("change", CONTENT + DESCRIPTION, ids=str)
def test_what_no_study_has_asked_is_updated_in_place(change: dict[str, object]) -> None:
    bring_in(scenario_rows(2))
    first = latest()

    report = bring_in([scenario_row(1, **change), scenario_row(2)])

    assert counts(report) == (0, 1, 0, 1)
    assert (latest().pk, latest().version, latest().created_at) == (first.pk, 1, first.created_at)
    assert counts(bring_in([scenario_row(1, **change)])) == (0, 0, 0, 1)


@pytest.mark.parametrize("change", CONTENT, ids=str)
def test_new_content_of_what_was_asked_is_a_new_version(change: dict[str, object]) -> None:
    bring_in(scenario_rows(2))
    ask("s1", "s2")
    first = latest()
    asked_actions = list(first.actions.values())

    report = bring_in([scenario_row(1, **change), scenario_row(2)])

    assert counts(report) == (0, 0, 1, 1)
    newer = latest()
    assert (newer.version, newer.locked_at) == (2, None)
    first.refresh_from_db()
    assert (first.version, first.is_latest, first.text) == (1, False, "Situation 1.")
    assert list(first.actions.values()) == asked_actions


@pytest.mark.parametrize("change", DESCRIPTION, ids=str)
def test_descriptions_of_what_was_asked_are_corrected_in_place(change: dict[str, object]) -> None:
    bring_in(scenario_rows(1))
    ask("s1")

    report = bring_in([scenario_row(1, **change)])

    assert counts(report) == (0, 1, 0, 0)
    assert Scenario.objects.count() == 1


def test_a_new_version_that_nobody_asked_is_itself_updated_in_place() -> None:
    bring_in(scenario_rows(1))
    ask("s1")
    bring_in(scenario_rows(1, text="Second wording."))

    report = bring_in(scenario_rows(1, text="Third wording."))

    assert counts(report) == (0, 1, 0, 0)
    assert list(Scenario.objects.order_by("version").values_list("version", "is_latest")) == [(1, False), (2, True)]
    assert latest().text == "Third wording."


def test_going_back_to_an_older_wording_is_a_third_version() -> None:
    bring_in(scenario_rows(1))
    ask("s1")
    bring_in(scenario_rows(1, text="Second wording."))
    ask("s1")

    assert counts(bring_in(scenario_rows(1))) == (0, 0, 1, 0)
    assert (latest().version, latest().text) == (3, "Situation 1.")


def test_fewer_actions_take_the_old_ones_away() -> None:
    bring_in(scenario_rows(1, action_c="You laugh."))

    bring_in(scenario_rows(1))

    assert list(latest().actions.values_list("key", flat=True)) == ["a", "b"]
    assert Action.objects.count() == 2


def test_a_translation_of_the_earlier_text_is_pointed_out() -> None:
    bring_in(scenario_rows(1))
    Translation.objects.create(scenario=latest(), language="de", text="Lage 1.", actions={})

    report = bring_in(scenario_rows(1, text="Other words."))

    assert [(issue.row, issue.code) for issue in report.warnings] == [(1, "translation_outdated")]
