"""What the catalogue has of items."""

from collections.abc import Collection

from django.db import connection

from importer.models import FeedItem


def is_any_known(items: Collection[FeedItem]) -> bool:
    """Is there an offer made of one of the items, or a product with the EAN of one?

    Asked for each page of hits, most of which are new, so it costs as little as a query can.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM catalog_offer WHERE source_key = ANY(%s))
                OR EXISTS (SELECT FROM catalog_product WHERE gtin <> '' AND gtin = ANY(%s))
            """,
            [[item.source_key for item in items], [item.gtin for item in items if item.gtin]],
        )
        return cursor.fetchone()[0]
