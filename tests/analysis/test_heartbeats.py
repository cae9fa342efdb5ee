"""Signs of life say how old they are, and a process that left is forgotten after a day."""

from datetime import timedelta

import pytest

from analysis import heartbeats
from analysis.models import Heartbeat
from tests.analysis.factories import NOON

pytestmark = pytest.mark.django_db


def test_ages_are_seconds_since_the_last_sign() -> None:
    heartbeats.record("worker:here:1", seen_at=NOON - timedelta(seconds=90))
    heartbeats.record("worker:there:2", seen_at=NOON - timedelta(seconds=4))
    heartbeats.record(heartbeats.CLOCK, seen_at=NOON - timedelta(seconds=7))

    ages = heartbeats.ages(now=NOON)

    assert (ages.worker, ages.clock, ages.aggregation) == (4, 7, None)


def test_a_clock_that_is_ahead_is_not_younger_than_now() -> None:
    heartbeats.record(heartbeats.CLOCK, seen_at=NOON + timedelta(seconds=2))

    assert heartbeats.ages(now=NOON).clock == 0


def test_a_later_sign_replaces_the_earlier() -> None:
    heartbeats.record("beat", seen_at=NOON)
    heartbeats.record("beat", seen_at=NOON + timedelta(seconds=5))

    assert Heartbeat.objects.get().seen_at == NOON + timedelta(seconds=5)


def test_processes_that_left_are_forgotten_after_a_day() -> None:
    heartbeats.record("worker:gone:1", seen_at=NOON - timedelta(days=2))
    heartbeats.record("worker:here:2", seen_at=NOON)

    heartbeats.forget_departed(now=NOON)

    assert Heartbeat.objects.get().name == "worker:here:2"
