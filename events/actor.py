"""Who is at work in this thread, so that no service has to be told.

A request, a task and a command each say it once, where they begin; `events.record` reads it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_actor: ContextVar[str | Callable[[], str]] = ContextVar("actor", default="")
_run: ContextVar[int | None] = ContextVar("run", default=None)


@contextmanager
def acting_as(actor: str | Callable[[], str]) -> Iterator[None]:
    """Let `actor` be who changes things in this block: a key like "user:5", or what returns it when asked."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def in_run(run_id: int) -> Iterator[None]:
    """Let what is changed in this block be the work of an import run, whoever acts."""
    token = _run.set(run_id)
    try:
        yield
    finally:
        _run.reset(token)


def current_actor() -> str:
    """Return who acts now; "" where nobody said so."""
    actor = _actor.get()
    return actor if isinstance(actor, str) else actor()


def current_run() -> int | None:
    """Return the import run whose work is being done now."""
    return _run.get()
