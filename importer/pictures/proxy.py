"""Show pictures that are not copied: fetched by us, so that no visitor's address reaches a shop."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import caches

from affiliate_site.places import Full, outside
from catalog.pictures.links import host_of
from catalog.pictures.picture import MAX_BYTES, PictureError, render
from importer.http.client import Http
from importer.http.errors import NetworkError

DEADLINE = 6.0  # seconds; a person looks at the page
KEPT = 7 * 24 * 3600
FAILURE_KEPT = 600
PER_HOST = 4  # at once, of a web process: one slow shop must leave room for the others

_hosts: Counter[str] = Counter()
_lock = threading.Lock()


def get_picture(url: str, width: int) -> bytes:
    """Return the picture at `url` as WebP, at most so wide, from the cache or from the shop.

    Raises NetworkError or PictureError where it cannot be had (remembered for ten minutes), and Full
    at once where too many are being fetched.
    """
    cache, key = caches["pictures"], hashlib.sha256(f"{width} {url}".encode()).hexdigest()
    found = cache.get(key)
    if found is None:
        found, seconds = _fetch(url, width)
        cache.set(key, found, seconds)
    if isinstance(found, str):
        raise PictureError(found)
    return found


def _fetch(url: str, width: int) -> tuple[bytes | str, int]:
    """Return the picture, or why there is none, and for how many seconds that holds."""
    with _one_of(host_of(url)), outside("pictures"):
        try:
            data = Http().get_bytes(url, max_bytes=MAX_BYTES, deadline=DEADLINE)
            return render(data, [width])[-1].data, KEPT
        except (NetworkError, PictureError) as error:
            return str(error), FAILURE_KEPT


@contextmanager
def _one_of(host: str) -> Iterator[None]:
    """Be one of the few that fetch from a host. Raises Full."""
    with _lock:
        if _hosts[host] >= PER_HOST:
            raise Full
        _hosts[host] += 1
    try:
        yield
    finally:
        with _lock:
            _hosts[host] -= 1
            if not _hosts[host]:
                del _hosts[host]
