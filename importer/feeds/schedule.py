"""Which feeds are mirrored here, when they are due, and how far they are."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from events.kinds import Kind
from events.record import changes, record
from importer.accounts.windows import get_closed_accounts
from importer.feeds.syncs import cancel_sync, kept_download, record_sync, start_sync
from importer.models import Feed, FeedItem, NetworkAccount, SyncRun
from importer.models.runs import ACTIVE


def set_mirrored(feed: Feed, on: bool) -> SyncRun | None:
    """Mirror the feed here from now on, or no longer; return the first sync for the caller to enqueue.

    Turned off, a running sync is cancelled and the feed's items are no longer searched here; they stay, for
    the offers made of them, and come back with the next sync.
    """
    with transaction.atomic():
        wish = "" if on else Feed.MirrorWish.DECLINED
        Feed.objects.filter(pk=feed.pk).update(
            is_mirrored=on, mirror_wish=wish, next_sync_at=None, synced_at=None
        )
        record_sync(Kind.FEED_MIRRORED if on else Kind.FEED_STOPPED, feed)
    feed.refresh_from_db()
    if on:
        return start_sync(feed)
    for run in feed.syncs.filter(state__in=ACTIVE):
        cancel_sync(run)
    kept_download(feed).drop()
    Feed.objects.filter(pk=feed.pk).update(next_sync_at=None)
    return None


def set_schedule(feed: Feed, schedule: str) -> None:
    """Sync the feed at this pace (`Feed.Schedule`), counted from its last sync."""
    interval = Feed.Schedule(schedule).interval
    next_sync_at = (feed.synced_at + interval) if feed.synced_at and feed.is_mirrored else feed.next_sync_at
    _change(feed, schedule=schedule, next_sync_at=next_sync_at)


def set_limits(feed: Feed, **limits) -> None:
    """Set what makes a sync of the feed wait for a person (`max_shrink_percent`, ...)."""
    _change(feed, **limits)


@transaction.atomic
def _change(feed: Feed, **values) -> None:
    stored = Feed.objects.select_for_update(no_key=True).get(pk=feed.pk)
    Feed.objects.filter(pk=feed.pk).update(**values)
    new = {name: value for name, value in values.items() if name != "next_sync_at"}
    if changed := changes({name: getattr(stored, name) for name in new}, new):
        record(Kind.FEED_CHANGED, f"feed:{feed.pk}", **changed, sources=[feed.account.network])


def sync_now(feed: Feed) -> SyncRun | None:
    """Return a sync of the feed for the caller to enqueue; None when one is under way."""
    return start_sync(feed)


def due_feeds() -> QuerySet[Feed]:
    """Return the mirrored feeds whose time has come and that nobody is at; the longest overdue first.

    Those of accounts whose window is closed wait for it.
    """
    now = timezone.now()
    busy = SyncRun.objects.filter(state__in=ACTIVE).values("feed")
    due = Feed.objects.filter(is_mirrored=True, next_sync_at__lte=now).exclude(pk__in=busy)
    return due.exclude(account__in=get_closed_accounts(now)).order_by("next_sync_at")


def start_due_syncs() -> list[SyncRun]:
    """Make a sync of every feed that is due; the caller enqueues them. Safe to call from several places."""
    return start_syncs(due_feeds())


def start_syncs(feeds: Iterable[Feed]) -> list[SyncRun]:
    """Make a sync of each of the feeds that has none under way; the caller enqueues them."""
    return [run for feed in feeds if (run := start_sync(feed))]


def count_sync_progress(account: NetworkAccount) -> dict[str, int]:
    """Return how many mirrored `feeds` the account has, how many are `synced`, and the indexed `items`."""
    feeds = account.feeds.filter(is_mirrored=True)
    return feeds.aggregate(feeds=Count("pk"), synced=Count("pk", filter=Q(synced_at__isnull=False))) | {
        "items": FeedItem.objects.filter(
            feed__account=account, feed__is_mirrored=True, missing_at=None
        ).count()
    }
