"""Prices that nobody checks: their feeds are not mirrored, fail to sync, or are not here any more."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, OuterRef, Subquery

from catalog.models import Offer, Product
from importer.models import Feed, FeedItem

KEY = "old-prices"
KEPT_SECONDS = 3_600
FEEDS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class OldPrices:
    """How many offers of a feed have an old price (`Offer.objects.old`), those in the trash left out.

    `feed` is None where the feed is not here any more.
    """

    network: str
    count: int
    feed: Feed | None


def count_old_prices() -> None:
    """Count the old prices of each feed for `get_old_prices`: it reads every offer, which a page must not."""
    # Of one article in two feeds, that of the mirrored one: from there it would be checked.
    items = FeedItem.objects.filter(source_key=OuterRef("source_key"), feed__account__removed_at=None)
    feed = items.order_by("-feed__is_mirrored", "feed_id").values("feed")[:1]
    offers = Offer.objects.old().exclude(product__status=Product.Status.TRASHED).order_by()
    counted = offers.annotate(feed=Subquery(feed)).values_list("source", "feed").annotate(count=Count("*"))
    rows = counted.order_by("-count", "source", "feed").values_list("source", "feed", "count")
    cache.set(KEY, list(rows), KEPT_SECONDS)


def get_old_prices() -> tuple[int, list[OldPrices]]:
    """Return how many prices were old when last counted, and the feeds with most of them."""
    rows = cache.get(KEY) or []
    shown = rows[:FEEDS_SHOWN]
    ids = [pk for _, pk, _ in shown if pk]
    feeds = Feed.objects.select_related("program").in_bulk(ids) if ids else {}
    old = [OldPrices(network, count, feeds.get(feed_id)) for network, feed_id, count in shown]
    return sum(count for _, _, count in rows), old
