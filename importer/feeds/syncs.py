"""One sync of a feed, from its start to its end: claimed by one worker, watched, stopped, held."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import Error, IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from events.kinds import Kind
from events.record import record
from importer import feed_index
from importer.accounts.accounts import network_of
from importer.beat import SILENCE
from importer.feed_files import KeptFile
from importer.feeds.guards import SuspiciousFeed, check_diff
from importer.feeds.heartbeat import Heartbeat, SyncStopped
from importer.http.errors import HostBusy, NetworkError, NetworkUnavailable
from importer.imports.follow import confirm_offers, start_update
from importer.models import Feed, FeedItem, SyncRun
from importer.models.runs import ACTIVE
from importer.networks.contract import FeedData, FeedUnchanged, FeedWatch
from importer.normalise import READING, FeedProfile
from importer.outages import find_outage, is_full
from importer.reasons import Reason

State = SyncRun.State
LEAST_SALE_WAIT = timedelta(hours=1)  # between two syncs of a feed whose sales begin and end
PATIENCE = 1.0  # seconds that a worker waits for a host before it gives way to other feeds
HOST_WAIT = timedelta(seconds=10)  # until it looks again
KEPT_RUNS = 50  # of each feed
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)  # after a network was out of reach


def start_sync(feed: Feed, *, is_accepted: bool = False) -> SyncRun | None:
    """Make a sync of the feed that waits for a worker; None when one is under way. The caller enqueues it."""
    try:
        with transaction.atomic():
            return SyncRun.objects.create(feed=feed, is_accepted=is_accepted)
    except IntegrityError:
        return None


def sync_feed(feed: Feed) -> SyncRun | None:
    """Sync the feed here and now; None when a sync is under way. Errors: as `work_on_sync`."""
    run = start_sync(feed)
    return run and work_on_sync(run)


def work_on_sync(run: SyncRun, *, gives_way: bool = False) -> SyncRun | None:
    """Make the feed's index equal to what the network has; return the ended run, None when it is another's.

    Takes a run that waits, or one whose worker is lost. Raises NetworkError after noting it on the run and in
    the log; the index is then as it was. Where the database is lost, the run waits for a worker again, and
    where it is full, for a while; both are raised. Call it outside of a transaction.
    With `gives_way` the run waits for a worker again, too, while others hold every connection to its host.
    """
    claimed = _claim(run)
    if claimed is None:
        return None
    run, feed = claimed, claimed.feed
    try:
        network = network_of(feed.account)
        with Heartbeat(run) as heartbeat:
            _replace(run, feed, network, heartbeat, patience=PATIENCE if gives_way else FeedWatch().patience)
    except SyncStopped:
        pass  # cancelled or taken over; the row says so already
    except FeedUnchanged:
        _end_unchanged(run)
    except SuspiciousFeed as held:
        _hold(run, held)
    except HostBusy as error:
        if not gives_way:
            _fail(run, error)
            raise
        _give_way(run)
    except NetworkError as error:
        _fail(run, error)
        raise
    except BaseException as error:
        if connection.needs_rollback or not connection.is_usable():
            connection.close()
        if reason := find_outage(error):
            _put_back(run, reason, is_full=is_full(error))
            raise
        crash = Reason("stopped_by_error", {"error": error.__class__.__name__})
        with transaction.atomic():
            if _end(run, State.FAILED, message=crash):
                record_sync(Kind.SYNC_FAILED, feed, error=crash.to_json())
        _plan_next(feed)
        raise
    run.refresh_from_db()
    return run


def cancel_sync(run: SyncRun) -> bool:
    """Stop the sync, waiting or running; its worker lets go within two seconds. False when it had ended."""
    with transaction.atomic():
        cancelled = SyncRun.objects.filter(pk=run.pk, state__in=ACTIVE).update(
            state=State.CANCELLED, finished_at=timezone.now(), message=Reason("sync_cancelled")
        )
        if cancelled:
            record_sync(Kind.SYNC_CANCELLED, run.feed)
    if cancelled:
        _plan_next(run.feed)
    return bool(cancelled)


def accept_held(run: SyncRun) -> SyncRun | None:
    """Sync the feed again, whatever it looks like; return the new run for the caller to enqueue.

    None when the run is no longer held, or a sync is under way.
    """
    with transaction.atomic():
        if not SyncRun.objects.filter(pk=run.pk, state=State.HELD).update(state=State.DISCARDED):
            return None
        accepted = start_sync(run.feed, is_accepted=True)
        if accepted is None:
            transaction.set_rollback(True)
        else:
            record_sync(Kind.FEED_ACCEPTED, run.feed)
    return accepted


def discard_held(run: SyncRun) -> bool:
    """Leave the index as it is; the schedule goes on. False when the run is no longer held."""
    with transaction.atomic():
        discarded = SyncRun.objects.filter(pk=run.pk, state=State.HELD).update(state=State.DISCARDED)
        if discarded:
            record_sync(Kind.FEED_DISCARDED, run.feed)
    if discarded:
        kept_download(run.feed).drop()
    return bool(discarded)


def find_silent_syncs() -> list[SyncRun]:
    """Return the syncs that nobody gives a sign of. Those without a message in the queue are forgotten."""
    before = timezone.now() - SILENCE
    silent = Q(heartbeat_at__lt=before) | Q(heartbeat_at=None, created_at__lt=before)
    silent_runs = SyncRun.objects.filter(silent, state__in=ACTIVE)
    return list(silent_runs.exclude(waits_until__gt=timezone.now()).order_by("pk"))


def kept_download(feed: Feed) -> KeptFile:
    """Return where a download of the feed is kept until it is merged: a sync may die, fail or be held."""
    return KeptFile(settings.DOWNLOADS_DIR, f"feed-{feed.pk}", settings.DOWNLOADS_MAX_BYTES)


def feed_data(feed: Feed) -> FeedData:
    """Return the feed as its network's module knows it."""
    return FeedData(
        external_id=feed.external_id,
        name=feed.name,
        program_id=feed.program.external_id if feed.program else "",
        program_name=feed.program.name if feed.program else "",
        language=feed.language,
        currency=feed.currency,
        item_count=feed.item_count,
        network_updated_at=feed.network_updated_at,
        url=feed.url,
        market=feed.program.market if feed.program else "",
    )


