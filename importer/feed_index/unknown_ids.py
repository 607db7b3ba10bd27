"""Which of a list of EANs and ids the mirror does not have."""

from collections.abc import Sequence

from django.db import connection

from catalog.lib.gtin import parse_gtin
from importer.feed_index.query import compile_ids


def find_unknown_ids(ids: Sequence[str]) -> list[str]:
    """Return those that no item of a mirrored feed has, as EAN or as its network's own id. Two queries."""
    source, params = compile_ids(ids).source()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT item.gtin, item.external_id FROM {source}", params)
        rows = cursor.fetchall()
    known = {value for row in rows for value in row if value}
    return [text for text in ids if text not in known and parse_gtin(text) not in known]
