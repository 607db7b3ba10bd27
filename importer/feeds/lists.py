"""Feeds and their held prices, as pages show them."""

from django.db.models import Count, QuerySet

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


def feeds_with_swapped() -> list[tuple[Feed, int]]:
    """Return the feeds ids of which name another article now, and how many do."""
    held = FeedItem.objects.filter(held_article__isnull=False, missing_at=None).order_by()
    counts = dict(held.values_list("feed").annotate(Count("pk")))
    feeds = Feed.objects.filter(pk__in=counts, account__removed_at=None).select_related("account", "program")
    return [(feed, counts[feed.pk]) for feed in feeds.order_by("name", "pk")]