# --- Steps -------------------------------------------------------------------------------------
def _claim(run: SyncRun) -> SyncRun | None:
    now, claim = timezone.now(), uuid4()
    due = Q(waits_until=None) | Q(waits_until__lte=now)
    free = Q(due, state=State.QUEUED) | Q(state=State.RUNNING, heartbeat_at__lt=now - SILENCE)
    claimed = SyncRun.objects.filter(free, pk=run.pk).update(
        state=State.RUNNING,
        started_at=now,
        heartbeat_at=now,
        claim=claim,
        item_count=0,
        byte_count=0,
        message="",
        waits_until=None,
    )
    if not claimed:
        return None
    return SyncRun.objects.select_related("feed__account", "feed__program").get(pk=run.pk)


def _replace(run: SyncRun, feed: Feed, network, heartbeat: Heartbeat, *, patience: float) -> None:
    known = FeedProfile.from_json(feed.profile)
    watch = FeedWatch(
        # Only what is here whole, and would be read as it was, can be unchanged.
        state=feed.network_state if feed.synced_at and not run.is_accepted and _reads_alike(known) else {},
        profile=known,
        language=feed.language or (feed.program.market if feed.program else ""),
        encoding=known.encoding,
        on_progress=heartbeat.see,
        patience=patience,
        kept=kept_download(feed),
    )

    network.http.clock.interrupt = heartbeat.check

    def check(tally, diff) -> None:
        heartbeat.check()
        if not run.is_accepted:
            check_diff(feed, tally, diff)

    def finish(tally, written) -> None:
        """In the transaction of the merge: it counts only while the run is still ours."""
        start_update(feed, sync=run)
        heartbeat.stop()
        ended = _end(
            run,
            State.DONE,
            item_count=tally.rows,
            bad_count=tally.bad,
            bad_samples=tally.samples,
            byte_count=watch.bytes_read,
            total_bytes=watch.bytes_total,
            new_count=written.new,
            changed_count=written.changed,
            unchanged_count=written.unchanged,
            gone_count=written.gone,
        )
        if not ended:
            raise SyncStopped
        counts = {name: getattr(written, name) for name in ("new", "changed", "unchanged", "gone")}
        record_sync(Kind.SYNC_ENDED, feed, sync=run.pk, **counts)

    try:
        feed_index.replace_feed(
            feed,
            network.fetch_items(feed_data(feed), watch),
            watch=watch,
            # A better reading changes many prices, all rightly.
            hold_prices=known.is_current and not run.is_accepted,
            on_progress=heartbeat.note,
            check=check,
            on_written=finish,
        )
    except NetworkUnavailable:
        SyncRun.objects.filter(pk=run.pk, claim=run.claim).update(byte_count=watch.bytes_read)
        raise
    except OperationalError:
        heartbeat.check()  # was the statement cancelled because the run was?
        raise
    if watch.kept:
        watch.kept.drop()
    learnt = replace(watch.profile, encoding=watch.encoding, reading=READING)
    Feed.objects.filter(pk=feed.pk).update(
        synced_at=timezone.now(), network_state=watch.new_state, profile=learnt.to_json()
    )
    _plan_next(feed)
    confirm_offers(feed)
    _tidy(run)


def _reads_alike(known: FeedProfile) -> bool:
    """Tell whether the same file would give the same items now: the reading is the same, no sale changed."""
    return known.is_current and (known.changes_at is None or known.changes_at > timezone.now())


def _until_due(feed: Feed) -> timedelta:
    """Return the time until the feed is due, or one of its sales begins or ends: at least an hour."""
    interval = Feed.Schedule(feed.schedule).interval
    learnt = FeedProfile.from_json(Feed.objects.values_list("profile", flat=True).get(pk=feed.pk))
    if learnt.changes_at is None:
        return interval
    return min(interval, max(learnt.changes_at - timezone.now(), LEAST_SALE_WAIT))


