"""Keep the category map true: our categories are merged and deleted, and what speaks for them changes."""

from django.db import connection, transaction

from events.kinds import Kind
from events.models import Event
from events.readers import AlreadyRead, read
from importer.imports.category_proposals import propose_categories

READER = "category_map"
GONE = (Kind.CATEGORY_MERGED, Kind.CATEGORY_DELETED)
# After these, what products and categories say may be another thing.
SPEAKS = (
    *GONE,
    *(Kind.CATEGORY_CREATED, Kind.CATEGORY_EDITED, Kind.CATEGORY_MOVED, Kind.CATEGORY_MAPPED),
    *(Kind.PRODUCT_CREATED, Kind.PRODUCT_CATEGORIES_CHANGED, Kind.PRODUCT_JOINED, Kind.OFFER_ADDED),
    *(Kind.OFFER_MOVED, Kind.SYNC_ENDED),
)

_REPLACE = """
    UPDATE importer_categorymapping AS mapping
    SET category_ids = left_over.ids, decision = CASE WHEN left_over.ids = '{}' THEN '' ELSE decision END
    FROM (
        SELECT id, ARRAY(
            SELECT DISTINCT kept FROM unnest(array_replace(category_ids, %(gone)s, %(into)s::bigint)) AS kept
            WHERE kept IS NOT NULL ORDER BY kept
        ) AS ids
        FROM importer_categorymapping WHERE category_ids @> ARRAY[%(gone)s::bigint]
        ORDER BY id FOR NO KEY UPDATE
    ) AS left_over
    WHERE mapping.id = left_over.id
"""


def follow_categories(*, is_new: bool = False) -> bool:
    """Read what happened since the last time and follow it; return whether anything was proposed anew.

    `is_new`: something is to be proposed anyway. Call it outside of a transaction. Killed at any line, the
    next call does it again.
    """
    while (batch := read(READER)).events:
        is_new = is_new or any(event.kind in SPEAKS for event in batch.events)
        try:
            with transaction.atomic():
                for event in batch.events:
                    if event.kind in GONE:
                        _replace(event)
                batch.done()
        except AlreadyRead:
            break
    if is_new:
        propose_categories()
    return is_new


def _replace(event: Event) -> None:
    """Let another category, or none, take the place of one that is gone; a line without any is open again."""
    gone = int(event.subjects[0].partition(":")[2])
    into = event.after.get("into") if event.kind == Kind.CATEGORY_MERGED else None
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, {"gone": gone, "into": into})
