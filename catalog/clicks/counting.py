"""Count clicks on the buttons: per offer, day and place; no cookie, no address, no person.

One address counts a few times a day for an offer. What tells that is a table of small counters in Redis, of
one size whoever clicks. A keyed digest, another one each day, says which counter an address and offer share
with others: nobody can read an address out of it, and it is gone the day after.

A click adds one to a hash in Redis. Now and then `flush` adds the hash to `DailyClicks`. Each batch has an id
that is written in the same transaction as its counts: a flusher that is killed at any line costs a repeat,
never a loss or a double.
"""

import logging
import re
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import cast

from crawleruseragents import is_crawler
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from redis.exceptions import ResponseError

from affiliate_site.redis import RedisError, get_redis
from catalog.models import ClickBatch, Place

logger = logging.getLogger(__name__)

COUNTING = "clicks:counting"  # hash: "offer:place:day" -> count
FLUSHING = "clicks:flushing"  # the batch that is being added; its field "id" names it
BATCHES_KEPT = timedelta(days=7)

PER_ADDRESS = 5  # clicks of one address on one offer that count, in a day
SEEN = "clicks:seen"  # bitfield of each day
COUNTERS = 2**22  # of 4 bits: 2 MB a day, whoever clicks
_COUNT = """
    local seen = redis.call('BITFIELD', KEYS[2], 'OVERFLOW', 'SAT', 'INCRBY', 'u4', '#' .. ARGV[2], 1)[1]
    redis.call('EXPIRE', KEYS[2], 86400)
    if seen <= tonumber(ARGV[3]) then redis.call('HINCRBY', KEYS[1], ARGV[1], 1) end
"""

# What robots call themselves; a browser's name has none of these words. The list has the others.
ROBOTS = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|scrap|preview|monitor|checker|validator|archiver|externalhit|embed"
    r"|headless|lighthouse|pagespeed|phantom|selenium|curl|wget|libwww|httpclient|http-client|python|java/"
    r"|go-http|okhttp|axios|node-fetch|undici|ruby|perl|postman|feedfetcher|mediapartners|whatsapp|\+https?:",
    re.IGNORECASE,
)
MAX_AGENT = 500  # characters
# "prefetch", "prefetch;prerender": the browser guesses where its user will go.
PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
PREFETCH = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


def is_person(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether somebody clicked, as far as a request says: no robot, no browser that only guesses."""
    agent = headers.get("user-agent", "")
    return (
        method == "GET"
        and bool(agent)
        and not is_robot(agent[:MAX_AGENT])
        and not any(PREFETCH.search(headers.get(name, "")) for name in PREFETCH_HEADERS)
    )


@lru_cache(maxsize=4096)
def is_robot(agent: str) -> bool:
    """Tell whether a program calls itself by a name that no browser has."""
    return bool(ROBOTS.search(agent)) or is_crawler(agent)


is_robot("")  # compiles the list before the first visitor


def count_click(offer_id: int, place: str, address: str) -> None:
    """Count a click of today from an address, which is not kept; not the sixth of an address and offer.

    Where Redis is down it is not counted: nobody waits for it.
    """
    day = timezone.localdate().isoformat()
    keys = (COUNTING, f"{SEEN}:{day}")
    values = (f"{offer_id}:{place}:{day}", _counter(address, offer_id, day), PER_ADDRESS)
    try:
        get_redis().eval(_COUNT, len(keys), *keys, *values)
    except RedisError as error:
        logger.warning("A click was not counted: %s", error)


def _counter(address: str, offer_id: int, day: str) -> int:
    """Return which of the counters counts for an address and an offer on a day."""
    digest = salted_hmac(
        "catalog.clicks.counting", f"{day} {offer_id} {address}", algorithm="sha256"
    ).digest()
    return int.from_bytes(digest[:8]) % COUNTERS


def flush() -> int:
    """Add what was counted to the database; return how many clicks. Safe to run twice, also at once."""
    total = _flush_batch()  # of a flusher that was killed
    try:
        get_redis().renamenx(COUNTING, FLUSHING)
    except ResponseError:  # no such key: nobody clicked
        return total
    return total + _flush_batch()


def _flush_batch() -> int:
    redis = get_redis()
    if not redis.exists(FLUSHING):
        return 0
    redis.hsetnx(FLUSHING, "id", uuid.uuid4().hex)
    counted = cast("dict[bytes, bytes]", redis.hgetall(FLUSHING))
    counts = {key.decode(): value.decode() for key, value in counted.items()}
    if not (batch_id := counts.pop("id", "")):
        return 0  # another flusher was quicker
    total = _add(uuid.UUID(batch_id), [_parse(key, count) for key, count in counts.items()])
    # Only this batch: by now the key may hold the next one.
    redis.eval(
        "if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then return redis.call('DEL', KEYS[1]) end",
        1,
        FLUSHING,
        batch_id,
    )
    return total


def _parse(key: str, count: str) -> tuple[int, str, date, int]:
    offer_id, place, day = key.split(":")
    return int(offer_id), place, date.fromisoformat(day), int(count)


@transaction.atomic
def _add(batch_id: uuid.UUID, counts: list[tuple[int, str, date, int]]) -> int:
    """Add a batch unless it was added before. Clicks on offers that are gone already are lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_clickbatch (id, added_at) VALUES (%s, now()) ON CONFLICT DO NOTHING",
            [batch_id],
        )
        if not cursor.rowcount or not counts:
            return 0
        # Locked in order: an offer must not be deleted between here and the end.
        cursor.execute(
            "SELECT id FROM catalog_offer WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [[offer_id for offer_id, *_ in counts]],
        )
        offers = {pk for (pk,) in cursor.fetchall()}
        rows = [row for row in counts if row[0] in offers and row[1] in Place.values]
        cursor.execute(
            """
            INSERT INTO catalog_dailyclicks (offer_id, place, day, count, product_id, shop_id, source)
            SELECT new.*, offer.product_id, offer.shop_id, offer.source
            FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::int[]) AS new(offer_id, place, day, count)
            JOIN catalog_offer AS offer ON offer.id = new.offer_id
            ORDER BY 1, 3, 2
            ON CONFLICT (offer_id, day, place) DO UPDATE
            SET count = catalog_dailyclicks.count + excluded.count
            """,
            [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []],
        )
    ClickBatch.objects.filter(added_at__lt=timezone.now() - BATCHES_KEPT).delete()
    return sum(row[3] for row in rows)
