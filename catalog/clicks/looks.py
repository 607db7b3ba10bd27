"""How often product pages are looked at, roughly: enough to tell whose prices are checked oftener.

A number for each page, and nothing of who looked. A web process counts in memory and hands its counts on now
and then; what a process had that died, and all of it where Redis is lost, is lost.
"""

import time
from collections import Counter
from contextlib import suppress
from typing import cast

from affiliate_site.redis import RedisError, get_redis

LOOKS = "looks"  # sorted set: slug -> looks, those of long ago counting less
FADED = "looks:faded"
HAND_ON = 20.0  # seconds
PAGES = 5_000  # that one process counts between two hand-overs
MOST = 50_000  # pages that are remembered: the most looked at
FADES = 0.9  # of what there is, each day

_counts: Counter[str] = Counter()
_handed_on_at = 0.0


def note_look(slug: str, agent: str) -> None:
    """Count a look at a product's page. Robots do not count; nobody waits, and nothing is raised."""
    global _handed_on_at
    # Not `is_robot`: it takes longer, for an agent that is new, than a kept page does.
    if not agent.startswith("Mozilla/") or "bot" in (name := agent.lower()) or "http" in name:
        return
    if slug in _counts or len(_counts) < PAGES:
        _counts[slug] += 1
    now = time.monotonic()
    if now > _handed_on_at + HAND_ON:
        _handed_on_at = now
        with suppress(RedisError):
            hand_on()


def hand_on() -> None:
    """Add what this process counted to what all of them did. Raises RedisError."""
    counted = dict(_counts)
    _counts.clear()
    if counted:
        with get_redis().pipeline(transaction=False) as pipe:
            for slug, count in counted.items():
                pipe.zincrby(LOOKS, count, slug)
            pipe.zremrangebyrank(LOOKS, 0, -MOST - 1)
            pipe.execute()


def read_looks() -> dict[str, int]:
    """Return the looks at the pages that are looked at most, by slug; {} while Redis is away."""
    try:
        found = get_redis().zrange(LOOKS, 0, -1, withscores=True)
    except RedisError:
        return {}
    return {slug.decode(): int(count) for slug, count in cast("list[tuple[bytes, float]]", found)}


def fade() -> None:
    """Let what there is count less; once a day, however often it is called. Raises RedisError."""
    redis = get_redis()
    if redis.set(FADED, 1, nx=True, ex=86_400):
        redis.zunionstore(LOOKS, {LOOKS: FADES})
