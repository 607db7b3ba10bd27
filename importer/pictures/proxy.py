"""Show pictures that are not copied: fetched by us, so that no visitor's address reaches a shop."""

import hashlib
import threading

from django.core.cache import caches

from catalog.pictures.picture import MAX_BYTES, PictureError, render
from importer.http.client import Http
from importer.http.errors import NetworkError

DEADLINE = 6.0  # seconds; a person looks at the page
KEPT = 7 * 24 * 3600
FAILURE_KEPT = 600
AT_ONCE = 4  # of a web process: the pages need its other threads
PATIENCE = 3.0

_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """Too many pictures are being fetched at this moment."""


def get_picture(url: str, width: int) -> bytes:
    """Return the picture at `url` as WebP, at most so wide, from the cache or from the shop.

    Raises NetworkError or PictureError where it cannot be had (remembered for ten minutes), and Busy.
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
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy
    try:
        data = Http().get_bytes(url, max_bytes=MAX_BYTES, deadline=DEADLINE)
        return render(data, [width])[-1].data, KEPT
    except (NetworkError, PictureError) as error:
        return str(error), FAILURE_KEPT
    finally:
        _turns.release()
