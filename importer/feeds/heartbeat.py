"""The sign of life of a sync, and the ear for its cancellation."""

import contextlib
import threading

import psycopg
from django.db import connection
from django.utils import timezone

from importer.beat import Beat
from importer.feed_index import Tally
from importer.models import SyncRun
from importer.networks.contract import FeedWatch


class SyncStopped(Exception):
    """The run was cancelled, or another worker has taken it over."""


class Heartbeat(Beat):
    """The beat of a sync, which writes its progress.

    When the run is no longer ours, the statement that the database is busy with is cancelled, too: a merge
    may take minutes.
    """

    def __init__(self, run: SyncRun) -> None:
        super().__init__(self._write_progress)
        self._run_id, self._claim = run.pk, run.claim
        self._tally = Tally()
        self._watch = FeedWatch()
        self._connection = connection.connection
        self._is_lost = threading.Event()

    def note(self, tally: Tally) -> None:
        """Keep what was read for the next beat. Raises SyncStopped."""
        self._tally = tally
        self.check()

    def see(self, watch: FeedWatch) -> None:
        """Keep what the reader sees for the next beat. Raises SyncStopped."""
        self._watch = watch
        self.check()

    def check(self) -> None:
        """Raise SyncStopped when the run is no longer ours."""
        if self._is_lost.is_set():
            raise SyncStopped

    def _lose(self) -> None:
        self._is_lost.set()
        with contextlib.suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=2)

    def _write_progress(self) -> int:
        run = SyncRun.objects.filter(pk=self._run_id, state=SyncRun.State.RUNNING, claim=self._claim)
        return run.update(
            heartbeat_at=timezone.now(),
            item_count=self._tally.rows,
            bad_count=self._tally.bad + self._watch.bad_count,
            byte_count=self._watch.bytes_read,
            total_bytes=self._watch.bytes_total,
            message=self._watch.waiting_for or "",
        )