def _end(run: SyncRun, state: str, *, message: Reason | str = "", **values) -> int:
    return SyncRun.objects.filter(pk=run.pk, state=State.RUNNING, claim=run.claim).update(
        state=state, message=message, finished_at=timezone.now(), **values
    )


def _end_unchanged(run: SyncRun) -> None:
    count = FeedItem.objects.filter(feed=run.feed, missing_at=None).count()
    with transaction.atomic():
        ended = _end(run, State.UNCHANGED, unchanged_count=count)
        if ended:
            start_update(run.feed)
    if ended:
        kept_download(run.feed).drop()
        Feed.objects.filter(pk=run.feed_id).update(synced_at=timezone.now())
        _plan_next(run.feed)
        confirm_offers(run.feed)
        _tidy(run)


def _hold(run: SyncRun, held: SuspiciousFeed) -> None:
    tally = held.tally
    with transaction.atomic():
        ended = _end(
            run,
            State.HELD,
            message=held.reason,
            item_count=tally.rows,
            bad_count=tally.bad,
            bad_samples=tally.samples,
        )
        if ended:
            record_sync(Kind.FEED_HELD, run.feed, sync=run.pk, reason=held.reason.to_json())
    if ended:
        _plan_next(run.feed)
        _tidy(run)


def _fail(run: SyncRun, error: NetworkError) -> None:
    message = _with_advice(run, error)
    with transaction.atomic():
        ended = _end(run, State.FAILED, message=message)
        if ended:
            record_sync(Kind.SYNC_FAILED, run.feed, sync=run.pk, error=message.to_json())
    if ended:
        wait = None
        if isinstance(error, NetworkUnavailable):
            wait = max(_wait_after(run.feed), timedelta(seconds=error.retry_after or 0))
        _plan_next(run.feed, wait)
        _tidy(run)


def _with_advice(run: SyncRun, error: NetworkError) -> Reason:
    """Return what the error says, or that the file is cut at its source: it was, at this byte, last time."""
    run.refresh_from_db(fields=["byte_count"])
    before = run.feed.syncs.filter(pk__lt=run.pk).order_by("-pk").first()
    is_same = before and before.state == State.FAILED and before.byte_count == run.byte_count
    if isinstance(error, NetworkUnavailable) and run.byte_count and is_same:
        said = before.message if before and isinstance(before.message, Reason) else None
        if said and (said.code, said.params) == (error.code, error.params):
            return replace(error.reason, then=Reason("cut_at_source"))
    return error.reason


def _wait_after(feed: Feed) -> timedelta:
    """Return how long to wait after the failures in a row: twice as long each time."""
    others = feed.syncs.exclude(state=State.FAILED).order_by("-pk").values_list("pk", flat=True)
    failures = feed.syncs.filter(state=State.FAILED, pk__gt=others.first() or 0).count()
    return min(FIRST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT)


def _put_back(run: SyncRun, reason: Reason, *, is_full: bool) -> None:
    """Let the run wait for a worker again; of a full database let its feed wait, as of a network.

    Where the database cannot note it, the run falls silent, and is taken up for that.
    """
    with suppress(Error):
        if is_full:
            if _end(run, State.FAILED, message=replace(reason, then=Reason("tried_again_by_itself"))):
                _plan_next(run.feed, _wait_after(run.feed))
        else:
            SyncRun.objects.filter(pk=run.pk, state=State.RUNNING, claim=run.claim).update(
                state=State.QUEUED, heartbeat_at=timezone.now(), message=reason
            )


def _give_way(run: SyncRun) -> None:
    """Let the run wait for its host, and its worker go on with other feeds."""
    now = timezone.now()
    SyncRun.objects.filter(pk=run.pk, state=State.RUNNING, claim=run.claim).update(
        state=State.QUEUED,
        heartbeat_at=now,
        waits_until=now + HOST_WAIT,
        message=Reason("gives_way"),
    )


def _plan_next(feed: Feed, wait: timedelta | None = None) -> None:
    """Set when the feed is due: as its schedule and its sales say, or after `wait`."""
    wait = wait or _until_due(feed)
    Feed.objects.filter(pk=feed.pk).update(next_sync_at=timezone.now() + wait)


def _tidy(run: SyncRun) -> None:
    """Let what this run overtook rest, and forget the oldest."""
    older = SyncRun.objects.filter(feed=run.feed_id, pk__lt=run.pk)
    older.filter(state=State.HELD).update(state=State.DISCARDED)
    kept = list(older.order_by("-pk").values_list("pk", flat=True)[KEPT_RUNS - 1 : KEPT_RUNS])
    if kept:
        older.filter(pk__lte=kept[0]).delete()


def record_sync(kind: Kind, feed: Feed, /, **after) -> None:
    """Note what became of a feed or its sync."""
    record(kind, f"feed:{feed.pk}", after={"name": str(feed), **after}, sources=[feed.account.network])
