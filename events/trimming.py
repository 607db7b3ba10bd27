"""Forget old events, a little at a time."""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from events.models import Event

BATCH = 5_000  # rows in a transaction


def trim(*, seconds: float) -> bool:
    """Delete events older than EVENT_DAYS, and all but the newest EVENT_ROWS; False when time ran out.

    May run twice, also at once.
    """
    ends_at = time.monotonic() + seconds
    oldest = timezone.now() - timedelta(days=settings.EVENT_DAYS)
    newest_id = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    last_id = newest_id - settings.EVENT_ROWS  # ids have gaps: never more rows than ids
    while True:
        # In the order of the primary key: no index of times is needed.
        batch = list(Event.objects.order_by("pk").values_list("pk", "at")[:BATCH])
        gone = [pk for pk, at in batch if at < oldest or pk <= last_id]
        if gone:
            Event.objects.filter(pk__in=gone).delete()
        if len(gone) < BATCH:
            return True
        if time.monotonic() > ends_at:
            return False
