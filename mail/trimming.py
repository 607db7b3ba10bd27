"""Forget old mail, a little at a time."""

import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from mail.files import delete_files
from mail.models import Mail

BATCH = 5_000  # rows in a transaction
KEYS_KEPT = timedelta(days=2)


def trim(*, seconds: float) -> bool:
    """Delete mails that ended MAIL_DAYS ago, and their files; False when time ran out. May run twice."""
    ends_at = time.monotonic() + seconds
    oldest = timezone.now() - timedelta(days=settings.MAIL_DAYS)
    delete_files(oldest.timestamp())
    # A key says what was told whom; of a visitor, for no longer than it is asked for.
    told = Mail.objects.filter(is_private=True, ended_at__lt=timezone.now() - KEYS_KEPT).exclude(key="")
    told.update(key="")
    old = Mail.objects.filter(created_at__lt=oldest, ended_at__lt=oldest).order_by("pk")
    while True:
        ids = list(old.values_list("pk", flat=True)[:BATCH])
        Mail.objects.filter(pk__in=ids).delete()
        if len(ids) < BATCH:
            return True
        if time.monotonic() > ends_at:
            return False
