"""The statements of a search: looks at matches, and the next rows of an order."""

from dataclasses import dataclass, replace

from django.db import connection

from importer.feed_index.query import Condition

FACETS = {
    "feed": "feed_id",
    "shop": "shop_name",
    "brand": "brand",
    "category": "category",
    "currency": "currency",
}
FLAGS = {
    "on_sale": "item.discount > 0",
    "in_stock": "item.in_stock IS NOT FALSE",
    "has_picture": "cardinality(item.image_urls) > 0",
    "has_gtin": "item.gtin <> ''",
}
_NAMES = ", ".join(f"item.{column}" for column in FACETS.values())
_FLAGS = ", ".join(f"{sql} AS {name}" for name, sql in FLAGS.items())
_HITS = f"""
    SELECT item.id, item.price, item.discount, {_NAMES}, {_FLAGS}, {{rank}} AS rank
    FROM {{source}} {{limit}}
"""
# Each row has one of the columns; grouping() says which, as a bit mask with a 0 for it.
_COLUMNS = ", ".join(FACETS.values())
_VALUE = "coalesce(feed_id::text, shop_name, brand, category, currency)"
_GROUPS = f"""
    SELECT grouping({_COLUMNS}) AS name, {_VALUE} COLLATE "C" AS value, count(*) AS count
    FROM hits GROUP BY GROUPING SETS ({", ".join(f"({column})" for column in FACETS.values())})
"""
_FACETS = f"""
    SELECT json_agg(json_build_array(name, value, count) ORDER BY place)
    FROM (
        SELECT *, row_number() OVER (PARTITION BY name ORDER BY count DESC, value) AS place
        FROM ({_GROUPS}) AS value_count WHERE value <> ''
    ) AS facet
    WHERE place <= %s
"""
_FLAG_COUNTS = f"""
    SELECT json_build_object({", ".join(f"'{flag}', count(*) FILTER (WHERE {flag})" for flag in FLAGS)})
    FROM hits
"""
_ALL = 2 ** len(FACETS) - 1
_FACET_OF = {_ALL - 2 ** (len(FACETS) - 1 - place): name for place, name in enumerate(FACETS)}

Key = tuple[object, int]  # the value that sorts, and the id


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort by one column and the id. `after`: the key that the last page ended with."""

    column: str
    falls: bool
    after: Key | None = None

    def rows(self, source: str, where: str = "true", until: Key | None = None) -> tuple[str, list]:
        """Return SQL and parameters for the key and id of the rows after the last page, not sorted."""
        more, params = self.reach(until)
        return f"SELECT {self.column} AS key, id FROM {source} WHERE {where} AND {more}", params

    def reach(self, until: Key | None = None) -> tuple[str, list]:
        """Return the condition for rows after the last page."""
        sql, params = "true", []
        after, to = ("<", ">=") if self.falls else (">", "<=")
        for key, comparison in ((self.after, after), (until, to)):
            if key:
                # The column alone, too: PostgreSQL then sees that this is tighter than a price range.
                sql += f" AND {self.column} {comparison[0]}= %s AND ({self.column}, id) {comparison} (%s, %s)"
                params += [key[0], *key]
        return sql, params

    @property
    def sql(self) -> str:
        way = "DESC" if self.falls else "ASC"
        return f"ORDER BY {self.column} {way}, id {way}"

    @property
    def sql_by_key(self) -> str:
        return self.sql.replace(self.column, "key", 1)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the matches: how many, the rows that were asked for, and facets by name."""

    count: int
    rows: list[Key]
    facets: dict[str, list[tuple[object, int]]]
    flags: dict[str, int]


def look(
    source: tuple[str, list],
    order: Order,
    *,
    text: str = "",
    limit: int | None = None,
    window: tuple[int, int],
    max_facets: int,
) -> Look:
    """Look at the matches in `source`, at most `limit`; return the rows of `window` in order.

    `source` is of the condition, `text` its words for an order by rank; `window` is the rows to skip and the
    rows to return; `max_facets` values of each facet are counted, with 0 nothing.
    """
    source, params = source
    rank = "0"
    if order.column == "rank":
        rank, params = "ts_rank(item.search, %s::tsquery)::float8", [text, *params]
    hits = _HITS.format(rank=rank, source=source, limit=f"LIMIT {limit}" if limit else "")
    facets, flags = (_FACETS, _FLAG_COUNTS) if max_facets else ("NULL", "NULL")
    rows, row_params = order.rows("hits")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH hits AS MATERIALIZED ({hits})
            SELECT (SELECT count(*) FROM hits), ({facets}), ({flags}),
                   (SELECT array_agg(ARRAY[page.key::text, page.id::text])
                    FROM ({rows} {order.sql} OFFSET %s LIMIT %s) AS page)
            """,
            [*params, *([max_facets] if max_facets else []), *row_params, *window],
        )
        count, groups, counts, page = cursor.fetchone()
    return Look(count, [(key, int(pk)) for key, pk in page or []], _read_groups(groups or []), counts or {})


def count_apart(condition: Condition) -> tuple[int, int]:
    """Count in the samples what matches but for the beginning of the last word, and what has it."""
    source, params = replace(condition, beginning="").sample()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT (SELECT count(*) FROM {source}),
                   (SELECT count(*) FROM importer_sampleitem WHERE search @@ %s::tsquery)
            """,
            [*params, condition.beginning],
        )
        return cursor.fetchone()


def walk(condition: Condition, order: Order, *, steps: int, window: tuple[int, int]) -> list[Key]:
    """Return matches among the next rows of the order, of which no more than `steps` are read."""
    where, params = condition.where()
    more, more_params = order.reach()
    rows = f"SELECT * FROM importer_feeditem WHERE {more} AND {order.column} IS NOT NULL {order.sql} LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {order.column}, id FROM ({rows}) AS item
            WHERE missing_at IS NULL AND {where} {order.sql} OFFSET %s LIMIT %s
            """,
            [*more_params, steps, *params, *window],
        )
        return cursor.fetchall()


def sort_matches(
    condition: Condition, order: Order, *, until: Key | None, window: tuple[int, int]
) -> list[Key]:
    """Return matches in order, found and then sorted: those up to `until`."""
    source, params = condition.source()
    more, more_params = order.reach(until)
    rows = f"SELECT {order.column} AS key, id FROM {source} AND {more} OFFSET 0"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, id FROM ({rows}) AS found {order.sql_by_key} OFFSET %s LIMIT %s",
            [*params, *more_params, *window],
        )
        return cursor.fetchall()


def _read_groups(groups: list[list]) -> dict[str, list[tuple[object, int]]]:
    facets: dict[str, list[tuple[object, int]]] = {name: [] for name in FACETS}
    for group, value, count in groups:
        name = _FACET_OF[group]
        facets[name].append((int(value) if name == "feed" else value, count))
    return facets
