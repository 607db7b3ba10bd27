"""How far an import run is, and whether anybody works on it; of syncs too, what both have in common."""

from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.core.cache import cache
from django.utils import timezone
from kombu.exceptions import OperationalError

from affiliate_site.redis import redis_answers
from importer.models import ImportItem, ImportRun, SyncRun

STALLED_AFTER = timedelta(seconds=60)
MEASURED_AFTER = timedelta(seconds=1)
_BUSY = "The worker is busy with something else or was restarted. The import goes on by itself."


@dataclass(frozen=True, slots=True)
class Progress:
    """The numbers of a progress bar. `rate` is items per second; None where nothing can be said yet."""

    done: int
    total: int
    rate: float | None
    seconds_left: int | None
    silence: timedelta  # since the last sign of life
    stalled: str  # why nothing moves, "" while it does
    wait: timedelta | None  # until the network is asked again

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast something that a worker does goes, and how long nothing was heard of it."""

    rate: float | None
    seconds_left: int | None
    silence: timedelta


def pace_of(run: ImportRun | SyncRun, done: int, total: int | None) -> Pace:
    """Return the pace of an import or a sync at this moment; a first moment says nothing of the speed."""
    now = timezone.now()
    elapsed = (run.finished_at or now) - run.started_at if run.started_at else timedelta()
    is_measured = elapsed >= MEASURED_AFTER or (run.started_at and not run.is_active)
    rate = done / max(elapsed.total_seconds(), 0.001) if done and is_measured else None
    left = round((total - done) / rate) if run.is_active and rate and total else None
    return Pace(rate, left, now - (run.heartbeat_at or run.created_at))


def why_stalled(run: ImportRun | SyncRun, pace: Pace, *, after: timedelta, what: str, otherwise: str) -> str:
    """Return why nothing moves, "" while it does: nobody works, or what is known `otherwise`."""
    if not run.is_active or pace.silence < after:
        return ""
    if not worker_answers():
        return f"No worker answers. Start one (`manage.py up`): the {what} then goes on by itself."
    return otherwise


def of_run(run: ImportRun) -> Progress:
    """Return the progress of a run at this moment."""
    done, total = run.done_count, run.total_count
    pace = pace_of(run, done, total)
    stalled = (
        ""
        if is_waiting(run)
        else why_stalled(
            run,
            pace,
            after=STALLED_AFTER,
            what="import",
            otherwise=_BUSY,
        )
    )
    wait = run.waits_until - timezone.now() if run.waits_until and is_waiting(run) else None
    return Progress(done, total, pace.rate, pace.seconds_left, pace.silence, stalled, wait)


def verdict_counts(run: ImportRun) -> list[tuple[str, str, int]]:
    """Return (verdict, label, count) of the verdicts that occur."""
    labels = dict(ImportItem.Verdict.choices)
    return [(verdict, labels[verdict], count) for verdict, count in run.counts.items() if count]


def is_waiting(run: ImportRun) -> bool:
    """Does the run wait for a network, with nothing to do until then?"""
    return (
        run.state == run.State.COLLECTING and run.waits_until is not None and run.waits_until > timezone.now()
    )


def worker_answers() -> bool:
    """Does a Celery worker answer within half a second? Asked at most every ten seconds."""
    try:
        return redis_answers() and bool(cache.get_or_set("importer:worker-answers", _ping, timeout=10))
    except OperationalError:
        return False


def _ping() -> bool:
    return bool(current_app.control.ping(timeout=0.5))
