"""What the last sync of a feed read, kept from one sync to the next (`feed_files.KnownRows`).

It is true only while the items are as that sync left them. So it has a token: a sync takes it before it
reads, and stores what it learnt only where the token is still there. Whoever else writes items that are
stored already deletes it, in the same transaction and while the feed is held.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connection
from psycopg import Cursor
from psycopg.types.json import Jsonb

from importer.feed_files import KnownRows

# What decides how a row of a feed becomes one of the index, besides the feed itself.
_READERS = (
    "importer/feed_files",
    "importer/feed_index",
    "importer/networks",
    "importer/normalise",
    "catalog/lib",
)
_LIBRARIES = ("babel", "lxml", "nh3", "orjson", "price-parser", "publicsuffixlist", "python-stdnum")
_INSERT = """
    INSERT INTO importer_feedrows (feed_id, part, token, salt, kinds, data) VALUES (%s, %s, %s, %s, %s, %b)
"""


def take_known(feed_id: int, salt: str) -> tuple[KnownRows, UUID | None]:
    """Return what is known of the feed's rows, and the token to store what is learnt with."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO importer_feedrows (feed_id, part, token, salt, kinds, data)
            SELECT id, 0, %s, '', '[]', '' FROM importer_feed WHERE id = %s ON CONFLICT DO NOTHING
            """,
            [uuid4(), feed_id],
        )
        cursor.execute(
            "SELECT token, salt, kinds::text FROM importer_feedrows WHERE feed_id = %s AND part = 0",
            [feed_id],
        )
        token, learnt_under, kinds = cursor.fetchone() or (None, "", "[]")
    kinds = json.loads(kinds)
    salt = f"{salt} {_reader_version()}"
    return KnownRows(salt, learnt_under, kinds, _load_parts(feed_id) if kinds else ()), token


def store_known(feed_id: int, known: KnownRows, token: UUID | None) -> None:
    """Store what a sync learnt, unless somebody else wrote to the feed meanwhile. Within the merge."""
    if not known.is_changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM importer_feedrows WHERE feed_id = %s AND part = 0 AND token = %s", [feed_id, token]
        )
        is_ours = cursor.rowcount
        forget_known([feed_id])
        if not is_ours:
            return
    excluded = _ambiguous_items()
    with connection.wrap_database_errors, _binary_cursor() as cursor:
        cursor.execute(_INSERT, [feed_id, 0, uuid4(), known.salt, Jsonb(known.kinds), b""])
        for part, data in enumerate(known.parts(excluded), 1):
            cursor.execute(_INSERT, [feed_id, part, None, "", Jsonb([]), data])


def forget_known(feed_ids: Iterable[int]) -> None:
    """Forget the rows of the feeds: what is stored of them was written by somebody else. Feeds are held."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM importer_feedrows WHERE feed_id = ANY(%s)", [list(feed_ids)])


def note_ambiguous() -> None:
    """Keep which items came in several rows, or were stored meanwhile: those rows must be read again.

    After `link_existing`, before `deduplicate`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; DROP TABLE IF EXISTS pg_temp.ambiguous_item")
        cursor.execute(
            """
            CREATE TEMPORARY TABLE ambiguous_item ON COMMIT DROP AS
            SELECT new_id AS item_id FROM staged_item
            WHERE new_id IS NOT NULL AND (item_id IS NOT NULL OR external_id IN (
                SELECT external_id FROM staged_item GROUP BY external_id HAVING count(*) > 1))
            UNION ALL
            SELECT item_id FROM seen_item GROUP BY item_id HAVING count(*) > 1
            """
        )


def _ambiguous_items() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT item_id FROM ambiguous_item")
        return {item_id for (item_id,) in cursor.fetchall()}


def _binary_cursor() -> Cursor:
    """Return a cursor that sends bytes as they are; Django's writes them into the statement."""
    connection.ensure_connection()
    return Cursor(connection.connection)


def _load_parts(feed_id: int) -> Iterator[bytes]:
    with connection.wrap_database_errors, _binary_cursor() as cursor:
        for part in range(1, 1 << 15):
            cursor.execute(
                "SELECT data FROM importer_feedrows WHERE feed_id = %s AND part = %s",
                [feed_id, part],
                binary=True,
            )
            row = cursor.fetchone()
            if row is None:
                return
            yield row[0]


@cache
def _reader_version() -> str:
    """Return a hash of the code that reads rows, and of what it reads them with: a new one reads all anew."""
    folder = Path(__file__).parents[2]
    hashed = blake2b(unicodedata.unidata_version.encode(), digest_size=16)
    for name in _LIBRARIES:
        hashed.update(f"{name} {version(name)}".encode())
    for path in sorted(path for name in _READERS for path in (folder / name).rglob("*.py")):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()
