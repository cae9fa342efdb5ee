"""Plans: seats are reserved least filled first, once per person, all or nothing."""

import pytest
from django.db import IntegrityError, transaction

from annotation import planning
from annotation.models import Assignment, Quota
from tests import cast

pytestmark = pytest.mark.django_db


def test_a_plan_reserves_one_seat_per_task() -> None:
    study = cast.make_study(scenarios=4, tasks_per_annotator=3)

    ann = cast.at_work(study)

    assert ann.state == "active"
    assert ann.assignments.filter(holds_seat=True).count() == 3
    assert sum(reserved for reserved, _accepted in cast.ledger(study)) == 3
    cast.assert_ledger_is_sound(study)


def test_the_least_filled_scenarios_are_planned_first() -> None:
    study = cast.make_study(scenarios=4, tasks_per_annotator=2, quota=2)
    cast.at_work(study, "ann")

    cast.at_work(study, "ben")

    assert [reserved for reserved, _accepted in cast.ledger(study)] == [1, 1, 1, 1]


def test_beginning_twice_keeps_the_first_plan() -> None:
    study = cast.make_study()
    ann = cast.at_work(study)
    before = list(ann.assignments.values_list("token", flat=True))

    planning.begin(ann.pk, now=cast.NOON)

    assert list(ann.assignments.values_list("token", flat=True)) == before
    cast.assert_ledger_is_sound(study)


def test_who_comes_when_every_seat_is_taken_is_told_so() -> None:
    study = cast.make_study(scenarios=2, quota=1)
    cast.at_work(study, "ann")

    ben = cast.at_work(study, "ben")

    assert ben.state == "quota_full"
    assert not ben.assignments.exists()


def test_fewer_seats_than_worth_starting_reserve_nothing() -> None:
    study = cast.make_study(scenarios=4, quota=1, tasks_per_annotator=3, min_tasks=2)
    cast.at_work(study, "ann")

    ben = cast.at_work(study, "ben")

    assert ben.state == "quota_full"
    assert sum(reserved for reserved, _accepted in cast.ledger(study)) == 3


def test_expired_leases_are_taken_back_by_the_planner_who_needs_them() -> None:
    study = cast.make_study(scenarios=2, quota=1, idle_limit_minutes=15)
    ann = cast.at_work(study, "ann")

    ben = cast.at_work(study, "ben", now=cast.NOON + cast.minutes(16))

    ann.refresh_from_db()
    assert (ann.state, ben.state) == ("timed_out", "active")
    cast.assert_ledger_is_sound(study)


def test_checks_stand_in_the_stream_but_never_first() -> None:
    study = cast.make_study(scenarios=8, attention_checks=2)
    study.checks.add(cast.make_check("one"), cast.make_check("two"))

    ann = cast.at_work(study)

    kinds = list(ann.assignments.order_by("position").values_list("kind", flat=True))
    assert kinds.count("check") == 2
    assert kinds[0] == "task"


def test_repeats_come_later_with_sides_swapped_and_hold_no_seat() -> None:
    study = cast.make_study(scenarios=10, repeats=2)

    ann = cast.at_work(study)

    for again in ann.assignments.filter(kind="repeat"):
        original = ann.assignments.get(kind="task", scenario=again.scenario)
        assert again.position > original.position
        assert again.flipped != original.flipped
        assert not again.holds_seat


def test_the_order_listed_is_kept() -> None:
    study = cast.make_study(scenarios=6, order="listed")

    ann = cast.at_work(study)

    keys = list(ann.assignments.order_by("position").values_list("scenario__key", flat=True))
    assert keys == ["s1", "s2", "s3", "s4", "s5", "s6"]


def test_a_large_level_is_sampled_without_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.quotas.READ_WHOLE", 0)
    study = cast.make_study(scenarios=60, tasks_per_annotator=20)

    ann = cast.at_work(study)

    assert ann.assignments.count() == 20
    cast.assert_ledger_is_sound(study)


def test_the_database_refuses_a_seat_beyond_the_quota() -> None:
    study = cast.make_study(scenarios=1, quota=1)
    quota = Quota.objects.get(study=study)

    with (
        pytest.raises(IntegrityError, match=r"quota_is_never_exceeded|CHECK constraint"),
        transaction.atomic(),
    ):
        Quota.objects.filter(pk=quota.pk).update(reserved=2)


def test_the_database_refuses_a_scenario_planned_twice_for_one_participation() -> None:
    ann = cast.at_work(cast.make_study())
    first = ann.assignments.get(position=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(
            study=ann.study, participation=ann, position=99, kind="task", scenario=first.scenario
        )
