"""\"Update now\": what a person asks for is read before everything else, at any time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction

from catalog.lib.named_sql import read_statements
from catalog.models import Offer
from importer.feeds.syncs import start_sync
from importer.freshness import responsibility
from importer.models import ASKED, Feed, FeedItem, ItemCheck, NetworkAccount, SyncRun
from importer.networks import NETWORKS

_SQL = read_statements(responsibility.__file__)


@dataclass(slots=True)
class Asked:
    """What will be done: `syncs` to enqueue, `accounts` whose items are read, and offers nobody can check."""

    syncs: list[SyncRun] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    item_ids: list[int] = field(default_factory=list)
    feeds: list[Feed] = field(default_factory=list)  # of the mirrored ones, also those that sync already
    unable: int = 0

    def __bool__(self) -> bool:
        return bool(self.feeds or self.item_ids)


def check_offers(offer_ids: Iterable[int]) -> Asked:
    """Have these offers checked now: mirrored feeds are synced, other items are read by themselves."""
    keys = list(Offer.objects.filter(pk__in=list(offer_ids)).order_by().values_list("source_key", flat=True))
    items = FeedItem.objects.filter(source_key__any=keys, feed__account__removed_at=None)
    # Of one article through several accounts, as its mirror has it, if one has.
    rows = items.order_by("source_key", "-feed__is_mirrored", "feed_id", "id").distinct("source_key")
    asked, feed_ids = Asked(), set()
    known = 0
    for item_id, feed_id, is_mirrored, network in rows.values_list(
        "id", "feed_id", "feed__is_mirrored", "feed__account__network"
    ):
        known += 1
        if is_mirrored:
            feed_ids.add(feed_id)
        elif NETWORKS[network].lookup_size:
            asked.item_ids.append(item_id)
        else:
            asked.unable += 1
    asked.unable += len(keys) - known
    return _ask(asked, feed_ids)


def check_feed(feed: Feed) -> Asked:
    """Have the offers of a feed checked now."""
    keys = feed.items.order_by().values("source_key")
    offers = Offer.objects.filter(source=feed.account.network, source_key__in=keys, expired_at=None)
    if feed.is_mirrored:
        return _ask(Asked(), {feed.pk})
    return check_offers(offers.order_by().values_list("pk", flat=True))


def check_product(product_id: int) -> Asked:
    """Have the offers of a product checked now."""
    return check_products([product_id])


def check_products(product_ids: Iterable[int]) -> Asked:
    """Have the offers of products checked now."""
    offers = Offer.objects.filter(product__in=list(product_ids)).order_by()
    return check_offers(offers.values_list("pk", flat=True))


@transaction.atomic
def _ask(asked: Asked, feed_ids: Iterable[int]) -> Asked:
    asked.feeds = list(Feed.objects.filter(pk__in=feed_ids).select_related("account", "program"))
    asked.syncs = [run for feed in asked.feeds if (run := start_sync(feed))]
    if asked.item_ids:
        with connection.cursor() as cursor:
            cursor.execute(_SQL["ask"], {"items": asked.item_ids, "asked": ASKED})
        checks = ItemCheck.objects.filter(item__in=asked.item_ids).order_by("account")
        asked.accounts = list(checks.values_list("account", flat=True).distinct())
        # Whoever asks wants to know now whether it works again.
        NetworkAccount.objects.filter(pk__in=asked.accounts).update(rests_until=None)
    return asked
