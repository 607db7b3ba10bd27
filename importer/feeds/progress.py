"""How far a sync is, and whether anybody works on it."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from importer.imports.progress import worker_answers
from importer.models import SyncRun

STALLED_AFTER = timedelta(seconds=30)
MEASURED_AFTER = timedelta(seconds=1)  # a first moment says little about the speed


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """The numbers of a progress bar. `rate` is items per second; None where nothing can be said yet.

    `expected_count`: about how many items come, by the bytes or else by what the network announced.
    """

    item_count: int
    expected_count: int | None
    byte_count: int
    total_bytes: int | None
    rate: float | None
    seconds_left: int | None
    silence: timedelta  # since the last sign of life
    stalled: str  # why nothing moves, "" while it does

    @property
    def percent(self) -> int | None:
        if not self.total_bytes:
            return None
        return min(self.byte_count * 100 // self.total_bytes, 100)

    @property
    def is_stalled(self) -> bool:
        return bool(self.stalled)


def of_sync(run: SyncRun) -> SyncProgress:
    """Return the progress of a sync at this moment: by bytes where the server says how many."""
    now = timezone.now()
    elapsed = (run.finished_at or now) - run.started_at if run.started_at else timedelta()
    is_measured = elapsed >= MEASURED_AFTER or not run.is_active
    seconds = max(elapsed.total_seconds(), 0.001)
    rate = run.item_count / seconds if run.item_count and is_measured else None
    expected = run.feed.item_count
    if run.total_bytes and run.byte_count and run.item_count:
        expected = round(run.item_count * run.total_bytes / run.byte_count)
    expected = expected and max(expected, run.item_count)
    left = round((expected - run.item_count) / rate) if run.is_active and rate and expected else None
    silence = now - (run.heartbeat_at or run.created_at)
    return SyncProgress(
        item_count=run.item_count,
        expected_count=expected,
        byte_count=run.byte_count,
        total_bytes=run.total_bytes,
        rate=rate,
        seconds_left=left,
        silence=silence,
        stalled=_why_stalled(run, silence),
    )


def _why_stalled(run: SyncRun, silence: timedelta) -> str:
    if not run.is_active or silence < STALLED_AFTER:
        return ""
    if not worker_answers():
        return "No worker answers. Start one (`manage.py up`): the sync then goes on by itself."
    if run.state == SyncRun.State.QUEUED:
        return "Every worker is busy with other feeds. The sync starts by itself."
    return "Its worker was lost. Another one takes it up by itself."
