"""The sweep refreshes every stale study; one that fails keeps back no other."""

import logging
from datetime import UTC, datetime

import pytest

from analysis import aggregation, heartbeats, tasks
from analysis.models import Distribution, Heartbeat
from tests.analysis import factories

pytestmark = pytest.mark.django_db


def break_study(slug: str) -> None:
    """A study that cannot be aggregated: a neutral answer would be seven votes."""
    factories.answer(factories.make_study(slug, neutral_weight=7.0))


def test_a_sweep_refreshes_every_stale_study() -> None:
    for slug in ("one", "two"):
        factories.answer(factories.make_study(slug))

    tasks.refresh_stale()

    assert aggregation.stale_studies() == []
    assert Heartbeat.objects.filter(name=heartbeats.AGGREGATION).exists()


def test_a_study_that_fails_is_logged_and_keeps_back_no_other(caplog: pytest.LogCaptureFixture) -> None:
    break_study("broken")
    whole = factories.make_study("whole")

    with caplog.at_level(logging.ERROR):
        tasks.refresh_stale()

    assert Distribution.objects.filter(study=whole).count() == 2
    assert "failed; the next sweep tries again" in caplog.text
    assert "InvalidVoteWeights" in caplog.text


def test_a_sweep_with_a_failure_is_no_sign_of_a_complete_aggregation() -> None:
    break_study("broken")

    tasks.refresh_stale()

    assert not Heartbeat.objects.filter(name=heartbeats.AGGREGATION).exists()


def test_a_sweep_stops_in_time_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    studies = [factories.make_study(slug) for slug in ("one", "two")]
    monkeypatch.setattr(tasks, "SWEEP_SECONDS", -1.0)

    tasks.refresh_stale()
    assert len(aggregation.stale_studies()) == len(studies)

    monkeypatch.setattr(tasks, "SWEEP_SECONDS", 20.0)
    tasks.refresh_stale()
    assert aggregation.stale_studies() == []


def test_one_study_can_be_refreshed_by_itself() -> None:
    one, two = factories.make_study("one"), factories.make_study("two")

    tasks.refresh_study(study_id=one.pk)

    assert aggregation.stale_studies() == [two.pk]


def test_a_message_about_a_study_that_is_gone_does_no_harm() -> None:
    tasks.refresh_study(study_id=999)


def test_the_clocks_message_shows_who_is_alive() -> None:
    sent_at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    tasks.heartbeat(sent_at=sent_at)
    tasks.heartbeat(sent_at=datetime.now(UTC))

    assert set(Heartbeat.objects.values_list("name", flat=True)) == {heartbeats.worker_name(), "beat"}
