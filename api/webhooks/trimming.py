"""Forget deliveries that are over for long."""

from datetime import timedelta

from django.utils import timezone

from api.models import Delivery

KEPT_FOR = timedelta(days=14)
BATCH = 5_000


def trim() -> bool:
    """Delete old deliveries; False while there are more."""
    old = Delivery.objects.filter(ended_at__lt=timezone.now() - KEPT_FOR).values("pk")[:BATCH]
    count, _ = Delivery.objects.filter(pk__in=old).delete()
    return count < BATCH
