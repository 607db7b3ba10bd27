"""Keep what was imported true to the mirrored feeds."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.services import show_checked_prices
from events.kinds import Kind as EventKind
from events.record import record
from importer import feed_index
from importer.imports import stale
from importer.imports.outbox import record_run
from importer.models import Feed, ImportRun, NetworkAccount, SyncRun
from importer.models.runs import ACTIVE
from importer.reasons import Reason

Kind, State = ImportRun.Kind, ImportRun.State
# How old the time may be at which an offer was checked, while its feed goes on saying the same.
CHECKED_FOR = timedelta(hours=1)


def start_update(
    feed: Feed, item_ids: Sequence[int] | None = None, *, sync: SyncRun | None = None
) -> ImportRun | None:
    """Make a run that brings the offers made of the feed's items up to date; None when all of them are.

    Compares offers with the feed as it is stored, so that nothing is lost whatever became of an earlier run;
    one that still runs is overtaken. Of `item_ids` alone, they join a run of the feed that waits. In the
    transaction of a `sync`, the run is there as soon as the sync counts. The caller enqueues it
    (`find_update`).
    """
    with transaction.atomic():
        count = stale.find_stale(feed, missing_before=_gone_since(feed, sync), item_ids=item_ids)
        if not count:
            return None
        updates = ImportRun.objects.filter(kind=Kind.UPDATE, feed=feed).select_for_update(no_key=True)
        if item_ids is None:
            for run in updates.filter(state__in=ACTIVE).order_by("pk"):
                _overtake(run)
        # One that runs may just be ending.
        elif run := updates.filter(state=State.QUEUED).order_by("pk").first():
            run.total_count += stale.add_stale_to_run(run.pk)
            run.save(update_fields=["total_count"])
            return run
        run = ImportRun.objects.create(
            kind=Kind.UPDATE, feed=feed, total_count=count, networks=[feed.account.network]
        )
        record_run(EventKind.RUN_STARTED, run, kind=run.kind, total=count)
        stale.add_stale_to_run(run.pk)
        return run


def _overtake(run: ImportRun) -> None:
    run.state, run.finished_at = State.CANCELLED, timezone.now()
    run.message = Reason("overtaken")
    run.save(update_fields=["state", "finished_at", "message"])
    record_run(EventKind.RUN_CANCELLED, run)


def _gone_since(feed: Feed, sync: SyncRun | None) -> datetime:
    """Return since when an item must be missing for its offer to be gone: so many syncs, or hours, ago.

    A whole, good feed is strong evidence, and by itself enough where nobody wants more (`gone_after_syncs`).
    """
    now = timezone.now()
    wanted = feed.gone_after_syncs
    if wanted <= 1 or not feed.is_mirrored:  # what is read by itself is marked as missing when it is gone
        return now
    whole = feed.syncs.filter(Q(state=SyncRun.State.DONE) | Q(pk=sync.pk if sync else None))
    ended = list(whole.order_by("-pk").values_list("finished_at", flat=True)[wanted - 1 : wanted])
    by_hours = now - timedelta(hours=feed.account.gone_after_hours)
    return max(by_hours, *filter(None, ended)) if any(ended) else by_hours


def accept_held_prices(feed: Feed, item_ids: list[int] | None = None) -> int:
    """Let held prices of the feed through, all or those of some items; return how many.

    The update of their offers is made with it; the caller enqueues it (`find_update`).
    """
    with transaction.atomic():
        count = feed_index.accept_held_prices(feed.pk, item_ids)
        if count:
            record(
                EventKind.FEED_PRICES_ACCEPTED,
                f"feed:{feed.pk}",
                after={"name": str(feed), "items": count},
                sources=[feed.account.network],
            )
            start_update(feed)
    return count


def accept_swapped(feed: Feed, item_ids: list[int] | None = None) -> int:
    """Let ids of the feed name the articles that it says now, all that are held or some; return how many.

    Their offers and products follow by their policies; the caller enqueues the update (`find_update`).
    """
    with transaction.atomic():
        count = feed_index.accept_swapped(feed.pk, item_ids)
        if count:
            record(
                EventKind.FEED_ARTICLES_ACCEPTED,
                f"feed:{feed.pk}",
                after={"name": str(feed), "items": count},
                sources=[feed.account.network],
            )
            start_update(feed)
    return count


def confirm_offers(feed: Feed) -> int:
    """Note that the offers of a feed that was just read are checked, hourly at most; return how many."""
    now = timezone.now()
    count = stale.confirm_offers(feed, at=now, before=now - CHECKED_FOR)
    show_checked_prices()
    return count


def find_update(feed_id: int) -> ImportRun | None:
    """Return the update of the feed that waits or runs."""
    return ImportRun.objects.filter(kind=Kind.UPDATE, feed=feed_id, state__in=ACTIVE).first()


def find_updates(account: NetworkAccount) -> list[ImportRun]:
    """Return the updates of the account's feeds that wait."""
    waiting = ImportRun.objects.filter(kind=Kind.UPDATE, feed__account=account, state=State.QUEUED)
    return list(waiting.order_by("pk"))
