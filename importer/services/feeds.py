"""Feed -> feed items."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError
from django.db.models import Count, Q
from django.utils import timezone

from importer import events, feed_index
from importer.models import ApiEvent, Feed, FeedItem, NetworkAccount, SyncRun
from importer.networks.base import FeedData, ItemData, NetworkError
from importer.services.accounts import network_of

Kind = ApiEvent.Kind
SYNC_INTERVAL = timedelta(hours=12)  # of a mirrored feed


def sync_feed(feed: Feed) -> SyncRun | None:
    """Make the feed's index equal to what the network has; return the run, None when one is under way.

    Raises NetworkError after noting it on the run and in the log; the index is then as it was.
    """
    try:
        run = SyncRun.objects.create(
            feed=feed, state=SyncRun.State.RUNNING, started_at=timezone.now(), heartbeat_at=timezone.now()
        )
    except IntegrityError:
        return None
    try:
        _sync(run, feed)
    except NetworkError as error:
        _end_sync(run, SyncRun.State.FAILED, message=str(error))
        events.record(
            feed.account.network,
            Kind.ERROR,
            f"Feed “{feed.name}” was not read: {error}",
            account=feed.account,
        )
        raise
    except BaseException as error:
        _end_sync(run, SyncRun.State.FAILED, message=f"Stopped by an error ({error.__class__.__name__}).")
        raise
    return run


def _sync(run: SyncRun, feed: Feed) -> None:
    network = network_of(feed.account)
    data = FeedData(
        external_id=feed.external_id,
        name=feed.name,
        program_id=feed.program.external_id if feed.program else "",
        program_name=feed.program.name if feed.program else "",
        language=feed.language,
        currency=feed.currency,
        url=feed.url,
    )

    def note_progress(count: int, bad_count: int) -> None:
        SyncRun.objects.filter(pk=run.pk).update(
            item_count=count, bad_count=bad_count, heartbeat_at=timezone.now()
        )

    written = feed_index.replace_feed(feed, _not_empty(network.fetch_items(data), feed), note_progress)
    _end_sync(
        run,
        SyncRun.State.DONE,
        new_count=written.new,
        changed_count=written.changed,
        unchanged_count=written.unchanged,
        gone_count=written.gone,
    )
    now = timezone.now()
    Feed.objects.filter(pk=feed.pk).update(synced_at=now, next_sync_at=now + SYNC_INTERVAL)
    events.record(
        feed.account.network,
        Kind.SYNC,
        f"Feed “{feed.name}”: {written.new} new, {written.changed} changed, "
        f"{written.unchanged} unchanged, {written.gone} gone.",
        account=feed.account,
    )


def _not_empty(items: Iterable[ItemData], feed: Feed) -> Iterable[ItemData]:
    """Refuse an empty answer for a feed that had items: networks answer so when something is wrong."""
    is_empty = True
    for item in items:
        is_empty = False
        yield item
    if is_empty and FeedItem.objects.filter(feed=feed, missing_at=None).exists():
        raise NetworkError("The feed came back empty, so the products of before were kept.")


def _end_sync(run: SyncRun, state: str, **values) -> None:
    SyncRun.objects.filter(pk=run.pk).update(state=state, finished_at=timezone.now(), **values)
    run.refresh_from_db()


def count_sync_progress(account: NetworkAccount) -> dict[str, int]:
    """Return how many mirrored `feeds` the account has, how many are `synced`, and the indexed `items`."""
    feeds = account.feeds.filter(is_mirrored=True)
    return feeds.aggregate(feeds=Count("pk"), synced=Count("pk", filter=Q(synced_at__isnull=False))) | {
        "items": FeedItem.objects.filter(
            feed__account=account, feed__is_mirrored=True, missing_at=None
        ).count()
    }
