"""Keep small lists of a network for an hour, so that not every search asks for them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from django.core.cache import cache

SECONDS_KEPT = 3600
T = TypeVar("T")


def cached(network: str, credentials: Mapping[str, str], what: str, fetch: Callable[[], T]) -> T:
    """Return what `fetch` answered for these credentials within the last hour, else ask it.

    Empty answers and errors are not kept. Without the cache every call asks.
    """
    owner = hashlib.sha256(json.dumps(sorted(credentials.items())).encode()).hexdigest()[:32]
    key = f"{network}:{what}:{owner}"
    known: T | None = cache.get(key)
    if known:
        return known
    value = fetch()
    if value:
        cache.set(key, value, SECONDS_KEPT)
    return value
