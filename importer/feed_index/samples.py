"""The random sample of the index, kept beside it in a table of its own."""

from django.db import connection

from importer.feed_index import lexemes

_COLUMNS = (
    "id, feed_id, external_id, source_key, shop_name, brand, category, price, discount, currency, gtin, "
    "in_stock, image_urls, variant_key, first_seen_at, search"
)


def refresh_samples(feed_id: int) -> None:
    """Take the feed's samples anew. Call it within the transaction that changed the feed's items."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM importer_sampleitem WHERE feed_id = %s", [feed_id])
        cursor.execute(
            f"""
            INSERT INTO importer_sampleitem ({_COLUMNS})
            SELECT {_COLUMNS} FROM importer_feeditem
            WHERE search @@ %s::tsquery AND feed_id = %s AND missing_at IS NULL
            """,  # noqa: S608 names are ours, values are parameters
            [f"'{lexemes.feed_token(feed_id)}' & '{lexemes.SAMPLE}'", feed_id],
        )
