"""Delete feed items in batches: short transactions, so that nobody waits and a kill costs nothing."""

import time
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from catalog.lib.named_sql import read_statements
from importer.models.runs import ACTIVE

BATCH = 2_000  # items in a transaction
_SQL = read_statements(__file__)


def delete_items_of(feed_ids: list[int], *, seconds: float) -> bool:
    """Delete the items of these feeds; return False when time ran out first."""
    ends_at = time.monotonic() + seconds
    while _delete_batch(_SQL["of_feeds"], feeds=feed_ids):
        if time.monotonic() > ends_at:
            return False
    return True


def delete_gone(before: datetime, *, seconds: float) -> bool:
    """Delete items that are gone since before then and were never imported; False when time ran out first.

    Looks at each gone item once, in the order of its index.
    """
    ends_at = time.monotonic() + seconds
    after: tuple[Any, ...] = (datetime.min.replace(tzinfo=UTC), 0)
    while last := _delete_batch(
        _SQL["gone"], before=before, after_at=after[0], after_id=after[1], active=[*ACTIVE]
    ):
        after = last
        if time.monotonic() > ends_at:
            return False
    return True


def _delete_batch(select: str, **params) -> tuple | None:
    """Delete the rows that `select` finds, with what import runs say of them; return the last's key."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(select, {"batch": BATCH, **params})
        rows = cursor.fetchall()
        ids = [pk for _, pk in rows]
        cursor.execute("DELETE FROM importer_importitem WHERE feed_item_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM importer_feeditem WHERE id = ANY(%s)", [ids])
    return rows[-1] if rows else None
