"""How many requests a credential makes in a minute, of all processes, with some kept for people."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from contextlib import suppress

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

WINDOW = 60  # seconds


class Quota:
    """The requests of one credential in this minute. Without the cache nobody counts, and all may go on."""

    def __init__(self, name: str, secrets: Iterable[str]) -> None:
        self._owner = hashlib.sha256(json.dumps([name, *sorted(secrets)]).encode()).hexdigest()[:32]

    def take(self, *, leaves_to_people: bool) -> float:
        """Count a request; return 0.0, or the seconds to wait instead, as what is left is for people.

        People never wait here: what they ask for is counted, and the network has its own say.
        """
        now = time.time()
        key = f"quota:{self._owner}:{int(now // WINDOW)}"
        most = settings.NETWORK_REQUESTS - settings.NETWORK_REQUESTS_FOR_PEOPLE
        with suppress(RedisError, ValueError):
            cache.add(key, 0, 2 * WINDOW)
            if cache.incr(key) > most and leaves_to_people:
                cache.decr(key)
                return WINDOW - now % WINDOW
        return 0.0
