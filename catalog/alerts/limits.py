"""How often somebody may ask for an alert. The counters are of one size, whoever asks."""

import time

from django.utils.crypto import salted_hmac

from affiliate_site.redis import get_redis

HOUR, DAY = 3600, 86_400
PER_NETWORK = 10  # in an hour: forms sent from one address of the network
PER_ADDRESS = 3  # in a day: mails to one mail address that has not asked us for any
PER_SITE = 300  # in an hour: whatever others do to us, we do not become a mailer of theirs
COUNTERS = 2**18  # of 16 bits: 512 kB for each kind and period
_COUNT = """
    local count = redis.call('BITFIELD', KEYS[1], 'OVERFLOW', 'SAT', 'INCRBY', 'u16', '#' .. ARGV[1], 1)[1]
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    return count
"""


def network_may_ask(network: str) -> bool:
    """Count a form, and tell whether this network and the site may have one more. Raises RedisError."""
    # Who asks too often does not use up what the others have.
    return _count("network", network, HOUR) <= PER_NETWORK and _count("site", "", HOUR) <= PER_SITE


def address_may_get_mail(key: str) -> bool:
    """Count a mail that asks an address to confirm; tell whether it may get one. Raises RedisError."""
    return _count("address", key, DAY) <= PER_ADDRESS


def _count(kind: str, of: str, seconds: int) -> int:
    period = int(time.time() // seconds)
    digest = salted_hmac("catalog.alerts.limits", f"{period} {of}", algorithm="sha256").digest()
    counter = int.from_bytes(digest[:8]) % COUNTERS
    return int(get_redis().eval(_COUNT, 1, f"alerts:{kind}:{period}", counter, seconds))
