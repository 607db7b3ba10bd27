"""Imported items whose network answers as a test says."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from catalog.models import Offer
from importer import feed_index
from importer.freshness import rereads
from importer.freshness.responsibility import take_responsibility
from importer.imports import apply
from importer.imports.follow import find_updates
from importer.models import ASKED, FeedItem, ItemCheck
from importer.networks import NETWORKS
from tests.importer.make import item_data, make_account, make_feed, set_checked
from tests.importer.run import import_items


@dataclass
class Shop:
    """What the network has: `items` by id, or an error as its `answer`. `asked` are the ids, in order."""

    items: dict = field(default_factory=dict)
    answer: Exception | None = None
    asked: list = field(default_factory=list)

    def look_up(self, network, feed, wanted):
        self.asked.append([item.external_id for item in wanted])
        if self.answer:
            raise self.answer
        for item in wanted:
            yield item.external_id, self.items.get(item.external_id)


def open_shop(monkeypatch) -> Shop:
    shop = Shop()
    monkeypatch.setattr(
        NETWORKS["tradedoubler"], "look_up", lambda self, feed, items: shop.look_up(self, feed, items)
    )
    return shop


def sell(shop, count=1, feed=None, **values):
    """Import items of a feed that is not mirrored, which the shop has; they are watched from now on."""
    feed = feed or make_feed(make_account())
    start = len(shop.items)
    found = [
        item_data(feed_id=feed.external_id, external_id=f"i{start + number}", **values)
        for number in range(count)
    ]
    stored = feed_index.store_hits({feed.external_id: feed}, found)
    shop.items |= {item.external_id: item for item in found}
    import_items(*stored)
    take_responsibility([feed.pk])
    return feed


def make_due(**filters) -> None:
    ItemCheck.objects.filter(**filters).update(due_at=timezone.now() - timedelta(minutes=1))
    set_checked(timezone.now() - timedelta(hours=30))


def reread(feed):
    """Read what is due, and do the updates that follow; return what was done."""
    feed.account.refresh_from_db()
    tally = rereads.work(feed.account)
    for update in find_updates(feed.account):
        apply.work(update)
    return tally


def item_of(name: str) -> FeedItem:
    return FeedItem.objects.get(external_id=name)


def offer_of(name: str) -> Offer:
    return Offer.objects.get(source_key=item_of(name).source_key)


__all__ = ["ASKED", "Shop", "item_of", "make_due", "offer_of", "open_shop", "reread", "sell"]
