"""A few places for many workers, kept in the cache: connections to a host, downloads in a day."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import urlsplit

from django.core.cache import cache

from importer.http.client import Http
from importer.http.errors import HostBusy
from importer.reasons import Reason

CONNECTIONS = 2  # per host, of all workers together
HELD = 120  # seconds until the place of a killed worker is free again
BETWEEN_LOOKS = 0.25


class Lease:
    """One of `count` places under `name`, taken for `seconds`. Without the cache every place is free."""

    def __init__(self, name: str, count: int, seconds: int) -> None:
        self._keys = [f"lease:{name}:{number}" for number in range(count)]
        self._seconds = seconds
        self._owner = uuid.uuid4().hex
        self._key = ""
        self._renewed_at = 0.0

    def take(self) -> bool:
        """Take a place if one is free. Atomic: two never get the same."""
        value = (self._owner, time.time())
        self._key = next((key for key in self._keys if cache.add(key, value, self._seconds)), "")
        self._renewed_at = time.monotonic()
        return bool(self._key)

    def renew(self) -> None:
        """Keep the place for another while; cheap to call often."""
        if self._key and time.monotonic() - self._renewed_at > self._seconds / 8:
            self._renewed_at = time.monotonic()
            cache.touch(self._key, self._seconds)

    def keep(self) -> None:
        """Leave the place taken until its time is over."""
        self._key = ""

    def free(self) -> None:
        if self._key and (cache.get(self._key) or ("", 0))[0] == self._owner:
            cache.delete(self._key)
        self._key = ""

    def seconds_until_free(self) -> float:
        """Return how long until the place that was taken first is free again."""
        taken = cache.get_many(self._keys).values()
        oldest = min((moment for _, moment in taken), default=0.0)
        return max(0.0, oldest + self._seconds - time.time())


class Waiter(Protocol):
    """Whoever waits and can tell what for, such as the watch of a feed; `patience` is in seconds."""

    patience: float

    def wait(self, seconds: float, waiting_for: Reason) -> None: ...


@contextmanager
def connection(http: Http, url: str, waiter: Waiter) -> Iterator[Lease]:
    """Hold one of the two connections that all workers may have to the host of `url`; wait for it.

    Raises HostBusy when the waiter's patience is at its end.
    """
    lease = Lease(f"connection:{urlsplit(url).netloc.lower()}", CONNECTIONS, HELD)
    ends_at = time.monotonic() + waiter.patience
    while not lease.take():
        if time.monotonic() > ends_at:
            raise HostBusy("host_busy", 60, network=http.name)
        waiter.wait(BETWEEN_LOOKS, Reason("waits_for_connection"))
    try:
        yield lease
    finally:
        lease.free()
