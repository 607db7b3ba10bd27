"""At most so many at once, counted across all processes and machines through Redis."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import redis
from django.conf import settings
from redis.exceptions import LockError
from redis.lock import Lock


@contextmanager
def take_slot(name: str, limit: int, seconds: float) -> Iterator[Lock | None]:
    """Hold one of the `limit` slots of `name`; None where all are taken. Never waits.

    A slot whose holder dies is free again after `seconds`; who needs it longer calls `reacquire()` in time.
    """
    slot = _find_free(name, limit, seconds)
    try:
        yield slot
    finally:
        if slot is not None:
            with suppress(LockError):  # it took too long, and another may hold the slot now
                slot.release()


def _find_free(name: str, limit: int, seconds: float) -> Lock | None:
    first = secrets.randbelow(limit)  # so that not everybody asks for the same one first
    for number in range(limit):
        lock = _client().lock(f"slot:{name}:{(first + number) % limit}", timeout=seconds, blocking=False)
        if lock.acquire():
            return lock
    return None


@cache
def _client() -> redis.Redis:
    return redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
