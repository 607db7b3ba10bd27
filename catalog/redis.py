"""Redis for what a visitor waits for: kept pages and counted clicks."""

from functools import lru_cache

from django.conf import settings
from redis import Redis, RedisError

__all__ = ["RedisError", "get_redis"]

# A visitor does not wait for a Redis that hangs: the page is rendered, the click is not counted.
TIMEOUT_SECONDS = 0.3


def get_redis() -> Redis:
    """Return the shared client. Its calls raise RedisError where Redis is down or slow."""
    return _client(settings.REDIS_URL)


@lru_cache
def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
