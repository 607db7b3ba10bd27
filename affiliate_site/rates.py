"""How often somebody did something: counters of one size, whoever comes."""

import time

from django.utils.crypto import salted_hmac

from affiliate_site.redis import get_redis

COUNTERS = 2**18  # of 16 bits: 512 kB for each name and period
_COUNT = """
    local count = redis.call('BITFIELD', KEYS[1], 'OVERFLOW', 'SAT', 'INCRBY', 'u16', '#' .. ARGV[1], 1)[1]
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    return count
"""


def count_up(name: str, of: str, seconds: int) -> int:
    """Count something that `of` did; return how often he did it in this period. Raises RedisError."""
    period = int(time.time() // seconds)
    digest = salted_hmac("affiliate_site.rates", f"{name} {period} {of}", algorithm="sha256").digest()
    counter = int.from_bytes(digest[:8]) % COUNTERS
    return int(get_redis().eval(_COUNT, 1, f"{name}:{period}", counter, seconds))
