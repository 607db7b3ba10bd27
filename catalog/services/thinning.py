"""Forget old revisions, a little at a time. What is gone cannot be taken back any more."""

import time
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from catalog.models import UndoRun

BATCH = 5_000  # rows in a transaction

_DELETE = """
    DELETE FROM catalog_revision WHERE id IN (
        SELECT id FROM (SELECT id, at FROM catalog_revision ORDER BY id LIMIT %(batch)s) AS oldest
        WHERE at < %(before)s
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
"""


def thin(*, seconds: float) -> bool:
    """Delete revisions, and undo runs, older than HISTORY_DAYS; False when time ran out.

    May run twice, also at once: each batch is a transaction, and nobody waits for another.
    """
    ends_at = time.monotonic() + seconds
    before = timezone.now() - timedelta(days=settings.HISTORY_DAYS)
    while _delete_batch(before) == BATCH:
        if time.monotonic() > ends_at:
            return False
    # With their items: by then none of what they took back can be named.
    for run in UndoRun.objects.filter(created_at__lt=before).order_by("pk")[:100]:
        run.items.all().delete()
        run.delete()
        if time.monotonic() > ends_at:
            return False
    return True


def _delete_batch(before) -> int:
    with connection.cursor() as cursor:
        # In the order of the primary key: no index of times is needed.
        cursor.execute(_DELETE, {"batch": BATCH, "before": before})
        return cursor.rowcount
