"""Prices that nobody checks: their feeds are not mirrored, fail to sync, or are not here any more."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from catalog.models.offers import OLD_AFTER
from importer.models import Feed

KEY = "old-prices"
KEPT_SECONDS = 3_600
FEEDS_SHOWN = 5

# Of one article in two feeds, that of the mirrored one: from there it would be checked.
_COUNT = """
    SELECT offer.source, item.feed_id, count(*)
    FROM catalog_offer AS offer
    JOIN catalog_product AS product ON product.id = offer.product_id AND product.status <> 'trashed'
    LEFT JOIN LATERAL (
        SELECT feed.id AS feed_id
        FROM importer_feeditem AS item
        JOIN importer_feed AS feed ON feed.id = item.feed_id
        JOIN importer_networkaccount AS account ON account.id = feed.account_id AND account.removed_at IS NULL
        WHERE item.source_key = offer.source_key
        ORDER BY feed.is_mirrored DESC, feed.id LIMIT 1
    ) AS item ON true
    WHERE offer.expired_at IS NULL AND offer.checked_at < %s
    GROUP BY offer.source, item.feed_id
    ORDER BY count(*) DESC, offer.source, item.feed_id
"""


@dataclass(frozen=True, slots=True)
class OldPrices:
    """How many offers of a feed visitors see with a price nobody has checked for `OLD_AFTER`.

    `feed` is None where the feed is not here any more.
    """

    network: str
    count: int
    feed: Feed | None


def count_old_prices() -> None:
    """Count the old prices of each feed for `get_old_prices`: it reads every offer, which a page must not."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [timezone.now() - OLD_AFTER])
        cache.set(KEY, cursor.fetchall(), KEPT_SECONDS)


def get_old_prices() -> tuple[int, list[OldPrices]]:
    """Return how many prices were old when last counted, and the feeds with most of them."""
    rows = cache.get(KEY) or []
    shown = rows[:FEEDS_SHOWN]
    feeds = Feed.objects.select_related("account").in_bulk([pk for _, pk, _ in shown if pk]) if shown else {}
    old = [OldPrices(network, count, feeds.get(feed_id)) for network, feed_id, count in shown]
    return sum(count for _, _, count in rows), old
