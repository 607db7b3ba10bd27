"""Offers that do not say what the mirrored feed says."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from importer.models import Feed

CONFIRMED_AT_ONCE = 2_000  # offers; an import that wants one of them waits for no more
NEIGHBOURS = 8  # offers on a page of their table, about

_SQL = read_statements(__file__)


def find_stale(
    feed: Feed, *, missing_before: datetime | None = None, item_ids: Sequence[int] | None = None
) -> int:
    """Find the items of `feed` that an offer was made of and differs from; return how many.

    That is what changed, what is gone (not after `missing_before`, where that is given), and what came back;
    among `item_ids` alone where they are given. One join by the source key, whatever the size of the feed.
    Call it in a transaction, which then ends with `add_stale_to_run`.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.stale_item")
        cursor.execute(
            _SQL["find_stale"],
            {
                "feed": feed.pk,
                "network": feed.account.network,
                "with_description": feed.account.import_description,
                "missing_before": missing_before or timezone.now(),
                "items": None if item_ids is None else list(item_ids),
            },
        )
        return cursor.rowcount


def add_stale_to_run(run_id: int) -> int:
    """Make the items that `find_stale` found the items of an import run; return how many it had not yet."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["add_stale_to_run"], {"run": run_id})
        return cursor.rowcount


def confirm_offers(feed: Feed, *, at: datetime, before: datetime) -> int:
    """Note that offers checked last `before` are, `at` this time, as the feed says; return how many.

    They are found at once, and noted in batches of their own transactions. An offer that is being written
    right now is left to the next sync.
    """
    params = {"feed": feed.pk, "network": feed.account.network, "before": before, "at": at}
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(_SQL["find_unconfirmed"], params)
        (ids,) = cursor.fetchone()
        for batch in _batches(ids):
            cursor.execute(_SQL["confirm_offers"], {**params, "offers": batch})
            count += cursor.rowcount
    return count


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the ids in batches of which none has two neighbours, which share a page of the table.

    The room that each page keeps (its fill factor) then holds the new row, and no index is written.
    """
    for first in range(NEIGHBOURS):
        apart = ids[first::NEIGHBOURS]
        for start in range(0, len(apart), CONFIRMED_AT_ONCE):
            yield apart[start : start + CONFIRMED_AT_ONCE]


def confirm_items(item_ids: Sequence[int], *, at: datetime) -> int:
    """Note that the offers made of these items are as their network says, where they are; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["confirm_items"], {"items": list(item_ids), "at": at})
        return cursor.rowcount
