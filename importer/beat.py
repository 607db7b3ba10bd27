"""Signs of life: what a worker that is at something says all the time."""

import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import Error, connection

BEAT = 0.5  # seconds
# Who says nothing for so long is taken for dead: ten beats, so that a busy machine kills nobody.
SILENCE = timedelta(seconds=5)


class Beat:
    """While open, calls `write` all the time, from a thread with a connection of its own.

    `write` returns how many rows it wrote: with 0 the work is no longer ours, and the beat ends.
    """

    def __init__(self, write: Callable[[], int], seconds: float = BEAT) -> None:
        self._write = write
        self._seconds = seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.stop()

    def stop(self) -> None:
        """End the beat: from here on nothing is written any more."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._is_over.wait(self._seconds):
                try:
                    is_ours = self._write()
                except Error:  # a database that restarts is the main thread's trouble
                    connection.close()
                    continue
                if not is_ours and not self._is_over.is_set():
                    self._lose()
                    return
        finally:
            connection.close()

    def _lose(self) -> None:
        """Learn that the work is another's."""
