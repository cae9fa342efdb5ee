"""Real worker and clock processes on Redis keep the aggregates fresh and say that they are alive."""

import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analysis import aggregation, heartbeats
from analysis.models import Distribution, Heartbeat
from annotation.models import Study
from tests.analysis import factories
from tests.processes import BIN, running, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.redis, pytest.mark.slow]


@pytest.fixture
def environment(redis_url: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.analysis.worker_settings",
        "REDIS_URL": redis_url,
        "QUEUE_PREFIX": f"test-{uuid.uuid4().hex}:",
        "AGGREGATION_INTERVAL": "0.5",
    }


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    alone = ["--without-gossip", "--without-mingle"]
    command = [str(BIN / "celery"), "-A", "config", "worker", "--concurrency", "1", *alone]
    with running(command, log=log, environment=environment) as process:
        yield process


@contextmanager
def clock(environment: dict[str, str], folder: Path) -> Iterator[None]:
    command = [str(BIN / "celery"), "-A", "config", "beat", "--schedule", str(folder / "schedule"), "--pidfile", ""]
    with running(command, log=folder / "beat", environment=environment):
        yield


def is_counted(study: Study, n: int) -> bool:
    return Distribution.objects.filter(study=study, n=n).exists()


def test_answers_are_aggregated_within_seconds_and_both_processes_show_it(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "aab")
    log = tmp_path / "worker"
    started = datetime.now(UTC)

    with worker(environment, log), clock(environment, tmp_path):
        wait_until(lambda: is_counted(study, 3), seconds=40, log=log)
        factories.vote(study, "s1", "b")
        wait_until(lambda: is_counted(study, 4), seconds=5, log=log)
        # Agreement follows a little later.
        wait_until(lambda: not aggregation.stale_studies(), seconds=20, log=log)
        wait_until(Heartbeat.objects.filter(name="beat").exists, seconds=15, log=log)

    ages = heartbeats.ages(now=datetime.now(UTC))
    assert None not in (ages.worker, ages.clock, ages.aggregation)
    assert Heartbeat.objects.get(name="beat").seen_at - started < timedelta(minutes=1)
    assert "Traceback" not in log.read_text()


def test_what_a_killed_worker_left_is_done_by_the_next(tmp_path: Path, environment: dict[str, str]) -> None:
    study = factories.make_study()
    log = tmp_path / "worker"

    with clock(environment, tmp_path):
        with worker(environment, log) as first:
            factories.vote(study, "s1", "a")
            wait_until(lambda: is_counted(study, 1), seconds=40, log=log)
            first.kill()
        factories.vote(study, "s1", "bb")
        assert aggregation.stale_studies() == [study.pk]
        with worker(environment, log):
            wait_until(lambda: is_counted(study, 3), seconds=40, log=log)
