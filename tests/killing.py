"""Kill what works at any of its lines."""

import sys
import threading
from collections.abc import Callable, Iterable
from types import ModuleType

from django.db import Error, connection, connections


class Killed(BaseException):
    """A worker that is gone in the middle of a line: nothing catches it."""


def lines_of(call: Callable[[], object], modules: Iterable[ModuleType], *, stop_at: int | None = None) -> int:
    """Call it in a thread and count the lines of these modules that it goes through; kill it at one of them.

    Not even the ends of its blocks are reached then: PostgreSQL sees a connection that is gone.
    """
    files = {module.__file__ for module in modules}
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            count += 1
            if count == stop_at:
                connection.connection.close()
                raise Killed
        return trace

    def run() -> None:
        connection.ensure_connection()
        sys.settrace(trace)
        try:
            call()
        except (Killed, Error):  # and what follows from a connection that is gone
            pass
        finally:
            sys.settrace(None)
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    return count
