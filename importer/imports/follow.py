"""Keep what was imported true to the mirrored feeds."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from events.kinds import Kind as EventKind
from events.record import record
from importer import feed_index
from importer.imports import stale
from importer.imports.outbox import record_run
from importer.models import Feed, ImportRun
from importer.models.runs import ACTIVE
from importer.reasons import Reason

Kind, State = ImportRun.Kind, ImportRun.State
# How old the time may be at which an offer was checked, while its feed goes on saying the same: visitors read
# it, and each change of it makes the pages anew.
CHECKED_FOR = timedelta(days=1)


def start_update(feed: Feed) -> ImportRun | None:
    """Make a run that brings the offers made of the feed's items up to date; None when all of them are.

    Compares offers with the feed as it is stored, so that nothing is lost whatever became of an earlier run;
    one that still runs is overtaken. In the transaction of a sync, the run is there as soon as the sync
    counts. The caller enqueues it (`find_update`).
    """
    with transaction.atomic():
        count = stale.find_stale(feed)
        if not count:
            return None
        overtaken = ImportRun.objects.filter(kind=Kind.UPDATE, feed=feed, state__in=ACTIVE)
        for run in overtaken.order_by("pk").select_for_update(no_key=True):
            run.state, run.finished_at = State.CANCELLED, timezone.now()
            run.message = Reason("overtaken")
            run.save(update_fields=["state", "finished_at", "message"])
            record_run(EventKind.RUN_CANCELLED, run)
        run = ImportRun.objects.create(
            kind=Kind.UPDATE, feed=feed, total_count=count, networks=[feed.account.network]
        )
        record_run(EventKind.RUN_STARTED, run, kind=run.kind, total=count)
        stale.add_stale_to_run(run.pk)
        return run


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


def confirm_offers(feed: Feed) -> int:
    """Note once a day that the offers of a feed that was just read are checked; return how many."""
    now = timezone.now()
    return stale.confirm_offers(feed, at=now, before=now - CHECKED_FOR)


def find_update(feed_id: int) -> ImportRun | None:
    """Return the update of the feed that waits or runs."""
    return ImportRun.objects.filter(kind=Kind.UPDATE, feed=feed_id, state__in=ACTIVE).first()
