"""Forget old revisions of posts. What is gone cannot be brought back any more."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from pages.models import PostRevision

MAX_KEPT = 100  # of one post: a long text is kept twice by each change of it
BATCH = 500


def thin() -> int:
    """Delete revisions older than HISTORY_DAYS, and all but the last MAX_KEPT of each post."""
    old = PostRevision.objects.filter(at__lt=timezone.now() - timedelta(days=settings.HISTORY_DAYS))
    count = _delete(old)
    place = Window(RowNumber(), partition_by=F("post_id"), order_by=F("id").desc())
    return count + _delete(PostRevision.objects.annotate(place=place).filter(place__gt=MAX_KEPT))


def _delete(revisions) -> int:
    ids = list(revisions.order_by("id").values_list("pk", flat=True)[:BATCH])
    return PostRevision.objects.filter(pk__in=ids).delete()[0]
