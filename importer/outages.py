"""When the database cannot work at all, whatever is asked of it: gone, restarting, full."""

from django.db import DatabaseError, InterfaceError, OperationalError

# What PostgreSQL says (SQLSTATE), in words for a person; the longest beginning that fits.
_REASONS = {
    "53": "The database is short of resources.",
    "53100": "The disk of the database is full.",
    "53200": "The database is out of memory.",
    "53300": "The database has no connection left.",
    "53400": "The database has reached a limit that its settings set.",
    "58030": "The disk of the database cannot be read or written.",
    "08": "The connection to the database was lost.",
    "57P": "The database is stopping or starting.",
    "57P05": "The connection to the database was lost.",
    "25P03": "The connection to the database was lost.",  # it waited too long for us
}
# Serialization failure, deadlock, lock not available, a unique or a foreign key.
_CONFLICTS = ("40001", "40P01", "55P03", "23505", "23503")
_GONE = "The connection to the database was lost."


def find_outage(error: BaseException) -> str:
    """Return in one sentence why the database cannot work; "" where it only refused a statement."""
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return ""
    cause = error if getattr(error, "sqlstate", None) else error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is None:  # it did not even answer
        return _GONE if isinstance(error, (OperationalError, InterfaceError)) else ""
    return next((_REASONS[state[:n]] for n in (5, 3, 2) if state[:n] in _REASONS), "")


def is_conflict(error: BaseException) -> bool:
    """Tell whether other transactions were in the way, so that the same may well succeed now."""
    return getattr(error.__cause__, "sqlstate", None) in _CONFLICTS


def is_full(error: BaseException) -> bool:
    """Tell whether the database has run out of something that a second will not bring back."""
    return getattr(error.__cause__, "sqlstate", None) in ("53100", "53200", "53400", "58030")
