"""Offers that do not say what the mirrored feed says."""

from datetime import datetime

from django.db import connection

from catalog.lib.named_sql import read_statements
from importer.models import Feed

CONFIRMED_AT_ONCE = 2_000  # offers; an import that wants one of them waits for no more

_SQL = read_statements(__file__)


def find_stale(feed: Feed) -> int:
    """Find the items of `feed` that an offer was made of and differs from; return how many.

    That is what changed, what is gone, and what came back. One join by the source key, whatever the size of
    the feed. Call it in a transaction, which then ends with `add_stale_to_run`.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.stale_item")
        cursor.execute(
            _SQL["find_stale"],
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
        cursor.execute(_SQL["add_stale_to_run"], {"run": run_id})


def confirm_offers(feed: Feed, *, at: datetime, before: datetime) -> int:
    """Note that offers checked last `before` are, `at` this time, as the feed says; return how many.

    In batches of their own transactions. An offer that is being written right now is left to the next sync.
    """
    count, last_id = 0, 0
    params = {"feed": feed.pk, "network": feed.account.network, "before": before, "at": at}
    with connection.cursor() as cursor:
        while last_id is not None:
            cursor.execute(_SQL["confirm_offers"], {**params, "last_id": last_id, "batch": CONFIRMED_AT_ONCE})
            confirmed, last_id = cursor.fetchone()
            count += confirmed
    return count
