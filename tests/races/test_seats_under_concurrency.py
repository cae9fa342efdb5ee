"""Races on PostgreSQL: many connections at once, and the ledger stays exact.

Each storm starts its threads at a barrier and lets them loose on the same few seats; afterwards the ledger, the
plans and the log must agree, no quota may be exceeded and none left short.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, connections

from annotation import exclusion, flow, leases, leaving
from annotation.models import Participation, Response, Study
from annotation.submission import Outcome
from tests import cast

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

CONNECTIONS = 12
T = TypeVar("T")


def storm(work: Callable[[int], T], *, threads: int = CONNECTIONS) -> list[T]:
    """Run `work(0..threads-1)` at the same moment, each on a connection of its own; re-raises what they raise."""
    barrier = Barrier(threads)

    def one(index: int) -> T:
        try:
            barrier.wait(timeout=30)
            return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def ready(study: Study, people: int) -> list[Participation]:
    """People who agreed and whose next step reserves seats."""
    from annotation import consent

    arrivals = [cast.arrived(study, f"p{index}") for index in range(people)]
    for participation in arrivals:
        consent.agree(participation.pk, version=None, now=cast.NOON)
    return [Participation.objects.select_related("study").get(pk=one.pk) for one in arrivals]


@pytest.mark.parametrize("round_", range(5))
def test_many_who_want_the_last_seats_never_take_one_too_many_and_leave_none(round_: int) -> None:
    study = cast.make_study(scenarios=3, quota=4)
    people = ready(study, CONNECTIONS)

    storm(lambda index: flow.advance(people[index], now=cast.NOON))

    assert cast.ledger(study) == [(4, 0)] * 3
    cast.assert_ledger_is_sound(study)


@pytest.mark.parametrize("round_", range(5))
def test_planners_that_need_each_others_rows_do_not_block_each_other_for_good(round_: int) -> None:
    study = cast.make_study(scenarios=30, quota=CONNECTIONS, tasks_per_annotator=30)
    people = ready(study, CONNECTIONS)

    storm(lambda index: flow.advance(people[index], now=cast.NOON))

    assert cast.ledger(study) == [(CONNECTIONS, 0)] * 30


@pytest.mark.parametrize("round_", range(5))
def test_the_same_answer_from_many_tabs_is_stored_once(round_: int) -> None:
    study = cast.make_study(scenarios=2)
    ann = cast.at_work(study)
    task = cast.next_task(ann)

    outcomes = storm(lambda _index: cast.answer(Participation.objects.get(pk=ann.pk), "a", task=task))

    assert sorted(outcome.value for outcome in outcomes) == ["repeated"] * (CONNECTIONS - 1) + ["saved"]
    assert Response.objects.count() == 1
    cast.assert_ledger_is_sound(study)


@pytest.mark.parametrize("round_", range(5))
def test_different_answers_at_the_same_moment_leave_one_and_log_the_other(round_: int) -> None:
    study = cast.make_study(scenarios=2)
    ann = cast.at_work(study)
    task = cast.next_task(ann)

    outcomes = storm(lambda index: cast.answer(Participation.objects.get(pk=ann.pk), "ab"[index % 2], task=task))

    assert outcomes.count(Outcome.SAVED) == 1
    assert outcomes.count(Outcome.CONFLICT) == CONNECTIONS // 2
    assert Response.objects.count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_the_same_arrival_sent_many_times_is_one_participation(round_: int) -> None:
    study = cast.make_study()

    arrivals = storm(lambda _index: cast.arrived(study, "ann").pk)

    assert len(set(arrivals)) == 1


@pytest.mark.parametrize("round_", range(5))
def test_an_answer_at_the_moment_of_expiry_counts_once_and_keeps_the_ledger(round_: int) -> None:
    study = cast.make_study(scenarios=2, quota=1)
    people = [cast.at_work(study, "ann")]
    task = cast.next_task(people[0])
    late = cast.NOON + cast.minutes(16)

    def work(index: int) -> object:
        if index % 2:
            return leases.release_expired(now=late)
        return cast.answer(Participation.objects.get(pk=people[0].pk), "a", task=task, now=late)

    storm(work)

    assert Response.objects.get().standing == "counted"
    cast.assert_ledger_is_sound(study)


@pytest.mark.parametrize("round_", range(5))
def test_withdrawing_while_answering_leaves_a_sound_ledger(round_: int) -> None:
    study = cast.make_study(scenarios=4)
    ann = cast.at_work(study)
    task = cast.next_task(ann)

    def work(index: int) -> object:
        if index == 0:
            return leaving.withdraw(ann.pk, now=cast.NOON)
        try:
            return cast.answer(Participation.objects.get(pk=ann.pk), "a", task=task)
        except Exception as refused:  # noqa: BLE001  (whatever the refusal, the ledger must be right)
            return type(refused).__name__

    results = storm(work, threads=4)

    assert set(results[1:]) <= {Outcome.SAVED, Outcome.REPEATED, "AnswersAreOver"}
    assert cast.ledger(study) == [(0, 0)] * 4
    cast.assert_ledger_is_sound(study)


@pytest.mark.parametrize("round_", range(5))
def test_everything_at_once_fills_the_quota_exactly(round_: int) -> None:
    study = cast.make_study(scenarios=6, quota=3, tasks_per_annotator=4)
    people = ready(study, CONNECTIONS)

    def whole_life(index: int) -> None:
        person = flow.advance(people[index], now=cast.NOON)
        person = Participation.objects.select_related("study").get(pk=person.pk)
        cast.answer_everything(person, "ab"[index % 2])
        if index % 4 == 0 and person.state == "completed":
            exclusion.exclude_participation(person, reason="test", now=cast.NOON)

    storm(whole_life)
    for number in range(10):
        cast.answer_everything(cast.at_work(study, f"late{number}"))

    assert cast.ledger(study) == [(0, 3)] * 6
    cast.assert_ledger_is_sound(study)
    assert connection.vendor == "postgresql"
