"""The sign of life of a sync, and the ear for its cancellation."""

import contextlib
import threading

import psycopg
from django.db import DatabaseError, connection
from django.utils import timezone

from importer.feed_index import Tally
from importer.models import SyncRun
from importer.networks.contract import FeedWatch

BEAT = 0.5  # seconds


class SyncStopped(Exception):
    """The run was cancelled, or another worker has taken it over."""


class Pulse:
    """While open, writes a run's progress twice a second from a thread with a connection of its own.

    When the run is no longer ours, the statement that the database is busy with is cancelled, too: a merge
    may take minutes.
    """

    def __init__(self, run: SyncRun) -> None:
        self._run = run
        self._tally = Tally()
        self._watch = FeedWatch()
        self._connection = connection.connection
        self._is_over = threading.Event()
        self._is_lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"sync {run.pk}", daemon=True)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.stop()

    def stop(self) -> None:
        """End the beat: from here on nothing is cancelled any more."""
        self._is_over.set()
        self._thread.join()

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

    def _beat(self) -> None:
        try:
            while not self._is_over.wait(BEAT):
                # A database that restarts is the main thread's trouble.
                with contextlib.suppress(DatabaseError):
                    if not self._write() and not self._is_over.is_set():
                        self._is_lost.set()
                        with contextlib.suppress(psycopg.Error):
                            self._connection.cancel_safe(timeout=2)
                        return
        finally:
            connection.close()

    def _write(self) -> int:
        run = SyncRun.objects.filter(pk=self._run.pk, state=SyncRun.State.RUNNING, claim=self._run.claim)
        return run.update(
            heartbeat_at=timezone.now(),
            item_count=self._tally.rows,
            bad_count=self._tally.bad + self._watch.bad_count,
            byte_count=self._watch.bytes_read,
            total_bytes=self._watch.bytes_total,
            message=f"Waiting for {self._watch.waiting_for}." if self._watch.waiting_for else "",
        )
