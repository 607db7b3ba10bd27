"""The one order in which everybody locks, so that nobody waits in a circle.

    1. the turn of those who make things: alone (`take_turn`), or with others (`share_turn`)
    2. with others: what tells articles apart, each of which one may make (`reserve` Names.ARTICLES)
    3. categories; programs and the shops' sources
    4. products, the lowest id first
    5. offers, the lowest id first
    6. shops and brands that are there, the lowest id first
    7. addresses of new products (`reserve` Names.ADDRESSES), then new brands, each in order
    8. what foreign keys hold (`hold_references`)
    9. an import run, then the log

Whoever needs nothing of a step leaves it out; nobody goes back. Rows are locked `FOR NO KEY UPDATE`, which a
foreign key that leads to them does not wait for, unless they are about to be deleted.
"""

from collections.abc import Iterable
from enum import IntEnum
from zlib import crc32

from django.db import connection
from django.db.models import QuerySet

_TURN = 7_100  # first key of the advisory lock


def take_turn() -> bool:
    """Let nobody else make many products or merge things until the transaction ends; True if we had to wait.

    Who shares the turn already must not ask for it: two who did would wait for each other.
    """
    return _take_turn("pg_{}advisory_xact_lock")


def share_turn() -> bool:
    """Make products side by side with others who share the turn; True if we had to wait for one alone.

    For those who reserve what they take.
    """
    return _take_turn("pg_{}advisory_xact_lock_shared")


def _take_turn(function: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function.format('try_')}(%s, 0)", [_TURN])
        if cursor.fetchone()[0]:
            return False
        cursor.execute(f"SELECT {function.format('')}(%s, 0)", [_TURN])
        return True


class Names(IntEnum):
    """What names are of. Who reserves several kinds does so in this order."""

    ARTICLES = 1  # EANs, source keys, groups of variants
    ADDRESSES = 2


def reserve(kind: Names, names: Iterable[str]) -> None:
    """Let nobody else who reserves these names go on before the transaction ends.

    Whoever inserts what another has just inserted waits for its COMMIT. A new product and its offer are in
    four such indexes, so that rows in any order would make two wait in a circle; here the order is ours.
    A lock for each name would fill the server's table of locks, which all share.
    """
    keys = sorted({kind << 32 | crc32(name.encode()) for name in names})
    array = f"{{{','.join(map(str, keys))}}}"
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO catalog_reservedname SELECT unnest(%s::bigint[])", [array])
        cursor.execute("DELETE FROM catalog_reservedname WHERE key = ANY(%s::bigint[])", [array])


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
