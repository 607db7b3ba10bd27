"""All matches of a search at once, for an import, and the search as a run keeps it."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from importer.feed_index.query import compile_query
from importer.networks.query import VERSION, ItemQuery


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


def read_query(stored: Mapping[str, Any]) -> ItemQuery:
    """Return the search that a run keeps (`ImportRun.query`); raises QueryError where it is none.

    Runs that were started before searches had one form keep `{"account": ..}` or `{"index": {..}}`.
    """
    if not ("version" not in stored and ("account" in stored or "index" in stored)):
        return ItemQuery.from_json(stored)
    old = dict(stored)
    values = old.pop("index", old)
    values = {_NOW.get(name, name): value for name, value in values.items() if name not in _PAGING}
    for name in ("programs", "categories"):
        if isinstance(value := values.get(name), str):
            values[name] = [value] if value else []
    if account_ids := values.pop("account_ids", None):
        values["account_id"] = account_ids[0]
    return ItemQuery.from_json({"version": VERSION} | values)


_PAGING = {
    *("page", "page_size", "cursor", "offset", "limit", "with_facets", "max_facets", "is_grouped"),
    "program_ids",  # was never set
}
_NOW = {"account": "account_id", "program_id": "programs", "category": "categories", "text": "keywords"}
