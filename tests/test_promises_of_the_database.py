"""Every named constraint is a promise of the database, and every promise has something here that tries it."""

from collections.abc import Callable
from typing import Final

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from accounts.models import StudyMembership, User
from analysis.models import Agreement, Distribution
from annotation.models import (
    Assignment,
    ConsentText,
    Exclusion,
    Participation,
    Quota,
    Response,
    Stratum,
    Study,
)
from scenarios.models import Action, Scenario, Translation
from tests import cast
from tests.cast import NOON

OURS: Final = ("accounts", "scenarios", "annotation", "analysis")


@pytest.fixture
def world() -> Study:
    """A study with four scenarios: Ann gave two answers and holds two seats, Bob has arrived."""
    study = cast.make_study()
    ann = cast.at_work(study, "ann")
    for _ in range(2):
        cast.answer(ann)
    cast.arrived(study, "bob")
    return study


# --- Content ---


def second_scenario(study: Study, *, version: int, is_latest: bool) -> None:
    Scenario.objects.create(
        set=study.sets.get(), key="s1", version=version, is_latest=is_latest, blocks=[], content_hash=""
    )


def translated_twice(_study: Study) -> None:
    for _ in range(2):
        Translation.objects.create(scenario=scenario(), language="de", text="Lage.", actions={})


def scenario() -> Scenario:
    return Scenario.objects.get(key="s1")


def actions() -> models.QuerySet[Action]:
    return Action.objects.filter(scenario=scenario(), key="b")


# --- People and their work ---


def at_work() -> models.QuerySet[Participation]:
    return Participation.objects.filter(state="active")


def answered() -> models.QuerySet[Response]:
    return Response.objects.filter(scenario__isnull=False)


def excluded(study: Study, *, person: bool, answer: bool) -> None:
    Exclusion.objects.create(
        study=study,
        participation=at_work().get() if person else None,
        response=answered()[0] if answer else None,
        reason="test",
        decided_at=NOON,
    )


def excluded_twice(study: Study, *, person: bool) -> None:
    for _ in range(2):
        excluded(study, person=person, answer=not person)


def same_quota_again(study: Study) -> None:
    row = study.quotas.all()[0]
    Quota.objects.create(study=study, scenario=row.scenario, stratum=row.stratum)


def two_roles(study: Study) -> None:
    user = User.objects.create_user("ann@example.org")
    for role in ("owner", "viewer"):
        StudyMembership.objects.create(study=study, user=user, role=role)


def same_consent_again(study: Study) -> None:
    for body in ("First words.", "Other words."):
        ConsentText.objects.create(study=study, version=99, body=body, created_at=NOON)


# --- Figures ---


def two_distributions(study: Study) -> None:
    for _ in range(2):
        Distribution.objects.create(study=study, scenario=scenario(), n=0, weighted_n=0, revision=0, updated_at=NOON)


def two_coefficients(study: Study) -> None:
    for _ in range(2):
        Agreement.objects.create(
            study=study, slice="all", coefficient="alpha", n_scenarios=0, n_responses=0, updated_at=NOON
        )


BREAKERS: Final[dict[str, Callable[[Study], object]]] = {
    "a_version_of_a_key_exists_once": lambda study: second_scenario(study, version=1, is_latest=False),
    "one_version_is_the_latest": lambda study: second_scenario(study, version=2, is_latest=True),
    "versions_start_at_one": lambda study: second_scenario(study, version=0, is_latest=False),
    "an_action_key_exists_once_per_scenario": lambda _study: actions().update(key="a"),
    "one_action_per_position": lambda _study: actions().update(position=0),
    "a_pole_is_plus_or_minus_one": lambda _study: actions().update(pole=2),
    "an_action_key_is_not_a_reserved_word": lambda _study: actions().update(key="neutral"),
    "one_translation_per_language": translated_twice,
    "a_study_is_in_a_known_state": lambda _study: Study.objects.update(state="lost"),
    "a_quota_is_at_least_one": lambda _study: Study.objects.update(quota=0),
    "the_fewest_tasks_fit_the_plan": lambda _study: Study.objects.update(min_tasks=99),
    "a_stratum_key_exists_once_per_study": lambda study: Stratum.objects.create(study=study, key="all"),
    "a_stratum_target_is_at_least_one": lambda _study: Stratum.objects.update(target=0),
    "a_consent_version_exists_once": same_consent_again,
    "one_role_per_person_and_study": two_roles,
    "an_arrival_is_one_participation": lambda _study: Participation.objects.update(arrival_digest="same"),
    "a_participation_is_in_a_known_state": lambda _study: Participation.objects.exclude(state="active").update(
        state="lost"
    ),
    "only_active_people_hold_a_lease": lambda _study: at_work().update(state="completed"),
    "a_lease_has_both_its_limits": lambda _study: at_work().update(lease_ends_at=None),
    "one_quota_per_scenario_and_stratum": same_quota_again,
    "a_target_is_at_least_one": lambda _study: Quota.objects.update(target=0, reserved=0, accepted=0),
    "quota_is_never_exceeded": lambda _study: Quota.objects.update(reserved=99),
    "seats_are_never_negative": lambda _study: Quota.objects.update(reserved=-1),
    "one_task_per_position": lambda _study: Assignment.objects.update(position=1),
    "a_scenario_is_planned_once_per_participation": lambda _study: Assignment.objects.update(scenario=scenario()),
    "an_assignment_is_a_scenario_or_a_check": lambda _study: Assignment.objects.filter(holds_seat=False).update(
        kind="check"
    ),
    "only_open_tasks_hold_a_seat": lambda _study: Assignment.objects.filter(holds_seat=True).update(answered_at=NOON),
    "a_person_answers_a_scenario_once": lambda _study: answered().update(scenario=scenario()),
    "a_response_is_to_a_scenario_or_a_check": lambda _study: answered().update(scenario=None),
    "only_answers_with_a_seat_are_counted": lambda _study: answered().update(quota=None),
    "an_exclusion_names_a_person_or_an_answer": lambda study: excluded(study, person=False, answer=False),
    "one_standing_exclusion_per_participation": lambda study: excluded_twice(study, person=True),
    "one_standing_exclusion_per_response": lambda study: excluded_twice(study, person=False),
    "one_distribution_per_cell": two_distributions,
    "one_coefficient_per_slice": two_coefficients,
}


def constraints() -> dict[str, type[models.BaseConstraint]]:
    """Every named constraint of our tables, with its kind."""
    tables = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return {each.name: type(each) for table in tables for each in table._meta.constraints}


def test_every_constraint_is_tried() -> None:
    assert set(BREAKERS) == set(constraints())


@pytest.mark.django_db
@pytest.mark.parametrize("name", BREAKERS)
def test_the_database_keeps_its_promise(name: str, world: Study) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BREAKERS[name](world)

    # SQLite names the columns of an index instead; Django's own check on positive columns comes before ours.
    is_named = connection.vendor == "postgresql" or constraints()[name] is models.CheckConstraint
    if is_named and name != "seats_are_never_negative":
        assert name in str(refusal.value)
