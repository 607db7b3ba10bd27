"""How far an import run is, and whether anybody works on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.core.cache import cache
from django.utils import timezone
from kombu.exceptions import OperationalError

from affiliate_site.redis import redis_answers
from importer.models import ImportItem, ImportRun

STALLED_AFTER = timedelta(seconds=60)
# A run's first seconds say little about its speed.
MEASURED_AFTER = timedelta(seconds=1)


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


def of_run(run: ImportRun) -> Progress:
    """Return the progress of a run at this moment."""
    now = timezone.now()
    done, total = run.done_count, run.total_count
    rate = _rate(run, done, run.finished_at or now)
    left = round((total - done) / rate) if run.is_active and rate else None
    silence = now - (run.heartbeat_at or run.created_at)
    wait = run.waits_until - now if is_waiting(run) else None
    return Progress(done, total, rate, left, silence, _why_stalled(run, silence), wait)


def verdict_counts(run: ImportRun) -> list[tuple[str, str, int]]:
    """Return (verdict, label, count) of the verdicts that occur."""
    labels = dict(ImportItem.Verdict.choices)
    return [(verdict, labels[verdict], count) for verdict, count in run.counts.items() if count]


def _rate(run: ImportRun, done: int, until: datetime) -> float | None:
    if not done or not run.started_at:
        return None
    elapsed = until - run.started_at
    if run.is_active and elapsed < MEASURED_AFTER:
        return None
    return done / max(elapsed.total_seconds(), 0.001)


def _why_stalled(run: ImportRun, silence: timedelta) -> str:
    if not run.is_active or silence < STALLED_AFTER or is_waiting(run):
        return ""
    if not worker_answers():
        return "No worker answers. Start one (`manage.py up`): the import then goes on by itself."
    return "The worker is busy with something else or was restarted. The import goes on by itself."


def is_waiting(run: ImportRun) -> bool:
    """Does the run wait for a network, with nothing to do until then?"""
    return (
        run.state == run.State.COLLECTING and run.waits_until is not None and run.waits_until > timezone.now()
    )


def worker_answers() -> bool:
    """Does a Celery worker answer within half a second? Asked at most every ten seconds."""
    try:
        return redis_answers() and cache.get_or_set("importer:worker-answers", _ping, timeout=10)
    except OperationalError:
        return False


def _ping() -> bool:
    return bool(current_app.control.ping(timeout=0.5))
