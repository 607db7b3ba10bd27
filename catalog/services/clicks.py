"""Clicks follow what they were on."""

import logging
from typing import Any

from django.db.models import QuerySet

from affiliate_site.redis import RedisError
from catalog.clicks import counting
from catalog.models import DailyClicks

logger = logging.getLogger(__name__)


def add_waiting_clicks() -> None:
    """Add the clicks that wait in Redis, before the offers that they name go.

    Outside of a transaction: what is rolled back is gone from Redis. Where Redis is away nobody waits for it:
    then those clicks count for nobody.
    """
    try:
        counting.flush()
    except RedisError as error:
        logger.warning("Clicks on offers that are about to go were not added: %s", error)


def hand_over_clicks(clicks: QuerySet[DailyClicks], **values: Any) -> int:
    """Let clicks count for another product or shop; return how many rows. In the caller's transaction.

    They are locked in the order in which `clicks.counting` adds to them.
    """
    ordered = clicks.order_by("offer_id", "day", "place").select_for_update(no_key=True)
    ids = list(ordered.values_list("pk", flat=True))
    return DailyClicks.objects.filter(pk__any=ids).update(**values) if ids else 0
