"""How far a sync is, and whether anybody works on it."""

from dataclasses import dataclass
from datetime import timedelta

from importer.imports.progress import pace_of, why_stalled
from importer.models import SyncRun

STALLED_AFTER = timedelta(seconds=30)
_BUSY = "Every worker is busy with other feeds. The sync starts by itself."
_LOST = "Its worker was lost. Another one takes it up by itself."


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
    expected = run.feed.item_count
    if run.total_bytes and run.byte_count and run.item_count:
        expected = round(run.item_count * run.total_bytes / run.byte_count)
    expected = expected and max(expected, run.item_count)
    pace = pace_of(run, run.item_count, expected)
    is_queued = run.state == SyncRun.State.QUEUED
    return SyncProgress(
        item_count=run.item_count,
        expected_count=expected,
        byte_count=run.byte_count,
        total_bytes=run.total_bytes,
        rate=pace.rate,
        seconds_left=pace.seconds_left,
        silence=pace.silence,
        stalled=why_stalled(
            run, pace, after=STALLED_AFTER, what="sync", otherwise=_BUSY if is_queued else _LOST
        ),
    )
