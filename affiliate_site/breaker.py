"""Remember that a server is away, so that not everybody has to find out for himself."""

import threading
import time

OPEN_SECONDS = 1.0
# A try that never says how it ended is forgotten after so long.
TRY_SECONDS = 5.0


class Breaker:
    """Lets everybody through while a server answers, and one caller a second while it does not.

    Whoever was let through says how it went: `worked` or `failed`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_try: float | None = None  # None: the server answers

    @property
    def is_open(self) -> bool:
        """Whether the server was away when it was asked last."""
        return self._next_try is not None

    def lets_through(self) -> bool:
        if self._next_try is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._next_try is None or now < self._next_try:
                return self._next_try is None
            self._next_try = now + TRY_SECONDS
            return True

    def worked(self) -> None:
        if self._next_try is not None:
            with self._lock:
                self._next_try = None

    def failed(self) -> None:
        with self._lock:
            self._next_try = time.monotonic() + OPEN_SECONDS
