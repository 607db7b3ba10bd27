"""What the pages of one generation of the catalogue share, so that not each of them has to read it anew."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.conf import settings
from django.http import HttpRequest

from catalog.generation import get_generation

TRUSTED_SECONDS = 1.0

T = TypeVar("T")


class CurrentGeneration:
    """The generation, asked for once in `TRUSTED_SECONDS` by each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value = ""
        self._trusted_until = float("-inf")

    def get(self) -> str:
        if time.monotonic() >= self._trusted_until:
            with self._lock:
                now = time.monotonic()  # before the question: the answer may be as old as that
                if now >= self._trusted_until:
                    self._value = get_generation()
                    self._trusted_until = now + TRUSTED_SECONDS
        return self._value


_current = CurrentGeneration()


def generation_of(request: HttpRequest) -> str | None:
    """Return the generation whose readings this request may share; the same one each time it is asked.

    None: it must read anew. Who has a session sees at once what he changed.
    """
    if not settings.PAGE_CACHE_SECONDS:
        return None
    if "HTTP_COOKIE" in request.META and settings.SESSION_COOKIE_NAME in request.COOKIES:
        return None
    if not hasattr(request, "generation"):
        request.generation = _current.get()
    return request.generation


class Shared(Generic[T]):
    """What `read` returns, read once by each process while the generation stays the same.

    All threads get the same object: nobody may change it.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._kept: tuple[str, T] | None = None

    def of(self, request: HttpRequest) -> T:
        generation = generation_of(request)
        if generation is None:
            return self._read()
        kept = self._kept
        # Read after the generation was asked for, so it is at least as new.
        if kept is None or kept[0] != generation:
            self._kept = kept = (generation, self._read())
        return kept[1]
