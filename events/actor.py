"""Who is at work in this thread, and why, so that no service has to be told.

A request, a task and a command each say it once, where they begin; `events.record` and the revisions of
products read it.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_actor: ContextVar[str | Callable[[], str]] = ContextVar("actor", default="")
_run: ContextVar[int | None] = ContextVar("run", default=None)
_cause: ContextVar[str] = ContextVar("cause", default="")


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
    """Let what is changed in this block be the work of an import run, whoever acts: the run is the cause."""
    token = _run.set(run_id)
    try:
        with cause(f"run:{run_id}"):
            yield
    finally:
        _run.reset(token)


@contextmanager
def cause(key: str) -> Iterator[None]:
    """Let `key` be why things change in this block: "run:12", "mapping:5". All of one cause can be taken back
    together (`catalog.services.undo`)."""
    token = _cause.set(key)
    try:
        yield
    finally:
        _cause.reset(token)


def new_cause(kind: str) -> str:
    """Return a key that nothing else has, "bulk:2f1b...": for what has no row to be named by."""
    return f"{kind}:{secrets.token_hex(8)}"


def current_actor() -> str:
    """Return who acts now; "" where nobody said so."""
    actor = _actor.get()
    return actor if isinstance(actor, str) else actor()


def current_run() -> int | None:
    """Return the import run whose work is being done now."""
    return _run.get()


def current_cause() -> str:
    """Return why things change now; "" for a single change by a person."""
    return _cause.get()
