"""Redis may go away: rate limits lapse, and no page fails over it."""

import pytest
from django.test import Client, override_settings

from accounts.models import User
from config.cache import LapsingRedisCache
from tests.redis_server import free_port


def test_a_cache_without_redis_answers_like_an_empty_one() -> None:
    cache = LapsingRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})

    cache.set("limit", 1)

    assert cache.get("limit", "nothing") == "nothing"
    assert cache.add("limit", 1)
    assert cache.incr("limit") == 1
    assert not cache.delete("limit")
    assert not cache.touch("limit")


@pytest.mark.django_db
def test_people_can_log_in_while_redis_is_away() -> None:
    User.objects.create_user("ann@example.org", "a long enough secret")
    away = {"BACKEND": "config.cache.LapsingRedisCache", "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}

    with override_settings(CACHES={"default": away}, ACCOUNT_RATE_LIMITS={"login": "5/m/ip"}):
        reply = Client().post("/accounts/login/", {"login": "ann@example.org", "password": "a long enough secret"})

    assert reply.status_code == 302
