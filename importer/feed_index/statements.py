"""The statements of a search: a page of its matches, and the next rows of an order."""

from dataclasses import dataclass, replace

from django.db import connection

from catalog.lib.named_sql import read_statements
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
_SQL = read_statements(__file__)
_HITS = _SQL["hits"].format(
    names=", ".join(f"item.{column}" for column in FACETS.values()),
    flags=", ".join(f"{sql} AS {name}" for name, sql in FLAGS.items()),
)
_FACETS = _SQL["facets"].format(
    columns=", ".join(FACETS.values()), sets=", ".join(f"({column})" for column in FACETS.values())
)
_FLAGS = _SQL["flags"].format(counts=", ".join(f"'{flag}', count(*) FILTER (WHERE {flag})" for flag in FLAGS))
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
class Matches:
    """What there is of the matches: how many, the rows that were asked for, and facets by name."""

    count: int
    rows: list[Key]
    facets: dict[str, list[tuple[object, int]]]
    flags: dict[str, int]


def fetch_page(
    source: tuple[str, list],
    order: Order,
    *,
    text: str = "",
    limit: int | None = None,
    window: tuple[int, int],
    max_facets: int,
) -> Matches:
    """Read the matches in `source`, at most `limit`; return the rows of `window` in order.

    `source` is of the condition, `text` its words for an order by rank; `window` is the rows to skip and the
    rows to return; `max_facets` values of each facet are counted, with 0 nothing.
    """
    matches, params = source
    rank = "0"
    if order.column == "rank":
        rank, params = "ts_rank(item.search, %s::tsquery)::float8", [text, *params]
    hits = _HITS.format(rank=rank, source=matches, limit=f"LIMIT {limit}" if limit else "")
    facets, flags = (_FACETS, _FLAGS) if max_facets else ("NULL", "NULL")
    rows, row_params = order.rows("hits")
    statement = _SQL["fetch_page"].format(hits=hits, facets=facets, flags=flags, rows=rows, order=order.sql)
    params = [*params, *([max_facets] if max_facets else []), *row_params, *window]
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        count, groups, counts, page = cursor.fetchone()
    return Matches(
        count, [(key, int(pk)) for key, pk in page or []], _read_groups(groups or []), counts or {}
    )


def count_apart(condition: Condition) -> tuple[int, int]:
    """Count in the samples what matches but for the beginning of the last word, and what has it."""
    source, params = replace(condition, beginning="").sample()
    with connection.cursor() as cursor:
        cursor.execute(_SQL["count_apart"].format(source=source), [*params, condition.beginning])
        return cursor.fetchone()


def scan_in_order(condition: Condition, order: Order, *, steps: int, window: tuple[int, int]) -> list[Key]:
    """Return matches among the next rows of the order, of which no more than `steps` are read."""
    where, params = condition.where()
    more, more_params = order.reach()
    statement = _SQL["scan_in_order"].format(column=order.column, more=more, where=where, order=order.sql)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*more_params, steps, *params, *window])
        return cursor.fetchall()


def sort_matches(
    condition: Condition, order: Order, *, until: Key | None, window: tuple[int, int]
) -> list[Key]:
    """Return matches in order, found and then sorted: those up to `until`."""
    source, params = condition.source()
    more, more_params = order.reach(until)
    statement = _SQL["sort_matches"].format(
        column=order.column, source=source, more=more, order=order.sql_by_key
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, *more_params, *window])
        return cursor.fetchall()


def _read_groups(groups: list[list]) -> dict[str, list[tuple[object, int]]]:
    facets: dict[str, list[tuple[object, int]]] = {name: [] for name in FACETS}
    for group, value, count in groups:
        name = _FACET_OF[group]
        facets[name].append((int(value) if name == "feed" else value, count))
    return facets
