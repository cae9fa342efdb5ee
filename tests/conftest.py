"""What every test stands on: a database of its own run, the services it names by marker, the browser.

`-m "not postgres"` on SQLite and `--only-database` on PostgreSQL are the two legs of `make test`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase

from tests import chromium
from tests.postgres import NoPostgreSQL, drop_database, fresh_database, postgresql
from tests.redis_server import redis_server
from tests.requirements import need, services_are_required

# Two cores under load make single examples slow; a deadline would fail them for that alone.
# The same examples every time, so that green means green; HYPOTHESIS_PROFILE=explore looks for new ones.
hypothesis.settings.register_profile("commonground", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "commonground"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database",
        action="store_true",
        help="leave out the tests that never touch a database: on a second database they show nothing new",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if any(item.get_closest_marker("browser") for item in items):
        # Playwright keeps an event loop running in this thread, which Django takes for an async view.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    if not config.getoption("--only-database"):
        return
    without = [item for item in items if not touches_database(item)]
    items[:] = [item for item in items if touches_database(item)]
    config.hook.pytest_deselected(items=without)


def touches_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or item.get_closest_marker("postgres"):
        return True
    if {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        return True
    test_class = getattr(item, "cls", None)
    return test_class is not None and issubclass(test_class, TransactionTestCase)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres"):
        is_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
        need("PostgreSQL", available=is_postgres, reason="this run is on SQLite; `make test` has a second leg")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, testrun_uid: str, worker_id: str
) -> Iterator[None]:
    """Give each run and each of its workers a database of its own, so that two runs never meet."""
    database = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        # A file, not memory: threads and live servers of a test must see the same database.
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        yield
        return
    name = database["TEST"]["NAME"] = f"test_{testrun_uid[:12]}_{worker_id}"
    yield
    # pytest-django drops it, except after a failed migration.
    drop_database(os.environ["DATABASE_URL"], name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server, for tests that start processes of their own on it."""
    try:
        with postgresql() as database:
            yield database.url
    except NoPostgreSQL as missing:
        need("PostgreSQL", available=False, reason=str(missing))


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis; an imitation only where no server is installed and none is required."""
    with redis_server() as server:
        good_enough = server.is_real or not services_are_required()
        need("Redis", available=good_enough, reason="REDIS_URL is not set, redis-server is not installed")
        yield server.url


@pytest.fixture(scope="session")
def chromium_executable() -> Path:
    path = chromium.executable()
    need("Chromium", available=path is not None, reason=f"none of {', '.join(chromium.NAMES)} is on PATH")
    assert path is not None
    return path


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium_executable: Path) -> dict[str, Any]:
    """Playwright starts the machine's own Chromium instead of downloading one."""
    return {**browser_type_launch_args, "executable_path": str(chromium_executable), "args": chromium.FLAGS}
