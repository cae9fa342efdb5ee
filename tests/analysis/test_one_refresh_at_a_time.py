"""Two refreshes of one study never do the same work, and neither waits for the other."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from analysis import aggregation, refresh_lock
from analysis.models import Distribution, Freshness
from analysis.refresh_lock import TurnLost
from annotation.models import Study
from tests.analysis import factories
from tests.analysis.factories import NOON

pytestmark = pytest.mark.django_db(transaction=True)


class Elsewhere:
    """Somebody who has the turn on a connection of their own until `done` is set."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.has_it, self.done = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold)

    def __enter__(self) -> "Elsewhere":
        self.thread.start()
        assert self.has_it.wait(timeout=10)
        return self

    def __exit__(self, *_error: object) -> None:
        self.done.set()
        self.thread.join(timeout=10)

    def _hold(self) -> None:
        try:
            with refresh_lock.turn(self.study.pk, now=NOON) as mine:
                assert mine is not None
                self.has_it.set()
                self.done.wait(timeout=10)
        finally:
            connection.close()


def test_the_second_runner_returns_at_once_and_changes_nothing() -> None:
    study = factories.make_study()
    factories.answer(study)

    with Elsewhere(study):
        report = aggregation.refresh(study.pk, now=NOON)

    assert report.was_busy
    assert not Distribution.objects.exists()


def test_the_turn_is_free_again_afterwards() -> None:
    study = factories.make_study()
    with Elsewhere(study):
        pass

    assert not aggregation.refresh(study.pk, now=NOON).was_busy


def test_the_turn_is_free_again_after_a_failure() -> None:
    study = factories.make_study()
    with pytest.raises(ZeroDivisionError), refresh_lock.turn(study.pk, now=NOON):
        raise ZeroDivisionError

    assert not aggregation.refresh(study.pk, now=NOON).was_busy


def test_another_study_is_not_kept_waiting() -> None:
    held, other = factories.make_study("held"), factories.make_study("other")

    with Elsewhere(held):
        report = aggregation.refresh(other.pk, now=NOON)

    assert (report.was_busy, report.scenarios) == (False, 2)


def test_many_refreshes_at_once_end_with_the_right_rows() -> None:
    study = factories.make_study(scenarios=30)
    factories.fill(study, per_cell=5)
    reports: list[aggregation.RefreshReport] = []

    def run() -> None:
        try:
            reports.extend(aggregation.refresh(study.pk, now=NOON) for _ in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(reports) == 20
    assert sum(report.scenarios for report in reports) == 30
    assert set(Distribution.objects.values_list("n", flat=True)) == {5}
    assert aggregation.stale_studies() == []


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="PostgreSQL frees the lock of a dead holder itself")
def test_a_holder_that_died_is_replaced_after_a_while() -> None:
    study = factories.make_study()
    Freshness.objects.create(study=study, holder="of a process that was killed", held_at=NOON)

    soon = aggregation.refresh(study.pk, now=NOON + timedelta(seconds=30))
    later = aggregation.refresh(study.pk, now=NOON + timedelta(minutes=3))

    assert (soon.was_busy, later.was_busy) == (True, False)


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="on PostgreSQL nobody can be replaced while alive")
def test_a_slow_holder_that_was_replaced_writes_nothing_more() -> None:
    study = factories.make_study()
    with refresh_lock.turn(study.pk, now=NOON) as slow:
        assert slow is not None
        with refresh_lock.turn(study.pk, now=NOON + timedelta(minutes=3)) as taken_over:
            assert taken_over is not None
            with pytest.raises(TurnLost), slow.writing():
                pass
            with taken_over.writing():
                pass
