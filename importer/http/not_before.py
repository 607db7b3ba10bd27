"""Servers that asked to be left alone for a while are, by every process."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

from django.core.cache import cache
from redis.exceptions import RedisError


class NotBefore:
    """What a server asked for: no request to this address of it, for these credentials, before a time.

    Shared by all processes through the cache; without it, everybody finds out for themselves.
    """

    def __init__(self, name: str, secrets: Iterable[str], url: str) -> None:
        # Matrix parameters are one search or feed of many; a rate limit is for the endpoint.
        parts = (name, *sorted(secrets), urlsplit(url).netloc, urlsplit(url).path.partition(";")[0])
        self._key = f"not-before:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"

    def seconds_left(self) -> float:
        with suppress(RedisError):
            return max(0.0, (cache.get(self._key) or 0.0) - time.time())
        return 0.0

    def note(self, seconds: float) -> None:
        with suppress(RedisError):
            cache.set(self._key, time.time() + seconds, math.ceil(seconds))
