"""How many requests a token, or an address without one, may make in a minute."""

import time
from collections import Counter
from dataclasses import dataclass
from threading import Lock

from affiliate_site.redis import RedisError, get_redis

WINDOW = 60  # seconds
_lock = Lock()
_here: Counter[str] = Counter()  # what this process counted in `_window` while Redis was away
_window = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a minute, and in how many seconds the next one begins."""

    limit: int
    used: int
    seconds: int

    @property
    def is_spent(self) -> bool:
        return self.used > self.limit

    @property
    def headers(self) -> dict[str, str]:
        left = max(0, self.limit - self.used)
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(self.seconds),
        }


def take(name: str, limit: int, *, count: int = 1) -> Allowance:
    """Count a request of `name` and return what is left; each process for itself while Redis is away."""
    now = time.time()
    window = int(now // WINDOW)
    key = f"api:requests:{window}:{name}"
    try:
        with get_redis().pipeline(transaction=False) as pipeline:
            pipeline.incrby(key, count)
            pipeline.expire(key, 2 * WINDOW)
            used = pipeline.execute()[0]
    except RedisError:
        used = _count_here(key, window, count)
    return Allowance(limit, used, max(1, int((window + 1) * WINDOW - now)))


def _count_here(key: str, window: int, count: int) -> int:
    global _window
    with _lock:
        if window != _window:
            _here.clear()
            _window = window
        _here[key] += count
        return _here[key]
