"""Show pictures that are not copied: fetched by us, so that no visitor's address reaches a shop."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import caches

from affiliate_site.places import Full, outside
from catalog.pictures.links import host_of
from catalog.pictures.picture import MAX_BYTES, PictureError, render
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.sentences import say

DEADLINE = 6.0  # seconds; a person looks at the page
KEPT = 7 * 24 * 3600
FAILURE_KEPT = 600
# Of one host, in each web process: one slow shop must leave room for the others.
FETCHING = 4
AT_THE_DOOR = 10  # fetching, or waiting for one of these to be done: a page may show dozens of its pictures
PATIENCE = 2.0  # seconds at the door


class _Host:
    """How many wait for a host, and how many of these it serves."""

    def __init__(self) -> None:
        self.at_the_door = self.fetching = 0


_hosts: dict[str, _Host] = {}
_moved = threading.Condition()


def get_picture(url: str, width: int) -> bytes:
    """Return the picture at `url` as WebP, at most so wide, from the cache or from the shop.

    Raises NetworkError or PictureError where it cannot be had (remembered for ten minutes), and Full
    where too many are being fetched: at once, or after two seconds in a short queue.
    """
    cache, key = caches["pictures"], hashlib.sha256(f"{width} {url}".encode()).hexdigest()
    found = cache.get(key)
    if found is None:
        found = _fetch(url)
        if isinstance(found, bytes):
            try:
                found = render(found, [width])[-1].data
            except PictureError as error:
                found = str(error)
        cache.set(key, found, FAILURE_KEPT if isinstance(found, str) else KEPT)
    if isinstance(found, str):
        raise PictureError(found)
    return found


def _fetch(url: str) -> bytes | str:
    """Return what is at the address, or why that cannot be had."""
    with _turn_at(host_of(url)):
        try:
            return Http().get_bytes(url, max_bytes=MAX_BYTES, deadline=DEADLINE)
        except NetworkError as error:
            return say(error)


@contextmanager
def _turn_at(host_name: str) -> Iterator[None]:
    """Be one of the few that fetch from a host; wait for that in a short queue. Raises Full."""
    with _moved:
        host = _hosts.setdefault(host_name, _Host())
        if host.at_the_door >= AT_THE_DOOR:
            raise Full
        host.at_the_door += 1
    try:
        with outside("pictures"):
            with _moved:
                if not _moved.wait_for(lambda: host.fetching < FETCHING, PATIENCE):
                    raise Full
                host.fetching += 1
            try:
                yield
            finally:
                with _moved:
                    host.fetching -= 1
                    _moved.notify_all()
    finally:
        with _moved:
            host.at_the_door -= 1
            if not host.at_the_door:
                del _hosts[host_name]
