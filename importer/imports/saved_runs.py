"""Saved searches at work: when they are due, how much they may add, and the run that adds it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from events.kinds import Kind
from importer.imports.matches import Candidates
from importer.imports.outbox import find_networks, record_run
from importer.imports.saved import count, get_query, may_add
from importer.imports.saved_live import look_live
from importer.models import Feed, ImportRun, SavedSearch
from importer.networks.query import QueryError
from importer.reasons import Reason

COUNTED_EVERY = timedelta(minutes=10)  # at most, while feeds are synced all the time


def find_due() -> list[SavedSearch]:
    """Return those whose time has come, and those whose counts a sync has made old."""
    now = timezone.now()
    synced_at = Feed.objects.searchable().aggregate(newest=Max("synced_at"))["newest"]
    due = Q(next_run_at__lte=now) | Q(counted_at=None)
    if synced_at:
        due |= Q(counted_at__lt=min(synced_at, now - COUNTED_EVERY))
    return list(SavedSearch.objects.filter(due).order_by(F("next_run_at").asc(nulls_last=True), "pk"))


def look(saved_id: int, *, is_asked: bool = False) -> ImportRun | None:
    """Do what a saved search is due for, or what somebody asks for; return a run for the caller to enqueue.

    Safe to call twice, also at once, and killed at any line: what is counted, the run with its items, and the
    time of the next one are one transaction.
    """
    run = start_if_due(saved_id, is_asked=is_asked)
    if live := SavedSearch.objects.filter(pk=saved_id, is_live=True).first():
        look_live(live)
    if saved := SavedSearch.objects.filter(pk=saved_id).first():
        try:
            count(saved)
        except QueryError:  # its outcome says so
            SavedSearch.objects.filter(pk=saved_id).update(counted_at=timezone.now())
        except SavedSearch.DoesNotExist:
            return run
    return run


@transaction.atomic
def start_if_due(saved_id: int, *, is_asked: bool = False) -> ImportRun | None:
    """Do the same, and leave the counting to a worker."""
    now = timezone.now()
    # Whoever comes second waits here, and then finds it no longer due.
    saved = SavedSearch.objects.select_for_update(no_key=True).filter(pk=saved_id).first()
    if saved is None or not (is_asked or (saved.next_run_at and saved.next_run_at <= now)):
        return None
    if saved.is_live:  # a worker asks the network, and nobody waits for it
        SavedSearch.objects.filter(pk=saved_id).update(next_run_at=now, outcome=Reason("saved_asks"))
        return None
    run, outcome = _add(saved)
    interval = SavedSearch.Schedule(saved.schedule).interval
    saved.ran_at, saved.next_run_at = now, now + interval if interval else None
    saved.outcome = outcome  # type: ignore[assignment]  # the column takes reasons
    saved.save(update_fields=["outcome", "ran_at", "next_run_at"])
    return run


def _add(saved: SavedSearch) -> tuple[ImportRun | None, Reason]:
    """Make a run of what may be added today; return it, if any, and what came of it."""
    try:
        candidates = Candidates(get_query(saved), saved.pk)
    except QueryError as error:
        return None, Reason("saved_unreadable", {"said": str(error)})
    if not candidates.has_feeds:
        return None, Reason("saved_no_feed")
    if not saved.keep_adding:
        return None, Reason("saved_looked")
    if not may_add(saved):
        return None, Reason("saved_needs_trial")
    room = room_today(saved)
    if not room:
        return None, Reason("saved_limit", {"limit": saved.daily_limit})
    run = ImportRun.objects.create(
        kind=ImportRun.Kind.BULK, saved_search=saved, query=saved.query, options=saved.options
    )
    run.total_count = candidates.add_first(run.pk, room)
    if not run.total_count:
        run.delete()
        return None, Reason("saved_nothing")
    run.networks = find_networks(run.pk)
    run.save(update_fields=["total_count", "networks"])
    record_run(Kind.RUN_STARTED, run, kind=run.kind, total=run.total_count, saved_search=saved.pk)
    return run, Reason("saved_adds", {"count": run.total_count})


def room_today(saved: SavedSearch) -> int:
    """Return how many more it may add today, in the site's time zone.

    A run that began yesterday and ended today, or has not ended, counts for both days: no day ever gets more
    than the limit. What was refused, or was there already, counts nothing once it is decided.
    """
    of_today = Q(finished_at=None) | Q(finished_at__gte=_midnight(timezone.now()))
    used = 0
    for run in ImportRun.objects.filter(of_today, saved_search=saved):
        used += run.created_count + run.joined_count
        if run.is_active:
            used += run.total_count - run.done_count
    return max(0, saved.daily_limit - used)


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
