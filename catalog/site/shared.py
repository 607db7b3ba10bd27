"""What the pages of one generation of the catalogue share, so that not each of them has to read it anew."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest

from catalog.database_away import DatabaseAway
from catalog.site.generation import get_generation

logger = logging.getLogger(__name__)

TRUSTED_SECONDS = 1.0
PATIENCE = 1.0  # seconds that a visitor waits for the generation
REST = 0.2  # between two questions to a database that is away
IDLE_SECONDS = 60

T = TypeVar("T")


class CurrentGeneration:
    """The generation, asked for once in `TRUSTED_SECONDS` by each process.

    A thread of its own asks, on a connection of its own: whoever wants to know need not wait for a database
    that hangs.
    """

    def __init__(self) -> None:
        self._told = threading.Condition()
        self._value = ""
        self._trusted_until = float("-inf")
        self._is_away = False
        self._is_wanted = False
        self._thread: threading.Thread | None = None

    @property
    def last_known(self) -> str:
        """The generation that was read last, however long ago; "" where none was."""
        return self._value

    def get(self) -> str:
        """Return the generation. Raises DatabaseAway: after `PATIENCE`, and from then on at once."""
        if time.monotonic() < self._trusted_until:
            return self._value
        return self._ask()

    def close(self) -> None:
        """Forget what is known, and end the thread with its connection."""
        with self._told:
            thread, self._thread = self._thread, None
            self._told.notify_all()
        if thread:
            thread.join()
        self._trusted_until, self._is_away = float("-inf"), False

    def _ask(self) -> str:
        now = time.monotonic()
        with self._told:
            self._is_wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._answer, name="generation", daemon=True)
                self._thread.start()
            self._told.notify_all()
            if not self._is_away:
                self._told.wait_for(lambda: self._trusted_until >= now or self._is_away, PATIENCE)
            if self._trusted_until >= now:
                return self._value
            self._is_away = True  # until the thread says otherwise
        raise DatabaseAway("PostgreSQL does not answer")

    def _answer(self) -> None:
        """Read the generation each time that somebody wants it, until nobody does for a while."""
        try:
            while self._wait_until_wanted():
                now = time.monotonic()  # before the question: the answer may be as old as that
                value = _read()
                with self._told:
                    self._is_away = value is None
                    if value is not None:
                        self._value, self._trusted_until = value, now + TRUSTED_SECONDS
                    self._told.notify_all()
                if value is None:
                    time.sleep(REST)
        finally:
            connection.close()
            with self._told:
                if self._thread is threading.current_thread():
                    self._thread = None

    def _wait_until_wanted(self) -> bool:
        me = threading.current_thread()
        with self._told:
            self._told.wait_for(lambda: self._is_wanted or self._thread is not me, IDLE_SECONDS)
            goes_on = self._is_wanted and self._thread is me
            if goes_on:
                self._is_wanted = False
            elif self._thread is me:  # in one step with the look: who comes next starts another
                self._thread = None
            return goes_on


def _read() -> str | None:
    try:
        return get_generation()
    except DatabaseError as error:
        logger.warning("The generation of the catalogue cannot be read: %s", error)
        connection.close()  # the next question is asked on a new one
        return None


_current = CurrentGeneration()


def last_known_generation() -> str:
    """Return the generation that this process read last; "" where it read none."""
    return _current.last_known


def generation_of(request: HttpRequest) -> str | None:
    """Return the generation whose readings this request may share; the same one each time it is asked.

    None: it must read anew. Who has a session sees at once what he changed. Raises DatabaseAway.
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

    def last(self) -> T | None:
        """Return what was shared last, however long ago: for the time in which the database is away."""
        return self._kept and self._kept[1]
