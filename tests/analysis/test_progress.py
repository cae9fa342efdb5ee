"""How far a study is: exact numbers, in as many queries for a large study as for a small one."""

from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from analysis import aggregation, heartbeats
from analysis.progress import answers_per_hour, fill_by_scenario, study_progress
from annotation.models import Participation, Quota
from tests.analysis.factories import NOON, answer, cell, exclude, make_participation, make_study, vote

pytestmark = pytest.mark.django_db

QUERIES = 7


def test_a_study_without_scenarios_has_nothing_to_fill() -> None:
    found = study_progress(make_study(scenarios=0), now=NOON)

    assert found.seats.scenarios == 0
    assert found.seats.fill is None
    assert found.people.arrived == 0
    assert found.pace.last_answer_at is None
    assert found.median_minutes is None


def test_seats_are_answered_reserved_or_open() -> None:
    study = make_study(scenarios=3)
    study.quotas.update(target=2)
    vote(study, "s1", "ab")
    vote(study, "s2", "a")
    Quota.objects.filter(pk=cell(study, "s3").pk).update(reserved=1)

    seats = study_progress(study, now=NOON).seats

    assert (seats.target, seats.accepted, seats.reserved, seats.open) == (6, 3, 1, 2)
    assert (seats.full, seats.on_the_way, seats.untouched) == (1, 1, 1)
    assert seats.fill == 0.5


def test_without_a_limit_nothing_is_open_and_nothing_full() -> None:
    study = make_study(scenarios=2)
    vote(study, "s1", "ab")

    seats = study_progress(study, now=NOON).seats

    assert (seats.target, seats.open, seats.fill, seats.accepted) == (None, None, None, 2)


def test_each_group_has_seats_of_its_own() -> None:
    study = make_study(scenarios=1, strata=("young", "old"))
    study.quotas.update(target=4)
    vote(study, "s1", "ab", stratum="old")

    strata = study_progress(study, now=NOON).strata

    assert [(stratum.key, stratum.seats.accepted) for stratum in strata] == [("young", 0), ("old", 2)]


def test_the_steps_count_people_who_got_there_and_leave_out_steps_the_study_lacks() -> None:
    study = make_study(practice_items=1)
    for state, times in {
        "declined": {},
        "trained": {"consented_at": NOON, "trained_at": NOON},
        "completed": {"consented_at": NOON, "trained_at": NOON, "started_at": NOON, "ended_at": NOON},
    }.items():
        Participation.objects.filter(pk=make_participation(study).pk).update(state=state, **times)

    people = study_progress(study, now=NOON).people

    assert [(step.key, step.reached, step.lost) for step in people.steps] == [
        ("arrived", 3, 0),
        ("consented", 2, 1),
        ("trained", 2, 0),
        ("started", 1, 1),
        ("completed", 1, 0),
    ]
    assert people.by_state == {"declined": 1, "trained": 1, "completed": 1}


def test_pilots_and_imported_people_never_walked_through_the_study() -> None:
    study = make_study()
    for fields in ({"is_pilot": True}, {"is_imported": True}, {}):
        Participation.objects.filter(pk=make_participation(study).pk).update(**fields)

    people = study_progress(study, now=NOON).people

    assert (people.arrived, people.pilots, people.imported) == (1, 1, 1)


def test_answers_that_do_not_count_are_told_apart() -> None:
    study = make_study()
    exclude(answer(study))
    answer(study, choice="b")
    surplus = answer(study)
    type(surplus).objects.filter(pk=surplus.pk).update(standing="surplus")

    found = study_progress(study, now=NOON)

    assert (found.excluded, found.surplus, found.replaced) == (1, 1, 0)


def test_the_median_is_of_people_who_finished() -> None:
    study = make_study()
    for minutes in (4, 6, 20):
        Participation.objects.filter(pk=make_participation(study).pk).update(
            state="completed", started_at=NOON, ended_at=NOON + timedelta(minutes=minutes)
        )

    assert study_progress(study, now=NOON).median_minutes == 6


def test_a_forecast_goes_on_at_the_present_pace() -> None:
    study = make_study(scenarios=1)
    study.quotas.update(target=10)
    for minute in (30, 20, 10):
        answer(study, answered_at=NOON - timedelta(minutes=minute))

    pace = study_progress(study, now=NOON).pace

    assert pace.per_hour == pytest.approx(6)
    assert pace.hours_left == pytest.approx(7 / 6)
    assert pace.last_answer_at == NOON - timedelta(minutes=10)


def test_a_full_study_needs_no_forecast() -> None:
    study = make_study(scenarios=1)
    study.quotas.update(target=1)
    answer(study, answered_at=NOON - timedelta(minutes=10))

    assert study_progress(study, now=NOON).pace.hours_left is None


def test_the_pace_is_that_of_the_last_hour() -> None:
    times = [NOON - timedelta(minutes=minutes) for minutes in (10, 20, 300, 400)]

    assert answers_per_hour(times, now=NOON) == 2


def test_one_answer_a_minute_ago_is_no_pace() -> None:
    assert answers_per_hour([NOON - timedelta(minutes=1)], now=NOON) is None


def test_imported_answers_lie_in_the_past_and_give_no_pace() -> None:
    assert answers_per_hour([NOON - timedelta(days=900)], now=NOON) == 0


def test_a_worker_that_has_been_silent_for_minutes_is_said_to_be() -> None:
    study = make_study()
    heartbeats.record(heartbeats.worker_name(), seen_at=NOON - timedelta(minutes=5))

    background = study_progress(study, now=NOON).background

    assert not background.worker_is_alive
    assert background.worker_seen_at == NOON - timedelta(minutes=5)


def test_a_worker_heard_of_just_now_is_alive() -> None:
    study = make_study()
    heartbeats.record(heartbeats.worker_name(), seen_at=NOON - timedelta(seconds=5))

    assert study_progress(study, now=NOON).background.worker_is_alive


def test_results_are_current_until_the_next_answer() -> None:
    study = make_study()
    answer(study)
    assert not study_progress(study, now=NOON).background.is_current

    aggregation.refresh(study.pk, now=NOON)

    assert study_progress(study, now=NOON).background.is_current


@pytest.mark.parametrize("scenarios", [1, 40])
def test_progress_takes_the_same_queries_for_every_size(
    scenarios: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    study = make_study(scenarios=scenarios)
    for _ in range(scenarios):
        answer(study)

    with django_assert_num_queries(QUERIES):
        study_progress(study, now=NOON)


def test_the_fill_follows_the_order_of_the_study() -> None:
    study = make_study(scenarios=3)
    study.quotas.update(target=2, accepted=F("position"))

    assert fill_by_scenario(study) == [("all", [0.0, 0.5, 1.0])]


def test_neighbours_share_a_cell_where_there_are_more_than_cells() -> None:
    study = make_study(scenarios=4)
    study.quotas.update(target=2)
    study.quotas.filter(position__lt=2).update(accepted=1)

    assert fill_by_scenario(study, cells=2) == [("all", [0.5, 0.0])]
