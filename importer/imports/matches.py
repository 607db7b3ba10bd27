"""All matches of a search at once, for an import."""

from dataclasses import replace
from datetime import datetime

from django.db import connection

from importer.feed_index.query import compile_query
from importer.feed_index.results import ORDERS
from importer.networks.query import ItemQuery

MAX_COUNT = 10_000  # of what is new: more is "more than"
# What a run of the saved search tried already it tries no more: a person may have deleted what came of it.
_NOT_TRIED = """NOT EXISTS (
    SELECT FROM importer_importitem AS tried JOIN importer_importrun AS run ON run.id = tried.run_id
    WHERE tried.feed_item_id = item.id AND run.saved_search_id = %s
)"""
_ADD = """
    INSERT INTO importer_importitem (run_id, feed_item_id, verdict, message)
    SELECT %s, item.id, '', '' FROM {source} ORDER BY {order} {limit}
    ON CONFLICT DO NOTHING
"""


def add_matches_to_run(run_id: int, query: ItemQuery) -> int:
    """Make every match an item of the import run, as they are at this moment; return how many were new to it.

    One statement, whatever the size: what a sync changes while it runs is not seen.
    """
    condition = compile_query(query)
    if not condition.feeds:
        return 0
    source, params = condition.source()
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(source=source, order="item.id", limit=""), [run_id, *params])
        return cursor.rowcount


class Candidates:
    """What a saved search could add: its matches that are fit, not imported, not blocked and not tried.

    In the order of the query: by price or reduction, else the newest first. Nothing is kept in memory but
    what is returned.
    """

    def __init__(self, query: ItemQuery, saved_id: int) -> None:
        query = replace(query.comparable, not_imported=True, blocked=False, new_since=None)
        self._condition = compile_query(query)
        self._condition.add("item.is_fit")
        self._condition.add(_NOT_TRIED, saved_id)
        column, falls, _ = ORDERS[query.sort if query.sort != "relevance" else "newest"]
        way = "DESC" if falls else "ASC"
        self._order = f"item.{column} {way}, item.id {way}"

    @property
    def has_feeds(self) -> bool:
        """Is any of the feeds that it searches mirrored here?"""
        return bool(self._condition.feeds)

    def add_first(self, run_id: int, limit: int) -> int:
        """Make the first of them items of the run, in their order; return how many."""
        source, params = self._condition.source()
        statement = _ADD.format(source=source, order=self._order, limit="LIMIT %s")
        with connection.cursor() as cursor:
            cursor.execute(statement, [run_id, *params, limit])
            return cursor.rowcount

    def first_ids(self, limit: int) -> list[int]:
        """Return the ids of the first of them."""
        source, params = self._condition.source()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT item.id FROM {source} ORDER BY {self._order} LIMIT %s", [*params, limit])
            return [pk for (pk,) in cursor.fetchall()]

    def count(self, most: int | None = None) -> int:
        """Return how many there are; with `most` no more than that, as no page waits for half a million."""
        source, params = self._condition.source()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM (SELECT FROM {source} LIMIT %s) AS found", [*params, most])
            return cursor.fetchone()[0]


def query_of_new(query: ItemQuery, since: datetime) -> ItemQuery:
    """Return the search for what of it appeared since then and is neither imported nor blocked."""
    return replace(query, not_imported=True, blocked=False, new_since=since)


def count_new(query: ItemQuery, since: datetime) -> int:
    """Return how many matches appeared since then and are neither imported nor blocked, up to `MAX_COUNT`."""
    condition = compile_query(query_of_new(query, since).comparable)
    if not condition.feeds:
        return 0
    source, params = condition.source()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM {source} LIMIT %s) AS new", [*params, MAX_COUNT])
        return cursor.fetchone()[0]


def fetch_seen_until() -> datetime:
    """Return until when all that appeared can be seen: what is written this moment has an earlier time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT least(now(), min(xact_start)) - interval '1 microsecond' FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend'
            """
        )
        return cursor.fetchone()[0]
