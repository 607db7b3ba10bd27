"""What the catalogue has of items."""

from collections.abc import Collection

from django.db import connection

from catalog.models import Product
from importer.feed_index.columns import Columns
from importer.models import FeedItem

_OF_PRODUCT = Columns(Product, ("id", "title", "slug", "status", "gtin"))
_KNOWN = f"""
    SELECT known.key, {_OF_PRODUCT.sql("product")}
    FROM (
        SELECT source_key AS key, product_id FROM catalog_offer WHERE source_key = ANY(%s)
        UNION ALL
        SELECT gtin, coalesce(joined_into_id, id) FROM catalog_product WHERE gtin <> '' AND gtin = ANY(%s)
    ) AS known
    JOIN catalog_product AS product ON product.id = known.product_id
"""  # noqa: S608 names are ours


def find_known(items: Collection[FeedItem]) -> dict[str, Product]:
    """Return the products that have an offer made of one of the items, or the EAN of one.

    By the item's source key, or by its EAN: no source key looks like one. One query, which costs as little
    as a query can: it is asked for each page of hits. The products have no more than a row of hits shows.
    """
    gtins = [item.gtin for item in items if item.gtin]
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [[item.source_key for item in items], gtins])
        return {key: _OF_PRODUCT.make(of_product) for key, *of_product in cursor.fetchall()}
