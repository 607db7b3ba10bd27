"""The one order in which everybody locks, so that nobody waits in a circle.

    1. the turn of those who make things (`take_turn`)
    2. categories; programs and the shops' sources
    3. products, the lowest id first
    4. offers, the lowest id first
    5. shops and brands, the lowest id first
    6. what foreign keys hold (`hold_references`)
    7. an import run, then the log

Whoever needs nothing of a step leaves it out; nobody goes back. Rows are locked `FOR NO KEY UPDATE`, which a
foreign key that leads to them does not wait for, unless they are about to be deleted.
"""

from django.db import connection
from django.db.models import QuerySet

_TURN = 7_100  # first key of the advisory lock


def take_turn() -> bool:
    """Let nobody else make many products or merge things until the transaction ends; True if we had to wait.

    New rows have several unique names each (address, EAN, source key): two who write a thousand of them in
    one transaction meet in orders that nothing could sort.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [_TURN])
        if cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_TURN])
        return True


def lock(rows: QuerySet) -> list[int]:
    """Lock these rows, which stay, and return their primary keys in order."""
    return list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def lock_to_delete(rows: QuerySet) -> list[int]:
    """Lock these rows, which are about to go, and return their primary keys in order.

    Before what hangs on them: whoever counts their clicks or adds to them holds their keys first.
    """
    return list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))


def hold_references() -> None:
    """Check the foreign keys of what was written now, not at COMMIT: then nothing is left to wait for.

    Raises IntegrityError. What follows in the transaction is checked with each statement.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
