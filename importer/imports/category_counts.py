"""Count what merchants' categories have, feed by feed and in the background: a page only reads the counts."""

import time
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from importer.imports.category_names import key_of
from importer.models import CategoryCount, CategoryMapping, CountedFeed, Feed

MAX_PER_FEED = 5_000  # categories of a feed that are kept, those with most items first
RECOUNTED = timedelta(days=1)  # of a feed that no sync reads: searches add to it
_SQL = read_statements(__file__)


def count_categories(*, seconds: float) -> int:
    """Count the feeds that were read since they were counted last; return how many it was. May run twice.

    It ends when none is left, or after so many seconds; the next call goes on.
    """
    ends_at, count = time.monotonic() + seconds, 0
    while (feed := _due_feeds().first()) and time.monotonic() < ends_at:
        count_feed(feed)
        count += 1
    return count


def _due_feeds() -> QuerySet[Feed]:
    counted = F("counted__counted_at")
    read_since = Q(counted=None) | Q(synced_at__gt=counted)
    old = Q(counted__counted_at__lt=timezone.now() - RECOUNTED)
    return Feed.objects.filter(read_since | old, account__removed_at=None).order_by("pk")


def count_feed(feed: Feed) -> None:
    """Count the items in each category of a feed, and bring the category map's counts up to date."""
    began_at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_SQL["count_feed"], [feed.pk, MAX_PER_FEED])
        rows = cursor.fetchall()
    counts: dict[tuple[str, str], CategoryCount] = {}
    for program_key, name, shop_name, count in rows:
        if not (key := key_of(name)):
            continue
        if known := counts.get((program_key, key)):  # another spelling
            known.count += count
        else:
            counts[program_key, key] = CategoryCount(
                feed=feed, program_key=program_key, key=key, name=name, shop_name=shop_name, count=count
            )
    with transaction.atomic():
        # The feed may have been removed meanwhile, and another worker may count it.
        if not Feed.objects.filter(pk=feed.pk).select_for_update(no_key=True).exists():
            return
        before = set(CategoryCount.objects.filter(feed=feed).values_list("program_key", flat=True))
        CategoryCount.objects.filter(feed=feed).delete()
        CategoryCount.objects.bulk_create(counts.values(), batch_size=1_000)
        _sum_up(before | {program_key for program_key, _ in counts})
        CountedFeed.objects.update_or_create(feed=feed, defaults={"counted_at": began_at})


def _sum_up(program_keys: set[str]) -> None:
    """Bring the lines of the map to what the counts say; what is in no feed and undecided goes."""
    keys = sorted(program_keys)
    with connection.cursor() as cursor:
        cursor.execute(_SQL["sum_up"], [keys])
        cursor.execute(_SQL["nothing_left"], [keys])
    CategoryMapping.objects.filter(program_key__any=keys, item_count=0, decision="").delete()
