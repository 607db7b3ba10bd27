"""Offers that do not say what the mirrored feed says."""

from datetime import datetime

from django.db import connection

from importer.models import Feed

CONFIRMED_AT_ONCE = 2_000  # offers; an import that wants one of them waits for no more

# Planning also refuses some links: an offer with such a one is tried again with each sync, until somebody
# names its domain. An offer's link may be https where the feed says http.
_HAS_LINK = "(offer.tracking_url IN ({0}.tracking_url, 'https' || substr({0}.tracking_url, 5)))"
# Of one article in two accounts' feeds the offer follows the one whose link it has, else the first one.
_FIND = f"""
    CREATE TEMPORARY TABLE stale_item ON COMMIT DROP AS
    SELECT item.id
    FROM catalog_offer AS offer
    JOIN catalog_product AS product ON product.id = offer.product_id AND product.status <> 'trashed'
    JOIN importer_feeditem AS item ON item.source_key = offer.source_key AND item.feed_id = %(feed)s
    WHERE offer.source = %(network)s
      AND CASE WHEN item.is_fit THEN
              offer.expired_at IS NOT NULL
              OR offer.source_digest IS DISTINCT FROM item.source_digest
              OR %(with_description)s AND product.imported ->> 'source_key' = item.source_key
                 AND product.imported ->> 'description' IS DISTINCT FROM item.description
          ELSE offer.expired_at IS NULL END
      AND NOT EXISTS (
          SELECT FROM importer_feeditem AS other
          JOIN importer_feed AS feed ON feed.id = other.feed_id
          WHERE other.source_key = item.source_key AND other.id <> item.id
            AND feed.is_searchable AND other.is_fit
            AND (NOT item.is_fit
                 OR ({_HAS_LINK.format("other")}, -other.id) > ({_HAS_LINK.format("item")}, -item.id)))
"""


def find_stale(feed: Feed) -> int:
    """Find the items of `feed` that an offer was made of and differs from; return how many.

    That is what changed, what is gone, and what came back. One join by the source key, whatever the size of
    the feed. Call it in a transaction, which then ends with `add_stale_to_run`.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.stale_item")
        cursor.execute(
            _FIND,
            {
                "feed": feed.pk,
                "network": feed.account.network,
                "with_description": feed.account.import_description,
            },
        )
        return cursor.rowcount


def add_stale_to_run(run_id: int) -> None:
    """Make the items that `find_stale` found the items of an import run."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO importer_importitem (run_id, feed_item_id, verdict, message)
            SELECT %s, id, '', '' FROM stale_item ORDER BY id
            """,
            [run_id],
        )


def confirm_offers(feed: Feed, *, at: datetime, before: datetime) -> int:
    """Note that offers checked last `before` are, `at` this time, as the feed says; return how many.

    In batches of their own transactions. An offer that is being written right now is left to the next sync.
    """
    count, last_id = 0, 0
    with connection.cursor() as cursor:
        while last_id is not None:
            cursor.execute(
                """
                WITH batch AS (
                    SELECT offer.id FROM catalog_offer AS offer
                    JOIN importer_feeditem AS item ON item.source_key = offer.source_key AND item.feed_id = %s
                    WHERE offer.source = %s AND offer.expired_at IS NULL AND item.is_fit
                      AND offer.checked_at < %s AND offer.id > %s
                      AND offer.source_digest = item.source_digest
                    ORDER BY offer.id LIMIT %s FOR UPDATE OF offer SKIP LOCKED
                ), confirmed AS (
                    UPDATE catalog_offer AS offer SET checked_at = %s
                    FROM batch WHERE offer.id = batch.id RETURNING offer.id
                )
                SELECT count(*), max(id) FROM confirmed
                """,
                [feed.pk, feed.account.network, before, last_id, CONFIRMED_AT_ONCE, at],
            )
            confirmed, last_id = cursor.fetchone()
            count += confirmed
    return count
