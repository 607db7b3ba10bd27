"""The variants of a model as one hit: which rows of a page lead their group, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from importer.feed_index.query import Condition
from importer.feed_index.statements import Order
from importer.normalise.likeness import are_alike

MAX_VARIANTS = 200  # of a model; a shop that has more in one group has one for all it sells
_TITLES = 6  # of a group that are compared: "default" is a group, too

_GROUPS = """
    SELECT DISTINCT feed_id, variant_key FROM importer_feeditem WHERE id = ANY(%s) AND variant_key <> ''
"""
# The first of a group is the first that matches, in the order of the hits.
_READ = """
    SELECT member.* FROM ({groups}) AS of_group
    CROSS JOIN LATERAL (
        SELECT array_agg(id ORDER BY id), count(*), min(price), min(currency), max(currency),
               (array_agg(DISTINCT title))[:{titles}],
               (array_agg(id ORDER BY key {way}, id {way}) FILTER (WHERE matches))[1]
        FROM (
            SELECT item.id, item.price, item.currency, item.title, {key} AS key, ({where}) AS matches
            FROM importer_feeditem AS item
            WHERE item.feed_id = of_group.feed_id AND item.variant_key = of_group.variant_key
              AND item.variant_key <> '' AND item.missing_at IS NULL
            LIMIT {limit}
        ) AS item
    ) AS member
"""
_OF_MODEL = """
    SELECT other.id FROM importer_feeditem AS item
    JOIN importer_feeditem AS other ON other.feed_id = item.feed_id AND other.variant_key = item.variant_key
    WHERE item.id = %s AND other.variant_key <> '' AND other.missing_at IS NULL
    ORDER BY other.id <> item.id, other.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants that a hit stands for: how many its feed has, and the lowest price.

    `price` is None where they are in several currencies, or none has a price.
    """

    count: int
    price: Decimal | None
    currency: str


def find_variants(
    condition: Condition, order: Order, ids: Sequence[int]
) -> tuple[set[int], dict[int, Variants]]:
    """Return those of the hits that lead their group or have none, and what the leading ones lead.

    A hit leads where no variant of it comes before it in the order of all matches. One statement, which reads
    the groups alone.
    """
    where, params = condition.where()
    key = order.column
    if key == "rank":
        key, params = "ts_rank(item.search, %s::tsquery)::float8", [condition.text, *params]
    else:
        key = f"item.{key}"
    statement = _READ.format(
        groups=_GROUPS,
        titles=_TITLES,
        way="DESC" if order.falls else "ASC",
        key=key,
        where=where,
        limit=MAX_VARIANTS + 1,
    )
    followers: set[int] = set()
    variants: dict[int, Variants] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [[*ids], *params])
        for members, count, price, currency, last_currency, titles, first in cursor.fetchall():
            if first is None or not 1 < count <= MAX_VARIANTS or not are_alike(titles):
                continue
            followers.update(members)
            followers.discard(first)
            variants[first] = Variants(count, price if currency == last_currency else None, currency)
    return set(ids) - followers, variants


def ids_of_model(item_id: int) -> list[int]:
    """Return the ids of an item and of the other variants of its model in its feed, it first."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_MODEL, [item_id, MAX_VARIANTS])
        return [pk for (pk,) in cursor.fetchall()] or [item_id]
