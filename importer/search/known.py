"""What the catalogue has of items."""

from collections.abc import Collection

from importer.models import FeedItem
from importer.search.joining import Catalogue


def find_known(items: Collection[FeedItem]) -> Catalogue:
    """Return what the catalogue has of items that were read with their feeds. One query."""
    return Catalogue(((item, own_gtin(item)) for item in items), with_offers=True)


def own_gtin(item: FeedItem) -> str:
    """Return the EAN that tells which article the item is; "" where its feed gives it to unlike ones."""
    return "" if item.gtin and item.gtin in item.feed.shared_codes else item.gtin
