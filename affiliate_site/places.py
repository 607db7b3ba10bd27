"""Who may hold the threads of a web process: pages some, waiting for other people's servers some others.

A page never waits for a thread that waits for a shop or a network. Few pages are made at once, because
threads that want the processor get in each other's way (docs/performance.md); a thread that waits wants none.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.http import HttpRequest, HttpResponse

PAGES = 4  # made at once
# Waiting for other people's servers at once. Each thread may hold a connection to PostgreSQL.
OUTSIDE = {"pictures": 12, "networks": 3}
THREADS = PAGES + sum(OUTSIDE.values())

_pages: queue.SimpleQueue = queue.SimpleQueue()
for _ in range(PAGES):
    _pages.put(None)
_outside = {kind: threading.BoundedSemaphore(count) for kind, count in OUTSIDE.items()}
_thread = threading.local()


class Full(Exception):
    """So many are waiting already that nobody else may."""


class PlacesMiddleware:
    """Make `PAGES` pages at once, and let the others wait their turn.

    Stands behind the kept pages and static files: these take no time, so they need no place.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _pages.get()
        _thread.has_place = True
        try:
            return self.get_response(request)
        finally:
            _thread.has_place = False
            _pages.put(None)


@contextmanager
def outside(kind: str) -> Iterator[None]:
    """Give the thread's place to another page while it waits for other people's servers.

    Raises Full, at once, where enough threads wait for servers of this kind. Outside of a web process, and
    inside of another `outside`, it does nothing.
    """
    if not getattr(_thread, "has_place", False):
        yield
        return
    if not _outside[kind].acquire(blocking=False):
        raise Full
    _thread.has_place = False
    _pages.put(None)
    try:
        yield
    finally:
        _pages.get()
        _thread.has_place = True
        _outside[kind].release()
