"""Staged rows -> the index, in one statement each. Call these within a transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from psycopg import sql

from catalog.lib.named_sql import read_statements
from importer.feed_index.known import forget_known
from importer.feed_index.rows import COLUMNS, HELD
from importer.feed_index.spare import spare_unread
from importer.models import Feed

# A gone item is given this digest, so that it counts as changed when it comes back.
GONE = "00000000-0000-0000-0000-000000000000"

_WRITTEN = [name for name in COLUMNS if name not in ("feed_id", "external_id")]
_SQL = read_statements(__file__)
_INSERT = sql.SQL(_SQL["insert_new"]).format(columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS)))
_UPDATE = sql.SQL(_SQL["update_changed"]).format(
    written=sql.SQL(", ").join(map(sql.Identifier, (*_WRITTEN, *HELD))),
    staged=sql.SQL(", ").join(
        sql.SQL("staged.{}").format(sql.Identifier(name)) for name in (*_WRITTEN, *HELD)
    ),
)
_LOCK = 0x66656564  # "feed": of the advisory locks, those of feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many items were new, changed, unchanged, and gone from the feed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What a merge would do with the items that the feed has now: how many go, change, change currency."""

    live: int
    gone: int
    changed: int
    in_other_currency: int

    @property
    def unchanged(self) -> int:
        return self.live - self.gone - self.changed


def lock_feeds(feed_ids: Iterable[int]) -> None:
    """Let nobody else write items of the feeds or delete them until the transaction ends; waits its turn.

    Raises Feed.DoesNotExist. In place of a foreign key, which would look for the feed once for each row.
    """
    ordered = sorted(feed_ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM importer_feed WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [ordered])
        if cursor.rowcount < len(ordered):
            raise Feed.DoesNotExist("The feed was deleted.")
        for feed_id in ordered:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, feed_id])


def link_existing(feed_id: int) -> None:
    """Find what a search stored since it was staged: it is no longer new, and not gone. The feed is held."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["link_existing"], {"feed": feed_id})


def deduplicate() -> None:
    """Keep only the last of the staged rows of an id."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["keep_last_staged"])
        cursor.execute(_SQL["drop_staged_before_seen"])


def preview(feed_id: int, unread: int = 0, texts: Iterable[str] = ()) -> Diff:
    """Find what is gone (kept in `gone_item` for `mark_gone`) and what else would change.

    What may be among `unread` rows, of which `texts` are kept, is not gone (`spare_unread`).
    """
    with connection.cursor() as cursor:
        # PostgreSQL, which may know nothing of a new feed's rows yet and take them for one, would read all of
        # `seen_item` for each.
        cursor.execute("CREATE INDEX ON seen_item (item_id)")
        cursor.execute(_SQL["find_gone"], {"feed": feed_id})
        if unread:
            spare_unread(feed_id, unread, texts)
        cursor.execute(_SQL["count_changes"], {"feed": feed_id})
        live, gone, changed, in_other_currency = cursor.fetchone()
    return Diff(live=live, gone=gone, changed=changed, in_other_currency=in_other_currency)


def merge_rows() -> tuple[int, int]:
    """Write the staged rows; return how many were new and changed. The feeds are held."""
    now = {"now": timezone.now()}
    with connection.cursor() as cursor:
        # New words reach the index in larger portions.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        new = cursor.execute(_INSERT, now).rowcount
        # Asked first: a join with what was just written is dear, and of a new feed finds nothing.
        cursor.execute("SELECT EXISTS (SELECT FROM staged_item WHERE item_id IS NOT NULL)")
        (has_known,) = cursor.fetchone()
        return new, cursor.execute(_UPDATE, now).rowcount if has_known else 0


def mark_gone() -> int:
    """Note which items are gone; they stay, for the offers made of them."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["mark_gone"], {"now": timezone.now(), "gone": GONE})
        return cursor.rowcount


def mark_items_gone(feed_id: int, item_ids: Sequence[int]) -> int:
    """Note that these items of the feed, which were looked for by themselves, are gone; return how many."""
    if not item_ids:
        return 0
    lock_feeds([feed_id])
    forget_known([feed_id])
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL["mark_items_gone"],
            {"now": timezone.now(), "gone": GONE, "feed": feed_id, "items": list(item_ids)},
        )
        return cursor.rowcount


def adopt_pending_words() -> None:
    """Sort into the index what was written to it in haste: until then, each search reads all of that.

    PostgreSQL does it by itself when a tenth of the table has changed, which may take days. Nothing is done
    where the index belongs to another role.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL["adopt_pending_words"])
