"""The cache of the site: while Redis is away it knows nothing and keeps nothing, and nobody notices."""

import logging
from collections.abc import Callable
from functools import wraps

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis

from affiliate_site.redis import RedisError, get_redis

logger = logging.getLogger(__name__)


class _Client(RedisCacheClient):
    def get_client(self, key=None, *, write: bool = False) -> Redis:
        return get_redis()


def _away(answer: object) -> Callable[[Callable], Callable]:
    """Let a method return `answer()` while Redis is away."""

    def guard(method: Callable) -> Callable:
        @wraps(method)
        def call(*args, **kwargs):
            try:
                return method(*args, **kwargs)
            except RedisError as error:
                logger.debug("The cache does not answer: %s", error)
                return answer()

        return call

    return guard


class GuardedCache(RedisCache):
    """Django's Redis cache on the guarded connections. No call raises where Redis is away.

    Then nothing is found, and `add` says that it added: who guards against doing things twice does them.
    """

    def __init__(self, server: str, params: dict) -> None:
        super().__init__(server, params)
        self._class = _Client

    def get(self, key, default=None, version=None):
        return _away(lambda: default)(super().get)(key, default, version)

    def incr(self, key, delta=1, version=None):
        try:
            return super().incr(key, delta, version)
        except RedisError:
            raise ValueError(f"Key {key!r} not found") from None

    add = _away(lambda: True)(RedisCache.add)
    set = _away(lambda: None)(RedisCache.set)
    touch = _away(lambda: False)(RedisCache.touch)
    delete = _away(lambda: False)(RedisCache.delete)
    has_key = _away(lambda: False)(RedisCache.has_key)
    get_many = _away(dict)(RedisCache.get_many)
    set_many = _away(list)(RedisCache.set_many)
    delete_many = _away(lambda: None)(RedisCache.delete_many)
    clear = _away(lambda: False)(RedisCache.clear)
