"""Clicks follow what they were on."""

from typing import Any

from django.db.models import QuerySet

from catalog.models import DailyClicks


def hand_over_clicks(clicks: QuerySet[DailyClicks], **values: Any) -> int:
    """Let clicks count for another product or shop; return how many rows. In the caller's transaction.

    They are locked in the order in which `clicks.counting` adds to them.
    """
    ordered = clicks.order_by("offer_id", "day", "place").select_for_update(no_key=True)
    ids = list(ordered.values_list("pk", flat=True))
    return DailyClicks.objects.filter(pk__any=ids).update(**values) if ids else 0
