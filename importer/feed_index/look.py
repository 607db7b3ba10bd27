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
_HITS = """
    SELECT item.id, item.price, item.discount, {names}, {flags}, {rank} AS rank
    FROM {source} {limit}
"""
_FACETS = f"""
    SELECT grouping({", ".join(FACETS.values())}) AS name, {", ".join(FACETS.values())}, count(*) AS count
    FROM hits GROUP BY GROUPING SETS ({", ".join(f"({column})" for column in FACETS.values())})
"""
_FLAG_COUNTS = f"SELECT {', '.join(f'count(*) FILTER (WHERE {flag}) AS {flag}' for flag in FLAGS)} FROM hits"
_NAMES = ", ".join(f"item.{column}" for column in FACETS.values())
_FLAGS = ", ".join(f"{sql} AS {name}" for name, sql in FLAGS.items())
# The bit mask that grouping() gives for each facet: a 0 for the column that is grouped by.
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
        sql, params = f"SELECT {self.column} AS key, id FROM {source} WHERE {where}", []
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
    condition: Condition,
    order: Order,
    *,
    samples: int = 0,
    is_beginning_read: bool = False,
    limit: int | None = None,
    window: tuple[int, int],
    with_facets: bool,
) -> Look:
    """Look at the matches, at most `limit`, or at those in samples; return the rows of `window` in order.

    `window` is the rows to skip and the rows to return. For the two ways to find the matches see
    `Condition.source`.
    """
    source, params = condition.source(samples, is_beginning_read=is_beginning_read)
    rank = "0"
    if order.column == "rank":
        rank, params = "ts_rank(item.search, %s::tsquery)::float8", [condition.text, *params]
    hits = _HITS.format(
        names=_NAMES, flags=_FLAGS, rank=rank, source=source, limit=f"LIMIT {limit}" if limit else ""
    )
    rows, row_params = order.rows("hits")
    facets = flags = "NULL"
    if with_facets:
        facets = f"(SELECT json_agg(facet) FROM ({_FACETS}) AS facet)"
        flags = f"(SELECT row_to_json(flag) FROM ({_FLAG_COUNTS}) AS flag)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH hits AS MATERIALIZED ({hits})
            SELECT (SELECT count(*) FROM hits), {facets}, {flags},
                   (SELECT array_agg(ARRAY[page.key::text, page.id::text])
                    FROM ({rows} {order.sql} OFFSET %s LIMIT %s) AS page)
            """,
            [*params, *row_params, *window],
        )
        count, groups, counts, page = cursor.fetchone()
    return Look(count, [(key, int(pk)) for key, pk in page or []], _read_groups(groups or []), counts or {})


def count_in_sample(condition: Condition) -> int:
    """Count the items of one random sample that match but for the beginning of the last word."""
    rest = replace(condition, beginning="")
    source, params = rest.source(1)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {source}", params)
        return cursor.fetchone()[0]


def walk(
    condition: Condition, order: Order, *, until: Key | None, is_short: bool, window: tuple[int, int]
) -> list[Key]:
    """Return rows of the order up to `until`, without looking at the others.

    `is_short`: there are few rows of any kind on the way, so the order's index is walked; otherwise
    PostgreSQL chooses how to find all matches on the way, and then sorts them.
    """
    where, params = condition.where()
    rows, more = order.rows("importer_feeditem AS item", where, until)
    if is_short:
        rows = f"{rows} {order.sql}"
    else:
        rows = f"SELECT key, id FROM ({rows} OFFSET 0) AS found {order.sql_by_key}"
    with connection.cursor() as cursor:
        cursor.execute(f"{rows} OFFSET %s LIMIT %s", [*params, *more, *window])
        return cursor.fetchall()


def count_between(order: Order, until: Key) -> int:
    """Count the items of one random sample on the way to `until`, whether they match or not."""
    sample, params = Condition({}, sql=["true"]).source(1)
    rows, more = order.rows(sample.replace(" WHERE true", ""), "true", until)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({rows}) AS way", [*params, *more])
        return cursor.fetchone()[0]


def _read_groups(groups: list[dict]) -> dict[str, list[tuple[object, int]]]:
    facets: dict[str, list[tuple[object, int]]] = {name: [] for name in FACETS}
    for group in groups:
        name = _FACET_OF[group["name"]]
        value = group[FACETS[name]]
        if value not in ("", None):
            facets[name].append((value, group["count"]))
    for name, values in facets.items():
        facets[name] = sorted(values, key=lambda pair: (-pair[1], str(pair[0])))
    return facets
