"""Feeds and their held prices, as pages show them."""

from django.db.models import QuerySet

from importer.models import Feed, FeedItem


def feeds_of(network: str) -> QuerySet[Feed]:
    """Return the feeds of the network's accounts, with account and program."""
    feeds = Feed.objects.filter(account__network=network, account__removed_at=None)
    return feeds.select_related("account", "program")


def get_held_items(feed: Feed, limit: int) -> tuple[int, list[FeedItem]]:
    """Return how many prices of the feed are held, and the items of the first ones."""
    held = feed.items.filter(held_price__isnull=False)
    return held.count(), list(held.order_by("pk")[:limit])


def get_swapped_items(feed: Feed, limit: int) -> tuple[int, list[FeedItem]]:
    """Return how many ids of the feed name another article now, and the items of the first ones."""
    held = feed.items.filter(held_article__isnull=False, missing_at=None)
    return held.count(), list(held.order_by("pk")[:limit])
