"""How many requests an account may still make in this minute, shared by all processes through the cache."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Mapping

from django.core.cache import cache

from importer.http.client import LONGEST_PAUSE, Http

LONGEST_WINDOW = 120.0  # a reset further away is a wrong clock


def seconds_until(reset: object) -> float | None:
    """Return the seconds to a reset time in epoch ms (the documents say seconds); None if unclear."""
    digits = str(reset or "").strip(" :")
    if not digits.isdecimal():
        return None
    epoch = int(digits) / 1000 if len(digits) >= 12 else int(digits)
    seconds = epoch - time.time()
    return seconds if 0 < seconds <= LONGEST_WINDOW else None


class Budget:
    """The `X-RateLimit-*` budget of one credential at one endpoint (docs/networks/adtraction.md 1)."""

    def __init__(self, http: Http, network: str, secret: str, endpoint: str) -> None:
        owner = hashlib.sha256(secret.encode()).hexdigest()[:32]
        self._http = http
        self._left, self._reset = (
            f"budget:{network}:{owner}:{endpoint}:left",
            f"budget:{network}:{owner}:{endpoint}:reset",
        )

    def spend(self) -> None:
        """Take one request; wait for the next window when that is near, else raise `NetworkUnavailable`."""
        seconds = self._wait_time()
        if seconds > LONGEST_PAUSE:
            raise self._http.unavailable("rate_limited", seconds, who=self._http.name, said="")
        if seconds > 0:
            time.sleep(seconds)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer says about the window."""
        left = headers.get("X-RateLimit-Remaining", "").strip(" :")
        seconds = seconds_until(headers.get("X-RateLimit-Reset"))
        if seconds and left.lstrip("-").isdecimal():
            self._remember(max(0, int(left)), seconds)

    def exhaust(self, seconds: float) -> None:
        """Remember that nothing is left for so many seconds."""
        self._remember(0, seconds)

    def _wait_time(self) -> float:
        try:
            # Atomic: two workers never take the same request. Without a key the window is unknown or over.
            if cache.decr(self._left) >= 0:
                return 0.0
            return max(0.0, (cache.get(self._reset) or 0.0) - time.time())
        except ValueError:
            return 0.0

    def _remember(self, left: int, seconds: float) -> None:
        timeout = math.ceil(seconds)
        # Without the cache the network's own 429 still holds us back.
        cache.set(self._reset, time.time() + seconds, timeout)
        # Others may have spent since this answer was made: the budget only falls within a window.
        if not cache.add(self._left, left, timeout) and left < (cache.get(self._left) or 0):
            cache.set(self._left, left, timeout)
