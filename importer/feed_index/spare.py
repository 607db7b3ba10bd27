"""What is not gone although it did not come: the items of rows that could not be read."""

import re
from collections.abc import Iterable

from django.db import connection

from catalog.lib.arrays import text_array

# What stands between two values of a broken row, whatever its format.
_EDGES = re.compile(r"[\"'<>;|\t\r\n]+")
_FINER_EDGES = re.compile(r"[\"'<>;|\t\r\n,:={}\[\]]+")


def spare_unread(feed_id: int, count: int, texts: Iterable[str]) -> None:
    """Take out of `gone_item` what may be among `count` rows that could not be read; `texts` are theirs.

    An item whose id stands in such a row is not gone. Which ones the other rows were nobody knows: as long as
    no more items are missing than there are such rows, none is gone. Call it within the merge.
    """
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute(
                """
                DELETE FROM gone_item USING importer_feeditem AS item
                WHERE item.id = gone_item.id AND item.feed_id = %s AND item.external_id = ANY(%s::varchar[])
                """,
                [feed_id, text_array(sorted(_values(text)))],
            )
            # Of several ids, one may be a number that only looks like an id.
            count -= cursor.rowcount == 1
        cursor.execute("DELETE FROM gone_item WHERE (SELECT count(*) FROM gone_item) <= %s", [count])


def _values(text: str) -> set[str]:
    """Return what may be a value in a broken row: what its marks enclose."""
    parts = {part.strip() for edges in (_EDGES, _FINER_EDGES) for part in edges.split(text)}
    return {part for part in parts if 0 < len(part) <= 200 and "\0" not in part}
