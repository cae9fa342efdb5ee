"""What machines ask about this process: is it alive, can it serve, how is it doing.

Owns the answers and when they are bad news. Invariant: only what stops people from answering makes the site
"not ready". The participant path needs nothing but the database; a dead worker, clock or broker is reported
as "degraded" with status 200, because taking the site away would lose answers instead of delaying figures.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import redis
from django.conf import settings
from django.db import Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from analysis import heartbeats

# A worker or clock silent for this long, or a sweep that long ago, is worth an operator's look. The schedule
# gives a sign every few seconds; a single refresh may take a while.
SILENT_SECONDS: Final = 60.0
TIMEOUT_SECONDS: Final = 2

_PROBE: Final = "readiness"
_migrated = False


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """This process answers. Asks nobody else, so a failing database does not get it restarted."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Whether people can be served: 200 with "ok" or "degraded", 503 with "unavailable".

    Each check says "ok" or what is wrong; ages are seconds since a sign of life, null where there was none
    yet.
    """
    try:
        with _own_connection() as alias:
            checks = {"database": "ok", "migrations": _migrations(connections[alias])}
            ages = heartbeats.ages(now=datetime.now(UTC), database=alias) if _is_ok(checks) else None
    except Error as error:
        checks, ages = {"database": f"no answer ({type(error).__name__})"}, None
    if ages is None:
        return JsonResponse({"status": "unavailable", "checks": checks}, status=503)
    checks |= {name: _liveliness(age) for name, age in asdict(ages).items()}
    checks["broker"] = _broker()
    status = "ok" if _is_ok(checks) else "degraded"
    return JsonResponse({"status": status, "checks": checks, "ages": asdict(ages)})


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' page, for whoever sends METRICS_TOKEN as a bearer token and for logged-in staff."""
    if not (_has_token(request) or _is_staff(request)):
        return JsonResponse(
            {"detail": "Send METRICS_TOKEN as a bearer token, or log in as staff."},
            status=401,
            headers={"WWW-Authenticate": "Bearer"},
        )
    response: HttpResponse = ExportToDjangoView(request)
    return response


@contextmanager
def _own_connection() -> Iterator[str]:
    """The alias of a new connection outside the pool, with a short timeout.

    An empty or broken pool makes a request wait for many seconds. The probe must not wait in that queue,
    and must not take a busy pool for a dead database.
    """
    probe = connection.copy(_PROBE)
    options = probe.settings_dict["OPTIONS"]
    if probe.vendor == "postgresql":
        options.pop("pool", None)
        options["connect_timeout"] = TIMEOUT_SECONDS
    else:
        options["timeout"] = TIMEOUT_SECONDS
    connections[_PROBE] = probe
    try:
        yield _PROBE
    finally:
        probe.close()
        del connections[_PROBE]


def _migrations(database: BaseDatabaseWrapper) -> str:
    """Whether the database has every migration of this code. Once it has, it is not asked again."""
    global _migrated  # noqa: PLW0603  (migrations are never taken back under a running process)
    if not _migrated:
        executor = MigrationExecutor(database)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return f"{len(missing)} not applied; run manage.py migrate"
        _migrated = True
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _liveliness(age: float | None) -> str:
    if age is None:
        return "never seen"
    return "ok" if age <= SILENT_SECONDS else f"silent for {age:.0f} s"


def _broker() -> str:
    """Whether messages get through. In memory they do, as long as this process lives."""
    url = str(settings.CELERY_BROKER_URL)
    if not url.startswith(("redis://", "rediss://", "unix://")):
        return "ok"
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
        ) as client:
            client.ping()
    except redis.RedisError as error:
        return f"no answer ({type(error).__name__})"
    return "ok"


def _is_ok(checks: dict[str, str]) -> bool:
    return set(checks.values()) == {"ok"}


def _has_token(request: HttpRequest) -> bool:
    expected = str(getattr(settings, "METRICS_TOKEN", ""))
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def _is_staff(request: HttpRequest) -> bool:
    user: Any = getattr(request, "user", None)
    return bool(user and user.is_authenticated and user.is_active and user.is_staff)
