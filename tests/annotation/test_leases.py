"""Leases: seats come back when somebody is not heard of, and people who come back are seated again."""

import pytest

from annotation import flow, leases, leaving
from annotation.models import Participation
from tests import cast

pytestmark = pytest.mark.django_db


def test_an_idle_person_times_out_and_every_open_seat_comes_back() -> None:
    study = cast.make_study(scenarios=3)
    ann = cast.at_work(study)
    cast.answer(ann)

    released = leases.release_expired(now=cast.NOON + cast.minutes(16))

    ann.refresh_from_db()
    assert (released, ann.state) == (1, "timed_out")
    assert sorted(cast.ledger(study)) == [(0, 0), (0, 0), (0, 1)]


def test_an_answer_renews_the_idle_limit_but_not_the_absolute_one() -> None:
    study = cast.make_study(idle_limit_minutes=15, absolute_limit_minutes=20)
    ann = cast.at_work(study)

    cast.answer(ann, now=cast.NOON + cast.minutes(10))

    assert ann.lease_expires_at == cast.NOON + cast.minutes(20)
    assert ann.lease_ends_at == cast.NOON + cast.minutes(20)


def test_nobody_within_their_lease_is_timed_out() -> None:
    ann = cast.at_work(cast.make_study())

    leases.release_expired(now=cast.NOON + cast.minutes(14))

    ann.refresh_from_db()
    assert ann.state == "active"


def test_who_comes_back_gets_the_same_scenarios_where_they_are_free() -> None:
    study = cast.make_study(scenarios=4)
    ann = cast.at_work(study)
    cast.answer(ann)
    before = set(ann.assignments.filter(answered_at=None).values_list("token", flat=True))
    leases.release_expired(now=cast.NOON + cast.minutes(16))

    flow.come_back(ann.pk, now=cast.NOON + cast.minutes(30))

    ann.refresh_from_db()
    after = set(ann.assignments.filter(answered_at=None, is_dropped=False).values_list("token", flat=True))
    assert (ann.state, after) == ("active", before)
    cast.assert_ledger_is_sound(study)


def test_who_comes_back_gets_other_scenarios_where_theirs_are_taken() -> None:
    study = cast.make_study(scenarios=4, quota=1, tasks_per_annotator=2)
    ann = cast.at_work(study, "ann")
    late = cast.NOON + cast.minutes(16)
    leases.release_expired(now=late)
    ben = cast.at_work(study, "ben", now=late)
    taken = set(ben.assignments.values_list("scenario_id", flat=True))

    flow.come_back(ann.pk, now=late)

    ann.refresh_from_db()
    planned = set(ann.assignments.filter(is_dropped=False).values_list("scenario_id", flat=True))
    assert ann.state == "active"
    assert len(planned) == 2
    assert planned.isdisjoint(taken)
    cast.assert_ledger_is_sound(study)


def test_who_comes_back_to_a_full_study_completes_with_what_was_answered() -> None:
    study = cast.make_study(scenarios=2, quota=1)
    ann = cast.at_work(study, "ann")
    cast.answer(ann)
    late = cast.NOON + cast.minutes(16)
    leases.release_expired(now=late)
    ben = cast.at_work(study, "ben", now=late)
    cast.answer_everything(ben, now=late)

    flow.come_back(ann.pk, now=late)

    ann.refresh_from_db()
    assert (ann.state, ann.tasks_answered) == ("completed", 1)


def test_leaving_gives_seats_back_and_keeps_the_answers() -> None:
    study = cast.make_study(scenarios=3)
    ann = cast.at_work(study)
    cast.answer(ann)

    leaving.leave(ann.pk, now=cast.NOON)

    ann.refresh_from_db()
    assert ann.state == "returned"
    assert sorted(cast.ledger(study)) == [(0, 0), (0, 0), (0, 1)]


def test_withdrawing_takes_the_answers_out_and_erases_the_identity() -> None:
    study = cast.make_study(scenarios=3)
    ann = cast.at_work(study)
    cast.answer(ann)

    leaving.withdraw(ann.pk, now=cast.NOON)

    ann.refresh_from_db()
    assert (ann.state, ann.included) == ("withdrawn", False)
    assert cast.ledger(study) == [(0, 0)] * 3
    assert not Participation.objects.filter(pk=ann.pk, identity__isnull=False).exists()


def test_withdrawing_after_completion_works_the_same() -> None:
    study = cast.make_study(scenarios=3)
    ann = cast.at_work(study)
    cast.answer_everything(ann)

    leaving.withdraw(ann.pk, now=cast.NOON)

    assert cast.ledger(study) == [(0, 0)] * 3
