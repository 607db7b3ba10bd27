"""Who may hold the threads of a web process: pages some, waiting for other people's servers some others.

A page never waits for a thread that waits for a shop or a network. Few pages are made at once, because
threads that want the processor get in each other's way (docs/performance.md); a thread that waits wants none.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

PAGES = 4  # made at once
OUTSIDE = {"pictures": 6, "networks": 3}  # waiting for other people's servers at once
THREADS = PAGES + sum(OUTSIDE.values())

_pages: queue.SimpleQueue = queue.SimpleQueue()
for _ in range(PAGES):
    _pages.put(None)
_outside = {kind: threading.BoundedSemaphore(count) for kind, count in OUTSIDE.items()}
_thread = threading.local()


class Full(Exception):
    """So many are waiting already that nobody else may."""


def limited(application: Callable) -> Callable[[dict, Callable], Iterable[bytes]]:
    """Return the WSGI application that makes `PAGES` pages at once, and lets the others wait their turn."""

    def serve(environ: dict, start_response: Callable) -> Iterable[bytes]:
        _pages.get()
        _thread.has_place = True
        try:
            return application(environ, start_response)
        finally:
            _thread.has_place = False
            _pages.put(None)

    return serve


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
