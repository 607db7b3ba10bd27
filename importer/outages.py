"""When the database cannot work at all, whatever is asked of it: gone, restarting, full."""

from django.db import DatabaseError, InterfaceError, OperationalError

from importer.reasons import Reason

_GONE = "database_lost"
# What PostgreSQL says (SQLSTATE) and what we call it; the longest beginning that fits.
_CODES = {
    "53": "database_short",
    "53100": "database_disk_full",
    "53200": "database_out_of_memory",
    "53300": "database_no_connection_left",
    "53400": "database_limit_reached",
    "58030": "database_disk_broken",
    "08": _GONE,
    "57P": "database_restarting",
    "57P05": _GONE,
    "25P03": _GONE,  # it waited too long for us
}
# Serialization failure, deadlock, lock not available, a unique or a foreign key.
_CONFLICTS = ("40001", "40P01", "55P03", "23505", "23503")


def find_outage(error: BaseException) -> Reason | None:
    """Return why the database cannot work; None where it only refused a statement."""
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return None
    cause = error if getattr(error, "sqlstate", None) else error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is None:  # it did not even answer
        return Reason(_GONE) if isinstance(error, (OperationalError, InterfaceError)) else None
    return next((Reason(_CODES[state[:n]]) for n in (5, 3, 2) if state[:n] in _CODES), None)


def is_conflict(error: BaseException) -> bool:
    """Tell whether other transactions were in the way, so that the same may well succeed now."""
    return getattr(error.__cause__, "sqlstate", None) in _CONFLICTS


def is_full(error: BaseException) -> bool:
    """Tell whether the database has run out of something that a second will not bring back."""
    return getattr(error.__cause__, "sqlstate", None) in ("53100", "53200", "53400", "58030")
