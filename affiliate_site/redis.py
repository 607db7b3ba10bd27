"""The way to Redis for everything that somebody waits for: a Redis that is away or hangs costs no time."""

from functools import lru_cache

from django.conf import settings
from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, TimeoutError
from redis.retry import Retry

from affiliate_site.breaker import Breaker

__all__ = ["RedisError", "get_redis", "redis_answers"]

TIMEOUT_SECONDS = 0.3


def get_redis() -> Redis:
    """Return the shared client. Its calls raise RedisError where Redis is away: within `TIMEOUT_SECONDS`,
    and at once for a second after that.
    """
    return _client(settings.REDIS_URL)


def redis_answers() -> bool:
    """Tell whether Redis answers, as far as was seen within the last second."""
    try:
        return bool(get_redis().ping())
    except RedisError:
        return False


class _Reporting(Retry):
    """Tries once, and tells the breaker how it went. The pool replaces a connection that was lost."""

    def __init__(self, breaker: Breaker) -> None:
        super().__init__(NoBackoff(), 0)
        self._breaker = breaker

    def __deepcopy__(self, memo: dict) -> "_Reporting":
        return self  # each connection wants one of its own, and all must tell the same breaker

    def call_with_retry(self, *args, **kwargs):
        try:
            result = super().call_with_retry(*args, **kwargs)
        except (ConnectionError, TimeoutError):
            self._breaker.failed()
            raise
        self._breaker.worked()
        return result


class GuardedPool(ConnectionPool):
    """Connections to a Redis that may go away at any moment."""

    def __init__(self, *args, **kwargs) -> None:
        self._breaker = Breaker()
        super().__init__(
            *args,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=_Reporting(self._breaker),
            **kwargs,
        )

    def get_connection(self, *args, **kwargs):
        if not self._breaker.lets_through():
            raise ConnectionError("Redis was away a moment ago")
        return super().get_connection(*args, **kwargs)


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis(connection_pool=GuardedPool.from_url(url))
