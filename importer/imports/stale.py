"""Offers that do not say what the mirrored feed says."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from catalog.services.bulk import touch_offers
from importer.models import Feed

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


def confirm_offers(
    feed: Feed, *, at: datetime, before: datetime, item_ids: Sequence[int] | None = None
) -> int:
    """Note that offers checked last `before` are, `at` this time, as the feed says; return how many.

    Of `item_ids` alone, where they are given.
    """
    params = {
        "feed": feed.pk,
        "network": feed.account.network,
        "before": before,
        "items": None if item_ids is None else list(item_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL["find_unconfirmed"], params)
        (ids,) = cursor.fetchone()
    touch_offers(ids, at=at)
    return len(ids)
