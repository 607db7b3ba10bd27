"""What is doubted because too much of a feed was missed at once: a person may know that it is so."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from events.kinds import Kind
from events.record import record
from importer.feed_index import mark_items_gone
from importer.freshness import rereads
from importer.freshness.schedule import GONE_AGAIN
from importer.imports.follow import start_update
from importer.models import Feed
from importer.reasons import Reason

_SQL = read_statements(rereads.__file__)


def is_doubted(feed: Feed) -> bool:
    """Tell whether products of the feed were not found, so many that none is taken for gone."""
    return isinstance(feed.rests_for, Reason) and feed.rests_for.code == "many_missed"


def accept_missing(feed: Feed) -> int:
    """Take for gone what re-reads of a doubted feed did not find last; return how many.

    Not what no re-read ever found. The update of their offers is made with it; the caller enqueues it
    (`find_update`). What comes back is found when it is looked for again, once a day.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # In the order of a re-read: its items, then the feed.
        params: dict[str, Any] = {"feed": feed.pk, "now": timezone.now(), "again": GONE_AGAIN}
        cursor.execute(_SQL["hold_missed"], params)
        items = [pk for (pk,) in cursor.fetchall()]
        count = mark_items_gone(feed.pk, items)
        if items:
            cursor.execute(_SQL["put_off"], params | {"items": items})
        if is_doubted(feed):
            Feed.objects.filter(pk=feed.pk).update(rests_for="")
        if count:
            after = {"name": str(feed), "items": count}
            sources = [feed.account.network]
            record(Kind.FEED_MISSING_ACCEPTED, f"feed:{feed.pk}", after=after, sources=sources)
            start_update(feed, items)
    return count
