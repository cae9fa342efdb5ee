"""The shared cache on Redis, for rate limits only: while Redis is away they lapse, and no page fails over it."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class LapsingRedisCache(RedisCache):
    """Answers as an empty cache would when Redis does not."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, super().get, key, default, version)

    def set(self, key: Any, value: Any, *arguments: Any, **options: Any) -> None:
        self._or(None, super().set, key, value, *arguments, **options)

    def add(self, key: Any, value: Any, *arguments: Any, **options: Any) -> bool:
        return bool(self._or(True, super().add, key, value, *arguments, **options))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._or(delta, super().incr, key, delta, version))

    def touch(self, key: Any, *arguments: Any, **options: Any) -> bool:
        return bool(self._or(False, super().touch, key, *arguments, **options))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._or(False, super().delete, key, version))

    def _or(self, fallback: Any, call: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return call(*arguments, **options)
        except RedisError as error:
            logger.warning("Redis does not answer (%s); rate limits lapse.", type(error).__name__)
            return fallback
