"""The demo's past: a week that passes in the sandbox makes the log of prices a week older."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from catalog.models import Offer, PricePoint


@transaction.atomic
def make_log_older(by: timedelta) -> int:
    """Move what the log of prices says so far into the past, and since when offers are known.

    The clock stays what it is: what comes next is logged now, and the chart shows the time between. Returns
    how many points were moved. For a demo alone: a log of real prices is evidence.
    """
    Offer.objects.update(created_at=F("created_at") - by)
    return PricePoint.objects.update(recorded_at=F("recorded_at") - by)
