"""EANs that one feed gives to unlike articles: fillers, one code for a whole shop.

Only codes of rows that are new or renamed are looked at, and those that were shared before. Call these within
the transaction of a merge.
"""

from django.db import connection

from importer.models import Feed
from importer.normalise.likeness import are_alike

MAX_SHARED = 1_000  # codes kept of a feed, those of most rows
MAX_LOOKED_AT = 20_000  # codes with several rows whose titles are compared
ROWS_OF_CODE = 30  # titles compared of one code

_REPEATED = """
    SELECT gtin FROM staged_item WHERE gtin <> '' GROUP BY gtin HAVING count(*) > 1 LIMIT %s
"""
_REPEATED_IN_INDEX = """
    SELECT DISTINCT staged.gtin
    FROM staged_item AS staged
    LEFT JOIN importer_feeditem AS item ON item.id = staged.item_id
    JOIN importer_feeditem AS other
      ON other.gtin = staged.gtin AND other.feed_id = %s AND other.missing_at IS NULL
         AND other.id IS DISTINCT FROM staged.item_id
    WHERE staged.gtin <> '' AND (staged.gtin, staged.title) IS DISTINCT FROM (item.gtin, item.title)
    LIMIT %s
"""
# Rows of one title or one variant key are alike, whatever else they say.
_TITLES = """
    SELECT of_code.gtin, of_code.titles
    FROM unnest(%s::text[]) AS code(gtin)
    CROSS JOIN LATERAL (
        SELECT item.gtin, count(*) AS count, (array_agg(DISTINCT item.title))[:%s] AS titles
        FROM importer_feeditem AS item
        WHERE item.gtin = code.gtin AND item.feed_id = %s AND item.missing_at IS NULL
        GROUP BY item.gtin
        HAVING min(item.title) <> max(item.title)
           AND (min(item.variant_key) <> max(item.variant_key) OR min(item.variant_key) = '')
    ) AS of_code
    ORDER BY of_code.count DESC, of_code.gtin
"""


def find_repeated_codes(feed_id: int) -> list[str]:
    """Return the codes of staged rows that other rows of the feed have too; before the merge."""
    with connection.cursor() as cursor:
        cursor.execute(_REPEATED, [MAX_LOOKED_AT])
        codes = {code for (code,) in cursor.fetchall()}
        cursor.execute("SELECT EXISTS (SELECT FROM importer_feeditem WHERE feed_id = %s)", [feed_id])
        (has_items,) = cursor.fetchone()
        if has_items:
            cursor.execute(_REPEATED_IN_INDEX, [feed_id, MAX_LOOKED_AT])
            codes |= {code for (code,) in cursor.fetchall()}
    return sorted(codes)


def note_shared_codes(feed: Feed, repeated: list[str]) -> None:
    """Store which of these codes, and of those known before, are of unlike articles; after the merge."""
    codes = sorted({*repeated, *feed.shared_codes})
    shared: list[str] = []
    if codes:
        with connection.cursor() as cursor:
            cursor.execute(_TITLES, [codes, ROWS_OF_CODE, feed.pk])
            shared = [code for code, titles in cursor.fetchall() if not are_alike(titles)][:MAX_SHARED]
    if shared != feed.shared_codes:
        Feed.objects.filter(pk=feed.pk).update(shared_codes=shared)
        feed.shared_codes = shared
