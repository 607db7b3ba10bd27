"""Rows on their way into the index: two tables of this session, filled while a feed is read.

`staged_item` holds what is new or changed, whole; `seen_item` no more than the ids of all that the index has.
A feed that hardly changed therefore costs a look at its digests, and what is gone is found among ids alone.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from catalog.lib.arrays import text_array
from importer.feed_files.known_rows import NO_ORIGIN, KnownRows
from importer.feed_index.rows import COLUMNS, HELD, Changed, RowMaker
from importer.networks.contract import ItemData

PORTION = 50  # rows
Origin = tuple[int, int]  # hash and kind of a row (`KnownRows.origin`)
Entry = int | tuple[ItemData, Origin]  # the place of a known row, or an item
# First what is read alone: PostgreSQL finds a column by walking over those before it.
_COPY_ITEMS = sql.SQL("COPY staged_item (item_id, new_id, place, {}) FROM STDIN").format(
    sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
)
_MAKE_TABLES = sql.SQL(
    """
    DROP TABLE IF EXISTS pg_temp.staged_item, pg_temp.seen_item, pg_temp.gone_item;
    CREATE TEMPORARY TABLE staged_item AS
    SELECT NULL::bigint AS item_id, NULL::bigint AS new_id, NULL::bigint AS place, {columns}
    FROM importer_feeditem WITH NO DATA;
    CREATE TEMPORARY TABLE seen_item (item_id bigint, place bigint);
    """
).format(columns=sql.SQL(", ").join(map(sql.Identifier, (*COLUMNS, *HELD))))


@dataclass(slots=True)
class Staging:
    """Fills the tables. `place` counts the rows, to tell which of two with one id came later."""

    place: int = 0

    def add(self, maker: RowMaker, entries: Sequence[Entry], known: KnownRows) -> None:
        """Stage a batch of one feed: whole rows where something differs from the index, else their ids."""
        batch: dict[str, tuple[int, ItemData, Origin]] = {}
        seen, changed, new = [], [], []  # of the index; to be written; origins of what is new
        for entry in entries:
            self.place += 1
            if isinstance(entry, int):
                seen.append((known.see(entry), self.place))
            else:
                item, origin = entry
                # The last of an id counts.
                is_double = item.external_id in batch
                batch[item.external_id] = self.place, item, NO_ORIGIN if is_double else origin
        stored = _stored(maker.feed_id, list(batch)) if batch else {}
        for external_id, (place, item, origin) in batch.items():
            item_id, digest = stored.get(external_id, (None, None))
            row = maker.row(item) if item_id else None
            if item_id:
                seen.append((item_id, place))
                known.learn(origin, item_id)
            else:
                new.append(origin)
            if row is None or row.digest != digest:
                changed.append(Changed(item, row, item_id, place))
        if changed:
            for origin, new_id in zip(new, self.add_rows(maker, changed), strict=True):
                known.learn(origin, new_id)
        if seen:
            with (
                connection.wrap_database_errors,
                connection.cursor() as cursor,
                cursor.copy("COPY seen_item (item_id, place) FROM STDIN") as copy,
            ):
                copy.write("".join([f"{item_id}\t{place}\n" for item_id, place in seen]))

    def add_rows(self, maker: RowMaker, rows: Sequence[Changed]) -> list[int]:
        """Stage rows of one feed, whole; return the ids that the new ones will have."""
        with connection.cursor() as cursor:
            count = sum(row.item_id is None for row in rows)
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('importer_feeditem', 'id'))"
                " FROM generate_series(1, %s)",
                [count],
            )
            new_ids = [new_id for (new_id,) in cursor.fetchall()]
        ids = iter(new_ids)
        lines = maker.lines([row if row.item_id else row._replace(new_id=next(ids)) for row in rows])
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(_COPY_ITEMS) as copy,
        ):
            # In portions: PostgreSQL reads one while the next is made.
            while portion := "".join(itertools.islice(lines, PORTION)):
                copy.write(portion)
        return new_ids


@contextmanager
def staging() -> Iterator[Staging]:
    """Yield the empty tables of this session, dropped at the end."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_TABLES)
    try:
        yield Staging()
    finally:
        if connection.connection is not None and not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(
                    "DROP TABLE IF EXISTS pg_temp.staged_item, pg_temp.seen_item, pg_temp.gone_item"
                )


def _stored(feed_id: int, external_ids: list[str]) -> Mapping[str, tuple[int, str]]:
    """Return id and digest of the feed's items that are in the index; answered by one index alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT external_id, id, encode(uuid_send(digest), 'hex') FROM importer_feeditem
            WHERE feed_id = %s AND external_id = ANY(%s::varchar[])
            """,
            [feed_id, text_array(external_ids)],
        )
        return {external_id: (item_id, digest) for external_id, item_id, digest in cursor.fetchall()}
