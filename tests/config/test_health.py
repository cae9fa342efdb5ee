"""What machines ask: alive, ready, how is it doing. Only what stops people from answering is "not ready"."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, override_settings
from django.urls import path

from accounts.models import User
from analysis import heartbeats
from config import health
from tests.redis_server import free_port

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]

pytestmark = pytest.mark.urls(__name__)

SIGNS = ("worker:here:1", "beat", "aggregation")


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)


@pytest.fixture
def database_is_down() -> Iterator[None]:
    """The settings of this test's database point to where nothing answers."""
    before = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="127.0.0.1", PORT=str(free_port()), NAME="/nowhere/at/all")
    yield
    connection.settings_dict.update(before)


def give_signs(*, ago: timedelta = timedelta(0), names: tuple[str, ...] = SIGNS) -> None:
    for name in names:
        heartbeats.record(name, seen_at=datetime.now(UTC) - ago)


def test_healthz_asks_no_database(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_a_site_in_order_is_ready(client: Client) -> None:
    give_signs()

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response.json()["checks"] == dict.fromkeys(
        ("database", "migrations", "worker", "clock", "aggregation", "broker"), "ok"
    )
    assert 0 <= response.json()["ages"]["worker"] < 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "check"), [("worker:here:1", "worker"), ("beat", "clock"), ("aggregation", "aggregation")]
)
def test_a_silent_background_process_degrades_the_site_but_keeps_it_ready(
    client: Client, name: str, check: str
) -> None:
    give_signs()
    give_signs(ago=timedelta(minutes=5), names=(name,))

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    wrong = {key for key, value in response.json()["checks"].items() if value != "ok"}
    assert wrong == {check}
    assert response.json()["checks"][check].startswith("silent for 30")


@pytest.mark.django_db(transaction=True)
def test_a_process_that_was_never_seen_is_reported(client: Client) -> None:
    response = client.get("/readyz")

    assert response.json()["checks"]["worker"] == "never seen"
    assert response.json()["ages"] == {"worker": None, "clock": None, "aggregation": None}


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_does_not_answer_degrades_the_site(client: Client) -> None:
    give_signs()

    with override_settings(CELERY_BROKER_URL=f"redis://127.0.0.1:{free_port()}/0"):
        response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["broker"] == "no answer (ConnectionError)"


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_answers_is_in_order(client: Client, redis_url: str) -> None:
    give_signs()

    with override_settings(CELERY_BROKER_URL=redis_url):
        response = client.get("/readyz")

    assert response.json()["checks"]["broker"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_missing_migration_makes_the_site_not_ready(client: Client) -> None:
    last = MigrationRecorder.Migration.objects.filter(app="analysis").latest("name")
    applied = last.applied
    last.delete()
    try:
        response = client.get("/readyz")
    finally:
        last.applied = applied
        last.save(force_insert=True)

    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    assert response.json()["checks"]["migrations"] == "1 not applied; run manage.py migrate"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("database_is_down")
def test_a_database_that_does_not_answer_makes_the_site_not_ready(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "checks": {"database": "no answer (OperationalError)"},
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("database_is_down")
def test_a_database_that_went_away_later_makes_the_site_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_migrated", True)

    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
@override_settings(METRICS_TOKEN="s3cret")
def test_metrics_are_for_the_token_and_for_staff(client: Client) -> None:
    staff = User.objects.create_user(email="staff@example.org", password="x", is_staff=True)
    somebody = User.objects.create_user(email="somebody@example.org", password="x")

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    allowed = client.get("/metrics", headers={"Authorization": "Bearer s3cret"})
    assert (allowed.status_code, b"python_info" in allowed.content) == (200, True)
    client.force_login(somebody)
    assert client.get("/metrics").status_code == 401
    client.force_login(staff)
    assert client.get("/metrics").status_code == 200


@pytest.mark.django_db
@override_settings(METRICS_TOKEN="")
def test_without_a_token_in_the_settings_no_token_opens_metrics(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_only_reading_is_possible(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
