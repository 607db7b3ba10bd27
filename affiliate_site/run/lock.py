"""Who runs the site of a folder: one `up`, or one command that needs its servers for itself."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connections

from affiliate_site.run.supervisor import SetupError, Supervisor


def take_lock(var_dir: Path, where: str) -> IO[str]:
    """Return the open, locked var/up.lock, which names us. Raise SetupError when another holds it."""
    var_dir.mkdir(parents=True, exist_ok=True)
    lock = (var_dir / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        pid, _, at = lock.read().strip().partition(" ")
        raise SetupError(f"It is already running at {at}/ (PID {pid}; stop it with: kill {pid})") from None
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()} {where}\n")
    lock.flush()
    return lock


@contextmanager
def own_stores(why: str) -> Iterator[None]:
    """Run the embedded PostgreSQL for as long as it lasts, for a command that works on a site that stands.

    With servers of one's own (DATABASE_URL) it does nothing. Raises SetupError while the site runs.
    """
    if not settings.EMBEDDED_POSTGRES:
        yield
        return
    from affiliate_site.run import servers  # needs the extra "embedded"

    with take_lock(settings.VAR_DIR, why):
        supervisor = Supervisor(settings.VAR_DIR / "log", say=lambda line: None)
        try:
            supervisor.start(servers.postgres(settings.VAR_DIR))
            supervisor.wait_until_ready()
            yield
        finally:
            connections.close_all()
            supervisor.stop()
