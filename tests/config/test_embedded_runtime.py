"""With EMBEDDED_WORKER the one web process also aggregates; nothing else has to run."""

import signal
import sys
from pathlib import Path

import pytest

from analysis import heartbeats
from analysis.models import Distribution, Heartbeat
from tests.analysis import factories
from tests.processes import BIN, running, stop, wait_until
from tests.redis_server import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EMBEDDED = {
    "DJANGO_SETTINGS_MODULE": "config.settings.development",
    "EMBEDDED_WORKER": "1",
    "AGGREGATION_INTERVAL": "0.5",
}


def server(port: int) -> list[str]:
    return [
        str(BIN / "granian"),
        "--interface",
        "wsgi",
        "--workers",
        "1",
        "--port",
        str(port),
        "config.wsgi:application",
    ]


def numbers_of_answers() -> set[int]:
    return set(Distribution.objects.values_list("n", flat=True))


def workers() -> list[str]:
    return list(Heartbeat.objects.filter(name__startswith=heartbeats.WORKER).values_list("name", flat=True))


def test_a_served_site_aggregates_by_itself_and_shows_signs_of_life(tmp_path: Path) -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "aab")
    log = tmp_path / "log"

    with running(server(free_port()), log=log, environment=EMBEDDED) as process:
        wait_until(lambda: Distribution.objects.filter(n=3).exists(), seconds=30, log=log)
        factories.vote(study, "s1", "b")
        wait_until(lambda: Distribution.objects.filter(n=4).exists(), seconds=10, log=log)
        wait_until(workers, seconds=15, log=log)
        assert stop(process) < 8

    assert set(Heartbeat.objects.values_list("name", flat=True)) == {*workers(), "beat", "aggregation"}
    assert len(workers()) == 1
    assert "Traceback" not in log.read_text()


def test_two_such_processes_on_one_database_agree(tmp_path: Path) -> None:
    study = factories.make_study(scenarios=10)
    logs = [tmp_path / "one", tmp_path / "two"]

    with (
        running(server(free_port()), log=logs[0], environment=EMBEDDED),
        running(server(free_port()), log=logs[1], environment=EMBEDDED),
    ):
        wait_until(lambda: len(workers()) == 2, seconds=40, log=logs[1])
        for _ in range(10):
            factories.fill(study, per_cell=1)
        wait_until(lambda: numbers_of_answers() == {10}, seconds=20, log=logs[0])

    assert not any("Traceback" in log.read_text() for log in logs)


def test_an_interrupt_ends_the_process_too(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with running(server(free_port()), log=log, environment=EMBEDDED) as process:
        wait_until(Heartbeat.objects.exists, seconds=30, log=log)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=8) is not None


def test_under_the_reloading_server_only_the_serving_process_works(tmp_path: Path) -> None:
    log = tmp_path / "log"
    reloading = [sys.executable, "manage.py", "runserver", str(free_port())]

    with running(reloading, log=log, environment={**EMBEDDED, "DEBUG": "1"}):
        wait_until(workers, seconds=40, log=log)

    # The parent starts first: a worker in it would have shown itself by now.
    assert len(workers()) == 1
