"""Rows to test with."""

from datetime import datetime
from decimal import Decimal
from itertools import count

from django.utils import timezone

from catalog.models import Offer, OfferCheck
from importer import feed_index
from importer.models import Feed, FeedItem, NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import ItemData

_numbers = count(1)
_LETTERS = str.maketrans("0123456789", "abcdefghjk")


def make_account(network="tradedoubler", **values) -> NetworkAccount:
    values = {"link_domains": ["click.example"]} | values
    account = NetworkAccount(network=network, **{"label": f"Account {next(_numbers)}"} | values)
    account.set_credentials({"token": "t"})
    account.checked_at = timezone.now()
    account.save()
    return account


def make_feed(account=None, external_id="", **values) -> Feed:
    """Make a feed; where the network has no search, as one that was mirrored."""
    account = account or make_account()
    is_mirrored = not NETWORKS[account.network].has_search
    return Feed.objects.create(
        **{
            "account": account,
            "is_mirrored": is_mirrored,
            "synced_at": timezone.now() if is_mirrored else None,
            "external_id": external_id or f"f{next(_numbers)}",
            "name": "Shoes",
            "currency": "EUR",
            "max_price_factor": 0,  # tests change prices as they like
        }
        | values
    )


def item_data(**values) -> ItemData:
    number = next(_numbers)
    return ItemData(
        **{
            "feed_id": "f",
            "external_id": f"i{number}",
            "program_id": "p1",
            "shop_name": "OTTO",
            # A number would tell one article from another.
            "title": f"Trail shoe {str(number).translate(_LETTERS)}",
            "tracking_url": f"https://click.example/{number}",
            "price": Decimal("99.90"),
            "currency": "EUR",
            "brand": "Nordfjell",
            "description": "<p>Light.</p>",
            "image_urls": (f"https://img.example/{number}.jpg",),
        }
        | values
    )


def set_checked(at: datetime, **filters) -> None:
    """Let offers have been checked last at this time."""
    offers = Offer.objects.filter(**filters)
    OfferCheck.objects.filter(offer__in=offers).delete()
    offers.update(checked_at=at)


def make_items(feed: Feed | None = None, count: int = 1, **values) -> list[FeedItem]:
    feed = feed or make_feed()
    items = [item_data(feed_id=feed.external_id, **values) for _ in range(count)]
    return feed_index.store_hits({feed.external_id: feed}, items)


def make_item(feed: Feed | None = None, **values) -> FeedItem:
    return make_items(feed, **values)[0]


def change_item(item: FeedItem, **values) -> FeedItem:
    """Let the network say something else about the item."""
    FeedItem.objects.filter(pk=item.pk).update(**values)
    item.refresh_from_db()
    return item
