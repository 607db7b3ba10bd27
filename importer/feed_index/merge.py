"""Staged rows -> the index, in one statement each. Call these within a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from psycopg import sql

from importer.feed_index.rows import COLUMNS
from importer.models import Feed

# A gone item is given this digest, so that it counts as changed when it comes back.
GONE = "00000000-0000-0000-0000-000000000000"

_WRITTEN = [name for name in COLUMNS if name not in ("feed_id", "external_id")]
_MERGE = sql.SQL(
    """
    WITH written AS (
        INSERT INTO importer_feeditem AS item ({columns}, seen_at)
        SELECT {columns}, %s FROM staged_item
        ON CONFLICT (feed_id, external_id) DO UPDATE
        SET ({written}) = ({excluded}), seen_at = excluded.seen_at, missing_at = NULL
        WHERE item.digest <> excluded.digest
        RETURNING xmax = 0 AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
    """
).format(
    columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
    written=sql.SQL(", ").join(map(sql.Identifier, _WRITTEN)),
    excluded=sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in _WRITTEN),
)


@dataclass(frozen=True, slots=True)
class Written:
    """How many items were new, changed, unchanged, and gone from the feed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a merge would do with the items that the feed has now: how many go, change, change currency."""

    live: int
    gone: int
    changed: int
    in_other_currency: int

    @property
    def unchanged(self) -> int:
        return self.live - self.gone - self.changed


def hold_feeds(feed_ids: Sequence[int]) -> None:
    """Keep the feeds from being deleted until the transaction ends; raises Feed.DoesNotExist.

    In place of a foreign key, which would look for the feed once for each row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM importer_feed WHERE id = ANY(%s) FOR KEY SHARE", [[*feed_ids]])
        if cursor.rowcount < len(feed_ids):
            raise Feed.DoesNotExist("The feed was deleted.")


def drop_doubles() -> None:
    """Keep only the last of the staged rows of an id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM staged_item AS staged USING (
                SELECT external_id, max(place) AS place FROM staged_item
                GROUP BY external_id HAVING count(*) > 1
            ) AS last
            WHERE staged.external_id = last.external_id AND staged.place < last.place
            """
        )
        # The last row said what the index says already, and was not staged.
        cursor.execute(
            """
            DELETE FROM staged_item AS staged USING seen_item AS seen
            WHERE seen.item_id = staged.item_id AND staged.place < seen.place
            """
        )


def foresee(feed_id: int) -> Outlook:
    """Find what is gone (kept in `gone_item` for `merge_feed`) and what else would change."""
    with connection.cursor() as cursor:
        # PostgreSQL, which may know nothing of a new feed's rows yet and take them for one, would read all of
        # `seen_item` for each.
        cursor.execute("CREATE INDEX ON seen_item (item_id)")
        cursor.execute(
            """
            CREATE TEMPORARY TABLE gone_item AS
            SELECT item.id FROM importer_feeditem AS item
            WHERE item.feed_id = %s AND item.missing_at IS NULL
              AND NOT EXISTS (SELECT FROM seen_item WHERE item_id = item.id)
            """,
            [feed_id],
        )
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM importer_feeditem WHERE feed_id = %s AND missing_at IS NULL),
                   (SELECT count(*) FROM gone_item),
                   count(item.id), count(item.id) FILTER (WHERE staged.currency <> item.currency)
            FROM staged_item AS staged
            JOIN importer_feeditem AS item ON item.id = staged.item_id AND item.missing_at IS NULL
            """,
            [feed_id],
        )
        return Outlook(*cursor.fetchone())


def merge_rows() -> tuple[int, int]:
    """Write the staged rows; return how many were new and changed."""
    with connection.cursor() as cursor:
        # New words reach the index in larger portions.
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL gin_pending_list_limit = '8MB'")
        cursor.execute(_MERGE, [timezone.now()])
        return cursor.fetchone()


def mark_gone() -> int:
    """Note which items are gone; they stay, for the offers made of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE importer_feeditem AS item SET missing_at = %s, digest = %s
            FROM gone_item WHERE gone_item.id = item.id
            """,
            [timezone.now(), GONE],
        )
        return cursor.rowcount


def adopt_pending_words() -> None:
    """Sort into the index what was written to it in haste: until then, each search reads all of that.

    PostgreSQL does it by itself when a tenth of the table has changed, which may take days. Nothing is done
    where the index belongs to another role.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT gin_clean_pending_list(oid) FROM pg_class
            WHERE oid = 'feed_item_search'::regclass AND pg_has_role(relowner, 'USAGE')
            """
        )
