"""Every word that the index holds, so that the words that begin alike can be named."""

from collections.abc import Collection

from django.db import connection, transaction

from catalog.lib.arrays import text_array

# A character after which no other sorts.
_LAST = "\U0010ffff"


def add_words(words: Collection[str]) -> None:
    """Note words; they stay when no item has them any more. Call it before items with them are written.

    This does not wait for the disk: there, no later commit comes before this one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(
            """
            INSERT INTO importer_indexedword (text)
            SELECT word FROM unnest(%s::text[]) AS word
            WHERE NOT EXISTS (SELECT FROM importer_indexedword WHERE text = word COLLATE "C")
            ORDER BY word COLLATE "C"
            ON CONFLICT DO NOTHING
            """,
            [text_array([*words])],
        )


def find_words(beginning: str, limit: int) -> list[str]:
    """Return words that begin so, at most `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text FROM importer_indexedword WHERE text >= %s AND text < %s ORDER BY text LIMIT %s",
            [beginning, beginning + _LAST, limit],
        )
        return [text for (text,) in cursor.fetchall()]
