"""Add, change and remove own feeds; the secret address from which a network pulls one."""

import csv
import secrets
from collections.abc import Collection, Iterator
from typing import Any

from django.db import transaction

from desk.models import DeskAccount, OwnFeed, OwnProduct, PushRun
from desk.services.accounts import accounts_of, login_of
from events.kinds import Kind
from events.record import changes, record
from importer.networks.tradedoubler.advertiser_products import OwnFeedData, TradedoublerProducts
from importer.reasons import Reason

NETWORK, KIND = "tradedoubler", "products"
SETTINGS = (
    *("source", "url", "folder", "category_ids", "columns", "cents", "format", "mode"),
    *("guard_percent", "delete_after_reads", "holds_unmapped"),
)
# The columns of the pulled file, in the order that Tradedoubler's scheduler is told.
PULLED = ("productId", "productname", "imageUrl", "description", "category", "price", "productUrl")
MORE = ("ean", "sku", "mpn", "brand", "availability", "inStock", "shippingCost", "deliveryTime", "condition")


def list_feeds() -> list[OwnFeed]:
    """Return every own feed, with its login."""
    return list(OwnFeed.objects.select_related("account"))


def last_runs(feeds: Collection[OwnFeed]) -> dict[int, PushRun]:
    """Return the newest run of each feed that has one, by the feed's id."""
    newest = PushRun.objects.filter(feed__in=feeds).order_by("feed_id", "-pk").distinct("feed_id")
    return {run.feed_id: run for run in newest}


def offered_feeds(account: DeskAccount) -> list[OwnFeedData]:
    """Return the feeds of a login's programs that are not here yet. Raises NetworkError."""
    known = set(OwnFeed.objects.filter(account=account).values_list("external_id", flat=True))
    network = login_of(account, TradedoublerProducts)
    return [feed for feed in network.fetch_feeds() if feed.external_id not in known]


def product_logins() -> list[DeskAccount]:
    """Return the logins that push products."""
    return accounts_of(NETWORK, KIND)


def add_feed(account: DeskAccount, data: OwnFeedData) -> OwnFeed:
    """Begin to fill a feed of the network."""
    with transaction.atomic():
        feed = OwnFeed.objects.create(
            account=account,
            external_id=data.external_id,
            name=data.name,
            currency=data.currency,
            language=data.language,
            held_count=data.product_count,
            unmapped_count=data.unmapped_count,
        )
        record(Kind.DESK_FEED_ADDED, key_of(feed), after={"name": feed.name}, sources=[account.network])
    return feed


def change_feed(feed: OwnFeed, **values: Any) -> None:
    """Store settings of a feed."""
    with transaction.atomic():
        stored = OwnFeed.objects.select_for_update(no_key=True).get(pk=feed.pk)
        old = {name: getattr(stored, name) for name in SETTINGS}
        for name, value in values.items():
            setattr(feed, name, value)
        feed.save(update_fields=list(values))
        new = {name: getattr(feed, name) for name in SETTINGS}
        if changed := changes(old, new):
            record(Kind.DESK_FEED_CHANGED, key_of(feed), **changed, sources=[feed.account.network])


def remove_feed(feed: OwnFeed) -> None:
    """Forget a feed. What the network has of it stays there."""
    with transaction.atomic():
        record(
            Kind.DESK_FEED_REMOVED,
            key_of(feed),
            before={"name": feed.name},
            sources=[feed.account.network],
        )
        feed.delete()


def try_refused_again(feed: OwnFeed) -> int:
    """Let what the network refused be sent again with the next push; return how many."""
    refused = OwnProduct.objects.filter(feed=feed, state=OwnProduct.State.REFUSED)
    of_network, _, _ = Reason("own_refused", {"said": ""}).to_text().partition(",")  # whatever it said
    by_network = refused.filter(reason__startswith=of_network)
    new = by_network.filter(sent_digest="").update(state=OwnProduct.State.NEW, reason="")
    return new + by_network.exclude(sent_digest="").update(state=OwnProduct.State.CHANGED, reason="")


def set_pull_key(feed: OwnFeed, *, is_on: bool) -> None:
    """Give a feed a new secret address, or none: the one before answers no more."""
    feed.pull_key = secrets.token_urlsafe(32) if is_on else ""
    feed.save(update_fields=["pull_key"])


def find_pulled(key: str) -> OwnFeed | None:
    """Return the feed of a secret address."""
    return OwnFeed.objects.filter(pull_key=key).first() if key else None


class _Line:
    """A file for the csv module that gives each line back."""

    def write(self, text: str) -> str:
        return text


def write_csv(feed: OwnFeed) -> Iterator[str]:
    """Yield the lines of the file that a network pulls: every good product, as it should be now."""
    writer = csv.writer(_Line())
    yield writer.writerow((*PULLED, *MORE))
    products = OwnProduct.objects.filter(feed=feed, missed=0).order_by("pk")
    products = products.exclude(state=OwnProduct.State.REFUSED, sent_digest="")
    for key, data in products.values_list("source_product_id", "data").iterator(chunk_size=2_000):
        category = (data.get("categories") or [{}])[0]
        first = (
            key,
            data["name"],
            data["productImage"],
            data["description"],
            category.get("id") or category.get("name") or "",
            data["price"],
            data["productUrl"],
        )
        yield writer.writerow((*first, *(data.get(name, "") for name in MORE)))


def key_of(feed: OwnFeed) -> str:
    """Return the subject of events about a feed."""
    return f"desk_feed:{feed.pk}"
