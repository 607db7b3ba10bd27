"""All matches of a search at once, for an import."""

from django.db import connection

from importer.feed_index.query import compile_query
from importer.networks.query import ItemQuery


def add_matches_to_run(run_id: int, query: ItemQuery) -> int:
    """Make every match an item of the import run, as they are at this moment; return how many were new to it.

    One statement, whatever the size: what a sync changes while it runs is not seen.
    """
    condition = compile_query(query)
    if not condition.feeds:
        return 0
    source, params = condition.source()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO importer_importitem (run_id, feed_item_id, verdict, message)
            SELECT %s, item.id, '', '' FROM {source} ORDER BY item.id
            ON CONFLICT DO NOTHING
            """,  # noqa: S608 names are ours, values are parameters
            [run_id, *params],
        )
        return cursor.rowcount
