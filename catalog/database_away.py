"""What it looks like when PostgreSQL is away."""

from django.db import DatabaseError, InterfaceError, OperationalError

# Connection lost, shutting down or starting, too many connections.
AWAY_STATES = ("08", "57P", "53300")


class DatabaseAway(OperationalError):
    """PostgreSQL does not answer; whoever raises it has not waited for it."""


def is_away(error: BaseException | None) -> bool:
    """Tell whether an error says that PostgreSQL is away, and not that it did not like a query."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state.startswith(AWAY_STATES)
